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
  | 'recentDays' | 'usualDays' | 'slowDays' | 'overdueShare' | 'oldestOverdueDays';

/** An invoice is late when it was settled more than this many days beyond terms, or stands open that many days past due. */
export const LATE_DAYS = 7;

/** What is counted as habit reaches back this far. */
const HABIT_DAYS = 730;
const YEAR_DAYS = 365;
const QUARTER_DAYS = 91;
const MONTH_DAYS = 30;

/** Days beyond terms are cut off here where their mean and spread are taken: one forgotten invoice is no habit. */
const LEAST_DAYS = -30;
const MOST_DAYS = 60;

/** Weights of the index from the first to the last day at which they change, in points. */
const FIRST_WEIGHED = -30;
const LAST_WEIGHED = 180;
const WEIGHTS = Array.from({ length: LAST_WEIGHED - FIRST_WEIGHED + 1 }, (_, place) => paymentWeight(place + FIRST_WEIGHED) / PARTS_OF_A_POINT);

/**
 * A share of few is drawn to what is usual: as if so many more invoices had been seen, of which so large a share was late.
 * One late invoice of one is then no habit yet.
 */
const USUAL_WEIGHT = 4;
const USUAL_LATE_SHARE = 0.1;

/**
 * What `earlier` invoices of a customer tell on the day `today`, when its next one is issued: only those issued before that
 * day, and of each only what had come before it. A settlement on that day or later is not known yet; the invoice counts as
 * open, by its age.
 *
 * `index`, `trendPoints`, `averageDaysBeyondTerms` and `onTimeShare` are those of INDICATORS.md, "Payment behaviour index".
 * The late shares and the spread are of the invoices that were due long enough ago for each of them to be known to be late
 * or not: who looks at those settled of late sees the quick ones first.
 */
export function latenessHabits(earlier: readonly LedgerInvoice[], today: number): LatenessHabits {
  const days = new WeightedMean();
  const index = new WeightedMean();
  const yearIndex = new WeightedMean();
  const quarterIndex = new WeightedMean();
  const ever = new DueLongAgo();
  const quarter = new DueLongAgo();
  const month = new DueLongAgo();
  let seen = 0;
  let onTime = 0;
  let beyond30 = 0;
  let open = 0;
  let overdue = 0;
  let oldestOverdue = 0;
  for (const invoice of earlier) {
    if (invoice.issued >= today) continue;
    seen += 1;
    const isOpen = invoice.settled === null || invoice.settled >= today;
    const settled = isOpen ? today : invoice.settled;
    const beyond = settled - invoice.due;
    const age = today - invoice.due;
    if (age > LATE_DAYS && age <= HABIT_DAYS) {
      ever.add(beyond);
      if (age <= LATE_DAYS + QUARTER_DAYS) quarter.add(beyond);
      if (age <= LATE_DAYS + MONTH_DAYS) month.add(beyond);
    }
    if (isOpen) {
      open += 1;
      if (beyond > 0) overdue += 1;
      oldestOverdue = Math.max(oldestOverdue, beyond);
      if (beyond <= 0) continue;
    }
    if (settled <= today - HABIT_DAYS) continue;
    if (beyond <= 0) onTime += 1;
    if (beyond > 30) beyond30 += 1;
    const weight = WEIGHTS[Math.min(Math.max(beyond, FIRST_WEIGHED), LAST_WEIGHED) - FIRST_WEIGHED]!;
    days.add(invoice, beyond);
    index.add(invoice, weight);
    if (settled > today - YEAR_DAYS) yearIndex.add(invoice, weight);
    if (settled > today - QUARTER_DAYS) quarterIndex.add(invoice, weight);
  }
  const invoiceCount = days.count;
  return {
    invoiceCount,
    index: invoiceCount < 3 ? null : index.value(),
    trendPoints: quarterIndex.count < 3 ? null : quarterIndex.value() - yearIndex.value(),
    averageDaysBeyondTerms: invoiceCount === 0 ? null : days.value(),
    onTimeShare: invoiceCount === 0 ? null : onTime / invoiceCount,
    shareBeyond30: invoiceCount === 0 ? null : beyond30 / invoiceCount,
    lateShare: ever.lateShare(),
    recentLateShare: quarter.lateShare(),
    monthLateShare: month.lateShare(),
    recentDays: quarter.mean(),
    usualDays: ever.quantile(0.5),
    slowDays: ever.quantile(0.8),
    overdueShare: open === 0 ? null : overdue / open,
    oldestOverdueDays: seen === 0 ? null : oldestOverdue,
  };
}

/** Days beyond terms of invoices that are known to be late or not; what is open counts as settled today. */
class DueLongAgo {
  readonly #counts = new Uint32Array(MOST_DAYS - LEAST_DAYS + 1);
  #count = 0;
  #late = 0;

  add(daysBeyondTerms: number): void {
    const place = Math.min(Math.max(daysBeyondTerms, LEAST_DAYS), MOST_DAYS) - LEAST_DAYS;
    this.#counts[place] = this.#counts[place]! + 1;
    this.#count += 1;
    if (daysBeyondTerms > LATE_DAYS) this.#late += 1;
  }

  /** The share that was late, drawn to the usual; null of none. */
  lateShare(): number | null {
    return this.#count === 0 ? null : (this.#late + USUAL_WEIGHT * USUAL_LATE_SHARE) / (this.#count + USUAL_WEIGHT);
  }

  mean(): number | null {
    return this.#count === 0 ? null : this.#counts.reduce((sum, count, place) => sum + (place + LEAST_DAYS) * count, 0) / this.#count;
  }

  /** The days that this share of them does not reach, always those of one of them; null of none. */
  quantile(share: number): number | null {
    let left = Math.floor(this.#count * share);
    const place = this.#counts.findIndex((count) => {
      left -= count;
      return left < 0;
    });
    return place < 0 ? null : place + LEAST_DAYS;
  }
}

interface CurrencySum {
  readonly currency: string;
  amount: number;
  weighted: number;
  count: number;
}

/** A mean weighted by amount within a currency, and by number of invoices between currencies. */
class WeightedMean {
  readonly #sums: CurrencySum[] = [];
  #last: CurrencySum | undefined;
  count = 0;

  add({ currency, amount }: LedgerInvoice, value: number): void {
    const sum = this.#last?.currency === currency ? this.#last : this.#sumOf(currency);
    this.#last = sum;
    sum.amount += amount;
    sum.weighted += amount * value;
    sum.count += 1;
    this.count += 1;
  }

  #sumOf(currency: string): CurrencySum {
    let sum = this.#sums.find((one) => one.currency === currency);
    if (!sum) this.#sums.push((sum = { currency, amount: 0, weighted: 0, count: 0 }));
    return sum;
  }

  value(): number {
    return this.#sums.reduce((total, { amount, weighted, count }) => total + (weighted / amount) * (count / this.count), 0);
  }
}
