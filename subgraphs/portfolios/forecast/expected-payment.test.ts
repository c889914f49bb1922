import { expect, test } from '@jest/globals';
import { expectPayment, type ExpectedFacts, type ForecastBasis } from './expected-payment.js';

const day = (text: string): Temporal.PlainDate => Temporal.PlainDate.from(text);
const TODAY = day('2026-03-31');
const QUALITY = { reason: 'QUALITY', openedOn: day('2026-03-10'), averageDays: 20, averageOf: 'REASON' } as const;

const cases: readonly [string, Partial<ExpectedFacts>, string | null, ForecastBasis, number | null, number | null, string][] = [
  ['nothing known of the customer', {}, '2026-04-15', 'DUE_DATE', null, null, 'Due on 2026-04-15. The customer settled nothing in the last 365 days.'],
  ['it pays late', { delayDays: 12 }, '2026-04-27', 'BEHAVIOUR', 12, null, 'Due on 2026-04-15. The customer pays 12 days after the due date on average.'],
  ['it pays early', { delayDays: -1 }, '2026-04-14', 'BEHAVIOUR', -1, null, 'Due on 2026-04-15. The customer pays 1 day before the due date on average.'],
  ['it pays on the day', { delayDays: 0 }, '2026-04-15', 'BEHAVIOUR', 0, null, 'Due on 2026-04-15. The customer pays on the due date on average.'],
  ['expected yesterday', { dueDate: day('2026-03-20'), delayDays: 10 }, '2026-03-31', 'BEHAVIOUR', 10, null, 'Due on 2026-03-20. The customer pays 10 days after the due date on average. That was 2026-03-30: expected at once.'],
  ['expected today is not past', { dueDate: day('2026-03-21'), delayDays: 10 }, '2026-03-31', 'BEHAVIOUR', 10, null, 'Due on 2026-03-21. The customer pays 10 days after the due date on average.'],
  ['promised: nothing is added', { promisedOn: day('2026-04-02'), delayDays: 12, dispute: QUALITY }, '2026-04-02', 'PROMISE', null, null, 'Promised for 2026-04-02.'],
  ['disputed before it is due', { delayDays: 5, dispute: QUALITY }, '2026-05-10', 'BEHAVIOUR', 5, 20, 'Due on 2026-04-15. The customer pays 5 days after the due date on average. In dispute (QUALITY) since 2026-03-10: disputes with this reason take 20 days.'],
  // It was due long ago: the time of the dispute runs from its opening.
  [
    'disputed after it was due', { dueDate: day('2026-01-01'), dispute: { ...QUALITY, averageDays: 30, averageOf: 'DEFAULT' } }, '2026-04-09', 'DUE_DATE', null, 30,
    'Due on 2026-01-01. The customer settled nothing in the last 365 days. In dispute (QUALITY) since 2026-03-10: no dispute was resolved yet, they are taken to last 30 days.',
  ],
  [
    'a dispute that lasts longer than the others did', { dueDate: day('2026-01-01'), delayDays: 0, dispute: { ...QUALITY, averageDays: 1, averageOf: 'ALL' } }, '2026-03-31', 'BEHAVIOUR', 0, 1,
    'Due on 2026-01-01. The customer pays on the due date on average. In dispute (QUALITY) since 2026-03-10: none with this reason was resolved yet, disputes of all reasons take 1 day. That was 2026-03-11: expected at once.',
  ],
  ['in litigation, whatever was promised', { promisedOn: day('2026-04-02'), delayDays: 5, dispute: { ...QUALITY, reason: 'LITIGATION' } }, null, 'LITIGATION', null, null, 'In litigation since 2026-03-10: nothing is expected.'],
];

test.each(cases)('%s', (_, facts, on, basis, behaviourDays, disputeDays, explanation) => {
  const expected = expectPayment({ dueDate: day('2026-04-15'), promisedOn: null, delayDays: null, dispute: null, ...facts }, TODAY);
  expect({ ...expected, on: expected.on?.toString() ?? null }).toEqual({ on, basis, behaviourDays, disputeDays, explanation });
});
