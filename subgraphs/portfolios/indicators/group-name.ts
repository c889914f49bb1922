import type { EndOfMonth, PaymentTerms } from '../terms/due-date.js';

export type BreakdownBy = 'COUNTRY' | 'TERMS' | 'CURRENCY' | 'CUSTOMER';

const COUNTRIES = new Intl.DisplayNames(['en'], { type: 'region' });
const CURRENCIES = new Intl.DisplayNames(['en'], { type: 'currency' });

/** The terms of a group's key, `days end-of-month` or `days end-of-month fixed-day`. */
export function parseTermsKey(key: string): PaymentTerms {
  const [days, endOfMonth, fixedDay] = key.split(' ');
  return { days: Number(days), endOfMonth: endOfMonth as EndOfMonth, fixedDay: fixedDay === undefined ? null : Number(fixedDay) };
}

/** The name of a group in words. */
export function groupName(by: BreakdownBy, { key, label }: { readonly key: string | null; readonly label: string | null }): string {
  if (key === null) return by === 'TERMS' ? 'No terms agreed' : 'Unknown';
  if (by === 'COUNTRY') return COUNTRIES.of(key) ?? key;
  if (by === 'CURRENCY') return CURRENCIES.of(key) ?? key;
  return by === 'TERMS' ? termsInWords(parseTermsKey(key)) : (label ?? key);
}

function termsInWords({ days, endOfMonth, fixedDay }: PaymentTerms): string {
  const given = `${days} ${days === 1 ? 'day' : 'days'}`;
  const rule = { NONE: given, END_OF_MONTH_THEN_DAYS: `end of month, then ${given}`, DAYS_THEN_END_OF_MONTH: `${given}, then end of month` }[endOfMonth];
  return fixedDay === null ? rule : `${rule}, on day ${fixedDay}`;
}
