import { Arg, Ctx, Field, FieldResolver, Int, ObjectType, Query, Resolver, Root } from 'type-graphql';
import { ApiError } from '../../../src/errors.js';
import { DateTimeScalar } from '../../../src/graph/scalars.js';
import { Request } from '../../../src/server/request.js';
import { Customer } from '../behaviour/payment-behaviour.resolver.js';
import { AlertDirectionEnum, AlertMetricEnum } from './alert-metric.graph.js';
import { ALERT_METRICS, type AlertDirection, type AlertMetric } from './alert-metric.js';
import { DIGEST_CUSTOMERS, readAlertDigest } from './read-alert-digest.js';

const USUAL_HOURS = 24;
const MOST_HOURS = 366 * 24;

@ObjectType({ description: 'How many alerts a figure raised one way.' })
class AlertCount {
  @Field(() => AlertMetricEnum, { description: 'The figure.' })
  metric!: AlertMetric;

  @Field(() => AlertDirectionEnum, { description: 'UP or DOWN.' })
  direction!: AlertDirection;

  @Field(() => Int, { description: 'How many alerts, at least 1.' })
  count!: number;

  @Field(() => Int, { description: 'How many of them nobody has acknowledged by now.' })
  unacknowledged!: number;
}

@ObjectType({ description: 'How many alerts there were about one customer.' })
class ConcernedCustomer {
  @Field(() => Int, { description: 'How many alerts, at least 1.' })
  count!: number;

  @Field(() => DateTimeScalar, { description: 'When the last of them was raised.' })
  lastRaisedAt!: string | Date;

  customerId!: string;
}

@ObjectType({ description: 'The alerts of a stretch of time, summed up.' })
class AlertDigest {
  @Field(() => DateTimeScalar, { description: 'Its first instant.' })
  from!: Temporal.Instant;

  @Field(() => DateTimeScalar, { description: 'The instant before which it ends.' })
  to!: Temporal.Instant;

  @Field(() => Int, { description: 'How many alerts were raised in it.' })
  totalCount!: number;

  @Field(() => Int, { description: 'How many of them nobody has acknowledged by now.' })
  unacknowledgedCount!: number;

  @Field(() => [AlertCount], { description: 'The alerts by figure and direction, in the order of AlertMetric, UP before DOWN; without those of which there were none.' })
  counts!: readonly AlertCount[];

  @Field(() => [ConcernedCustomer], { description: `The customers with most alerts, at most ${DIGEST_CUSTOMERS}; of as many, the one alerted last comes first.` })
  mostConcerned!: readonly ConcernedCustomer[];
}

@Resolver(() => ConcernedCustomer)
export class AlertDigestResolver {
  @Query(() => AlertDigest, { description: 'The alerts of your firm that were raised from `from` on and before `to`, summed up. Needs the scope ledger:read.' })
  async alertDigest(
    @Arg('from', () => DateTimeScalar, { nullable: true, description: `When it begins, at most 366 days before \`to\`; ${USUAL_HOURS} hours before it when left out.` }) from: Temporal.Instant | undefined,
    @Arg('to', () => DateTimeScalar, { nullable: true, description: 'When it ends; now, in business time, when left out.' }) to: Temporal.Instant | undefined,
    @Ctx() request: Request,
  ): Promise<AlertDigest> {
    request.demand('ledger:read');
    const end = to ?? request.room.clock.now();
    const start = from ?? end.subtract({ hours: USUAL_HOURS });
    if (Temporal.Instant.compare(start, end) >= 0) throw new ApiError('BAD_USER_INPUT', 'from must be before to.');
    if (Temporal.Instant.compare(start, end.subtract({ hours: MOST_HOURS })) < 0) throw new ApiError('BAD_USER_INPUT', 'A digest is of at most 366 days.');
    const { counts, customers } = await readAlertDigest(request, start, end);
    const place = ({ metric, direction }: AlertCount): number => ALERT_METRICS.indexOf(metric) * 2 + (direction === 'UP' ? 0 : 1);
    return {
      from: start,
      to: end,
      totalCount: counts.reduce((sum, { count }) => sum + count, 0),
      unacknowledgedCount: counts.reduce((sum, { unacknowledged }) => sum + unacknowledged, 0),
      counts: counts.toSorted((left, right) => place(left) - place(right)),
      mostConcerned: customers,
    };
  }

  @FieldResolver(() => Customer, { description: 'Whose figures moved.' })
  customer(@Root() { customerId }: ConcernedCustomer): Customer {
    return { id: customerId };
  }
}
