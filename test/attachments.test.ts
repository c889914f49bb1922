import { createHash, randomUUID } from 'node:crypto';
import { request } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Client } from 'pg';
import { forgetOldMessages } from '../subgraphs/community/chat/forget-old-messages.js';
import { forgetUnsentAttachments } from '../subgraphs/community/chat/forget-unsent-attachments.js';
import { csv, jpeg, pdf, png, PNG_FRAME } from './file-samples.js';
import { startHouse, type FirmVisitor, type TestHouse } from './house.js';
import { startSplitHouse } from './split-house.js';
import { openTwoInChat, say, setClock, type Said } from './two-in-chat.js';

const LARGEST = 10 * 1024 * 1024;

let house: TestHouse;
beforeAll(async () => {
  house = await startHouse();
});
afterAll(() => house[Symbol.asyncDispose]());

interface Attachment {
  readonly id: string;
  readonly fileName: string;
  readonly contentType: string | null;
  readonly sizeBytes: number | null;
  readonly sha256: string | null;
  readonly url: string | null;
  readonly uploadUrl: string | null;
}
const FIELDS = 'id fileName contentType sizeBytes sha256 url uploadUrl';

interface Created {
  readonly attachment: Attachment | null;
  readonly userErrors: readonly { readonly code: string; readonly path: readonly string[] }[];
}

async function create(firm: FirmVisitor, conversationId: string, fileName = 'relevé.pdf'): Promise<Created> {
  const { attachmentCreate } = await firm.get<{ attachmentCreate: Created }>(
    `mutation ($input: AttachmentCreateInput!) { attachmentCreate(input: $input) { attachment { ${FIELDS} } userErrors { code path } } }`, { input: { conversationId, fileName } },
  );
  return attachmentCreate;
}

function put(url: string, firm: FirmVisitor | undefined, body: Uint8Array | ReadableStream, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(url, { method: 'PUT', body: body as BodyInit, duplex: 'half', headers: { ...(firm && { authorization: `Bearer ${firm.token}` }), ...headers } } as RequestInit);
}

function get(url: string, firm: FirmVisitor | undefined): Promise<Response> {
  return fetch(url, { headers: firm ? { authorization: `Bearer ${firm.token}` } : {} });
}

async function upload(firm: FirmVisitor, conversationId: string, bytes: Uint8Array, fileName?: string): Promise<Attachment> {
  const { attachment } = await create(firm, conversationId, fileName);
  const response = await put(attachment!.uploadUrl!, firm, bytes);
  expect(response.status).toBe(200);
  return attachment!;
}

async function attachmentsOf(firm: FirmVisitor, conversationId: string, seq: number): Promise<readonly Attachment[]> {
  const { conversation } = await firm.get<{ conversation: { messages: { nodes: { attachments: Attachment[] }[] } } }>(
    `query ($id: ID!, $after: Int) { conversation(id: $id) { messages(first: 1, after: $after) { nodes { attachments { ${FIELDS} } } } } }`, { id: conversationId, after: seq - 1 },
  );
  return conversation.messages.nodes[0]!.attachments;
}

test('a file goes with a message and is the same for both, under ids of their own; before it is sent only its uploader has it', async () => {
  const { acme, rival, ids } = await openTwoInChat(house);
  const bytes = pdf();
  const { attachment } = await create(acme, ids.acme, String.raw`C:\Users\eve\..\relev\u00e9 “été”.pdf`.replace(String.raw`\u00e9`, 'é'));
  expect(attachment).toEqual({ id: expect.any(String), fileName: 'relevé “été”.pdf', contentType: null, sizeBytes: null, sha256: null, url: null, uploadUrl: `${house.url}/attachments/${attachment!.id}` });
  const url = attachment!.uploadUrl!;
  expect((await get(url, acme)).status).toBe(404);

  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const stored = await put(url, acme, bytes, { 'content-type': 'text/html' });
  expect([stored.status, await stored.json()]).toEqual([200, { id: attachment!.id, fileName: 'relevé “été”.pdf', contentType: 'application/pdf', sizeBytes: bytes.length, sha256 }]);
  expect((await get(url, acme)).status).toBe(200);
  expect((await get(url, rival)).status).toBe(404);
  // The id that the peer will have, before it has it: the rows are the same for both.
  const { ids: opaque } = house.running.rooms.community.room.keys;
  const theirId = opaque.encode(rival.firmId, 'Attachment', opaque.decode(acme.firmId, 'Attachment', attachment!.id));
  expect((await get(`${house.url}/attachments/${theirId}`, rival)).status).toBe(404);

  const second = await upload(acme, ids.acme, png(), 'photo.png');
  const sent = await say(acme, ids.acme, 'Voici.', { attachmentIds: [second.id, attachment!.id] });
  expect(sent.userErrors).toEqual([]);
  const theirs = await attachmentsOf(rival, ids.rival, sent.message!.seq);
  const mine = await attachmentsOf(acme, ids.acme, sent.message!.seq);
  expect(mine.map(({ id }) => id)).toEqual([second.id, attachment!.id]);
  expect(theirs.map(({ fileName }) => fileName)).toEqual(['photo.png', 'relevé “été”.pdf']);
  expect(theirs[1]).toEqual({ id: theirId, fileName: 'relevé “été”.pdf', contentType: 'application/pdf', sizeBytes: bytes.length, sha256, url: `${house.url}/attachments/${theirId}`, uploadUrl: null });
  expect(theirs.map(({ id }) => id).filter((id) => mine.some((own) => own.id === id))).toEqual([]);

  const served = await get(theirs[1]!.url!, rival);
  expect(Buffer.from(await served.arrayBuffer()).equals(bytes)).toBe(true);
  expect(Object.fromEntries(['content-type', 'content-length', 'content-disposition', 'content-security-policy', 'x-content-type-options', 'cache-control'].map((name) => [name, served.headers.get(name)]))).toEqual({
    'content-type': 'application/pdf',
    'content-length': String(bytes.length),
    'content-disposition': `attachment; filename="releve _ete_.pdf"; filename*=UTF-8''relev%C3%A9%20%E2%80%9C%C3%A9t%C3%A9%E2%80%9D.pdf`,
    'content-security-policy': "sandbox; default-src 'none'",
    'x-content-type-options': 'nosniff',
    'cache-control': 'private, no-store',
  });
  // An id is its reader's own.
  for (const [firm, foreign] of [[acme, theirs[1]!.url!], [rival, url]] as const) expect((await get(foreign, firm)).status).toBe(404);
});

test.each([
  ['PDF', pdf(), 'a.html', 'a.html.pdf', 'application/pdf'],
  ['PNG', png(), 'A.PNG', 'A.PNG', 'image/png'],
  ['JPEG', jpeg(), 'photo.jpeg', 'photo.jpeg', 'image/jpeg'],
  ['CSV', csv(), 'x'.repeat(255), `${'x'.repeat(251)}.csv`, 'text/csv; charset=utf-8'],
  ['CSV of a spreadsheet of Western Europe', Buffer.from('nom;dû\nÉté;3€\n'.replace('€', '\x80'), 'latin1'), 'dû.csv', 'dû.csv', 'text/csv; charset=windows-1252'],
])('a %s is known by its bytes, and its name ends as they say', async (_, bytes, fileName, kept, contentType) => {
  const { acme, ids } = await openTwoInChat(house);
  const { attachment } = await create(acme, ids.acme, fileName);
  const response = await put(attachment!.uploadUrl!, acme, bytes, { 'content-type': 'application/octet-stream' });
  expect([response.status, await response.json()]).toMatchObject([200, { fileName: kept, contentType, sizeBytes: bytes.length }]);
});

const HTML = '<!doctype html><script>alert(1)</script>';

describe('what none of these is', () => {
  let own: TestHouse;
  let owner: Client;
  let acme: FirmVisitor;
  let conversation: string;
  let attachment: Attachment;
  beforeAll(async () => {
    own = await startHouse();
    owner = await own.asOwner();
    const { acme: firm, ids } = await openTwoInChat(own);
    [acme, conversation] = [firm, ids.acme];
    attachment = (await create(acme, conversation)).attachment!;
  });
  afterAll(() => own[Symbol.asyncDispose]());

  test.each([
    ['HTML named .pdf', Buffer.from(HTML)],
    ['HTML behind a byte order mark', Buffer.from(`\ufeff \n${HTML}`)],
    ['HTML that reads as two columns', Buffer.from('a,b\n"<script src=x>",1\n')],
    ['HTML with the head of a PDF', Buffer.from(`%PDF-1.7\n${HTML}\nstartxref\n0\n%%EOF`)],
    ['a PDF with another file behind it', Buffer.concat([pdf(), Buffer.from('PK\x03\x04'), Buffer.alloc(2000)])],
    ['a PDF that breaks off', pdf().subarray(0, 60)],
    ['a PNG with another file behind it', Buffer.concat([png(), Buffer.from(HTML)])],
    ['a PNG that breaks off', png().subarray(0, -1)],
    ['the head of a PNG', png().subarray(0, 8)],
    ['a JPEG with another file behind it', Buffer.concat([jpeg(), Buffer.from(HTML)])],
    ['a JPEG without a frame', Buffer.from([0xff, 0xd8, 0xff, 0xda, 0, 2, 0xff, 0xd9])],
    ['a GIF', Buffer.from('GIF89a\x01\0\x01\0')],
    ['a zip', Buffer.from('PK\x03\x04;;;;\n')],
    ['text of one column', Buffer.from('hello\nworld\n')],
    ['rows of different lengths', Buffer.from('a;b\n1;2;3\n')],
    ['quotes that never end', Buffer.from('a;b\n"1;2\n')],
    ['a NUL in a CSV', Buffer.from('a;b\n1;\0\n')],
    ['text in UTF-16', Buffer.from('\ufeffa;b\n1;2\n', 'utf16le')],
    ['an escape sequence in a CSV', Buffer.from('a;b\n\x1b[31m;2\n')],
    ['nothing', Buffer.alloc(0)],
    ['one byte', Buffer.from('a')],
  ])('%s is refused and leaves nothing', async (_, bytes) => {
    const refused = await put(attachment.uploadUrl!, acme, bytes, { 'content-type': 'application/pdf' });
    expect([refused.status, await refused.json()]).toMatchObject([422, { errors: [{ extensions: { code: 'INVALID' } }] }]);
    expect((await owner.query('select from community.attachment_chunk')).rowCount).toBe(0);
  });

  test('a file whose bytes were refused cannot be sent, until the right ones come', async () => {
    const sent = (): Promise<Said> => say(acme, conversation, 'x', { attachmentIds: [attachment.id] });
    expect((await sent()).userErrors).toEqual([{ code: 'REQUIRED', path: ['input', 'attachmentIds', '0'] }]);
    expect((await put(attachment.uploadUrl!, acme, pdf())).status).toBe(200);
    expect((await sent()).userErrors).toEqual([]);
  });
});

test('10 MiB are taken and come back as they were; one byte more is refused, declared or not', async () => {
  const { acme, rival, ids } = await openTwoInChat(house);
  const whole = png(LARGEST - PNG_FRAME);
  expect(whole).toHaveLength(LARGEST);
  const attachment = await upload(acme, ids.acme, whole, 'large.png');
  await say(acme, ids.acme, 'large', { attachmentIds: [attachment.id] });
  const [theirs] = await attachmentsOf(rival, ids.rival, 1);
  expect(Buffer.from(await (await get(theirs!.url!, rival)).arrayBuffer()).equals(whole)).toBe(true);

  const more = png(LARGEST - PNG_FRAME + 1);
  for (const body of [more, new Blob([new Uint8Array(more)]).stream()]) {
    const refused = await put((await create(acme, ids.acme)).attachment!.uploadUrl!, acme, body);
    expect([refused.status, await refused.json()]).toMatchObject([413, { errors: [{ extensions: { code: 'LIMIT_REACHED' } }] }]);
  }
}, 60_000);

test('the same bytes again are the same answer, others a conflict, also once the file is sent', async () => {
  const { acme, rival, ids } = await openTwoInChat(house);
  const { attachment } = await create(acme, ids.acme);
  const first = await (await put(attachment!.uploadUrl!, acme, csv(9))).json() as unknown;
  const clientId = randomUUID();
  for (const moment of ['uploaded', 'sent']) {
    const again = await put(attachment!.uploadUrl!, acme, csv(9));
    expect([moment, again.status, await again.json()]).toEqual([moment, 200, first]);
    for (const other of [csv(8), Buffer.from('x')]) expect((await put(attachment!.uploadUrl!, acme, other)).status).toBe(409);
    await say(acme, ids.acme, 'Voici.', { clientId, attachmentIds: [attachment!.id] });
  }
  // The same message again, and another one with its file.
  expect((await say(acme, ids.acme, 'Voici.', { clientId, attachmentIds: [attachment!.id] })).message!.seq).toBe(1);
  expect((await say(acme, ids.acme, 'Encore.', { attachmentIds: [attachment!.id] })).userErrors).toEqual([{ code: 'TAKEN', path: ['input', 'attachmentIds', '0'] }]);
  expect(await attachmentsOf(rival, ids.rival, 1)).toHaveLength(1);
});

test('of two uploads at once one is kept, and a message with a file sent ten times at once is one', async () => {
  const { acme, ids } = await openTwoInChat(house);
  const { attachment } = await create(acme, ids.acme);
  const bytes = csv(60_000);
  const statuses = await Promise.all(Array.from({ length: 3 }, async () => (await put(attachment!.uploadUrl!, acme, bytes)).status));
  expect(statuses.filter((status) => status === 200).length).toBeGreaterThanOrEqual(1);
  expect(statuses.filter((status) => status !== 200 && status !== 409)).toEqual([]);
  expect(Buffer.from(await (await get(attachment!.uploadUrl!, acme)).arrayBuffer()).equals(bytes)).toBe(true);
  const clientId = randomUUID();
  const said = await Promise.all(Array.from({ length: 10 }, () => say(acme, ids.acme, 'once', { clientId, attachmentIds: [attachment!.id] })));
  expect(new Set(said.map((answer) => JSON.stringify(answer))).size).toBe(1);
  // And as ten messages: one has it.
  const other = await upload(acme, ids.acme, csv());
  const raced = await Promise.all(Array.from({ length: 10 }, () => say(acme, ids.acme, 'mine', { attachmentIds: [other.id] })));
  expect(raced.filter(({ message }) => message !== null)).toHaveLength(1);
  expect(await acme.get('query ($id: ID!) { conversation(id: $id) { lastSeq } }', { id: ids.acme })).toEqual({ conversation: { lastSeq: 2 } });
});

test('an upload that breaks off leaves nothing and may begin again; one that falls silent is cut', async () => {
  await using quick = await startHouse({ ARDOISE_UPLOAD_SILENCE_SECONDS: '1' });
  const { acme, ids } = await openTwoInChat(quick);
  const { attachment } = await create(acme, ids.acme);
  const owner = await quick.asOwner();
  const stored = async (): Promise<number> => (await owner.query<{ count: number }>('select count(*)::int as count from community.attachment_chunk')).rows[0]!.count;
  const until = async (holds: (count: number) => boolean): Promise<void> => {
    for (const deadline = Date.now() + 15_000; !holds(await stored()); await wait(20)) if (Date.now() > deadline) throw new Error('never so many pieces');
  };
  for (const way of ['breaks off', 'falls silent']) {
    const out = request(attachment!.uploadUrl!, { method: 'PUT', agent: false, headers: { authorization: `Bearer ${acme.token}` } });
    out.on('error', () => undefined);
    out.write(png(500_000).subarray(0, 400_000));
    const closed = new Promise((resolve) => out.once('close', resolve));
    await until((count) => count > 0);
    if (way === 'breaks off') out.destroy();
    await closed;
    await until((count) => count === 0);
  }
  expect((await put(attachment!.uploadUrl!, acme, png(500_000))).status).toBe(200);
}, 40_000);

test('names without folders and control characters; what is none is refused', async () => {
  const { acme, ids } = await openTwoInChat(house);
  for (const [given, kept] of [['../../etc/passwd', 'passwd'], ['a\u0000b\r\nX-Evil: 1.pdf', 'abX-Evil: 1.pdf'], ['\u202efdp.exe', 'fdp.exe'], ['e\u0301te\u0301.png', 'été.png'], [' a.pdf. ', 'a.pdf'], ['"; x="', '"; x="']]) {
    expect((await create(acme, ids.acme, given)).attachment!.fileName).toBe(kept);
  }
  for (const given of ['', ' ', '..', 'folder/', '\u0007', 'x'.repeat(256), '\ud800']) {
    expect(await create(acme, ids.acme, given)).toEqual({ attachment: null, userErrors: [{ code: 'INVALID', path: ['input', 'fileName'] }] });
  }
});

test('what others have is not there: ids, uploads, downloads, files of another conversation', async () => {
  const { acme, rival, ids } = await openTwoInChat(house);
  const other = await openTwoInChat(house, { acme, rival: await house.firm() });
  const stranger = await house.firm();
  const attachment = await upload(acme, ids.acme, pdf());
  const url = `${house.url}/attachments/${attachment.id}`;
  for (const id of [attachment.id, 'nonsense', randomUUID(), '%00', 'AAAAAAAAAAAAAAAAAAAAAA']) {
    for (const firm of [rival, stranger]) {
      const read = await get(`${house.url}/attachments/${id}`, firm);
      expect([read.status, await read.text()]).toEqual([404, '{"errors":[{"message":"There is no such file.","extensions":{"code":"NOT_FOUND"}}]}']);
      // Also one that is too large: what it is refused for must not tell that the file is there.
      for (const body of [pdf(), Buffer.alloc(LARGEST + 1)]) expect((await put(`${house.url}/attachments/${id}`, firm, body)).status).toBe(404);
      expect((await say(rival, ids.rival, 'x', { attachmentIds: [id] })).userErrors).toEqual([{ code: 'NOT_FOUND', path: ['input', 'attachmentIds', '0'] }]);
    }
  }
  expect((await get(url, undefined)).status).toBe(401);
  expect((await put(url, undefined, pdf())).status).toBe(401);
  expect((await say(acme, other.ids.acme, 'x', { attachmentIds: [attachment.id] })).userErrors).toEqual([{ code: 'NOT_FOUND', path: ['input', 'attachmentIds', '0'] }]);
  expect((await create(stranger, ids.acme)).userErrors).toEqual([{ code: 'NOT_FOUND', path: ['input', 'conversationId'] }]);
  expect((await fetch(url, { method: 'POST', headers: { authorization: `Bearer ${acme.token}` } })).status).toBe(405);
  // A key without the scope.
  const { apiKeyCreate } = await acme.get<{ apiKeyCreate: { secret: string } }>('mutation { apiKeyCreate(input: { name: "ledger", scopes: ["ledger:read"] }) { secret } }');
  for (const method of ['GET', 'PUT']) expect((await fetch(url, { method, headers: { authorization: `Bearer ${apiKeyCreate.secret}` }, ...(method === 'PUT' && { body: pdf() }) } as RequestInit)).status).toBe(403);
  expect((await say(acme, ids.acme, 'x', { attachmentIds: [attachment.id, attachment.id] })).userErrors).toEqual([{ code: 'INVALID', path: ['input', 'attachmentIds'] }]);
  expect((await say(acme, ids.acme, 'x', { attachmentIds: Array.from({ length: 11 }, () => randomUUID()) })).userErrors).toEqual([{ code: 'LIMIT_REACHED', path: ['input', 'attachmentIds'] }]);
});

test('a text that comes with a file is held to the same rules, and kept as it was sent', async () => {
  const { acme, rival, ids } = await openTwoInChat(house);
  const { id } = await upload(acme, ids.acme, csv());
  for (const body of ['', 'x'.repeat(4001), 'a\u0000b', 'a\rb', '\ud800']) {
    expect(await say(acme, ids.acme, body, { attachmentIds: [id] })).toEqual({ message: null, userErrors: [{ code: 'INVALID', path: ['input', 'body'] }] });
  }
  for (const clientId of ['', 'x'.repeat(101), 'a\nb']) expect((await say(acme, ids.acme, 'x', { clientId, attachmentIds: [id] })).userErrors).toEqual([{ code: 'INVALID', path: ['input', 'clientId'] }]);
  const body = '\t<b>e\u0301te\u0301</b>\n ';
  expect((await say(acme, ids.acme, body, { attachmentIds: [id] })).message).toMatchObject({ seq: 1, body });
  expect(await rival.get('query ($id: ID!) { conversation(id: $id) { lastSeq messages { nodes { body } } } }', { id: ids.rival })).toEqual({ conversation: { lastSeq: 1, messages: { nodes: [{ body }] } } });
});

test('nothing is added to a closed conversation, and what was sent stays for both', async () => {
  const { acme, rival, ids } = await openTwoInChat(house);
  const sent = await upload(acme, ids.acme, pdf());
  await say(acme, ids.acme, 'x', { attachmentIds: [sent.id] });
  const [waiting, ready] = [(await create(acme, ids.acme)).attachment!, await upload(acme, ids.acme, csv())];
  await rival.get('mutation ($id: ID!) { conversationClose(input: { conversationId: $id }) { userErrors { code } } }', { id: ids.rival });
  expect((await create(acme, ids.acme)).userErrors).toEqual([{ code: 'NOT_ALLOWED', path: ['input', 'conversationId'] }]);
  expect((await put(waiting.uploadUrl!, acme, pdf())).status).toBe(409);
  expect((await say(acme, ids.acme, 'x', { attachmentIds: [ready.id] })).userErrors).toEqual([{ code: 'NOT_ALLOWED', path: ['input', 'conversationId'] }]);
  const [theirs] = await attachmentsOf(rival, ids.rival, 1);
  expect((await get(theirs!.url!, rival)).status).toBe(200);
});

test('twenty files wait and no more; after a day they are gone, and after twelve months those that were sent', async () => {
  await using clocked = await startHouse();
  const { acme, rival, ids } = await openTwoInChat(clocked);
  const { room } = clocked.running.rooms.community;
  const start = Temporal.Instant.from('2027-03-01T12:00:00Z');
  await setClock(clocked, start);
  const kept = await upload(acme, ids.acme, pdf(), 'kept.pdf');
  await say(acme, ids.acme, 'x', { attachmentIds: [kept.id] });
  const unsent = await upload(acme, ids.acme, pdf());
  for (let more = 1; more < 20; more += 1) expect((await create(acme, ids.acme)).userErrors).toEqual([]);
  expect((await create(acme, ids.acme)).userErrors).toEqual([{ code: 'LIMIT_REACHED', path: ['input', 'conversationId'] }]);
  expect((await create(rival, ids.rival)).userErrors).toEqual([]);
  const owner = await clocked.asOwner();
  const count = async (): Promise<unknown> => (await owner.query('select count(distinct a.id)::int as files, count(c)::int as pieces from community.attachment a left join community.attachment_chunk c on c.attachment_id = a.id')).rows[0];
  await setClock(clocked, start.add({ hours: 23 }));
  await forgetUnsentAttachments(room);
  expect(await count()).toEqual({ files: 22, pieces: 2 });
  await setClock(clocked, start.add({ hours: 25 }));
  await forgetUnsentAttachments(room);
  expect(await count()).toEqual({ files: 1, pieces: 1 });
  expect((await get(unsent.uploadUrl!, acme)).status).toBe(404);
  expect((await put(unsent.uploadUrl!, acme, pdf())).status).toBe(404);
  const [theirs] = await attachmentsOf(rival, ids.rival, 1);
  await setClock(clocked, start.add({ hours: 24 * 367 }));
  await forgetOldMessages(room);
  expect(await count()).toEqual({ files: 0, pieces: 0 });
  expect((await get(theirs!.url!, rival)).status).toBe(404);
  expect(await attachmentsOf(rival, ids.rival, 1)).toEqual([]);
}, 30_000);

test('the files of one side in a conversation have a bound together; what is still to come counts as the largest', async () => {
  const { acme, rival, ids } = await openTwoInChat(house);
  const large = await upload(acme, ids.acme, csv());
  const { rowCount } = await (await house.asOwner()).query('update community.attachment set size_bytes = $1 where id = $2', [98 * LARGEST, house.running.rooms.community.room.keys.ids.decode(acme.firmId, 'Attachment', large.id)]);
  expect(rowCount).toBe(1);
  const { attachment } = await create(acme, ids.acme);
  expect((await create(acme, ids.acme)).userErrors).toEqual([]);
  const full: Created = { attachment: null, userErrors: [{ code: 'LIMIT_REACHED', path: ['input', 'conversationId'] }] };
  expect(await create(acme, ids.acme)).toEqual(full);
  expect((await create(rival, ids.rival)).userErrors).toEqual([]);
  // What has come is no larger than it is, and leaves less room than one of the largest takes.
  expect((await put(attachment!.uploadUrl!, acme, csv())).status).toBe(200);
  expect(await create(acme, ids.acme)).toEqual(full);
}, 30_000);

test('an upload of 10 MiB does not weigh on memory', async () => {
  const { acme, ids } = await openTwoInChat(house);
  const body = png(LARGEST - PNG_FRAME);
  await upload(acme, ids.acme, csv(100));
  const heaps: number[] = [];
  const timer = setInterval(() => heaps.push(process.memoryUsage().heapUsed), 5);
  const before = process.memoryUsage().heapUsed;
  await upload(acme, ids.acme, body);
  clearInterval(timer);
  expect(Math.max(...heaps) - before).toBeLessThan(30 * 1024 * 1024);
}, 30_000);

test('a file passes through a gateway of its own as it passes through one process, refusals too', async () => {
  await using split = await startSplitHouse();
  const { acme, rival, ids } = await openTwoInChat(split);
  const bytes = png(LARGEST - PNG_FRAME);
  const attachment = await upload(acme, ids.acme, bytes, 'été.png');
  await say(acme, ids.acme, 'x', { attachmentIds: [attachment.id] });
  const [theirs] = await attachmentsOf(rival, ids.rival, 1);
  const served = await get(theirs!.url!, rival);
  expect(Buffer.from(await served.arrayBuffer()).equals(bytes)).toBe(true);
  expect(['content-type', 'content-length', 'content-disposition', 'content-security-policy', 'x-content-type-options', 'cache-control'].map((name) => served.headers.get(name))).toEqual([
    'image/png', String(LARGEST), `attachment; filename="ete.png"; filename*=UTF-8''%C3%A9t%C3%A9.png`, "sandbox; default-src 'none'", 'nosniff', 'private, no-store',
  ]);
  const { attachment: other } = await create(acme, ids.acme);
  expect((await put(other!.uploadUrl!, acme, Buffer.from(HTML))).status).toBe(422);
  expect((await put(other!.uploadUrl!, acme, png(LARGEST))).status).toBe(413);
  expect((await put(other!.uploadUrl!, rival, pdf())).status).toBe(404);
}, 60_000);
