import { expect, test } from '@jest/globals';
import { roundHalfEven } from '../../../src/values/fraction.js';
import { paymentBehaviour, paymentIndex, type PaidAlike, type PaymentBehaviour } from './payment-behaviour.js';

const paid = (daysBeyondTerms: number, invoiceCount = 1, minor = 100, rest: Partial<PaidAlike> = {}): PaidAlike => ({
  currency: 'EUR', daysBeyondTerms, invoiceCount, amountMinor: BigInt(minor * invoiceCount), settledWithin: '24 months', openCount: 0, ...rest,
});
const recent = { settledWithin: '3 months' } as const;
const thisYear = { settledWithin: '12 months' } as const;

test('three on the due date and one 30 days late, equal amounts, give 72.5 before rounding, and 72 after', () => {
  const groups = [paid(0, 3), paid(30)];
  expect(roundHalfEven(paymentIndex(groups), 3)).toBe(72.5);
  expect(paymentBehaviour(groups)).toEqual({ index: 72, band: 'SLIGHTLY_LATE', averageDaysBeyondTerms: 7.5, onTimeShare: 0.75, trend: 'STABLE', trendPoints: null, invoiceCount: 4, overdueCount: 0 });
});

test.each<[string, PaidAlike[], Partial<PaymentBehaviour> | null]>([
  ['nothing', [], null],
  ['two invoices', [paid(0, 2)], null],
  ['three invoices', [paid(0, 3)], { index: 80, averageDaysBeyondTerms: 0, onTimeShare: 1, trend: 'STABLE', invoiceCount: 3 }],
  // Lateness, worked example: (10 × 5 + 100 × 10) / 110; the third of one cent on the due date moves it a little.
  ['amounts weigh', [paid(5, 1, 1000), paid(10, 1, 10000), paid(0, 1, 1)], { index: 74, averageDaysBeyondTerms: 9.544587, onTimeShare: 0.333333, trend: 'STABLE', invoiceCount: 3 }],
  ['early', [paid(-40, 4)], { index: 100, averageDaysBeyondTerms: -40, onTimeShare: 1, trend: 'STABLE', invoiceCount: 4 }],
  // Two currencies: 80 by three invoices, 50 by one, whatever their amounts.
  ['two currencies', [paid(0, 3), paid(30, 1, 9_999_999, { currency: 'JPY' })], { index: 72, averageDaysBeyondTerms: 7.5, onTimeShare: 0.75, trend: 'STABLE', invoiceCount: 4 }],
  ['open ones among them', [paid(0, 3), paid(45, 2, 100, { openCount: 2 })], { index: 66, invoiceCount: 5, overdueCount: 2 }],
  ['bands, the end of one', [paid(3, 3)], { index: 78, band: 'PROMPT' }],
  ['and the next', [paid(5, 3)], { index: 77, band: 'SLIGHTLY_LATE' }],
  ['and the one after', [paid(23, 3)], { index: 59, band: 'LATE' }],
  ['and the last', [paid(63, 3)], { index: 39, band: 'VERY_LATE' }],
])('%s', (_, groups, behaviour) => {
  const found = paymentBehaviour(groups);
  if (behaviour === null) expect(found).toBeNull();
  else expect(found).toMatchObject(behaviour);
});

test('a trend has points: 80 in the quarter against 70 in the year', () => {
  expect(paymentBehaviour([paid(0, 3, 100, recent), paid(60, 1, 100, thisYear)])?.trendPoints).toBe(10);
});

test.each<[string, PaidAlike[], string]>([
  // Three at 80 in the quarter; the year is (3 × 80 + n × w) / (3 + n).
  ['two of the quarter are too few', [paid(0, 2, 100, recent), paid(60, 9, 100, thisYear)], 'STABLE'],
  ['80 against 60', [paid(0, 3, 100, recent), paid(60, 3, 100, thisYear)], 'IMPROVING'],
  ['50 against 65', [paid(30, 3, 100, recent), paid(0, 3, 100, thisYear)], 'WORSENING'],
  // 3 days late is 78 points, 12 is 72: 78 against 75 is exactly the dead zone, and a day more is outside.
  ['three points up are none', [paid(3, 3, 100, recent), paid(12, 3, 100, thisYear)], 'STABLE'],
  ['a little more is a trend', [paid(3, 3, 100, recent), paid(13, 3, 100, thisYear)], 'IMPROVING'],
  ['three points down are none', [paid(12, 3, 100, recent), paid(3, 3, 100, thisYear)], 'STABLE'],
  ['older than a year does not count', [paid(0, 3, 100, recent), paid(180, 9)], 'STABLE'],
])('trend: %s', (_, groups, trend) => {
  expect(paymentBehaviour(groups)?.trend).toBe(trend);
});
