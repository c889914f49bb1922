import { expect, test } from '@jest/globals';
import { concentration, without, type OpenPart } from './share.js';

const part = (outstandingMinor: bigint, invoiceCount = 1): OpenPart => ({ outstandingMinor, overdueMinor: outstandingMinor / 2n, invoiceCount, customerCount: 1 });

test.each<[string, bigint[], bigint, number | null]>([
  ['two of three', [500n, 250n], 1_000n, 0.75],
  ['all of them', [600n, 400n], 1_000n, 1],
  ['a third', [1n], 3n, 0.333333],
  ['nothing outstanding', [], 0n, null],
])('concentration: %s', (_, largest, whole, expected) => {
  expect(concentration(largest.map((minor) => part(minor)), part(whole))).toBe(expected);
});

test('parts and what is left of them add up to the whole', () => {
  expect(without({ outstandingMinor: 10n, overdueMinor: 6n, invoiceCount: 5, customerCount: 4 }, [part(4n, 2), part(2n)])).toEqual({ outstandingMinor: 4n, overdueMinor: 3n, invoiceCount: 2, customerCount: 2 });
});
