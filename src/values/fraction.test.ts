import { expect, test } from '@jest/globals';
import { add, compare, roundHalfEven } from './fraction.js';

test.each([
  // Half-way goes to the even neighbour, on both sides of zero.
  [145n, 2n, 0, 72],
  [147n, 2n, 0, 74],
  [-145n, 2n, 0, -72],
  [-1n, 4n, 0, 0],
  [1050n, 110n, 6, 9.545455],
  [1n, 128n, 6, 0.007812],
  [3n, 128n, 6, 0.023438],
  // A hair above half-way is no tie.
  [145_000_001n, 2_000_000n, 0, 73],
])('%d/%d with %d decimals is %d', (numerator, denominator, digits, rounded) => {
  expect(roundHalfEven({ numerator, denominator }, digits)).toBe(rounded);
});

test('fractions add and compare exactly', () => {
  const third = { numerator: 1n, denominator: 3n };
  const sixth = { numerator: 1n, denominator: 6n };
  expect(compare(add(third, sixth), { numerator: 1n, denominator: 2n })).toBe(0n);
  expect(compare(sixth, third) < 0n).toBe(true);
});
