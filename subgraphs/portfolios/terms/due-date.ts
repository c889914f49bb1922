import { endOfMonth } from '../../../src/values/day.js';

/** How a due date follows from an issue date. INDICATORS.md, "Payment terms and French law". */
export const END_OF_MONTH_RULES = ['NONE', 'END_OF_MONTH_THEN_DAYS', 'DAYS_THEN_END_OF_MONTH'] as const;
export type EndOfMonth = (typeof END_OF_MONTH_RULES)[number];

export interface PaymentTerms {
  /** Days that are given; 0 is payment on the invoice. */
  readonly days: number;
  readonly endOfMonth: EndOfMonth;
  /** The day of a month on which this customer pays, or null when any day will do. */
  readonly fixedDay: number | null;
}

/** What holds when neither an invoice nor its customer says anything: C. com. L441-10 gives 30 days. */
export const DEFAULT_TERMS: PaymentTerms = { days: 30, endOfMonth: 'NONE', fixedDay: null };

/** Longer terms than a year are a typing error rather than an agreement. */
const LONGEST_TERMS_DAYS = 365;

/** What is wrong with payment terms, or undefined. */
export function faultOfTerms(terms: PaymentTerms): { readonly field: 'days' | 'fixedDay'; readonly message: string } | undefined {
  if (terms.days < 0 || terms.days > LONGEST_TERMS_DAYS) return { field: 'days', message: `Payment terms are from 0 to ${LONGEST_TERMS_DAYS} days.` };
  if (terms.fixedDay !== null && (terms.fixedDay < 1 || terms.fixedDay > 31)) return { field: 'fixedDay', message: 'The day of the month is from 1 to 31.' };
  return undefined;
}

/** The day on which an invoice of `issuedOn` is due. INDICATORS.md, "Payment terms and French law". */
export function dueDate(terms: PaymentTerms, issuedOn: Temporal.PlainDate): Temporal.PlainDate {
  const due = afterMonthEnd(terms.endOfMonth, terms.days, issuedOn);
  return terms.fixedDay === null ? due : nextDayOfMonth(terms.fixedDay, due);
}

function afterMonthEnd(rule: EndOfMonth, days: number, issuedOn: Temporal.PlainDate): Temporal.PlainDate {
  switch (rule) {
    case 'NONE':
      return issuedOn.add({ days });
    case 'END_OF_MONTH_THEN_DAYS':
      return endOfMonth(issuedOn).add({ days });
    case 'DAYS_THEN_END_OF_MONTH':
      return endOfMonth(issuedOn.add({ days }));
  }
}

/** The first such day of a month on or after `from`; a month that is too short has it on its last day. */
function nextDayOfMonth(dayOfMonth: number, from: Temporal.PlainDate): Temporal.PlainDate {
  const here = from.with({ day: Math.min(dayOfMonth, from.daysInMonth) });
  if (Temporal.PlainDate.compare(here, from) >= 0) return here;
  const next = from.with({ day: 1 }).add({ months: 1 });
  return next.with({ day: Math.min(dayOfMonth, next.daysInMonth) });
}

/** The two ceilings of C. com. L441-10. */
const LONGEST_LAWFUL_DAYS = 60;
const LONGEST_LAWFUL_DAYS_END_OF_MONTH = 45;

export interface LegalWarning {
  readonly code: 'OVER_60_DAYS' | 'OVER_45_DAYS_END_OF_MONTH';
  readonly message: string;
  /** The last day that the law admits. */
  readonly latestDueDate: Temporal.PlainDate;
}

/**
 * What French law holds against these terms: more than 60 days from the invoice, or more than 45 days end of month, in
 * the reading of the terms (both are admitted). It flags and never refuses: the law may be another country's.
 */
export function legalWarnings(terms: PaymentTerms, issuedOn: Temporal.PlainDate): readonly LegalWarning[] {
  const endOfMonthTerms = terms.endOfMonth !== 'NONE';
  const days = endOfMonthTerms ? LONGEST_LAWFUL_DAYS_END_OF_MONTH : LONGEST_LAWFUL_DAYS;
  const latestDueDate = afterMonthEnd(terms.endOfMonth, days, issuedOn);
  if (Temporal.PlainDate.compare(dueDate(terms, issuedOn), latestDueDate) <= 0) return [];
  return endOfMonthTerms
    ? [{ code: 'OVER_45_DAYS_END_OF_MONTH', message: 'French law (C. com. L441-10) admits at most 45 days end of month.', latestDueDate }]
    : [{ code: 'OVER_60_DAYS', message: 'French law (C. com. L441-10) admits at most 60 days from the invoice.', latestDueDate }];
}
