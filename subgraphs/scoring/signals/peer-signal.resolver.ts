import { Arg, Args, ArgsType, Ctx, Field, FieldResolver, Float, ID, InputType, Int, Mutation, ObjectType, Query, registerEnumType, Resolver, Root } from 'type-graphql';
import { answer, type UserError } from '../../../src/errors.js';
import { enumOf } from '../../../src/graph/enum-of.js';
import { BenchmarkMetricEnum } from '../../../src/graph/metric.graph.js';
import { demandPageSize, PageInfo, toPage } from '../../../src/graph/page.graph.js';
import { BenchmarkPositionEnum } from '../../../src/graph/position.graph.js';
import { DateScalar, DateTimeScalar } from '../../../src/graph/scalars.js';
import { TrendEnum } from '../../../src/graph/trend.graph.js';
import { UserErrorObject } from '../../../src/graph/user-error.graph.js';
import { Request } from '../../../src/server/request.js';
import type { Metric } from '../../../src/values/metric.js';
import type { Position } from '../../../src/values/position.js';
import type { Trend } from '../../../src/values/trend.js';
import { Customer } from '../behaviour/payment-behaviour.resolver.js';
import { countSignals, listSignals, readSignals, signalCursor, type SignalRecord } from './list-signals.js';
import { setDecision } from './set-decision.js';
import type { Shown } from './shown.js';
import { SIGNAL_DECISIONS, type SignalDecision } from './signal-decision.js';

const SignalDecisionEnum = enumOf(SIGNAL_DECISIONS);
registerEnumType(SignalDecisionEnum, {
  name: 'SignalDecision',
  description: 'What somebody of your firm made of a signal.',
  valuesConfig: {
    INTEGRATED: { description: "It counts among the factors of the customer's risk score, with its weight, for twelve months after its window, until a newer one of the same metric does." },
    IGNORED: { description: 'It counts nowhere.' },
  },
});

@ObjectType({ description: 'What was shown of a customer in one epoch: what `Customer.benchmark` answered your firm then. Either a band or a value.' })
class PeerSignalFigure {
  @Field(() => Float, { nullable: true, description: 'Where a band begins, in the unit of the metric; null for a value.' })
  from!: number | null;

  @Field(() => Float, { nullable: true, description: 'Where a band ends; null for a value.' })
  to!: number | null;

  @Field(() => Float, { nullable: true, description: 'The rounded value, in the unit of the metric; null for a band.' })
  value!: number | null;

  @Field(() => Float, { nullable: true, description: 'How coarse the value is; null for a band.' })
  roundedTo!: number | null;

  @Field(() => TrendEnum, { nullable: true, description: 'Against three months earlier; null when contributors did not move alike.' })
  direction!: Trend | null;

  @Field(() => Float, { nullable: true, description: 'Your own figure of that epoch; null: your firm told none.' })
  own!: number | null;

  @Field(() => BenchmarkPositionEnum, { nullable: true, description: 'Your own figure against what was shown; null without one.' })
  position!: Position | null;
}

@ObjectType({ description: 'A published benchmark of a customer of yours moved: its band or class is another, a value in days differs by more than its rounding, or your own figure lies otherwise against it. It is made of what your firm is shown alone. Somebody decides whether it counts in the risk score.' })
export class PeerSignal {
  @Field(() => ID, { description: 'Opaque.' })
  id!: string;

  @Field(() => BenchmarkMetricEnum, { description: 'What moved.' })
  metric!: Metric;

  @Field(() => DateScalar, { description: 'First day of the window in which it had moved.' })
  periodStart!: string;

  @Field(() => DateScalar, { description: 'Last day of that window.' })
  periodEnd!: string;

  @Field(() => TrendEnum, { description: 'WORSENING: members are paid later than in the epoch before, or on longer terms. IMPROVING: sooner. STABLE: what is shown is the same, and only your own figure lies otherwise against it.' })
  direction!: Trend;

  @Field(() => PeerSignalFigure, { description: 'What was shown in the epoch before.' })
  before!: Shown;

  @Field(() => PeerSignalFigure, { description: 'What was shown in this one.' })
  after!: Shown;

  @Field(() => DateTimeScalar, { description: 'When it was raised, in business time.' })
  raisedAt!: string | Date;

  @Field(() => SignalDecisionEnum, { nullable: true, description: 'What was made of it; null: nobody has decided yet, and it counts nowhere.' })
  decision!: SignalDecision | null;

  @Field(() => Float, { nullable: true, description: 'How much of its points counts, from 0 to 1: of 40 points off the score when WORSENING, of 20 on it when IMPROVING, of none when STABLE. Null unless it is integrated.' })
  weight!: number | null;

  @Field(() => String, { nullable: true, description: 'Why it was decided so; null while it is not.' })
  note!: string | null;

  @Field(() => DateTimeScalar, { nullable: true, description: 'When it was decided last, in business time; null while it is not.' })
  decidedAt!: string | Date | null;

  @Field(() => ID, { nullable: true, description: 'Who decided: the id of a User of your firm; for an API key, the one who made it. Null while it is not decided, or when nobody is known.' })
  decidedBy!: string | null;

  readonly customerId!: string;
}

@ArgsType()
class PeerSignalsArgs {
  @Field(() => Int, { nullable: true, defaultValue: 50, description: 'How many, at most 100.' })
  first!: number | null;

  @Field(() => String, { nullable: true, description: 'The endCursor of the page before.' })
  after?: string | null;

  @Field(() => Boolean, { nullable: true, description: 'true: only those that somebody decided about; false: only those that wait for it. Left out: all.' })
  decided?: boolean | null;
}

@ObjectType({ description: 'A page of signals, the newest first.' })
class PeerSignalConnection {
  @Field(() => [PeerSignal], { description: 'The signals.' })
  nodes!: readonly SignalRecord[];

  @Field(() => PageInfo, { description: 'Where the page begins and ends.' })
  pageInfo!: PageInfo;

  readonly decided!: boolean | null;
}

@InputType({ description: 'A decision about a signal.' })
class PeerSignalDecideInput {
  @Field(() => ID, { description: 'The signal.' })
  id!: string;

  @Field(() => SignalDecisionEnum, { description: 'Whether it counts.' })
  decision!: SignalDecision;

  @Field(() => Float, { nullable: true, description: 'How much of it counts, from 0 to 1; left out: 1. Not for what is ignored.' })
  weight?: number | null;

  @Field(() => String, { description: 'Why, 1 to 500 characters.' })
  note!: string;

  @Field(() => DateTimeScalar, { nullable: true, description: "The `decidedAt` that you saw, null when it was not decided: if somebody has decided otherwise since, that is a CONFLICT. Left out: it takes the place of whatever stands." })
  seen?: Temporal.Instant | null;
}

@ObjectType({ description: 'The signal after the decision, or why there was none.' })
class PeerSignalPayload {
  @Field(() => PeerSignal, { nullable: true, description: 'The signal; null when refused.' })
  signal!: SignalRecord | null;

  @Field(() => [UserErrorObject], { description: 'Why it was refused; empty when it was done.' })
  userErrors!: readonly UserError[];
}

const NO_SIGNAL: { readonly signal: SignalRecord | null } = { signal: null };

@Resolver(() => PeerSignal)
export class PeerSignalResolver {
  @Query(() => PeerSignalConnection, { description: 'Moves of the published benchmarks of your customers, the newest first. Needs the scopes ledger:read and community:read.' })
  async peerSignals(@Args(() => PeerSignalsArgs) args: PeerSignalsArgs, @Ctx() request: Request): Promise<PeerSignalConnection> {
    request.demand('ledger:read');
    request.demand('community:read');
    const first = demandPageSize(args.first ?? 50);
    const after = args.after ?? undefined;
    const decided = args.decided ?? null;
    const { nodes, pageInfo } = toPage(await listSignals(request, first, after, decided), first, after, signalCursor);
    return { nodes, pageInfo, decided };
  }

  @FieldResolver(() => Customer, { description: 'Whose payments it is about.' })
  customer(@Root() { customerId }: SignalRecord): Customer {
    return { id: customerId };
  }

  @Mutation(() => PeerSignalPayload, { description: "Decides whether a signal counts in its customer's risk score. It may be decided anew; the same again changes nothing. Needs the scopes credit:write and community:read." })
  peerSignalDecide(@Arg('input', () => PeerSignalDecideInput, { description: 'The decision.' }) input: PeerSignalDecideInput, @Ctx() request: Request): Promise<PeerSignalPayload> {
    request.demand('community:read');
    const asker = request.demand('credit:write');
    return answer(NO_SIGNAL, async () => {
      const { id, decision, weight, note, seen } = input;
      await setDecision(request.db, asker, { id, decision, weight: weight ?? undefined, note, seen }, request.room.clock);
      request.forget();
      return { signal: await request.batch(readSignals, id) };
    });
  }
}

@Resolver(() => PeerSignalConnection)
export class PeerSignalConnectionResolver {
  @FieldResolver(() => Int, { description: 'How many there are; 10,001 means more than 10,000.' })
  totalCount(@Root() { decided }: PeerSignalConnection, @Ctx() request: Request): Promise<number> {
    return countSignals(request, decided);
  }
}
