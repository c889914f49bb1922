import { expect, test } from '@jest/globals';
import { IdReader, NumbersByFirm, readNumbers, writeNumbers } from './packed.js';

const [A, B, C] = ['018f0000-0000-7000-8000-00000000000a', '018f0000-0000-7000-8000-00000000000b', 'ffffffff-ffff-4fff-bfff-ffffffffffff'] as const;

test.each([
  [[]], [[1.5]], [[0, -0, 150, 0.1 + 0.2, Number.MIN_VALUE, -1e300]], [[null]], [[null, 2, null, 3, null]],
])('numbers are packed and taken apart: %j', (numbers) => {
  expect([...readNumbers(writeNumbers(numbers))]).toEqual(numbers.map((number: number | null) => number ?? NaN));
});

test.each([[[]], [[A]], [[A, B, C]], [[C, A]]])('ids are packed and taken apart: %j', (ids) => {
  const list = new IdReader().read(new IdReader().write(ids));
  expect(list.ids).toEqual(ids);
  expect(ids.map((id) => list.places.get(id))).toEqual(ids.map((_, place) => place));
});

test('the same ids are the same list, and are packed as they came', () => {
  const ids = new IdReader();
  const one = ids.read(new IdReader().write([A, B]));
  expect(ids.read(new IdReader().write([A, B]))).toBe(one);
  expect(ids.write([A, B])).toBe(one.packed);
  expect(ids.read(new IdReader().write([B, A]))).not.toBe(one);
});

test('numbers stand under the firms of their list, and under no other', () => {
  const by = new NumbersByFirm(new IdReader().read(new IdReader().write([A, B])), Float64Array.of(30, 45));
  expect([by.get(A), by.get(B), by.get(C), by.has(B), by.has(C)]).toEqual([30, 45, undefined, true, false]);
});

test('a firm of the list without a number has none; zero is one', () => {
  const by = new NumbersByFirm(new IdReader().read(new IdReader().write([A, B])), Float64Array.of(NaN, 0));
  expect([by.get(A), by.has(A), by.get(B), by.has(B)]).toEqual([undefined, false, 0, true]);
});
