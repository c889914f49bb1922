import { expect, test } from '@jest/globals';
import { IdReader, NumbersByFirm, readNumbers, RowReader, writeNumbers, writeTexts, type PackedRow } from './packed.js';

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

test('numbers are found in any order of asking, and again', () => {
  const by = new NumbersByFirm(new IdReader().read(new IdReader().write([A, B, C])), Float64Array.of(1, 2, 3));
  expect([C, A, B, B, A, C, C, B].map((id) => by.get(id))).toEqual([3, 1, 2, 2, 1, 3, 3, 2]);
});

test('texts are packed with their length in bytes', () => {
  expect(writeTexts(['é', '']).toString('hex')).toBe('000000010000000000000019000000020000000100000002c3a900000000');
});

/** What COPY sends in its binary format. */
function copied(rows: readonly PackedRow[]): Buffer {
  const parts = rows.flatMap((row) => [int16(row.length), ...row.flatMap((column) => (column === null ? [int32(-1)] : [int32(column.length), column]))]);
  return Buffer.concat([Buffer.from('PGCOPY\n\xff\r\n\0', 'latin1'), int32(0), int32(0), ...parts, int16(-1)]);
}
const int16 = (value: number): Buffer => Buffer.from(Int16Array.of(value).buffer).swap16();
const int32 = (value: number): Buffer => Buffer.from(Int32Array.of(value).buffer).swap32();

// One byte at a time tries every place where a piece may end.
test.each([1, 2, 3, 7, 19, 20, 64, 1000])('rows are taken out of pieces of %i bytes', (size) => {
  const rows = [[Buffer.from('first'), null, Buffer.alloc(0)], [], [null], [Buffer.alloc(70, 'x')]];
  const bytes = copied(rows);
  const reader = new RowReader();
  const found: PackedRow[] = [];
  for (let at = 0; at < bytes.length; at += size) found.push(...reader.read(bytes.subarray(at, at + size)));
  expect(found).toEqual(rows);
});
