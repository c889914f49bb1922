import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { exportReport } from '../subgraphs/community/chat/export-report.js';
import { listReports } from '../subgraphs/community/chat/list-reports.js';
import { forgetOldMessages } from '../subgraphs/community/chat/forget-old-messages.js';
import { startHouse, type FirmVisitor, type TestHouse } from './house.js';
import { openTwoInChat, say, setClock } from './two-in-chat.js';

let house: TestHouse;
beforeAll(async () => {
  house = await startHouse();
});
afterAll(() => house[Symbol.asyncDispose]());

interface Version {
  readonly version: number;
  readonly body: string;
  readonly writtenAt: string;
}
interface Message {
  readonly id: string;
  readonly seq: number;
  readonly mine: boolean;
  readonly body: string;
  readonly version: number;
  readonly sentAt: string;
  readonly editedAt: string | null;
  readonly versions: readonly Version[];
}
const FIELDS = 'id seq mine body version sentAt editedAt versions { version body writtenAt }';

interface Edited {
  readonly message: Message | null;
  readonly userErrors: readonly { readonly code: string; readonly path: readonly string[] }[];
}

async function edit(firm: FirmVisitor, conversationId: string, seq: number, version: number, body: string): Promise<Edited> {
  const { messageEdit } = await firm.get<{ messageEdit: Edited }>(
    `mutation ($input: MessageEditInput!) { messageEdit(input: $input) { message { ${FIELDS} } userErrors { code path } } }`, { input: { conversationId, seq, version, body } },
  );
  return messageEdit;
}

const refused = (code: string, field: string): Edited => ({ message: null, userErrors: [{ code, path: ['input', field] }] });

async function conversationOf(firm: FirmVisitor, id: string): Promise<{ lastEdit: number; lastSeq: number; messages: { nodes: readonly Message[] } }> {
  return (await firm.get<{ conversation: { lastEdit: number; lastSeq: number; messages: { nodes: Message[] } } }>(`query ($id: ID!) { conversation(id: $id) { lastEdit lastSeq messages { nodes { ${FIELDS} } } } }`, { id })).conversation;
}

interface Edit {
  readonly number: number;
  readonly version: number;
  readonly body: string;
  readonly message: { readonly seq: number; readonly body: string; readonly mine: boolean };
}

/** Edit by edit from a subscription; throws the errors of the first failing one. */
async function* follow(firm: FirmVisitor, conversationId: string, after?: number): AsyncGenerator<Edit, void, void> {
  const client = firm.socket();
  try {
    const results = client.iterate<{ messageEdited: Edit }>({
      query: 'subscription ($id: ID!, $after: Int) { messageEdited(conversationId: $id, after: $after) { number version body message { seq body mine } } }', variables: { id: conversationId, after },
    });
    for await (const { data, errors } of results) {
      if (errors) throw errors;
      yield data!.messageEdited;
    }
  } finally {
    await client.dispose();
  }
}

test('an edit is a new version for both, at the same number; what was said before stays readable', async () => {
  const { acme, rival, ids } = await openTwoInChat(house);
  await say(acme, ids.acme, 'Payé le 3.');
  await say(rival, ids.rival, 'Merci.');
  const before = await conversationOf(acme, ids.acme);
  expect(before.messages.nodes[0]).toMatchObject({ version: 1, editedAt: null, versions: [{ version: 1, body: 'Payé le 3.', writtenAt: before.messages.nodes[0]!.sentAt }] });
  const { message } = await edit(acme, ids.acme, 1, 1, 'Payé le 4.');
  expect(message).toMatchObject({ id: before.messages.nodes[0]!.id, seq: 1, mine: true, body: 'Payé le 4.', version: 2, sentAt: before.messages.nodes[0]!.sentAt });
  expect((await edit(acme, ids.acme, 1, 2, 'Payé le 5.')).message!.version).toBe(3);
  const [theirs, mine] = [await conversationOf(rival, ids.rival), await conversationOf(acme, ids.acme)];
  expect(theirs.messages.nodes.map(({ seq, body }) => [seq, body])).toEqual([[1, 'Payé le 5.'], [2, 'Merci.']]);
  expect(theirs.messages.nodes[0]!.versions.map(({ version, body }) => [version, body])).toEqual([[1, 'Payé le 3.'], [2, 'Payé le 4.'], [3, 'Payé le 5.']]);
  expect(theirs.messages.nodes[0]!.versions).toEqual(mine.messages.nodes[0]!.versions);
  expect(mine.messages.nodes[0]!.versions[2]!.writtenAt).toBe(mine.messages.nodes[0]!.editedAt);
  expect([theirs.lastEdit, theirs.lastSeq]).toEqual([2, 2]);
});

test('the same edit again is the same answer; one that saw another text is a conflict, also at once', async () => {
  const { acme, ids } = await openTwoInChat(house);
  await say(acme, ids.acme, 'a');
  const first = await edit(acme, ids.acme, 1, 1, 'b');
  expect(await edit(acme, ids.acme, 1, 1, 'b')).toEqual(first);
  // What it says already is no edit.
  expect(await edit(acme, ids.acme, 1, 2, 'b')).toEqual(first);
  expect(await edit(acme, ids.acme, 1, 1, 'c')).toEqual(refused('CONFLICT', 'version'));
  expect(await edit(acme, ids.acme, 1, 3, 'c')).toEqual(refused('CONFLICT', 'version'));
  const raced = await Promise.all(Array.from({ length: 8 }, (_, index) => edit(acme, ids.acme, 1, 2, `c${index}`)));
  expect(raced.filter(({ message }) => message !== null)).toHaveLength(1);
  expect(raced.filter(({ userErrors }) => userErrors[0]?.code === 'CONFLICT')).toHaveLength(7);
  const same = await Promise.all(Array.from({ length: 8 }, () => edit(acme, ids.acme, 1, 3, 'd')));
  expect(new Set(same.map((answer) => JSON.stringify(answer))).size).toBe(1);
  // Long after: what was done stays done, whatever came behind it.
  await edit(acme, ids.acme, 1, 4, 'e');
  expect((await edit(acme, ids.acme, 1, 1, 'b')).message).toMatchObject({ body: 'e', version: 5 });
  expect((await conversationOf(acme, ids.acme)).lastEdit).toBe(4);
});

test('only the own message, which there is, with a text that may be sent, in an open conversation', async () => {
  const { acme, rival, ids } = await openTwoInChat(house);
  const stranger = await house.firm();
  await say(acme, ids.acme, 'mine');
  expect(await edit(rival, ids.rival, 1, 1, 'theirs')).toEqual(refused('NOT_ALLOWED', 'seq'));
  for (const seq of [0, 2, -1, 2_147_483_647]) expect(await edit(acme, ids.acme, seq, 1, 'x')).toEqual(refused('NOT_FOUND', 'seq'));
  for (const version of [0, -2_147_483_648, 2_147_483_647]) expect(await edit(acme, ids.acme, 1, version, 'x')).toEqual(refused('CONFLICT', 'version'));
  for (const body of ['', 'x'.repeat(4001), 'a\u0000b', '\ud800']) expect(await edit(acme, ids.acme, 1, 1, body)).toEqual(refused('INVALID', 'body'));
  for (const id of [ids.acme, ids.rival, 'nonsense', randomUUID()]) expect(await edit(stranger, id, 1, 1, 'x')).toEqual(refused('NOT_FOUND', 'conversationId'));
  await expect(follow(stranger, ids.acme, 0).next()).rejects.toMatchObject([{ extensions: { code: 'NOT_FOUND' } }]);
  const { message } = await edit(acme, ids.acme, 1, 1, ' e\u0301dite\u0301\n');
  expect(message!.versions.map(({ body }) => body)).toEqual(['mine', ' e\u0301dite\u0301\n']);
  await rival.get('mutation ($id: ID!) { conversationClose(input: { conversationId: $id }) { userErrors { code } } }', { id: ids.rival });
  expect(await edit(acme, ids.acme, 1, 2, 'later')).toEqual(refused('NOT_ALLOWED', 'conversationId'));
  expect((await edit(acme, ids.acme, 1, 1, ' e\u0301dite\u0301\n')).message).toMatchObject({ version: 2 });
  expect((await conversationOf(rival, ids.rival)).messages.nodes[0]).toMatchObject({ body: ' e\u0301dite\u0301\n', version: 2 });
});

test('a message has at most twenty versions', async () => {
  const { acme, ids } = await openTwoInChat(house);
  await say(acme, ids.acme, '1');
  for (let version = 1; version < 20; version += 1) expect((await edit(acme, ids.acme, 1, version, String(version + 1))).userErrors).toEqual([]);
  expect(await edit(acme, ids.acme, 1, 20, 'x')).toEqual(refused('LIMIT_REACHED', 'seq'));
});

test('edits are told once and in order, across reconnects, to their end', async () => {
  const { acme, rival, ids } = await openTwoInChat(house);
  for (const body of ['1', '2', '3']) await say(acme, ids.acme, body);
  await say(rival, ids.rival, '4');
  const received: Edit[] = [];
  const read = async (count: number): Promise<void> => {
    const stream = follow(rival, ids.rival, received.at(-1)?.number ?? 0);
    while (received.length < count) received.push((await stream.next()).value as Edit);
    await stream.return();
  };
  await edit(acme, ids.acme, 1, 1, '1b');
  await edit(acme, ids.acme, 2, 1, '2b');
  await edit(acme, ids.acme, 1, 2, '1c');
  await read(2);
  const following = read(5);
  await edit(rival, ids.rival, 4, 1, '4b');
  await edit(acme, ids.acme, 3, 1, '3b');
  await following;
  // Both at once, from both sides.
  await Promise.all([...Array.from({ length: 5 }, (_, index) => edit(acme, ids.acme, 2, 2, `2${index}`)), edit(rival, ids.rival, 4, 2, '4c'), edit(acme, ids.acme, 3, 2, '3c')]);
  const last = follow(rival, ids.rival, 5);
  for (let more = 0; more < 3; more += 1) received.push((await last.next()).value as Edit);
  await acme.get('mutation ($id: ID!) { conversationClose(input: { conversationId: $id }) { userErrors { code } } }', { id: ids.acme });
  expect(await last.next()).toEqual({ value: undefined, done: true });
  expect(received.map(({ number }) => number)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  expect(received.slice(0, 5).map(({ version, body, message }) => [message.seq, version, body, message.mine])).toEqual([[1, 2, '1b', false], [2, 2, '2b', false], [1, 3, '1c', false], [4, 2, '4b', true], [3, 2, '3b', false]]);
  // The message as it is now: a later edit was there already.
  expect(received[0]!.message.body).toBe('1c');
  // A snapshot and the edits after it make the same as a fresh snapshot.
  const texts = new Map(['1', '2', '3', '4'].map((body, index) => [index + 1, body]));
  for (const { message, body } of received) texts.set(message.seq, body);
  expect([...texts]).toEqual((await conversationOf(rival, ids.rival)).messages.nodes.map(({ seq, body }) => [seq, body]));
});

test('without a cursor only new edits are told, and an inbox learns of them', async () => {
  const { acme, rival, ids } = await openTwoInChat(house);
  await say(acme, ids.acme, 'a');
  await edit(acme, ids.acme, 1, 1, 'b');
  const client = rival.socket();
  const inbox = client.iterate<{ inboxChanged: { lastEdit: number } }>({ query: 'subscription { inboxChanged { lastEdit } }' });
  const stream = follow(rival, ids.rival);
  const [next, changed] = [stream.next(), inbox.next()];
  // Which edits are new for it is known once it is open: the first it tells is the last of a run without a gap.
  let version = 2;
  const told = { edit: false };
  void next.then(() => (told.edit = true));
  while (!told.edit && version < 19) await edit(acme, ids.acme, 1, version, `c${(version += 1)}`);
  expect(((await next).value as Edit).number).toBeGreaterThan(1);
  expect((await changed).value!.data!.inboxChanged.lastEdit).toBeGreaterThan(1);
  await stream.return();
  await client.dispose();
});

test('five minutes by the clock of business, and texts are erased with all their versions', async () => {
  await using clocked = await startHouse();
  const { acme, rival, ids } = await openTwoInChat(clocked);
  const start = Temporal.Instant.from('2027-03-01T12:00:00Z');
  await setClock(clocked, start);
  await say(acme, ids.acme, 'secret one');
  await edit(acme, ids.acme, 1, 1, 'secret two');
  await setClock(clocked, start.add({ minutes: 4, seconds: 30 }));
  expect((await edit(acme, ids.acme, 1, 2, 'secret three')).userErrors).toEqual([]);
  await setClock(clocked, start.add({ minutes: 5, seconds: 30 }));
  expect(await edit(acme, ids.acme, 1, 3, 'late')).toEqual(refused('EXPIRED', 'seq'));
  expect((await edit(acme, ids.acme, 1, 2, 'secret three')).message!.version).toBe(3);
  await setClock(clocked, start.add({ hours: 24 * 367 }));
  for (let again = 0; again < 2; again += 1) await forgetOldMessages(clocked.running.rooms.community.room);
  const [message] = (await conversationOf(rival, ids.rival)).messages.nodes;
  expect(message).toMatchObject({ seq: 1, body: '', version: 3 });
  expect(message!.versions.map(({ version, body }) => [version, body])).toEqual([[1, ''], [2, ''], [3, '']]);
  const stream = follow(rival, ids.rival, 1);
  expect((await stream.next()).value).toMatchObject({ number: 2, body: '', message: { body: '' } });
  await stream.return();
  const owner = await clocked.asOwner();
  expect((await owner.query(`select from community.message_version v, community.message m where concat(v.body, m.body) like '%secret%'`)).rowCount).toBe(0);
  // Its text of now is empty, and nobody can give it one again.
  expect(await edit(acme, ids.acme, 1, 3, 'again')).toEqual(refused('EXPIRED', 'seq'));
});

test('what was edited away and which files came are in a report', async () => {
  const { acme, rival, ids } = await openTwoInChat(house);
  await say(acme, ids.acme, 'Entre nous : 70 €.');
  await edit(acme, ids.acme, 1, 1, 'Bonjour.');
  const { attachmentCreate } = await acme.get<{ attachmentCreate: { attachment: { id: string; uploadUrl: string } } }>(
    'mutation ($id: ID!) { attachmentCreate(input: { conversationId: $id, fileName: "prix.csv" }) { attachment { id uploadUrl } } }', { id: ids.acme },
  );
  const { id, uploadUrl } = attachmentCreate.attachment;
  expect((await fetch(uploadUrl, { method: 'PUT', headers: { authorization: `Bearer ${acme.token}` }, body: 'a,b\n' })).status).toBe(200);
  await say(acme, ids.acme, 'Voici.', { attachmentIds: [id] });
  await rival.get('mutation ($id: ID!) { conversationReport(input: { conversationId: $id, reason: "prices" }) { userErrors { code } } }', { id: ids.rival });
  const { room } = house.running.rooms.community;
  const report = (await listReports(room, false)).find(({ reporterFirmId }) => reporterFirmId === rival.firmId)!;
  const { messages } = await exportReport(room, report.id, { by: 'Claire', why: 'reported' });
  const at = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  expect(messages).toEqual([
    { seq: 1, from: 'REPORTED', sentAt: at, body: 'Bonjour.', versions: [{ version: 1, body: 'Entre nous : 70 €.', writtenAt: at }, { version: 2, body: 'Bonjour.', writtenAt: at }] },
    { seq: 2, from: 'REPORTED', sentAt: at, body: 'Voici.', attachments: [{ fileName: 'prix.csv', contentType: 'text/csv; charset=utf-8', sizeBytes: 4, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) }] },
  ]);
});
