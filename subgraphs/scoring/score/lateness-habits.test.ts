import { expect, test } from '@jest/globals';
import { latenessHabits, type LedgerInvoice } from './lateness-habits.js';

const TODAY = 1000;
const next = { currency: 'EUR', amount: 100, issued: TODAY, due: TODAY + 30 };
const paid = (daysLate: number, settled: number, rest: Partial<LedgerInvoice> = {}): LedgerInvoice => ({ currency: 'EUR', amount: 100, issued: settled - daysLate - 30, due: settled - daysLate, settled, ...rest });

test('of a customer without a past nothing is known but the invoice itself', () => {
  const { termsDays, invoiceCount, ...rest } = latenessHabits([], next);
  expect([termsDays, invoiceCount]).toEqual([30, 0]);
  expect(new Set(Object.values(rest))).toEqual(new Set([null]));
});

test('the figures of a small past, by hand', () => {
  const past = [paid(0, 900), paid(30, 920, { amount: 300 }), paid(10, 990), { currency: 'EUR', amount: 100, issued: 950, due: 980, settled: null }];
  expect(latenessHabits(past, { ...next, amount: 200, due: TODAY + 20 })).toMatchObject({
    // 100 × 0 + 300 × 30 + 100 × 10 + 100 × 20 of 600; the open one counts as settled today, 20 days late.
    invoiceCount: 4, averageDaysBeyondTerms: 20, onTimeShare: 0.25, shareBeyond30: 0,
    // Three of four late, drawn to a tenth of four more.
    lateShare: 3.4 / 8, monthLateShare: 2.4 / 6, lastDays: 20, slowDays: 30, overdueShare: 1, oldestOverdueDays: 20, shorterTerms: 10, relativeAmount: 2,
  });
});

test('two currencies are weighed by their numbers of invoices', () => {
  const past = [paid(0, 900), paid(0, 910), paid(0, 920), paid(40, 930, { currency: 'JPY', amount: 1_000_000 })];
  expect(latenessHabits(past, next).averageDaysBeyondTerms).toBe(10);
});

test.each<[string, LedgerInvoice, LedgerInvoice]>([
  ['a settlement on the day itself, however it went', paid(4, TODAY), { ...paid(4, TODAY), settled: TODAY + 400 }],
  ['a settlement to come', { ...paid(0, 970), settled: TODAY + 1 }, { ...paid(0, 970), settled: null }],
  ['an invoice of the same day', paid(50, TODAY + 80, { issued: TODAY }), paid(-5, TODAY + 80, { issued: TODAY })],
])('what was not known on the day changes nothing: %s', (_, one, other) => {
  const past = [paid(3, 900), paid(9, 950)];
  expect(latenessHabits([...past, one], next)).toEqual(latenessHabits([...past, other], next));
});

test('an invoice that stands open a few days past due is neither late nor in time', () => {
  const open = (daysPastDue: number): LedgerInvoice => ({ currency: 'EUR', amount: 100, issued: 900, due: TODAY - daysPastDue, settled: null });
  const past = [paid(0, 900)];
  expect(latenessHabits([...past, open(7)], next).lateShare).toBe(latenessHabits(past, next).lateShare);
  expect(latenessHabits([...past, open(8)], next).lateShare).toBe(1.4 / 6);
});
