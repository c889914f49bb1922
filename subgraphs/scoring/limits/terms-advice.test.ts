import { expect, test } from '@jest/globals';
import { labelIn } from '../score/scorecard.js';
import type { Band } from './recommendation.js';
import { adviseTerms, TERMS_REASON_LABELS, TERMS_REASONS } from './terms-advice.js';

const days = (numerator: number, denominator = 1) => ({ numerator: BigInt(numerator), denominator: BigInt(denominator) });

const cases: readonly [string, number, number | null, Band | null, number, string][] = [
  ['nothing is known of it', 30, null, null, 30, 'KEEP'],
  ['it pays early', 45, -5, 'A', 45, 'KEEP'],
  ['terms of its own', 40, 0, 'B', 40, 'KEEP'],
  ['60 days are lawful', 60, 0, 'A', 60, 'KEEP'],
  ['61 days are not', 61, 0, 'A', 60, 'LEGAL_MAXIMUM'],
  ['14 days late is nothing yet', 45, 14, 'A', 45, 'KEEP'],
  ['15 days late', 45, 15, 'A', 30, 'PAYS_LATE'],
  ['15 days late, terms between two usual ones', 40, 15, 'A', 30, 'PAYS_LATE'],
  ['30 days late', 45, 30, 'A', 15, 'PAYS_LATE'],
  ['100 days late is no more than two steps', 60, 100, 'A', 30, 'PAYS_LATE'],
  ['late, on the shortest terms but one', 15, 100, 'A', 8, 'PAYS_LATE'],
  ['late, on the shortest terms', 8, 100, 'A', 8, 'KEEP'],
  ['band C', 45, 0, 'C', 30, 'RISK_BAND'],
  ['band C on 30 days', 30, 0, 'C', 30, 'KEEP'],
  ['band D', 30, 0, 'D', 15, 'RISK_BAND'],
  ['band E', 30, 0, 'E', 0, 'PREPAYMENT'],
  ['band E that prepays', 0, 0, 'E', 0, 'KEEP'],
  ['everything at once', 90, 20, 'D', 15, 'LEGAL_MAXIMUM PAYS_LATE RISK_BAND'],
  ['lateness alone shortens enough for C', 45, 20, 'C', 30, 'PAYS_LATE'],
];

test.each(cases)('%s', (_, terms, delay, band, expected, reasons) => {
  const advice = adviseTerms(days(terms), delay === null ? null : days(delay), band);
  expect([advice.days, advice.reasons.join(' ')]).toEqual([expected, reasons]);
});

test('parts of a day: terms are rounded half-even, lateness is not rounded up', () => {
  expect(adviseTerms(days(61, 2), days(299, 20), 'A')).toEqual({ days: 30, reasons: ['KEEP'] });
});

test('every reason is met above and has a label in both languages', () => {
  expect(new Set(cases.flatMap(([, , , , , reasons]) => reasons.split(' ')))).toEqual(new Set(TERMS_REASONS));
  const labels = TERMS_REASONS.flatMap((reason) => ['en', 'fr'].map((locale) => labelIn(TERMS_REASON_LABELS[reason], locale)));
  expect(new Set(labels).size).toBe(2 * TERMS_REASONS.length);
  expect([undefined, 'de', 'fr-CA', 'FR'].map((locale) => labelIn(TERMS_REASON_LABELS.KEEP, locale) === TERMS_REASON_LABELS.KEEP.fr)).toEqual([false, false, true, true]);
});
