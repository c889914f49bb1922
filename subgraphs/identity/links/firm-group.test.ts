import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { groupFirms, tiesOf, type LinkKind, type LinkMark, type OperatorLink } from './firm-group.js';

const T = '2026-01-01T00:00:00Z';
const LATER = '2026-02-01T00:00:00Z';
const mark = (firmId: string, kind: LinkKind, text: string, since = T): LinkMark => ({ firmId, kind, mark: text, since });
const groups = (firms: string, marks: readonly LinkMark[], said: readonly OperatorLink[] = []): string => {
  const of = groupFirms([...firms], tiesOf(marks, said));
  return [...firms].map((firm) => of.get(firm)).join('');
};

test.each<[string, string, string, readonly LinkMark[], readonly OperatorLink[]]>([
  ['nothing shared', 'abc', 'abc', [mark('a', 'DOMAIN', 'x'), mark('b', 'DOMAIN', 'y')], []],
  ['one domain', 'abc', 'aac', [mark('a', 'DOMAIN', 'x'), mark('b', 'DOMAIN', 'x')], []],
  ['a chain over two kinds', 'abcd', 'aaad', [mark('a', 'DOMAIN', 'x'), mark('b', 'DOMAIN', 'x'), mark('b', 'ACCOUNT', 'k'), mark('c', 'ACCOUNT', 'k')], []],
  ['an invitation of a later owner', 'ab', 'aa', [mark('b', 'INVITED', 'm', T), mark('a', 'OWNER', 'm', LATER)], []],
  ['in the same instant', 'ab', 'aa', [mark('b', 'INVITED', 'm', T), mark('a', 'OWNER', 'm', T)], []],
  ['an invitation of somebody who owned a firm before', 'ab', 'ab', [mark('b', 'INVITED', 'm', LATER), mark('a', 'OWNER', 'm', T)], []],
  ['a bookkeeper whom two invite, and who owns nothing', 'ab', 'ab', [mark('a', 'INVITED', 'm'), mark('b', 'INVITED', 'm')], []],
  ['a chain of invitations', 'abc', 'aaa', [mark('a', 'INVITED', 'm'), mark('b', 'OWNER', 'm', LATER), mark('b', 'INVITED', 'n', LATER), mark('c', 'OWNER', 'n', LATER)], []],
  ['an operator', 'abc', 'aba', [], [{ firmId: 'a', otherFirmId: 'c', linked: true }]],
  ['an operator who parts two', 'ab', 'ab', [mark('a', 'DOMAIN', 'x'), mark('b', 'DOMAIN', 'x')], [{ firmId: 'a', otherFirmId: 'b', linked: false }]],
  ['two of three that are parted are still linked through the third', 'abc', 'aaa', [mark('a', 'DOMAIN', 'x'), mark('b', 'DOMAIN', 'x'), mark('c', 'DOMAIN', 'x')], [{ firmId: 'a', otherFirmId: 'b', linked: false }]],
  ['one of three that is parted from both', 'abc', 'aac', [mark('a', 'DOMAIN', 'x'), mark('b', 'DOMAIN', 'x'), mark('c', 'DOMAIN', 'x')], [{ firmId: 'a', otherFirmId: 'c', linked: false }, { firmId: 'b', otherFirmId: 'c', linked: false }]],
  // A firm that is not verified is not among them.
  ['a firm that is not asked about', 'ac', 'ac', [mark('a', 'DOMAIN', 'x'), mark('b', 'DOMAIN', 'x'), mark('b', 'ACCOUNT', 'k'), mark('c', 'ACCOUNT', 'k')], []],
])('%s', (_, firms, expected, marks, said) => {
  expect(groups(firms, marks, said)).toBe(expected);
});

test('the groups are the connected components, whatever the order of the ties', () => {
  const firm = fc.constantFrom(...'abcdefgh');
  fc.assert(fc.property(fc.array(fc.tuple(firm, firm), { maxLength: 12 }), fc.infiniteStream(fc.nat()), (pairs, dice) => {
    const ties = pairs.map(([firmId, otherFirmId]) => ({ firmId, otherFirmId, by: 'DOMAIN' as const, mark: 'x' }));
    const shuffled = ties.map((tie) => ({ tie, at: dice.next().value as number })).toSorted((a, b) => a.at - b.at).map(({ tie }) => tie);
    const found = groupFirms([...'abcdefgh'], ties);
    expect(groupFirms([...'hgfedcba'], shuffled)).toEqual(new Map([...found].toReversed()));
    // By hand: spread the lowest id until nothing moves.
    const lowest = new Map([...'abcdefgh'].map((each) => [each, each]));
    for (let moved = true; moved; ) {
      moved = false;
      for (const [a, b] of pairs) {
        const low = [lowest.get(a)!, lowest.get(b)!].toSorted()[0]!;
        for (const each of [a, b]) if (lowest.get(each) !== low) moved = Boolean(lowest.set(each, low));
      }
    }
    expect(found).toEqual(lowest);
  }));
});
