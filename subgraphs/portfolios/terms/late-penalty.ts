import { daysBetween } from '../../../src/values/day.js';
import { roundHalfEven } from '../../../src/values/fraction.js';
import { penaltyRate, startOfHalfYear, type PenaltyRate } from './penalty-rate.js';

/** What is owed by law for each invoice paid late, whatever its amount (C. com. D441-5). */
export const RECOVERY_FEE = { minor: 4000n, currency: 'EUR' } as const;

export interface LateInvoice {
  readonly amountMinor: bigint;
  readonly dueDate: Temporal.PlainDate;
  /** What settled parts of it, each on its day. */
  readonly settlements: readonly { readonly on: Temporal.PlainDate; readonly minor: bigint }[];
}

/** Days in a row on which the same amount was open at the same rate. */
export interface PenaltyLine {
  /** Both included. */
  readonly from: Temporal.PlainDate;
  readonly to: Temporal.PlainDate;
  readonly days: number;
  readonly openMinor: bigint;
  /** Null where it is not known; then there is no penalty either. */
  readonly rate: PenaltyRate | null;
  readonly penaltyMinor: bigint | null;
}

export interface Penalty {
  readonly lines: readonly PenaltyLine[];
  /** The sum of the lines; null when the rate of one of them is not known. */
  readonly penaltyMinor: bigint | null;
}

/**
 * The late penalties of an invoice up to and with `asOf`: open amount × rate × days ÷ 365 from the day after the due date,
 * the day of a settlement included. INDICATORS.md, "Payment terms and French law". Cut wherever a half-year begins or the
 * open amount changed. `null` when it was never open after its due date.
 *
 * The sum is rounded once, half-even. Each line has what the sum grows by with it, so the lines add up to it.
 */
export function latePenalty({ amountMinor, dueDate, settlements, asOf, agreedHundredths }: LateInvoice & { readonly asOf: Temporal.PlainDate; readonly agreedHundredths: bigint | null }): Penalty | null {
  const lines: PenaltyLine[] = [];
  let numerator = 0n;
  let told = 0n;
  let known = true;
  let from = dueDate.add({ days: 1 });
  while (Temporal.PlainDate.compare(from, asOf) <= 0) {
    const openMinor = openOn(from, amountMinor, settlements);
    if (openMinor <= 0n) break;
    const to = earliest([asOf, lastOfHalfYear(from), ...settlements.map(({ on }) => on).filter((on) => Temporal.PlainDate.compare(on, from) >= 0)]);
    const days = daysBetween(from, to) + 1;
    const rate = penaltyRate(from, agreedHundredths);
    let penaltyMinor: bigint | null = null;
    if (rate) {
      numerator += openMinor * rate.hundredths * BigInt(days);
      const sum = BigInt(roundHalfEven({ numerator, denominator: DENOMINATOR }, 0));
      penaltyMinor = sum - told;
      told = sum;
    }
    known &&= rate !== null;
    lines.push({ from, to, days, openMinor, rate, penaltyMinor });
    from = to.add({ days: 1 });
  }
  return lines.length === 0 ? null : { lines, penaltyMinor: known ? told : null };
}

/** Hundredths of a percent of a year of 365 days. */
const DENOMINATOR = 10_000n * 365n;

/** What was open while a day lasted: what is settled on it still was. */
function openOn(day: Temporal.PlainDate, amountMinor: bigint, settlements: LateInvoice['settlements']): bigint {
  return settlements.reduce((open, { on, minor }) => (Temporal.PlainDate.compare(on, day) < 0 ? open - minor : open), amountMinor);
}

function lastOfHalfYear(day: Temporal.PlainDate): Temporal.PlainDate {
  return startOfHalfYear(day).add({ months: 6 }).subtract({ days: 1 });
}

function earliest(days: readonly Temporal.PlainDate[]): Temporal.PlainDate {
  return days.reduce((first, day) => (Temporal.PlainDate.compare(day, first) < 0 ? day : first));
}
