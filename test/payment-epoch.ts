import { endOfMonth } from '../src/values/day.js';
import type { Epoch } from '../subgraphs/community/benchmark/epoch.js';

/** The epoch of the payment metrics that ends with a month. */
export function paymentEpoch(month: string): Epoch {
  const periodEnd = endOfMonth(Temporal.PlainDate.from(`${month}-01`));
  return { family: 'PAYMENT', periodStart: periodEnd.with({ day: 1 }).subtract({ months: 2 }), periodEnd, publishedOn: periodEnd.add({ days: 30 }) };
}
