import { expect, test } from '@jest/globals';
import { isUuid, OpaqueIds } from './opaque-id.js';

const ids = new OpaqueIds(Buffer.alloc(32, 7));
const ACME = '0198c1f0-0000-7000-8000-000000000001';
const RIVAL = '0198c1f0-0000-7000-8000-000000000002';
const OBJECT = '0198c1f0-abcd-7000-8000-0123456789ab';
const NOTHING = '00000000-0000-0000-0000-000000000000';

test('an id leads its own firm back to the object', () => {
  expect(ids.decode(ACME, 'Peer', ids.encode(ACME, 'Peer', OBJECT))).toBe(OBJECT);
});

test('two firms know the same object by different ids, and so do two kinds', () => {
  const all = [ids.encode(ACME, 'Peer', OBJECT), ids.encode(RIVAL, 'Peer', OBJECT), ids.encode(ACME, 'Firm', OBJECT)];
  expect(new Set(all).size).toBe(3);
});

test("another firm's id leads nowhere", () => {
  expect(ids.decode(RIVAL, 'Peer', ids.encode(ACME, 'Peer', OBJECT))).not.toBe(OBJECT);
});

test('an id of another secret leads nowhere', () => {
  expect(new OpaqueIds(Buffer.alloc(32, 8)).decode(ACME, 'Peer', ids.encode(ACME, 'Peer', OBJECT))).not.toBe(OBJECT);
});

test('an id is the same whatever was asked before it', () => {
  const objects = Array.from({ length: 7 }, (_, n) => OBJECT.replace(/.$/, String(n)));
  const first = objects.map((uuid) => ids.encode(ACME, 'Peer', uuid));
  for (const id of [NOTHING, 'x']) ids.decode(ACME, 'Peer', id);
  expect(objects.map((uuid) => new OpaqueIds(Buffer.alloc(32, 7)).encode(ACME, 'Peer', uuid))).toEqual(first);
  expect(first.toReversed().map((id) => ids.decode(ACME, 'Peer', id))).toEqual(objects.toReversed());
});

test.each([[''], ['x'], [OBJECT], ['AAAAAAAAAAAAAAAAAAAAA'], ['AAAAAAAAAAAAAAAAAAAAAAAA'], ['AAAAAAAAAAAAAAAAAAAAAB'], ["' or 1=1 --"], ['AAAAAAAAAAAAAAAAAAAAA=']])('the malformed id %j belongs to nothing', (id) => {
  expect(ids.decode(ACME, 'Peer', id)).toBe(NOTHING);
});

test.each([
  [OBJECT, true],
  [OBJECT.toUpperCase(), false], // one object, one id
  [OBJECT.slice(1), false],
  [`${OBJECT} `, false],
  [`${OBJECT}\n`, false],
  ['', false],
])('%j has the form of an id: %s', (text, expected) => {
  expect(isUuid(text)).toBe(expected);
});
