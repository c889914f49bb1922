import { Arg, Ctx, Field, FieldResolver, Float, Int, ObjectType, Resolver, Root } from 'type-graphql';
import { ApiError } from '../../../src/errors.js';
import { Money, toMoney } from '../../../src/graph/money.graph.js';
import { DateScalar } from '../../../src/graph/scalars.js';
import { Request } from '../../../src/server/request.js';
import { Portfolio } from '../indicators/portfolio.resolver.js';
import { readCurrency, scopeOf } from '../indicators/read-sums.js';
import type { DisputeReason } from './dispute-reason.js';
import { DisputeReasonEnum } from './dispute.resolver.js';
import { readDisputeParts, type DisputePart } from './read-dispute-report.js';
import { sumDisputes } from './resolution.js';

@ObjectType({ description: 'Disputes summed up.' })
class DisputeStatistics {
  @Field(() => Int, { description: 'How many were opened.' })
  count!: number;

  @Field(() => Int, { description: 'How many of them are resolved by the day of the portfolio.' })
  resolvedCount!: number;

  @Field(() => Money, { description: 'What was open of their invoices when they were opened.' })
  amount!: Money;

  @Field(() => Float, { nullable: true, description: 'The mean of the days from opening to resolution, each dispute counting once; null when none is resolved.' })
  averageResolutionDays!: number | null;

  @Field(() => Float, { nullable: true, description: 'Half of the resolved ones took no longer than these days; with an even number the mean of the two in the middle. Null when none is resolved.' })
  medianResolutionDays!: number | null;
}

@ObjectType({ description: 'The disputes with one reason.' })
class DisputesOfReason {
  @Field(() => DisputeReasonEnum, { description: 'The reason.' })
  reason!: DisputeReason;

  @Field(() => DisputeStatistics, { description: 'The disputes with it.' })
  statistics!: DisputeStatistics;
}

@ObjectType({ description: 'The disputes on which one person or department must act.' })
class DisputesOfResponsible {
  @Field(() => String, { description: 'Who must act, as given when they were opened.' })
  responsible!: string;

  @Field(() => DisputeStatistics, { description: 'The disputes of this one.' })
  statistics!: DisputeStatistics;
}

@ObjectType({ description: 'The disputes opened in a stretch of days, about invoices in the currency of the portfolio, and how long they took.' })
class DisputeReport {
  @Field(() => DateScalar, { description: 'The first day on which they were opened.' })
  from!: Temporal.PlainDate;

  @Field(() => DateScalar, { description: 'The last day on which they were opened, included; what was opened after the day of the portfolio is left out.' })
  to!: Temporal.PlainDate;

  @Field(() => DisputeStatistics, { description: 'All of them.' })
  total!: DisputeStatistics;

  @Field(() => [DisputesOfReason], { description: 'By reason, the largest amount first; a reason without any is left out.' })
  byReason!: readonly DisputesOfReason[];

  @Field(() => [DisputesOfResponsible], { description: 'By who must act, the largest amount first.' })
  byResponsible!: readonly DisputesOfResponsible[];
}

interface Counted {
  readonly statistics: DisputeStatistics;
  readonly amountMinor: bigint;
}

function count(parts: readonly DisputePart[], currency: string): Counted {
  const { count, resolvedCount, amountMinor, averageDays, medianDays } = sumDisputes(parts);
  return { amountMinor, statistics: { count, resolvedCount, amount: toMoney(amountMinor, currency), averageResolutionDays: averageDays, medianResolutionDays: medianDays } };
}

/** The groups of some key, the largest amount first, then by their keys. */
function countBy<Key extends string>(parts: readonly DisputePart[], currency: string, keyOf: (part: DisputePart) => Key): readonly (Counted & { readonly key: Key })[] {
  return [...Map.groupBy(parts, keyOf)]
    .map(([key, group]) => ({ key, ...count(group, currency) }))
    .toSorted((left, right) => (left.amountMinor === right.amountMinor ? (left.key < right.key ? -1 : 1) : left.amountMinor > right.amountMinor ? -1 : 1));
}

@Resolver(() => Portfolio)
export class DisputeReportResolver {
  @FieldResolver(() => DisputeReport, { description: 'How many disputes were opened in a stretch of days, about how much, and how long those resolved took.' })
  async disputeReport(
    @Root() portfolio: Portfolio,
    @Arg('from', () => DateScalar, { description: 'The first day on which they were opened.' }) from: Temporal.PlainDate,
    @Arg('to', () => DateScalar, { description: 'The last day, included; not before the first.' }) to: Temporal.PlainDate,
    @Ctx() request: Request,
  ): Promise<DisputeReport> {
    if (Temporal.PlainDate.compare(from, to) > 0) throw new ApiError('BAD_USER_INPUT', 'from must not be after to.');
    const currency = await readCurrency(request, scopeOf(portfolio));
    const parts = await readDisputeParts(request, { currency, from, to, asOf: portfolio.asOf });
    return {
      from, to,
      total: count(parts, currency).statistics,
      byReason: countBy(parts, currency, ({ reason }) => reason).map(({ key, statistics }) => ({ reason: key, statistics })),
      byResponsible: countBy(parts, currency, ({ responsible }) => responsible).map(({ key, statistics }) => ({ responsible: key, statistics })),
    };
  }
}
