import { expect, test } from '@jest/globals';
import { onePerGroup, type Linked } from './linked-firms.js';

/** `A1 2026-01-10`: firm A of group 1. */
const firms = (...lines: readonly string[]): Linked[] =>
  lines.map((line) => ({ firmId: line[0]!, joinedOn: line.split(' ')[1]!, ...(line[1] !== ' ' && { group: line[1]! }) }));

test.each<readonly [string, readonly string[], string, string, string]>([
  // Name, firms, who is in the panel, who stands, who is left.
  ['nobody is linked', ['A 2026-01-10', 'B 2026-01-10'], '', 'AB', 'AB'],
  ['whoever joined first counts', ['A1 2026-01-11', 'B1 2026-01-10', 'C 2026-01-10'], '', 'ABC', 'BC'],
  ['of two that joined on one day the lower id counts', ['B1 2026-01-10', 'A1 2026-01-10'], '', 'AB', 'A'],
  ['who is in the panel stays, though another joined before', ['A1 2026-01-10', 'B1 2026-01-11'], 'B', 'AB', 'B'],
  ['who is in the panel stays without a figure of this month', ['A1 2026-01-10', 'B1 2026-01-11'], 'B', 'AB', 'B'],
  ['who is in the panel and has nothing left gives way', ['A1 2026-01-10', 'B1 2026-01-11'], 'B', 'A', 'A'],
  ['who has nothing does not stand before who has', ['A1 2026-01-10', 'B1 2026-01-11'], '', 'B', 'B'],
  ['found to be linked, two of a panel become one', ['A1 2026-01-10', 'B1 2026-01-11', 'C2 2026-01-11', 'D2 2026-01-10'], 'ABC', 'ABCD', 'AC'],
  ['nobody has anything', ['B1 2026-01-10', 'A1 2026-01-11'], '', '', 'B'],
])('%s', (_name, lines, panel, standing, left) => {
  for (const order of [lines, lines.toReversed()]) {
    expect(onePerGroup(firms(...order), [...panel], (firmId) => standing.includes(firmId)).map(({ firmId }) => firmId).toSorted().join('')).toBe(left);
  }
});
