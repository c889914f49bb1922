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

/** Invoices of a customer in one currency, settled as many days beyond terms; what is open counts as settled today. */
export interface SettledAlike {
  readonly currency: string;
  readonly daysBeyondTerms: number;
  /** Of those that count as paid: settled in the last `HABIT_DAYS`, or past due. */
  readonly paidAmount: number;
  readonly paidCount: number;
  /** How many were due more than `LATE_DAYS` and at most `HABIT_DAYS` ago: it is known whether they are late. */
  readonly decided: number;
  /** Of these, for how many it has been known for at most `QUARTER_DAYS`, and at most `MONTH_DAYS`. */
  readonly decidedInQuarter: number;
  readonly decidedInMonth: number;
}

/** What is known of how a customer pays on the day a new invoice is issued, by code; null is not known. */
export type LatenessHabits = Readonly<Record<LatenessHabit, number | null>> & {
  /** How many invoices count as paid. */
  readonly invoiceCount: number;
};

export type LatenessHabit = 'index' | 'averageDaysBeyondTerms' | 'lateShare' | 'recentLateShare' | 'monthLateShare' | 'recentDays' | 'usualDays' | 'slowDays';

/** An invoice is late when it was settled more than this many days beyond terms, or stands open that many days past due. */
export const LATE_DAYS = 7;

/** What is counted as habit reaches back this far. */
export const HABIT_DAYS = 730;
export const QUARTER_DAYS = 91;
export const MONTH_DAYS = 30;

/** Fewer paid invoices have no index. */
export const LEAST_INVOICES = 3;

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
 */
export function latenessHabits(earlier: readonly LedgerInvoice[], today: number): LatenessHabits {
  return habitsOf(earlier.filter(({ issued }) => issued < today).map((invoice) => settledAlone(invoice, today)));
}

function settledAlone({ currency, amount, due, settled }: LedgerInvoice, today: number): SettledAlike {
  const isOpen = settled === null || settled >= today;
  const daysBeyondTerms = (isOpen ? today : settled) - due;
  const isPaid = isOpen ? daysBeyondTerms > 0 : settled > today - HABIT_DAYS;
  const age = today - due;
  const decidedWithin = (days: number): number => (age > LATE_DAYS && age <= days ? 1 : 0);
  return {
    currency, daysBeyondTerms, paidAmount: isPaid ? amount : 0, paidCount: isPaid ? 1 : 0,
    decided: decidedWithin(HABIT_DAYS), decidedInQuarter: decidedWithin(LATE_DAYS + QUARTER_DAYS), decidedInMonth: decidedWithin(LATE_DAYS + MONTH_DAYS),
  };
}

/**
 * The habits of a customer by all its invoices (INDICATORS.md, "Lateness of the next invoice"), however they are put together.
 *
 * `index` and `averageDaysBeyondTerms` are of what counts as paid. The late shares and the spread are of the invoices that were
 * due long enough ago for each of them to be known to be late or not: who looks at those settled of late sees the quick ones first.
 */
export function habitsOf(invoices: readonly SettledAlike[]): LatenessHabits {
  const days = new WeightedMean();
  const index = new WeightedMean();
  const ever = new DueLongAgo();
  const quarter = new DueLongAgo();
  const month = new DueLongAgo();
  for (const alike of invoices) {
    const { daysBeyondTerms, paidCount, decided, decidedInQuarter, decidedInMonth } = alike;
    ever.add(daysBeyondTerms, decided);
    quarter.add(daysBeyondTerms, decidedInQuarter);
    month.add(daysBeyondTerms, decidedInMonth);
    if (paidCount === 0) continue;
    days.add(alike, daysBeyondTerms);
    index.add(alike, WEIGHTS[Math.min(Math.max(daysBeyondTerms, FIRST_WEIGHED), LAST_WEIGHED) - FIRST_WEIGHED]!);
  }
  return {
    invoiceCount: days.count,
    index: days.count < LEAST_INVOICES ? null : index.value(),
    averageDaysBeyondTerms: days.count === 0 ? null : days.value(),
    lateShare: ever.lateShare(),
    recentLateShare: quarter.lateShare(),
    monthLateShare: month.lateShare(),
    recentDays: quarter.mean(),
    usualDays: ever.quantile(0.5),
    slowDays: ever.quantile(0.8),
  };
}

/** Days beyond terms of invoices that are known to be late or not; what is open counts as settled today. */
class DueLongAgo {
  readonly #counts = new Uint32Array(MOST_DAYS - LEAST_DAYS + 1);
  #count = 0;
  #late = 0;

  add(daysBeyondTerms: number, count: number): void {
    const place = Math.min(Math.max(daysBeyondTerms, LEAST_DAYS), MOST_DAYS) - LEAST_DAYS;
    this.#counts[place] = this.#counts[place]! + count;
    this.#count += count;
    if (daysBeyondTerms > LATE_DAYS) this.#late += count;
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

  add({ currency, paidAmount, paidCount }: SettledAlike, value: number): void {
    const sum = this.#last?.currency === currency ? this.#last : this.#sumOf(currency);
    this.#last = sum;
    sum.amount += paidAmount;
    sum.weighted += paidAmount * value;
    sum.count += paidCount;
    this.count += paidCount;
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
