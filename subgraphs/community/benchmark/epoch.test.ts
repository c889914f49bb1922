import { expect, test } from '@jest/globals';
import { dueEpochs, quarterOf } from './epoch.js';
import { POLICY_V1 as policy } from './policy.js';
import { tierOf } from './tier.js';

const due = (from: string, today: string) =>
  dueEpochs(Temporal.PlainDate.from(from), Temporal.PlainDate.from(today), policy).map((epoch) => `${epoch.family} ${epoch.periodStart}/${epoch.periodEnd} ${epoch.publishedOn}`);

test.each([
  ['nothing is due before its day', '2026-07-01', '2026-07-29', []],
  ['it is due on its day', '2026-07-01', '2026-07-30', ['PAYMENT 2026-04-01/2026-06-30 2026-07-30']],
  ['what was published before the first member joined is not', '2026-07-31', '2026-08-29', []],
  ['a leap year has its day', '2028-03-02', '2028-03-30', ['TERMS 2027-10-01/2027-12-31 2028-03-30', 'PAYMENT 2027-12-01/2028-02-29 2028-03-30']],
  ['terms come by quarter, in the order of publication', '2026-06-01', '2026-07-30', [
    'TERMS 2026-01-01/2026-03-31 2026-06-29', 'PAYMENT 2026-03-01/2026-05-31 2026-06-30', 'PAYMENT 2026-04-01/2026-06-30 2026-07-30',
  ]],
])('%s', (_name, from, today, epochs) => {
  expect(due(from, today)).toEqual(epochs);
});

test('two years have 24 monthly epochs and eight quarterly ones', () => {
  expect(due('2024-01-01', '2025-12-31').filter((name) => name.startsWith('PAYMENT'))).toHaveLength(24);
  expect(due('2024-01-01', '2025-12-31').filter((name) => name.startsWith('TERMS'))).toHaveLength(8);
});

test.each([['2026-01-31', '2026-Q1'], ['2026-03-31', '2026-Q1'], ['2026-04-30', '2026-Q2'], ['2026-12-31', '2026-Q4']])('%s is in %s', (day, quarter) => {
  expect(quarterOf(Temporal.PlainDate.from(day))).toBe(quarter);
});

test.each([[0, undefined], [3, undefined], [4, 'T1'], [5, 'T1'], [6, 'T2'], [10, 'T2'], [11, 'T3'], [1000, 'T3']])('%d contributors are %s', (contributors, tier) => {
  expect(tierOf(contributors, policy)).toBe(tier);
});
