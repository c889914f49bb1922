import { PARTS_OF_A_POINT, paymentWeight } from '../behaviour/payment-weight.js';

/** An invoice of a customer. Days are counted from any one fixed day. */
export interface LedgerInvoice {
  readonly currency: string;
  readonly amount: number;
  readonly issued: number;
  readonly due: number;
  /** Null while it is open. */
  readonly settled: number | null;
}

/** What is known of how a customer pays on the day a new invoice is issued, by code; null is not known. */
export type LatenessHabits = Readonly<Record<LatenessHabit, number | null>>;

export type LatenessHabit =
  | 'invoiceCount' | 'index' | 'trendPoints' | 'averageDaysBeyondTerms' | 'onTimeShare' | 'shareBeyond30' | 'lateShare' | 'recentLateShare' | 'monthLateShare'
  | 'recentDays' | 'usualDays' | 'lastDays' | 'slowDays' | 'overdueShare' | 'oldestOverdueDays' | 'termsDays' | 'shorterTerms' | 'relativeAmount';

/** An invoice is late when it was settled more than this many days beyond terms, or stands open that many days past due. */
export const LATE_DAYS = 7;

/** What is counted as habit reaches back this far. */
const HABIT_DAYS = 730;
const YEAR_DAYS = 365;
const QUARTER_DAYS = 91;
const MONTH_DAYS = 30;

/** Invoices that make up the recent past, and those that show what is usual. */
const RECENT = 10;
const HABITUAL = 30;

/**
 * A share of few is drawn to what is usual: as if so many more invoices had been seen, of which so large a share was late.
 * One late invoice of one is then no habit yet.
 */
const USUAL_WEIGHT = 4;
const USUAL_LATE_SHARE = 0.1;

/** An invoice whose lateness is known: settled, or open for so long that it is late whenever it is settled. */
interface Outcome {
  readonly days: number;
  readonly settled: number;
}

/**
 * What `earlier` invoices of a customer tell on the day `next` is issued: only those issued before that day, and of each
 * only what had come before it. A settlement on that day or later is not known yet; the invoice counts as open, by its age.
 * Shares are of numbers of invoices; index and averageDaysBeyondTerms are weighted by amount (INDICATORS.md, "Payment
 * behaviour index").
 */
export function latenessHabits(earlier: readonly LedgerInvoice[], next: Pick<LedgerInvoice, 'currency' | 'amount' | 'issued' | 'due'>): LatenessHabits {
  const today = next.issued;
  const days = new WeightedMean();
  const index = new WeightedMean();
  const yearIndex = new WeightedMean();
  const quarterIndex = new WeightedMean();
  const recent: Outcome[] = [];
  const seen: LedgerInvoice[] = [];
  let onTime = 0;
  let beyond30 = 0;
  let decided = 0;
  let late = 0;
  let decidedInMonth = 0;
  let lateInMonth = 0;
  let open = 0;
  let overdue = 0;
  let oldestOverdue = 0;
  for (const invoice of earlier) {
    if (invoice.issued >= today) continue;
    seen.push(invoice);
    const isSettled = invoice.settled !== null && invoice.settled < today;
    const settled = isSettled ? invoice.settled : today;
    const beyond = settled - invoice.due;
    if (!isSettled) {
      open += 1;
      if (beyond > 0) overdue += 1;
      oldestOverdue = Math.max(oldestOverdue, beyond);
      if (beyond <= 0) continue;
    }
    if (settled <= today - HABIT_DAYS) continue;
    if (beyond <= 0) onTime += 1;
    if (beyond > 30) beyond30 += 1;
    const weight = paymentWeight(beyond) / PARTS_OF_A_POINT;
    days.add(invoice, beyond);
    index.add(invoice, weight);
    if (settled > today - YEAR_DAYS) yearIndex.add(invoice, weight);
    if (settled > today - QUARTER_DAYS) quarterIndex.add(invoice, weight);
    // What stands open only a few days past due is not known to be late, nor to be in time.
    if (!isSettled && beyond <= LATE_DAYS) continue;
    decided += 1;
    if (beyond > LATE_DAYS) late += 1;
    if (settled > today - MONTH_DAYS) {
      decidedInMonth += 1;
      if (beyond > LATE_DAYS) lateInMonth += 1;
    }
    keepLatest(recent, { days: beyond, settled });
  }
  const last = recent.slice(0, RECENT);
  const usual = seen.slice(-HABITUAL);
  const outcomes = days.count;
  return {
    invoiceCount: outcomes,
    index: outcomes < 3 ? null : index.value(),
    trendPoints: quarterIndex.count < 3 ? null : quarterIndex.value() - yearIndex.value(),
    averageDaysBeyondTerms: outcomes === 0 ? null : days.value(),
    onTimeShare: outcomes === 0 ? null : onTime / outcomes,
    shareBeyond30: outcomes === 0 ? null : beyond30 / outcomes,
    lateShare: lateShare(late, decided),
    recentLateShare: lateShare(last.filter((outcome) => outcome.days > LATE_DAYS).length, last.length),
    monthLateShare: lateShare(lateInMonth, decidedInMonth),
    recentDays: last.length === 0 ? null : last.reduce((sum, outcome) => sum + Math.min(Math.max(outcome.days, -30), 60), 0) / last.length,
    usualDays: quantile(recent.map((outcome) => outcome.days), 0.5),
    lastDays: last[0]?.days ?? null,
    slowDays: quantile(recent.map((outcome) => outcome.days), 0.8),
    overdueShare: open === 0 ? null : overdue / open,
    oldestOverdueDays: seen.length === 0 ? null : oldestOverdue,
    termsDays: next.due - next.issued,
    shorterTerms: differenceTo(quantile(usual.map(({ due, issued }) => due - issued), 0.5), next.due - next.issued),
    relativeAmount: relativeTo(quantile(usual.filter(({ currency }) => currency === next.currency).map(({ amount }) => amount), 0.5), next.amount),
  };
}

/** A mean weighted by amount within a currency, and by number of invoices between currencies. */
class WeightedMean {
  readonly #sums = new Map<string, { amount: number; weighted: number; count: number }>();
  count = 0;

  add({ currency, amount }: LedgerInvoice, value: number): void {
    let sum = this.#sums.get(currency);
    if (!sum) this.#sums.set(currency, (sum = { amount: 0, weighted: 0, count: 0 }));
    sum.amount += amount;
    sum.weighted += amount * value;
    sum.count += 1;
    this.count += 1;
  }

  value(): number {
    return [...this.#sums.values()].reduce((total, { amount, weighted, count }) => total + (weighted / amount) * (count / this.count), 0);
  }
}

/** Keeps the outcomes settled last, the latest first; of one day the longest first. */
function keepLatest(latest: Outcome[], outcome: Outcome): void {
  const isBefore = (other: Outcome): boolean => outcome.settled > other.settled || (outcome.settled === other.settled && outcome.days > other.days);
  if (latest.length === HABITUAL && !isBefore(latest[HABITUAL - 1]!)) return;
  const place = latest.findIndex(isBefore);
  latest.splice(place < 0 ? latest.length : place, 0, outcome);
  if (latest.length > HABITUAL) latest.pop();
}

/** The share that was late, drawn to the usual; null of none. */
function lateShare(late: number, decided: number): number | null {
  return decided === 0 ? null : (late + USUAL_WEIGHT * USUAL_LATE_SHARE) / (decided + USUAL_WEIGHT);
}

/** The value below which a share of them lies, always one of them; null of none. */
function quantile(values: readonly number[], share: number): number | null {
  return values.toSorted((one, other) => one - other)[Math.min(values.length - 1, Math.floor(values.length * share))] ?? null;
}

/** By how many days the terms are shorter than usual. */
function differenceTo(usual: number | null, value: number): number | null {
  return usual === null ? null : usual - value;
}

function relativeTo(usual: number | null, value: number): number | null {
  return usual === null || usual <= 0 ? null : value / usual;
}
