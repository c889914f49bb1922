import { expect, test } from '@jest/globals';
import { CREDIT_REASON_CODES, decideCredit, type CreditDecision, type CreditFacts } from './credit-decision.js';

/** A limit of 1,000.00, 400.00 owed and 100.00 ordered: 500.00 are left. */
const WELL: CreditFacts = {
  limit: { minor: 100_000n, currency: 'EUR' }, exposure: { outstandingMinor: 40_000n, ordersMinor: 10_000n },
  oldestDaysPastDue: 0, disputedCount: 0, litigationCount: 0, brokenPromiseCount: 0,
};

const cases: readonly [string, Partial<CreditFacts>, bigint, string, CreditDecision, readonly string[]][] = [
  ['exactly the headroom', {}, 50_000n, 'EUR', 'APPROVED', []],
  ['a cent beyond it', {}, 50_001n, 'EUR', 'BLOCKED', ['LIMIT_EXCEEDED']],
  ['a limit of zero', { limit: { minor: 0n, currency: 'EUR' }, exposure: { outstandingMinor: 0n, ordersMinor: 0n } }, 1n, 'EUR', 'BLOCKED', ['LIMIT_EXCEEDED']],
  ['no limit', { limit: null }, 1n, 'EUR', 'REVIEW', ['NO_LIMIT']],
  ['another currency', {}, 1n, 'USD', 'REVIEW', ['OTHER_CURRENCY']],
  ['exactly 30 days past due', { oldestDaysPastDue: 30 }, 1n, 'EUR', 'APPROVED', []],
  ['31 days past due', { oldestDaysPastDue: 31 }, 1n, 'EUR', 'REVIEW', ['OVERDUE_30']],
  ['exactly 90 days past due', { oldestDaysPastDue: 90 }, 1n, 'EUR', 'REVIEW', ['OVERDUE_30']],
  ['91 days past due', { oldestDaysPastDue: 91 }, 1n, 'EUR', 'BLOCKED', ['OVERDUE_90']],
  ['a dispute', { disputedCount: 2 }, 1n, 'EUR', 'REVIEW', ['DISPUTED']],
  ['a litigation among disputes', { disputedCount: 2, litigationCount: 1 }, 1n, 'EUR', 'BLOCKED', ['LITIGATION']],
  ['a broken promise', { brokenPromiseCount: 1 }, 1n, 'EUR', 'REVIEW', ['BROKEN_PROMISE']],
  ['all at once', { limit: null, oldestDaysPastDue: 31, disputedCount: 1, brokenPromiseCount: 2 }, 1n, 'EUR', 'REVIEW', ['NO_LIMIT', 'OVERDUE_30', 'DISPUTED', 'BROKEN_PROMISE']],
  ['what blocks is stronger', { oldestDaysPastDue: 31, disputedCount: 1 }, 60_000n, 'EUR', 'BLOCKED', ['LIMIT_EXCEEDED', 'OVERDUE_30', 'DISPUTED']],
];

test.each(cases)('%s', (_, facts, minor, currency, decision, codes) => {
  const check = decideCredit({ ...WELL, ...facts }, { minor, currency });
  expect([check.decision, check.reasons.map(({ code }) => code)]).toEqual([decision, codes]);
  expect(check.reasons.every(({ message }) => message.endsWith('.'))).toBe(true);
});

test('every reason is met above', () => {
  expect(new Set(cases.flatMap(([, , , , , codes]) => codes))).toEqual(new Set(CREDIT_REASON_CODES));
});
