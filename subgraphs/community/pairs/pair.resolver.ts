import { Arg, Ctx, Field, FieldResolver, ID, InputType, Mutation, ObjectType, Resolver, Root } from 'type-graphql';
import { answer, type UserError } from '../../../src/errors.js';
import { DateScalar } from '../../../src/graph/scalars.js';
import { UserErrorObject } from '../../../src/graph/user-error.graph.js';
import { Request } from '../../../src/server/request.js';
import type { Metric } from '../../../src/values/metric.js';
import { BenchmarkMetricEnum } from '../../../src/graph/metric.graph.js';
import { BenchmarkPositionEnum } from '../../../src/graph/position.graph.js';
import type { Position } from '../../../src/values/position.js';
import { Peer } from '../peers/peer.graph.js';
import { comparePair, type Comparison } from './compare-pair.js';
import { readCompared } from './read-compared.js';

@InputType({ description: 'What to compare with which peer.' })
class PairCompareInput {
  @Field(() => ID, { description: 'A peer of your firm.' })
  peerId!: string;

  @Field(() => [BenchmarkMetricEnum], { description: 'What your firm agrees to compare with this peer, each metric of its own: PAYMENT_TERMS only if it is in the list of both. Sent again it replaces the list; an empty one takes all back. Your firm must share each of them with the community.' })
  metrics!: Metric[];
}

@ObjectType({ description: 'How your firm lies against one peer, for one customer, metric and calendar quarter. Your peer reads the opposite. It never changes, whatever becomes of either ledger.' })
class PairComparison {
  @Field(() => BenchmarkMetricEnum, { description: 'What was compared.' })
  metric!: Metric;

  @Field(() => BenchmarkPositionEnum, { description: 'Where your figure lies against your peer\'s: SIMILAR within 15 days, or within 0.25 for LATE_SHARE.' })
  yours!: Position;

  @Field(() => DateScalar, { description: 'First day of the quarter that was compared.' })
  periodStart!: string;

  @Field(() => DateScalar, { description: 'Its last day: at least 30 days ago, for PAYMENT_TERMS at least 90.' })
  periodEnd!: string;
}

@ObjectType({ description: 'What the comparison gave.' })
class PairComparePayload {
  @Field(() => [PairComparison], { nullable: true, description: 'Of the metrics you asked for those that both agreed to and can be compared; null while there is none. Null says nothing of your peer: it has not asked, has no figure, is not admitted or has withdrawn, all alike.' })
  comparison!: readonly PairComparison[] | null;

  @Field(() => [UserErrorObject], { description: 'Why it was refused; empty when it was done. It depends on your own firm alone.' })
  userErrors!: readonly UserError[];
}

@Resolver(() => Peer)
export class PairResolver {
  @FieldResolver(() => [BenchmarkMetricEnum], { description: 'What your firm agreed to compare with this peer by pairCompare; what your peer agreed to shows nowhere.' })
  async comparing(@Root() { peeringId }: Peer, @Ctx() request: Request): Promise<readonly Metric[]> {
    request.demand('community:read');
    return [...((await request.batch(readCompared, peeringId)) ?? [])];
  }

  @Mutation(() => PairComparePayload, { description: 'Agrees to compare these metrics with a peer, about the customer you share, and says how you lie against it in those that it agreed to as well: below, similar or above, once for a metric and calendar quarter, of the latest quarter that is old enough to be published. Both must be admitted (see `community`) with at least three invoices in that quarter. Your consent stands while the mark lives under which you are found (peerSeek); leaving the community and closing the conversation end it for both. Asked again it gives the same. Needs the scope community:write.' })
  pairCompare(@Arg('input', () => PairCompareInput, { description: 'What to compare with which peer.' }) input: PairCompareInput, @Ctx() request: Request): Promise<PairComparePayload> {
    const { firmId } = request.demand('community:write');
    return answer<Pick<PairComparePayload, 'comparison'>>({ comparison: null }, async () => {
      const found = await comparePair(request.room, firmId, request.room.keys.ids.decode(firmId, 'Peer', input.peerId), input.metrics);
      return { comparison: found.length === 0 ? null : found.map(toComparison) };
    });
  }
}

function toComparison({ metric, yours, period }: Comparison): PairComparison {
  return { metric, yours, periodStart: String(period.periodStart), periodEnd: String(period.periodEnd) };
}
