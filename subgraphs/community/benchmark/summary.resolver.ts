import { Arg, Ctx, Field, FieldResolver, Float, Int, ObjectType, Query, Resolver, Root } from 'type-graphql';
import { invariant } from '../../../src/errors.js';
import { demandPageSize } from '../../../src/graph/page.graph.js';
import { Request } from '../../../src/server/request.js';
import type { Metric } from '../../../src/values/metric.js';
import { Customer } from '../customer.graph.js';
import { BenchmarkResult, toResult } from './benchmark.resolver.js';
import { BenchmarkEpoch, toEpoch } from './epoch.resolver.js';
import { BenchmarkMetricEnum } from '../../../src/graph/metric.graph.js';
import { readSummaries, type PortfolioSummary } from './read-summary.js';
import type { Gap } from './summary.js';

@ObjectType({ description: 'A customer whose benchmark your own figure differs from.' })
class BenchmarkGap {
  @Field(() => Customer, { description: 'The customer; of several accounts of one legal unit, one of them.' })
  customer!: Customer;

  @Field(() => Float, { description: 'How far your own figure lies from what is shown, in the unit of the metric: above 0 you are paid later, or grant longer terms. Your figure counts from 0 to 150 days, as it counts in what is shown. Measured from the value; from the nearest end of a band, or of the class of a LATE_SHARE; from class to class for PAYMENT_TERMS.' })
  gap!: number;

  @Field(() => BenchmarkResult, { description: 'What `Customer.benchmark` says of it.' })
  result!: typeof BenchmarkResult;
}

@ObjectType({ description: 'How your customers pay you against how they pay the members that share them. It is made of published benchmarks and your own figures alone: whoever reads `Customer.benchmark` of each customer can work it out.' })
class BenchmarkSummary {
  @Field(() => BenchmarkMetricEnum, { description: 'What was compared.' })
  metric!: Metric;

  @Field(() => Int, { description: 'Shared customers that can be compared: something is published of them, and your firm told a figure of its own. Accounts of one legal unit count once.' })
  customerCount!: number;

  @Field(() => Int, { description: 'Of those, how many pay you later than what is shown, or have longer terms with you: position ABOVE.' })
  paidLater!: number;

  @Field(() => Int, { description: 'How many pay you within the shown rounding, the same band or the same class: position SIMILAR.' })
  paidSimilar!: number;

  @Field(() => Int, { description: 'How many pay you sooner, or have shorter terms with you: position BELOW.' })
  paidSooner!: number;

  @Field(() => Int, { description: 'How many customers `hiddenSlowPayers` would name in full.' })
  hiddenSlowPayerCount!: number;

  readonly summary!: PortfolioSummary;
}

@Resolver(() => BenchmarkSummary)
export class BenchmarkSummaryResolver {
  @Query(() => BenchmarkSummary, { description: 'Your whole portfolio against the others, by the latest epoch of a metric: on how many shared customers you are paid later, alike, sooner; where the gap is largest; and who pays you on time and the others late. Counts are 0 while your firm may not read (see `community`). Needs the scope community:read.' })
  async benchmarkSummary(
    @Arg('metric', () => BenchmarkMetricEnum, { defaultValue: 'DAYS_BEYOND_TERMS', description: 'What to compare.' }) metric: Metric,
    @Ctx() request: Request,
  ): Promise<BenchmarkSummary> {
    request.demand('community:read');
    const summary = await request.batch(readSummaries, metric);
    invariant(summary, 'every metric has a summary');
    const { paidLater, paidSimilar, paidSooner } = summary;
    return { metric, customerCount: paidLater + paidSimilar + paidSooner, paidLater, paidSimilar, paidSooner, hiddenSlowPayerCount: summary.hiddenSlowPayers.length, summary };
  }

  @FieldResolver(() => BenchmarkEpoch, { nullable: true, description: 'The latest published epoch of the metric; null: none was published yet.' })
  epoch(@Root() { summary }: BenchmarkSummary, @Ctx() request: Request): BenchmarkEpoch | null {
    return summary.epoch && toEpoch(summary.epoch, request);
  }

  @FieldResolver(() => [BenchmarkGap], { description: 'Customers that pay you later or sooner than what is shown, the largest gap first.' })
  largestGaps(
    @Root() { metric, summary }: BenchmarkSummary,
    @Arg('first', () => Int, { defaultValue: 10, description: 'At most so many, from 1 to 100.' }) first: number,
    @Ctx() request: Request,
  ): readonly BenchmarkGap[] {
    return toGaps(metric, summary, summary.gaps, first, request);
  }

  @FieldResolver(() => [BenchmarkGap], { description: 'Customers that pay you on time and the others late, the largest gap first: an early warning. On time: at most 5 days beyond terms, or a late share of at most 0.1. Late: at least 10 days are shown, or a share of more than 0.25. For DSO and PAYMENT_TERMS, which do not say what is late, it is empty.' })
  hiddenSlowPayers(
    @Root() { metric, summary }: BenchmarkSummary,
    @Arg('first', () => Int, { defaultValue: 10, description: 'At most so many, from 1 to 100.' }) first: number,
    @Ctx() request: Request,
  ): readonly BenchmarkGap[] {
    return toGaps(metric, summary, summary.hiddenSlowPayers, first, request);
  }
}

function toGaps(metric: Metric, { epoch }: PortfolioSummary, gaps: readonly Gap[], first: number, request: Request): readonly BenchmarkGap[] {
  return gaps.slice(0, demandPageSize(first)).map(({ customerId, gap, cell, own }) => {
    invariant(epoch, 'a gap is of an epoch');
    // Differences of hundredths and thousandths, without the noise of binary.
    return { customer: { id: customerId }, gap: Math.round(gap * 1000) / 1000, result: toResult(metric, { cell, epoch, own }, request) };
  });
}
