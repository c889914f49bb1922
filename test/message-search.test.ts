import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import { forgetOldMessages } from '../subgraphs/community/chat/forget-old-messages.js';
import { startHouse, type FirmVisitor, type TestHouse } from './house.js';
import { openTwoInChat, say, setClock } from './two-in-chat.js';

let house: TestHouse;
beforeAll(async () => {
  house = await startHouse();
});
afterAll(() => house[Symbol.asyncDispose]());

interface Found {
  readonly nodes: readonly { readonly seq: number; readonly body: string }[];
  readonly hasMore: boolean;
}

async function search(firm: FirmVisitor, id: string, text: string, more: Record<string, number> = {}): Promise<Found> {
  const { conversation } = await firm.get<{ conversation: { search: Found } }>(
    'query ($id: ID!, $text: String!, $first: Int, $before: Int, $after: Int) { conversation(id: $id) { search(text: $text, first: $first, before: $before, after: $after) { nodes { seq body } hasMore } } }',
    { id, text, ...more },
  );
  return conversation.search;
}

const numbers = async (...asked: Parameters<typeof search>): Promise<readonly number[]> => (await search(...asked)).nodes.map(({ seq }) => seq);

test('words are found whatever their case and accents, in any order, the latest first, for both', async () => {
  const { acme, rival, ids } = await openTwoInChat(house);
  const texts = [
    'RÉGLÉE le 3 août', 'reglee en retard', 're\u0301gle\u0301e (décomposé)', 'Le cœur de la société', 'Straße und Kœln', 'ＦＵＬＬ width ﬁn',
    '100% payé', '1005 payé', 'a_b', 'a\\b', '[x]* (y)+ ^$ {2} | .', 'ΟΔΟΣ οδός', 'İstanbul', 'deux\nlignes\tici', '<b>gras</b>',
  ];
  for (const [index, body] of texts.entries()) await say(index % 2 ? rival : acme, index % 2 ? ids.rival : ids.acme, body);
  const expected: Readonly<Record<string, readonly number[]>> = {
    'reglee': [3, 2, 1], 'RÉGLÉE': [3, 2, 1], 'AOUT reglee': [1], 'retard  reglée': [2], 'glé': [3, 2, 1], 'coeur': [4], 'cœur': [4], 'COEUR': [4], 'strasse': [5], 'STRASSE koeln': [5],
    'full': [6], 'fin': [6], '100%': [7], '%': [7], '_': [9], 'a_b': [9], 'a.b': [], '\\': [10], 'a\\b': [10], '.*': [], '[x]*': [11], '(y)+': [11], '^$': [11], '{2}': [11], '|': [11], '***=': [], '(?i)': [],
    'οδος': [12], 'ΌΔΟΣ': [12], 'istanbul': [13], 'lignes ici': [14], 'deux ici lignes': [14], '<b>': [15], 'nobody said this': [],
  };
  for (const [text, found] of Object.entries(expected)) {
    expect([text, await numbers(acme, ids.acme, text)]).toEqual([text, found]);
    expect([text, await numbers(rival, ids.rival, text)]).toEqual([text, found]);
  }
});

test('pages go by number', async () => {
  const { acme, ids } = await openTwoInChat(house);
  for (let seq = 1; seq <= 6; seq += 1) await say(acme, ids.acme, seq % 2 ? `facture ${seq}` : 'autre');
  expect(await search(acme, ids.acme, 'facture', { first: 2 })).toEqual({ nodes: [{ seq: 5, body: 'facture 5' }, { seq: 3, body: 'facture 3' }], hasMore: true });
  expect(await search(acme, ids.acme, 'facture', { first: 2, before: 3 })).toEqual({ nodes: [{ seq: 1, body: 'facture 1' }], hasMore: false });
  expect(await numbers(acme, ids.acme, 'facture', { after: 1 })).toEqual([5, 3]);
  expect(await numbers(acme, ids.acme, 'facture', { after: 1, before: 5 })).toEqual([3]);
  for (const strange of [{ before: -5 }, { after: 2_147_483_647 }, { before: 1, after: 5 }, { before: -2_147_483_648, after: -2_147_483_648 }]) {
    expect(await search(acme, ids.acme, 'facture', strange)).toEqual({ nodes: [], hasMore: false });
  }
});

test('what was edited away, erased or said elsewhere is not found', async () => {
  await using clocked = await startHouse();
  const { acme, rival, ids } = await openTwoInChat(clocked);
  const other = await openTwoInChat(clocked, { acme, rival: await clocked.firm() });
  const start = Temporal.Instant.from('2027-03-01T12:00:00Z');
  await setClock(clocked, start);
  await say(acme, ids.acme, 'zebra');
  await say(other.acme, other.ids.acme, 'zebra');
  await acme.get('mutation ($id: ID!) { messageEdit(input: { conversationId: $id, seq: 1, version: 1, body: "lion" }) { message { id } } }', { id: ids.acme });
  expect(await numbers(rival, ids.rival, 'zebra')).toEqual([]);
  // Nor by the one that said it elsewhere.
  expect(await numbers(acme, ids.acme, 'zebra')).toEqual([]);
  expect(await numbers(rival, ids.rival, 'lion')).toEqual([1]);
  expect(await numbers(other.acme, other.ids.acme, 'zebra')).toEqual([1]);
  await setClock(clocked, start.add({ hours: 24 * 367 }));
  await forgetOldMessages(clocked.running.rooms.community.room);
  expect(await numbers(rival, ids.rival, 'lion')).toEqual([]);
  for (const id of [ids.acme, randomUUID()]) expect(await other.rival.get('query ($id: ID!) { conversation(id: $id) { search(text: "lion") { nodes { seq } } } }', { id })).toEqual({ conversation: null });
});

test('a text that is none, and too much at once, is refused', async () => {
  const { acme, ids } = await openTwoInChat(house);
  for (const text of ['', ' \t', '\u0301', 'x'.repeat(101), 'a\u0000b', '\u001b', '\ud800', '\ufdf2'.repeat(100)]) {
    const { errors } = await acme.ask('query ($id: ID!, $text: String!) { conversation(id: $id) { search(text: $text) { hasMore } } }', { id: ids.acme, text });
    expect([text, errors?.[0]?.extensions.code]).toEqual([text, 'BAD_USER_INPUT']);
  }
  expect((await search(acme, ids.acme, 'é'.repeat(100))).nodes).toEqual([]);
  const many = Array.from({ length: 4 }, (_, index) => `s${index}: search(text: "x${index}") { hasMore }`).join(' ');
  const { errors } = await acme.ask(`query ($id: ID!) { conversation(id: $id) { ${many} } }`, { id: ids.acme });
  expect(errors?.[0]?.extensions.code).toBe('QUERY_TOO_COMPLEX');
});

test('a hundred thousand messages are searched in one stretch of the key, and no other conversation is read', async () => {
  const { acme, ids } = await openTwoInChat(house);
  const other = await openTwoInChat(house);
  const { room } = house.running.rooms.community;
  const peeringId = room.keys.ids.decode(acme.firmId, 'Conversation', ids.acme);
  const owner = await house.asOwner();
  for (const id of [peeringId, room.keys.ids.decode(other.acme.firmId, 'Conversation', other.ids.acme)]) {
    await owner.query(`insert into community.message (peering_id, seq, side, client_id, body, sent_at)
      select $1, seq, seq % 2, seq::text, case when seq = 7 then 'Zébré' else 'La facture ' || seq || ' a été réglée le 3, avec douze jours de retard.' end, now() from generate_series(1, 100010) seq`, [id]);
    await owner.query('update community.conversation set last_seq = 100010 where peering_id = $1', [id]);
  }
  await owner.query('analyze community.message');
  // The first ten lie behind what one search looks at; it says so, and the next one finds what there is.
  expect(await search(acme, ids.acme, 'zebre')).toEqual({ nodes: [], hasMore: true });
  expect(await search(acme, ids.acme, 'zebre', { before: 11 })).toEqual({ nodes: [{ seq: 7, body: 'Zébré' }], hasMore: false });
  const began = performance.now();
  await search(acme, ids.acme, 'zebre');
  const took = performance.now() - began;
  expect(took).toBeLessThan(5000);
  const plan = await room.db.forFirm(acme.firmId).transaction((em) => sql<{ 'QUERY PLAN': string }>`
    explain (analyze, costs off, timing off, summary off, buffers off)
    select seq from community.message m where m.peering_id = ${peeringId} and m.seq > 10 and m.seq < 100011 and m.body ~ 'z[eé]bre' order by m.seq desc limit 51
  `.execute(em.getKysely<unknown>()));
  const lines = plan.rows.map((row) => row['QUERY PLAN']);
  expect(lines.join('\n')).toMatch(/Index Scan Backward using message_pkey on message/);
  expect(lines.join('\n')).toMatch(/Index Cond: .*peering_id = .*seq > 10.*seq < 100011/);
  expect(lines.join('\n')).toContain('Rows Removed by Filter: 100000');
}, 60_000);
