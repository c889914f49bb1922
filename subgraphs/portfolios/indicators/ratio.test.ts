import { expect, test } from '@jest/globals';
import { ratio } from './ratio.js';

test.each<[bigint, bigint, number | null]>([
  [1n, 3n, 0.333333],
  [2n, 3n, 0.666667],
  [-2n, 3n, -0.666667],
  // Exactly half a millionth goes to the even neighbour.
  [1n, 2_000_000n, 0],
  [3n, 2_000_000n, 0.000002],
  [5n, 2_000_000n, 0.000002],
  [-3n, 2_000_000n, -0.000002],
  [0n, 5n, 0],
  [5n, 0n, null],
  [5n, -1n, null],
])('%d ÷ %d = %p', (dividend, divisor, expected) => {
  expect(ratio(dividend, divisor)).toBe(expected);
});
