import { expect, test } from '@jest/globals';
import { formPanel, isHeld, type Panel } from './panel.js';
import { POLICY_V1 as policy } from './policy.js';

const panel = (quarter: string, members: string, withheld = false): Panel => ({ quarter, members: [...members], withheld });

test.each<readonly [string, Panel | undefined, string, string, Panel]>([
  // Name, the panel before, who counted, who stands (counted, or carried by an earlier figure), the panel of 2026-Q3.
  ['the first panel is who counted', undefined, 'BACD', 'ABCD', panel('2026-Q3', 'ABCD')],
  ['in its quarter a panel takes nobody in', panel('2026-Q3', 'ABCD'), 'ABCDEF', 'ABCDEF', panel('2026-Q3', 'ABCD')],
  ['in its quarter a member without a figure is carried', panel('2026-Q3', 'ABCD'), 'ABC', 'ABCD', panel('2026-Q3', 'ABCD')],
  ['in its quarter a leave silences the cell', panel('2026-Q3', 'ABCD'), 'ABC', 'ABC', panel('2026-Q3', 'ABCD', true)],
  ['it stays silent though who left came back', panel('2026-Q3', 'ABCD', true), 'ABCD', 'ABCD', panel('2026-Q3', 'ABCD', true)],
  ['after a silence the next quarter begins anew', panel('2026-Q2', 'ABCD', true), 'ABC', 'ABC', panel('2026-Q3', 'ABC')],
  ['the same firms go on', panel('2026-Q2', 'ABCD'), 'ABCD', 'ABCD', panel('2026-Q3', 'ABCD')],
  ['a lone joiner waits', panel('2026-Q2', 'ABCD'), 'ABCDE', 'ABCDE', panel('2026-Q3', 'ABCD')],
  ['two joiners are taken in', panel('2026-Q2', 'ABCD'), 'ABCDEF', 'ABCDEF', panel('2026-Q3', 'ABCDEF')],
  ['a lone leave silences the quarter', panel('2026-Q2', 'ABCDE'), 'ABCD', 'ABCD', panel('2026-Q3', 'ABCDE', true)],
  ['a lone member without a figure is carried', panel('2026-Q2', 'ABCDE'), 'ABCD', 'ABCDE', panel('2026-Q3', 'ABCDE')],
  ['two leaves are let go', panel('2026-Q2', 'ABCDEF'), 'ABCD', 'ABCD', panel('2026-Q3', 'ABCD')],
  ['one for one with four others is no change of two', panel('2026-Q2', 'ABCDE'), 'ABCDF', 'ABCDF', panel('2026-Q3', 'ABCDE', true)],
  ['one for one with five others is', panel('2026-Q2', 'ABCDEF'), 'ABCDEG', 'ABCDEG', panel('2026-Q3', 'ABCDEG')],
])('%s', (_name, prior, counted, standing, expected) => {
  expect(formPanel(prior, '2026-Q3', { counted: new Set(counted), standing: new Set(standing) }, policy)).toEqual(expected);
});

test.each([
  // 2026-07-30 is 180 days after 2026-01-31.
  ['half are newcomers', ['2026-01-31', '2026-01-31', '2026-02-01', '2026-02-01'], false],
  ['more than half are newcomers', ['2026-01-31', '2026-02-01', '2026-02-01'], true],
])('a panel of which %s', (_name, joinedOn, held) => {
  expect(isHeld(joinedOn.map((_, place) => String(place)), new Map(joinedOn.map((day, place) => [String(place), day])), Temporal.PlainDate.from('2026-07-30'), policy)).toBe(held);
});
