import { endOfMonth } from '../../../src/values/day.js';
import type { DisclosurePolicy, Family } from './policy.js';

/** A window of three months whose figures are published together, some time after it ended. */
export interface Epoch {
  readonly family: Family;
  readonly periodStart: Temporal.PlainDate;
  readonly periodEnd: Temporal.PlainDate;
  readonly publishedOn: Temporal.PlainDate;
}

const MONTHS_OF_WINDOW = 3;

/**
 * Every epoch whose day of publication lies from `from` to `today`, in the order of publication. Payment metrics end with
 * every month, terms with every calendar quarter.
 */
export function dueEpochs(from: Temporal.PlainDate, today: Temporal.PlainDate, policy: DisclosurePolicy): Epoch[] {
  const epochs: Epoch[] = [];
  const longest = Math.max(policy.publishedAfterDays.PAYMENT, policy.publishedAfterDays.TERMS);
  for (let end = endOfMonth(from.subtract({ days: longest })); Temporal.PlainDate.compare(end, today) <= 0; end = endOfMonth(end.add({ days: 1 }))) {
    for (const family of ['PAYMENT', 'TERMS'] as const) {
      if (family === 'TERMS' && end.month % MONTHS_OF_WINDOW !== 0) continue;
      const publishedOn = end.add({ days: policy.publishedAfterDays[family] });
      if (Temporal.PlainDate.compare(publishedOn, from) < 0 || Temporal.PlainDate.compare(publishedOn, today) > 0) continue;
      epochs.push({ family, periodStart: end.with({ day: 1 }).subtract({ months: MONTHS_OF_WINDOW - 1 }), periodEnd: end, publishedOn });
    }
  }
  return epochs.toSorted((a, b) => Temporal.PlainDate.compare(a.publishedOn, b.publishedOn));
}

/** The calendar quarter that a day lies in, `2026-Q3`. Its order as text is its order in time. */
export function quarterOf(day: Temporal.PlainDate): string {
  return `${day.year}-Q${Math.ceil(day.month / MONTHS_OF_WINDOW)}`;
}
