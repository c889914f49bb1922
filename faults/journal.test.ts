import { expect, test } from '@jest/globals';
import { judge, sumOf, type Journal } from './journal.js';

/** Two messages, one of each side, each seen by a reader of each side. */
const WHOLE: Journal = {
  acknowledged: [{ side: 0, clientId: 'a', body: 'x', seq: 1 }, { side: 1, clientId: 'a', body: 'y', seq: 2 }],
  tried: new Set(['x', 'y', 'z']),
  stored: [{ seq: 1, side: 0, clientId: 'a', body: 'x' }, { seq: 2, side: 1, clientId: 'a', body: 'y' }],
  readings: [
    { side: 0, after: 0, shown: [{ seq: 1, mine: true, body: 'x', clientId: 'a' }, { seq: 2, mine: false, body: 'y', clientId: null }] },
    { side: 1, after: 0, shown: [{ seq: 1, mine: false, body: 'x', clientId: null }, { seq: 2, mine: true, body: 'y', clientId: 'a' }] },
  ],
};
const NOTHING = { lost: 0, doubled: 0, disordered: 0, gaps: 0, foreign: 0 };

test('a whole journal has nothing wrong with it, nor one with a message whose answer was lost', () => {
  expect(judge(WHOLE)).toEqual({ ...NOTHING, findings: [] });
  const { acknowledged, ...rest } = WHOLE;
  expect(judge({ ...rest, acknowledged: acknowledged.slice(1) })).toEqual({ ...NOTHING, findings: [] });
});

const [first, second] = WHOLE.stored as [Journal['stored'][number], Journal['stored'][number]];
const [mine, theirs] = WHOLE.readings as [Journal['readings'][number], Journal['readings'][number]];
const [one, two] = mine.shown as [(typeof mine.shown)[number], (typeof mine.shown)[number]];

test.each<[string, Partial<Journal>, Partial<typeof NOTHING>]>([
  ['an acknowledged message is gone', { stored: [first], readings: [] }, { lost: 1 }],
  ['a reader was never shown one', { readings: [{ ...mine, shown: [one] }] }, { lost: 1 }],
  ['a reader was shown one twice', { readings: [{ ...mine, shown: [one, two, two] }] }, { doubled: 1 }],
  ['a reader was shown an earlier one again', { readings: [{ ...mine, shown: [one, two, one] }] }, { doubled: 1 }],
  ['one clientId is stored twice', { stored: [first, second, { ...second, seq: 3 }], acknowledged: [], readings: [] }, { doubled: 1 }],
  ['one number is stored twice', { stored: [first, first, second], acknowledged: [], readings: [] }, { doubled: 2 }],
  ['a number is skipped', { stored: [first, { ...second, seq: 3 }], acknowledged: [], readings: [] }, { gaps: 1 }],
  ['a reader was shown the second without the first', { readings: [{ ...mine, shown: [two] }] }, { gaps: 1, lost: 1 }],
  ['a reader was shown them the other way round', { readings: [{ ...mine, shown: [two, one] }] }, { gaps: 1, disordered: 1 }],
  ['acknowledged under another number', { acknowledged: [{ side: 0, clientId: 'a', body: 'x', seq: 2 }], readings: [] }, { disordered: 1 }],
  ['a reader was shown another text', { readings: [{ ...mine, shown: [{ ...one, body: 'z' }, two] }] }, { disordered: 1 }],
  ["a reader was shown the other's message as its own", { readings: [{ ...mine, shown: [one, { ...two, mine: true }] }] }, { disordered: 1 }],
  ["a reader was shown the other's clientId", { readings: [{ ...mine, shown: [one, { ...two, clientId: 'a' }] }] }, { disordered: 1 }],
  ['a text of another conversation is stored', { stored: [first, second, { seq: 3, side: 0, clientId: 'b', body: 'not ours' }], readings: [] }, { foreign: 1 }],
  ['a reader was shown a text of another conversation', { readings: [{ ...theirs, shown: [...theirs.shown, { seq: 3, mine: false, body: 'not ours', clientId: null }] }] }, { foreign: 1 }],
])('planted, it is found that %s', (_, planted, found) => {
  const { findings, ...counts } = judge({ ...WHOLE, ...planted });
  expect(counts).toEqual({ ...NOTHING, ...found });
  expect(findings).toHaveLength(Object.values(found).reduce((sum, count) => sum + count, 0));
});

test('several conversations have the sum of what each has', () => {
  expect(sumOf([judge(WHOLE), judge({ ...WHOLE, stored: [first], readings: [] }), judge({ ...WHOLE, stored: [first], readings: [] })])).toMatchObject({ ...NOTHING, lost: 2 });
});
