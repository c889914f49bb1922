import { expect, test } from '@jest/globals';
import { Refusal } from '../../../src/errors.js';
import { demandDecidable, demandWithdrawable, type Decidable, type Decision } from './request-state.js';

const TODAY = Temporal.PlainDate.from('2026-03-31');
const OPEN: Decidable = { state: 'REQUESTED', requestedBy: 'sam', decidedBy: null, expiresOn: '2026-04-30' };

function outcome(work: () => string): string {
  try {
    return work();
  } catch (error) {
    if (error instanceof Refusal) return error.code;
    throw error;
  }
}

test.each<[string, Partial<Decidable>, Decision, string, string]>([
  ['another person approves', {}, 'APPROVED', 'mia', 'now'],
  ['another person rejects', {}, 'REJECTED', 'mia', 'now'],
  ['who asked approves', {}, 'APPROVED', 'sam', 'NOT_ALLOWED'],
  ['who asked rejects', {}, 'REJECTED', 'sam', 'NOT_ALLOWED'],
  ['on the last day', { expiresOn: '2026-03-31' }, 'APPROVED', 'mia', 'now'],
  ['the day after', { expiresOn: '2026-03-30' }, 'APPROVED', 'mia', 'EXPIRED'],
  ['what was let expire', { state: 'EXPIRED' }, 'APPROVED', 'mia', 'EXPIRED'],
  ['the same again', { state: 'APPROVED', decidedBy: 'mia' }, 'APPROVED', 'mia', 'again'],
  ['the same again, set by now', { state: 'APPLIED', decidedBy: 'mia' }, 'APPROVED', 'mia', 'again'],
  ['the same again, overtaken by now', { state: 'OVERTAKEN', decidedBy: 'mia' }, 'APPROVED', 'mia', 'again'],
  ['the same again, long after the last day', { state: 'APPLIED', decidedBy: 'mia', expiresOn: '2025-01-01' }, 'APPROVED', 'mia', 'again'],
  ['after another person', { state: 'APPROVED', decidedBy: 'zoe' }, 'APPROVED', 'mia', 'CONFLICT'],
  ['against oneself', { state: 'APPROVED', decidedBy: 'mia' }, 'REJECTED', 'mia', 'CONFLICT'],
  ['the rejection again', { state: 'REJECTED', decidedBy: 'mia' }, 'REJECTED', 'mia', 'again'],
  ['what was rejected', { state: 'REJECTED', decidedBy: 'mia' }, 'APPROVED', 'mia', 'CONFLICT'],
  ['what was taken back', { state: 'WITHDRAWN' }, 'APPROVED', 'mia', 'CONFLICT'],
])('%s', (_, change, decision, person, expected) => {
  expect(outcome(() => demandDecidable({ ...OPEN, ...change }, decision, person, TODAY))).toBe(expected);
});

test.each<[string, Partial<Decidable>, string, string]>([
  ['who asked takes it back', {}, 'sam', 'now'],
  ['the same again', { state: 'WITHDRAWN' }, 'sam', 'again'],
  ['somebody else', {}, 'mia', 'NOT_ALLOWED'],
  ['after the decision', { state: 'APPROVED', decidedBy: 'mia' }, 'sam', 'CONFLICT'],
  ['after the last day', { expiresOn: '2026-03-30' }, 'sam', 'EXPIRED'],
])('%s', (_, change, person, expected) => {
  expect(outcome(() => demandWithdrawable({ ...OPEN, ...change }, person, TODAY))).toBe(expected);
});
