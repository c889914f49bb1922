import { expect, test } from '@jest/globals';
import { exposureOf, headroom, utilisation } from './headroom.js';

test.each<[bigint, bigint, bigint, bigint, bigint, number | null]>([
  [100_000n, 0n, 0n, 0n, 100_000n, 0],
  [100_000n, 30_000n, 20_000n, 50_000n, 50_000n, 0.5],
  [100_000n, 60_000n, 40_000n, 100_000n, 0n, 1],
  // Beyond the limit the headroom is below zero: by so much it is exceeded.
  [100_000n, 120_000n, 5_000n, 125_000n, -25_000n, 1.25],
  // A limit of zero is a limit, but there is no share of it.
  [0n, 0n, 0n, 0n, 0n, null],
  [0n, 1n, 0n, 1n, -1n, null],
  [300_000n, 100_000n, 0n, 100_000n, 200_000n, 0.333333],
])('a limit of %p with %p outstanding and %p ordered: exposure %p, headroom %p, utilisation %p', (limit, outstandingMinor, ordersMinor, exposure, room, used) => {
  const stands = { outstandingMinor, ordersMinor };
  expect([exposureOf(stands), headroom(limit, stands), utilisation(limit, stands)]).toEqual([exposure, room, used]);
});
