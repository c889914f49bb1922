import { expect, test } from '@jest/globals';
import { promiseStatus, type PromiseStatus } from './promise-status.js';

const day = (text: string): Temporal.PlainDate => Temporal.PlainDate.from(text);

test.each<[string, string | null, bigint, bigint, PromiseStatus]>([
  ['2026-03-10', null, 0n, 100n, 'PENDING'],
  // The promised day itself is not over.
  ['2026-03-15', null, 0n, 100n, 'PENDING'],
  ['2026-03-16', null, 0n, 100n, 'BROKEN'],
  ['2026-03-10', null, 0n, 0n, 'KEPT'],
  ['2026-03-16', null, 0n, 0n, 'KEPT'],
  // A part was promised: 40 of 100 may stay open.
  ['2026-03-16', null, 40n, 41n, 'BROKEN'],
  ['2026-03-16', null, 40n, 40n, 'KEPT'],
  ['2026-03-10', '2026-03-12', 0n, 100n, 'PENDING'],
  ['2026-03-12', '2026-03-12', 0n, 100n, 'REPLACED'],
  ['2026-03-20', '2026-03-12', 0n, 100n, 'REPLACED'],
  ['2026-03-20', '2026-03-12', 0n, 0n, 'KEPT'],
])('asked on %s, replaced on %p, %p may be left and %p is open: %s', (asOf, replacedOn, leftMinor, openMinor, status) => {
  expect(promiseStatus({ promisedOn: day('2026-03-15'), replacedOn: replacedOn === null ? null : day(replacedOn), leftMinor, openMinor }, day(asOf))).toBe(status);
});
