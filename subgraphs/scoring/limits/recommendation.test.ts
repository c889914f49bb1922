import { expect, test } from '@jest/globals';
import { CAP_RULES, recommendLimit, type LimitFacts } from './recommendation.js';

const days = (numerator: number, denominator = 1) => ({ numerator: BigInt(numerator), denominator: BigInt(denominator) });
const euros = (amount: number): bigint => BigInt(Math.round(amount * 100));

/** 300,000 a year at 45 days, paid 15 days late: 300,000 × 60 ÷ 360 = 50,000. */
const WELL: LimitFacts = {
  salesMinor: euros(300_000), observedDays: 1000, termsDays: days(45), delayDays: days(15), highestPaidMinor: null, band: null,
  tangibleNetWorthMinor: null, turnoverMinor: null, portfolioSalesMinor: null,
};

test('net worth of 80,000 and a turnover of 700,000 cap a need of 50,000 at 28,000', () => {
  expect(recommendLimit({ ...WELL, band: 'A', tangibleNetWorthMinor: euros(80_000), turnoverMinor: euros(700_000) })).toEqual({
    amountMinor: euros(28_000), needMinor: euros(50_000), binding: 'tangibleNetWorth', forecastMinor: euros(300_000),
    caps: [{ rule: 'tangibleNetWorth', amountMinor: euros(28_000) }, { rule: 'turnover', amountMinor: euros(35_000) }, { rule: 'riskBand', amountMinor: euros(100_000) }],
  });
});

const cases: readonly [string, Partial<LimitFacts>, number, number, string][] = [
  ['nothing but the need', {}, 50_000, 50_000, 'need'],
  ['early payers need what their terms need', { delayDays: days(-10) }, 37_500, 37_500, 'need'],
  ['nothing settled yet counts as no delay', { delayDays: null }, 37_500, 37_500, 'need'],
  ['paid at once', { termsDays: days(0), delayDays: days(0) }, 0, 0, 'need'],
  ['days are not rounded before they are multiplied', { termsDays: days(100, 3), delayDays: days(0) }, 27_777.78, 27_777.78, 'need'],
  // A year of 365 days is observed whole; a day less is taken for a year.
  ['a relation of 365 days', { observedDays: 365 }, 50_000, 50_000, 'need'],
  ['a relation of 364 days', { observedDays: 364 }, 50_137.36, 50_137.36, 'need'],
  ['a relation of 182 days', { observedDays: 182, salesMinor: euros(150_000) }, 50_137.36, 50_137.36, 'need'],
  ['a relation of 3 days counts as 90', { observedDays: 3, salesMinor: euros(90_000) }, 60_833.33, 60_833.33, 'need'],
  ['a turnover that is less', { band: 'A', tangibleNetWorthMinor: euros(800_000), turnoverMinor: euros(700_000) }, 50_000, 35_000, 'turnover'],
  ['no equity left', { band: 'A', tangibleNetWorthMinor: euros(-5_000) }, 50_000, 0, 'tangibleNetWorth'],
  ['without a band the shares are those of C', { tangibleNetWorthMinor: euros(80_000) }, 50_000, 12_000, 'tangibleNetWorth'],
  ['band B: 90 days of sales are 75,000', { band: 'B' }, 50_000, 50_000, 'need'],
  ['band C: 60 days of sales are the need itself', { band: 'C' }, 50_000, 50_000, 'need'],
  ['band D: 30 days of sales', { band: 'D' }, 50_000, 25_000, 'riskBand'],
  ['band E', { band: 'E', tangibleNetWorthMinor: euros(80_000) }, 50_000, 0, 'tangibleNetWorth'],
  ['band E without a statement', { band: 'E' }, 50_000, 0, 'riskBand'],
  ['twice what was paid', { highestPaidMinor: euros(9_000) }, 50_000, 18_000, 'paidBefore'],
  ['a tenth of all sales', { portfolioSalesMinor: euros(480_000) }, 50_000, 48_000, 'concentration'],
  ['of equal caps the first binds', { highestPaidMinor: euros(20_000), portfolioSalesMinor: euros(400_000) }, 50_000, 40_000, 'paidBefore'],
  ['a cap equal to the need does not bind', { highestPaidMinor: euros(25_000) }, 50_000, 50_000, 'need'],
  // 0.5 of a cent goes to the even cent: 25 % of 0.02 is 0, of 0.06 is 0.02.
  ['half a cent, to the even one below', { band: 'B', tangibleNetWorthMinor: 2n }, 50_000, 0, 'tangibleNetWorth'],
  ['half a cent, to the even one above', { band: 'B', tangibleNetWorthMinor: 6n }, 50_000, 0.02, 'tangibleNetWorth'],
];

test.each(cases)('%s', (_, change, need, amount, binding) => {
  const recommended = recommendLimit({ ...WELL, ...change });
  expect([recommended.needMinor, recommended.amountMinor, recommended.binding]).toEqual([euros(need), euros(amount), binding]);
  expect(recommended.amountMinor).toBe([recommended.needMinor, ...recommended.caps.map(({ amountMinor }) => amountMinor)].reduce((least, minor) => (minor < least ? minor : least)));
});

test('every rule binds above', () => {
  expect(new Set(cases.map(([, , , , binding]) => binding))).toEqual(new Set(['need', ...CAP_RULES]));
});

test('amounts beyond what a float holds stay exact', () => {
  const salesMinor = 9_007_199_254_740_993n * 360n;
  expect(recommendLimit({ ...WELL, salesMinor, termsDays: days(1), delayDays: null }).needMinor).toBe(9_007_199_254_740_993n);
});
