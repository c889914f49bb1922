import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Client } from 'pg';
import { startHouse, type TestHouse } from './house.js';
import type { MessageRow } from '../subgraphs/community/chat/read-messages.js';
import { receiveMessages } from '../subgraphs/community/chat/receive-messages.js';
import { sendMessage } from '../subgraphs/community/chat/send-message.js';
import type { Room } from '../src/server/room.js';

let house: TestHouse;
let room: Room;
let owner: Client;
beforeAll(async () => {
  house = await startHouse();
  room = house.running.rooms.community.room;
  owner = await house.asOwner();
});
afterAll(async () => {
  for (const reader of readers) await reader.return?.();
  await house[Symbol.asyncDispose]();
});

interface Pair {
  readonly peeringId: string;
  /** By side. */
  readonly firms: readonly [string, string];
}

/** Two members in a conversation, as a match would have made it. */
async function openPair(): Promise<Pair> {
  const firms = [randomUUID(), randomUUID()].sort() as [string, string];
  const peeringId = randomUUID();
  await owner.query(`insert into community.peering (peering_id, subject, firm_0, firm_1, matched_at) values ($1, $2, $3, $4, now())`, [peeringId, peeringId, ...firms]);
  for (const [side, firmId] of firms.entries()) {
    await owner.query(`insert into community.membership (firm_id, verified, joined_at, metrics) values ($1, true, now(), '{DSO}')`, [firmId]);
    await owner.query(`insert into community.peering_side (firm_id, peering_id, side, subject, customer_id, alias) values ($1, $2, $3, $4, $5, 'Heron 4821')`, [firmId, peeringId, side, peeringId, randomUUID()]);
  }
  await owner.query('insert into community.conversation (peering_id, opened_at) values ($1, now())', [peeringId]);
  return { peeringId, firms };
}

const SEND = `select message ->> 'seq' as seq, is_new, refusal from community.send_messages($1::uuid[], $2::uuid[], $3::text[], $4::text[], now())`;

/** A connection that may do what a firm may, but has none; what it does is not committed. */
async function asNobody(): Promise<Client> {
  const client = await house.asOwner();
  await client.query('begin');
  await client.query('set local role community_app');
  return client;
}

async function readAll(firmId: string, peeringId: string, count: number): Promise<readonly string[]> {
  const bodies: string[] = [];
  for await (const { seq, body } of await receiveMessages(room, firmId, peeringId, 0)) {
    bodies.push(`${seq} ${body}`);
    if (bodies.length === count) break;
  }
  return bodies;
}

test('a batch acts for each of its firms alone, and leaves none behind', async () => {
  const [mine, theirs] = [await openPair(), await openPair()];
  const client = await asNobody();
  const { rows } = await client.query(SEND, [
    [mine.firms[0], mine.firms[0], theirs.firms[1], randomUUID()],
    [mine.peeringId, theirs.peeringId, theirs.peeringId, mine.peeringId],
    ['1', '2', '3', '4'],
    ['a', 'b', 'c', 'd'],
  ]);
  // The second is a firm's that has no side there, the last one's nobody's.
  expect(rows).toEqual([{ seq: '1', is_new: true, refusal: null }, { seq: null, is_new: false, refusal: 'NOT_FOUND' }, { seq: '1', is_new: true, refusal: null }, { seq: null, is_new: false, refusal: 'NOT_FOUND' }]);
  const { rows: read } = await client.query('select place, messages from community.read_messages($1::uuid[], $2::uuid[], $3::int[], 10, 8192)', [[mine.firms[1], theirs.firms[0], mine.firms[1]], [mine.peeringId, mine.peeringId, theirs.peeringId], [0, 0, 0]]);
  expect(read).toEqual([{ place: 0, messages: [expect.objectContaining({ body: 'a', mine: false, client_id: null })] }]);
  // Behind the functions nobody is anybody again.
  expect((await client.query('select * from community.message')).rows).toEqual([]);
  expect((await client.query(SEND, [[], [], [], []])).rows).toEqual([]);
  await client.query('rollback');
});

test('a batch ends with the text that fills it, and a text that is longer than a batch comes by itself', async () => {
  const { firms, peeringId } = await openPair();
  const client = await asNobody();
  await client.query(SEND, [Array(4).fill(firms[0]), Array(4).fill(peeringId), ['1', '2', '3', '4'], ['é'.repeat(5), 'a', 'é'.repeat(6), 'b']]);
  const seqs = async (after: number, bytes: number): Promise<readonly number[]> => {
    const { rows } = await client.query<{ messages: { seq: number }[] }>('select messages from community.read_messages($1::uuid[], $2::uuid[], $3::int[], 3, $4)', [[firms[1]], [peeringId], [after], bytes]);
    return rows[0]!.messages.map(({ seq }) => seq);
  };
  expect([await seqs(0, 10), await seqs(0, 11), await seqs(0, 12), await seqs(2, 1), await seqs(0, 1000), await seqs(4, 10)]).toEqual([[1], [1, 2], [1, 2, 3], [3], [1, 2, 3], []]);
  await client.query('rollback');
});

test('of the same message in two transactions at once one is kept, and its second number is given back', async () => {
  const { peeringId, firms } = await openPair();
  const [first, second] = [await asNobody(), await asNobody()];
  await first.query(SEND, [[firms[0]], [peeringId], ['twice'], ['x']]);
  // It has looked for the message before the first one's commit, and waits for the conversation.
  const waiting = second.query(SEND, [[firms[0], firms[1]], [peeringId, peeringId], ['twice', 'other'], ['x', 'y']]);
  for (let waits = 0; waits === 0; ) waits = (await owner.query(`select from pg_stat_activity where wait_event_type = 'Lock' and query like '%send_messages%'`)).rowCount!;
  await first.query('commit');
  expect((await waiting).rows).toEqual([{ seq: '1', is_new: false, refusal: null }, { seq: '2', is_new: true, refusal: null }]);
  await second.query('commit');
  expect(await readAll(firms[1], peeringId, 2)).toEqual(['1 x', '2 y']);
});

test('a message that the database refuses is refused alone', async () => {
  const pairs = await Promise.all([openPair(), openPair(), openPair()]);
  await owner.query(`create function community.refuse() returns trigger language plpgsql as $$ begin raise exception 'poison'; end $$`);
  await owner.query(`create trigger poison before insert on community.message for each row when (new.body = 'poison') execute function community.refuse()`);
  const sent = await Promise.allSettled(pairs.flatMap(({ peeringId, firms }, index) => [
    sendMessage(room, firms[0], peeringId, randomUUID(), 'before'),
    sendMessage(room, firms[0], peeringId, randomUUID(), index === 1 ? 'poison' : 'kept'),
    sendMessage(room, firms[1], peeringId, randomUUID(), 'after'),
  ]));
  await owner.query('drop trigger poison on community.message; drop function community.refuse()');
  expect(sent.map(({ status }) => status === 'fulfilled')).toEqual([true, true, true, true, false, true, true, true, true]);
  const both = pairs.map(({ peeringId, firms }, index) => readAll(firms[1], peeringId, index === 1 ? 2 : 3));
  for (const [index, bodies] of (await Promise.all(both)).entries()) expect(bodies.map((body) => body.slice(2)).toSorted()).toEqual(index === 1 ? ['after', 'before'] : ['after', 'before', 'kept']);
});

test('a reader that is woken while it looks gets each message once', async () => {
  const { peeringId, firms } = await openPair();
  const count = 300;
  const read = readAll(firms[1], peeringId, count);
  const wakes = setInterval(() => room.hints.publish(`conversation:${peeringId}`), 0);
  await Promise.all(Array.from({ length: count }, (_, index) => sendMessage(room, firms[index % 2]!, peeringId, String(index), `m${index}`)));
  const bodies = await read;
  clearInterval(wakes);
  expect(bodies.map((body) => Number(body.split(' ')[0]))).toEqual(Array.from({ length: count }, (_, index) => index + 1));
  expect(new Set(bodies.map((body) => body.split(' ')[1])).size).toBe(count);
});

test('what one sends without waiting stays in its order', async () => {
  const pairs = await Promise.all(Array.from({ length: 10 }, openPair));
  const sent: Promise<unknown>[] = [];
  for (let index = 0; index < 60; index += 1) {
    for (const { peeringId, firms } of pairs) sent.push(sendMessage(room, firms[0], peeringId, String(index), `m${index}`));
    // So that they come in several transactions at once.
    if (index % 3 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  await Promise.all(sent);
  for (const { peeringId, firms } of pairs) expect(await readAll(firms[1], peeringId, 60)).toEqual(Array.from({ length: 60 }, (_, index) => `${index + 1} m${index}`));
});

test('readers of many firms in one trip see each their own conversation, and end when it is closed', async () => {
  const pairs = await Promise.all(Array.from({ length: 40 }, openPair));
  await Promise.all(pairs.map(({ peeringId, firms }, index) => sendMessage(room, firms[0], peeringId, '1', `for ${index}`)));
  const read = pairs.map(async ({ peeringId, firms }) => {
    const bodies: string[] = [];
    for await (const { body, mine } of await receiveMessages(room, firms[1], peeringId, 0)) bodies.push(`${mine} ${body}`);
    return bodies;
  });
  await owner.query('update community.conversation set closed_at = now(), revision = revision + 1 where peering_id = any($1)', [pairs.map(({ peeringId }) => peeringId)]);
  expect(await Promise.all(read)).toEqual(pairs.map((_, index) => [`false for ${index}`]));
});

const readers: AsyncIterator<MessageRow>[] = [];

/** Opens a reader that is told only of what is new, and gives what it is shown, so many messages at a time. */
async function openReader(firmId: string, peeringId: string): Promise<(count: number) => Promise<readonly MessageRow[]>> {
  const messages = (await receiveMessages(room, firmId, peeringId, undefined))[Symbol.asyncIterator]();
  readers.push(messages);
  return async (count) => {
    const shown: MessageRow[] = [];
    while (shown.length < count) shown.push((await messages.next()).value as MessageRow);
    return shown;
  };
}

test('what this process committed is not read again, and each side sees it as its own', async () => {
  const { peeringId, firms } = await openPair();
  const [ours, theirs] = [await openReader(firms[0], peeringId), await openReader(firms[1], peeringId)];
  await owner.query('alter function community.read_messages rename to read_no_messages');
  const sent: MessageRow[] = [];
  for (let index = 0; index < 120; index += 1) sent.push(await sendMessage(room, firms[0], peeringId, String(index), `m${index}`));
  // More than a reader keeps waiting would have to be read; these are asked for meanwhile.
  const [first, second] = [await ours(50), await theirs(50)];
  await owner.query('alter function community.read_no_messages rename to read_messages');
  expect(first).toEqual(sent.slice(0, 50));
  expect(second).toEqual(sent.slice(0, 50).map((message) => ({ ...message, mine: false, client_id: null })));
  expect((await ours(70)).map(({ seq }) => seq)).toEqual(sent.slice(50).map(({ seq }) => seq));
  expect((await theirs(70)).map(({ seq, mine, client_id }) => [seq, mine, client_id])).toEqual(sent.slice(50).map(({ seq }) => [seq, false, null]));
});

test('what another process committed before is read before what this one did', async () => {
  const { peeringId, firms } = await openPair();
  const read = await openReader(firms[1], peeringId);
  const elsewhere = await house.asOwner();
  for (let round = 0; round < 20; round += 1) {
    // Without a hint: the next message's number tells that one is missing.
    await elsewhere.query(SEND, [[firms[0]], [peeringId], [`elsewhere ${round}`], ['elsewhere']]);
    await sendMessage(room, firms[0], peeringId, `here ${round}`, 'here');
    if (round % 3 === 0) expect((await read(1)).map(({ seq }) => seq)).toHaveLength(1);
  }
  const left = await read(33);
  expect(left.map(({ seq }) => seq)).toEqual(Array.from({ length: 33 }, (_, index) => index + 8));
  expect(left.map(({ body }) => body)).toEqual(Array.from({ length: 33 }, (_, index) => (index % 2 === 0 ? 'here' : 'elsewhere')));
});
