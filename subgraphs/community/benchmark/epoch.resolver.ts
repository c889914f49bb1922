import { Field, ID, ObjectType } from 'type-graphql';
import { DateScalar } from '../../../src/graph/scalars.js';
import type { Request } from '../../../src/server/request.js';
import type { Metric } from '../../../src/values/metric.js';
import { BenchmarkMetricEnum } from '../../../src/graph/metric.graph.js';
import { metricsOf } from './policy.js';
import type { EpochRow } from './read-epoch.js';

@ObjectType({ description: 'A window of three months whose benchmarks were published together, at one instant. What it says never changes.' })
export class BenchmarkEpoch {
  @Field(() => ID, { description: 'Opaque; another firm knows this epoch by another id.' })
  id!: string;

  @Field(() => DateScalar, { description: 'First day of the window.' })
  periodStart!: string;

  @Field(() => DateScalar, { description: 'Last day of the window.' })
  periodEnd!: string;

  @Field(() => DateScalar, { description: 'The day of publication: 30 days after the window for payment metrics, 90 for PAYMENT_TERMS.' })
  publishedOn!: string;

  @Field(() => [BenchmarkMetricEnum], { description: 'What was published in it: the three payment metrics every month, PAYMENT_TERMS by itself every calendar quarter. Ask `Customer.benchmark` for these.' })
  metrics!: readonly Metric[];
}

/** Under whose id an epoch is named to somebody who is not signed in, which only a sandbox allows. It opens nothing. */
const NOBODY = '00000000-0000-0000-0000-000000000000';

/** An epoch as the asker's firm names it. */
export function toEpoch(row: EpochRow, request: Request): BenchmarkEpoch {
  const firmId = request.asking.asker?.firmId ?? NOBODY;
  return {
    // Made when it is asked for: most who read a cell do not.
    get id() {
      return request.room.keys.ids.encode(firmId, 'BenchmarkEpoch', row.id);
    },
    periodStart: row.periodStart, periodEnd: row.periodEnd, publishedOn: row.publishedOn, metrics: metricsOf(row.family) };
}
