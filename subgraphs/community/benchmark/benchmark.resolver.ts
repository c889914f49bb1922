import { Arg, createUnionType, Ctx, Field, FieldResolver, Float, ID, Int, Mutation, ObjectType, registerEnumType, Resolver, Root, Subscription } from 'type-graphql';
import type { Metric } from '../../../src/values/metric.js';
import { enumOf } from '../../../src/graph/enum-of.js';
import { ApiError } from '../../../src/errors.js';
import { demandSandbox } from '../../../src/server/demand-sandbox.js';
import { TrendEnum } from '../../../src/graph/trend.graph.js';
import type { Trend } from '../../../src/values/trend.js';
import { Request } from '../../../src/server/request.js';
import { Customer } from '../customer.graph.js';
import { closeForSandbox } from './close-for-sandbox.js';
import type { Tier } from './tier.js';
import { BenchmarkEpoch, toEpoch } from './epoch.resolver.js';
import { BenchmarkMetricEnum } from '../../../src/graph/metric.graph.js';
import { POLICY } from './policy.js';
import { BenchmarkPositionEnum } from '../../../src/graph/position.graph.js';
import type { Position } from '../../../src/values/position.js';
import { positionOf } from './position.js';
import { readBenchmarkHistories, readBenchmarks, type Benchmark } from './read-benchmark.js';
import type { EpochRow } from './read-epoch.js';
import { watchEpochs } from './watch-epochs.js';

const CONTRIBUTOR_BANDS = ['THREE_TO_FOUR', 'FIVE_TO_NINE', 'TEN_OR_MORE'] as const;
type ContributorBand = (typeof CONTRIBUTOR_BANDS)[number];

const BAND_OF_TIER: Readonly<Record<Tier, ContributorBand>> = { T1: 'THREE_TO_FOUR', T2: 'FIVE_TO_NINE', T3: 'TEN_OR_MORE' };

const ContributorBandEnum = enumOf(CONTRIBUTOR_BANDS);
registerEnumType(ContributorBandEnum, {
  name: 'ContributorBand',
  description: 'How many other members a benchmark is made of, at least: where a figure would tell too much of one of them, more are shown as fewer would be. The exact number is never told.',
  valuesConfig: {
    THREE_TO_FOUR: { description: 'Three or four, or more of whom only a band may be shown.' },
    FIVE_TO_NINE: { description: 'Five to nine: a figure rounded to 10 days.' },
    TEN_OR_MORE: { description: 'Ten or more: a figure rounded to 5 days, with quartiles.' },
  },
});

/** What a band and a figure have in common; no type of the API by itself. */
@ObjectType()
abstract class Disclosed {
  @Field(() => BenchmarkMetricEnum, { description: 'What was asked for.' })
  metric!: Metric;

  @Field(() => BenchmarkEpoch, { description: 'The epoch it was published in.' })
  epoch!: BenchmarkEpoch;

  @Field(() => ContributorBandEnum, { description: 'How many others are in it.' })
  contributors!: ContributorBand;

  @Field(() => TrendEnum, { nullable: true, description: 'Against three months earlier: IMPROVING, the figures fell; WORSENING, they rose. Null: fewer than two thirds of the contributors moved alike.' })
  direction!: Trend | null;

  @Field(() => Float, { nullable: true, description: 'Your own figure of that epoch, unrounded, in the unit of the metric; null: your firm told none.' })
  own!: number | null;
}

@ObjectType({ description: 'Three or four other contributors, or more that lie too close to a bound or to each other for a figure: a wide band of their and your mean, and a direction.' })
class BenchmarkBand extends Disclosed {
  @Field(() => Float, { description: 'Where the band begins: days, 30 wide; for LATE_SHARE a share. A mean near an edge may be shown in the neighbouring band, by a secret of the customer and the panel, where the edge would tell too much.' })
  from!: number;

  @Field(() => Float, { description: 'Where the band ends; in days the end itself belongs to the next band.' })
  to!: number;

  @Field(() => BenchmarkPositionEnum, { nullable: true, description: 'Your own figure against the band; null without one.' })
  position!: Position | null;
}

@ObjectType({ description: 'Five or more other contributors: a rounded mean in which every contributor weighs the same, yours included; quartile bands from ten.' })
class BenchmarkFigure extends Disclosed {
  @Field(() => Float, { description: 'DSO, DAYS_BEYOND_TERMS: days. LATE_SHARE: the midpoint of one of 0–0.1, 0.1–0.25, 0.25–0.5, 0.5–1. PAYMENT_TERMS: the upper bound in days of the most frequent class; the last class has no bound and is named 60 (five to nine others) or 90. Once one or two members moved 30 days (30 points of a share) further than the others, the mean is shifted by up to half of `roundedTo` (5 points at most) before it is rounded, by a secret of the customer and the panel; a tie of classes goes by it too.' })
  value!: number;

  @Field(() => Float, { description: 'How coarse the value is: 10 or 5 days; the width of the class for LATE_SHARE; 30 or 15 days for PAYMENT_TERMS.' })
  roundedTo!: number;

  @Field(() => Float, { nullable: true, description: 'A quarter of the contributors lie below, in steps of 10 days; null with fewer than ten others, for LATE_SHARE and for PAYMENT_TERMS.' })
  lowerQuartile!: number | null;

  @Field(() => Float, { nullable: true, description: 'A quarter of the contributors lie above, in steps of 10 days; null with fewer than ten others, for LATE_SHARE and for PAYMENT_TERMS.' })
  upperQuartile!: number | null;

  @Field(() => BenchmarkPositionEnum, { nullable: true, description: 'Your own figure against the value, within its rounding or by class; null without one.' })
  position!: Position | null;
}

@ObjectType({ description: 'There is nothing to show: one answer, byte for byte, whatever the cause (fewer than three others; nothing published; an epoch from before your firm joined; the metric not shared, or the customer kept out, by your firm; a wrong id). What your own firm lacks, `community` says.' })
class BenchmarkUnavailable {
  @Field(() => BenchmarkMetricEnum, { description: 'What was asked for.' })
  metric!: Metric;
}

export const BenchmarkResult = createUnionType({
  name: 'BenchmarkResult',
  description: 'How a customer pays the members that share it, as far as may be shown.',
  types: () => [BenchmarkFigure, BenchmarkBand, BenchmarkUnavailable] as const,
  resolveType: (result) => ('value' in result ? BenchmarkFigure : 'from' in result ? BenchmarkBand : BenchmarkUnavailable),
});

@ObjectType({ description: 'One published epoch of a customer, for a chart.' })
class BenchmarkPoint {
  @Field(() => BenchmarkEpoch, { description: 'When: the window, and the day on which it was published.' })
  epoch!: BenchmarkEpoch;

  @Field(() => BenchmarkResult, { description: 'What was published then; it is what `benchmark` says of that epoch.' })
  result!: typeof BenchmarkResult;
}

/** Three years of months: more than a chart shows. */
const MOST_EPOCHS = 36;

@Resolver(() => Customer)
export class BenchmarkResolver {
  @FieldResolver(() => BenchmarkResult, { description: 'One statistic for the epoch, the same for every member. Readable while your firm is admitted and contributes this metric for this customer. Needs the scope community:read.' })
  async benchmark(
    @Root() customer: Customer,
    @Arg('metric', () => BenchmarkMetricEnum, { description: 'What to compare.' }) metric: Metric,
    @Arg('epoch', () => ID, { nullable: true, description: 'A published epoch by the id your firm knows; default: the latest of the metric.' }) epoch: string | null | undefined,
    @Ctx() request: Request,
  ): Promise<typeof BenchmarkResult> {
    const { firmId } = request.demand('community:read');
    const epochId = epoch == null ? null : request.room.keys.ids.decode(firmId, 'BenchmarkEpoch', epoch);
    const found = await request.batch(readBenchmarks, { customerId: customer.id, metric, epochId });
    return found ? toResult(metric, found, request) : { metric };
  }

  @FieldResolver(() => [BenchmarkPoint], { description: 'The same over the latest epochs, the earliest first, for a chart. An epoch in which there is nothing to show is left out; nothing at all is an empty list, whatever the cause. It is readable under the conditions of `benchmark`, and from the day after your firm joined last: what was published until then, it does not read. Needs the scope community:read.' })
  async benchmarkHistory(
    @Root() customer: Customer,
    @Arg('metric', () => BenchmarkMetricEnum, { description: 'What to compare.' }) metric: Metric,
    @Arg('epochs', () => Int, { defaultValue: 12, description: 'How many epochs back from the latest, from 1 to 36: months, quarters for PAYMENT_TERMS.' }) epochs: number,
    @Ctx() request: Request,
  ): Promise<readonly BenchmarkPoint[]> {
    request.demand('community:read');
    if (epochs < 1 || epochs > MOST_EPOCHS) throw new ApiError('BAD_USER_INPUT', `epochs must be from 1 to ${MOST_EPOCHS}.`);
    const found = (await request.batch(readBenchmarkHistories, { customerId: customer.id, metric, epochs })) ?? [];
    return found.map((benchmark) => ({ epoch: toEpoch(benchmark.epoch, request), result: toResult(metric, benchmark, request) }));
  }

  @Mutation(() => BenchmarkEpoch, { nullable: true, description: 'Sandbox only: closes and publishes every epoch due at the clock, in order, after portfolios has told what is due. Returns the latest published one of the payment metrics; null: there is none. Again it changes nothing.' })
  async sandboxEpochsClose(@Ctx() request: Request): Promise<BenchmarkEpoch | null> {
    demandSandbox(request.room);
    const latest = await closeForSandbox(request.room);
    return latest ? toEpoch(latest, request) : null;
  }

  @Subscription(() => BenchmarkEpoch, {
    description: 'Each epoch at the instant it is published, for everybody alike. Needs the scope community:read.',
    subscribe: ({ context }: { context: Request }) => watchEpochs(context),
  })
  benchmarksPublished(@Root() epoch: EpochRow, @Ctx() request: Request): BenchmarkEpoch {
    request.demand('community:read');
    return toEpoch(epoch, request);
  }
}

/** What is shown of a published cell, and where the own figure lies against it. */
export function toResult(metric: Metric, { cell, epoch, own }: Benchmark, request: Request): typeof BenchmarkResult {
  const common = {
    metric,
    epoch: toEpoch(epoch, request),
    contributors: BAND_OF_TIER[cell.tier],
    direction: cell.direction,
    own,
    position: own === null ? null : positionOf(metric, cell, own, POLICY),
  };
  if (cell.tier === 'T1') return { ...common, from: cell.from, to: cell.to };
  return { ...common, value: cell.value, roundedTo: cell.roundedTo, lowerQuartile: cell.lowerQuartile, upperQuartile: cell.upperQuartile };
}
