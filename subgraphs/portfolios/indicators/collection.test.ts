import { expect, test } from '@jest/globals';
import { collectionEffectiveness } from './collection.js';

test.each<[string, bigint, bigint, bigint, bigint, number | null]>([
  ['6,200; 10,890; 6,340; 3,590', 6_200n, 10_890n, 6_340n, 3_590n, 79.62963],
  ['all that was due came in', 100n, 50n, 50n, 50n, 100],
  ['nothing came in', 100n, 50n, 150n, 0n, 0],
  ['nothing was due', 0n, 50n, 50n, 50n, null],
  ['an empty ledger', 0n, 0n, 0n, 0n, null],
])('%s', (_, openedWithMinor, salesMinor, outstandingMinor, notDueMinor, expected) => {
  expect(collectionEffectiveness({ openedWithMinor, salesMinor, outstandingMinor, notDueMinor })).toBe(expected);
});
