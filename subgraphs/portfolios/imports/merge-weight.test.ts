import { expect, test } from '@jest/globals';
import { MERGE_STEPS, weighMerge, type MergeStep, type MergeWork } from './merge-weight.js';

const CSV: MergeWork = { format: 'CSV', dryRun: false, rows: 1_000, fresh: 1_000, changed: 0 };

function stepsOf(work: Partial<MergeWork>): readonly MergeStep[] {
  const weights = weighMerge({ ...CSV, ...work });
  return MERGE_STEPS.filter((step) => weights[step] > 0);
}

test.each<[string, Partial<MergeWork>, readonly MergeStep[]]>([
  ['new invoices', {}, ['PLAN', 'INVOICES', 'SETTLEMENTS', 'TELL', 'END']],
  ['the same again', { fresh: 0 }, ['PLAN', 'END']],
  ['other amounts', { fresh: 0, changed: 10 }, ['PLAN', 'CHANGES', 'END']],
  ['a trial', { dryRun: true, changed: 10 }, ['PLAN', 'END']],
  ['a bank statement', { format: 'CAMT053', fresh: 0 }, ['TURN', 'MATCH', 'RECEIPTS', 'END']],
  ['books', { format: 'FEC' }, ['TURN', 'PLAN', 'MATCH', 'INVOICES', 'TELL', 'RECEIPTS', 'END']],
  ['nothing', { rows: 0, fresh: 0 }, []],
])('%s: what takes its time', (_, work, steps) => {
  expect(stepsOf(work)).toEqual(steps);
});
