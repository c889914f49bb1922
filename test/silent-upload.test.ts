import { once } from 'node:events';
import { request, type ClientRequest, type IncomingMessage } from 'node:http';
import { connect, type Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startHouse, type FirmVisitor, type TestHouse } from './house.js';

/** After so long without a byte an upload is cut here. */
const SILENCE_SECONDS = 1;

let house: TestHouse;
beforeAll(async () => {
  house = await startHouse({ ARDOISE_UPLOAD_SILENCE_SECONDS: String(SILENCE_SECONDS) });
});
afterAll(() => house[Symbol.asyncDispose]());

const HEADER = 'customer_reference,invoice_number,issue_date,due_date,currency,amount\n';
const row = (index: number): string => `C1,N${index},2026-01-05,2026-02-04,EUR,10.00\n`;
const rows = (count: number, from = 0): string => Array.from({ length: count }, (_, index) => row(from + index)).join('');

interface Job {
  readonly id: string;
  readonly status: string;
  readonly uploadUrl: string | null;
  readonly rowsRead: number;
  readonly rowsAccepted: number;
}

async function create(firm: FirmVisitor): Promise<Job> {
  const { importCreate } = await firm.get<{ importCreate: { job: Job } }>('mutation { importCreate(input: { format: CSV }) { job { id status uploadUrl rowsRead rowsAccepted } } }');
  return importCreate.job;
}

/** Asks until the import is in a state. */
async function until(firm: FirmVisitor, id: string, holds: (job: Job) => boolean): Promise<Job> {
  for (const deadline = Date.now() + 15_000; Date.now() < deadline; await wait(20)) {
    const { importJob } = await firm.get<{ importJob: Job }>('query ($id: ID!) { importJob(id: $id) { id status uploadUrl rowsRead rowsAccepted } }', { id });
    if (holds(importJob)) return importJob;
  }
  throw new Error('the import did not come to that state');
}

/** A client that sends when it is told to, and what became of it. */
class SlowClient {
  /** The status that it was answered with; `undefined` when its connection went without a word. */
  readonly answer: Promise<number | undefined>;
  /** When its connection went. */
  readonly cut: Promise<unknown>;

  constructor(private readonly out: ClientRequest) {
    this.answer = new Promise((resolve) => {
      out.once('response', (response: IncomingMessage) => {
        response.resume();
        resolve(response.statusCode);
      });
      out.once('close', () => resolve(undefined));
    });
    out.on('error', () => undefined);
    this.cut = once(out, 'socket').then(([socket]) => new Promise((resolve) => (socket as NodeJS.EventEmitter).once('close', resolve)));
  }

  static put(url: string, firm: FirmVisitor): SlowClient {
    return new SlowClient(request(url, { method: 'PUT', agent: false, headers: { authorization: `Bearer ${firm.token}` } }));
  }

  send(text: string): void {
    this.out.write(text);
  }

  end(): void {
    this.out.end();
  }
}

/** How long something took, in seconds; a test that waits for ever would not say what for. */
async function secondsUntil(what: Promise<unknown>, most = 12): Promise<number> {
  const began = performance.now();
  const late = new AbortController();
  await Promise.race([what, wait(most * 1000, undefined, { signal: late.signal }).then(() => Promise.reject(new Error(`nothing came of it in ${most} seconds`)))]);
  late.abort();
  return (performance.now() - began) / 1000;
}

test('who falls silent half-way is cut, and the file can be sent again', async () => {
  const acme = await house.firm();
  const job = await create(acme);
  const client = SlowClient.put(job.uploadUrl!, acme);
  client.send(HEADER + rows(3));
  await until(acme, job.id, ({ status }) => status === 'RUNNING');
  expect(await secondsUntil(client.cut)).toBeGreaterThan(SILENCE_SECONDS / 2);
  expect(await client.answer).toBeUndefined();
  expect(await until(acme, job.id, ({ status }) => status !== 'RUNNING')).toMatchObject({ status: 'AWAITING_UPLOAD', uploadUrl: job.uploadUrl, rowsRead: 0 });
  const again = SlowClient.put(job.uploadUrl!, acme);
  again.send(HEADER + rows(3));
  again.end();
  expect(await again.answer).toBe(202);
  expect(await until(acme, job.id, ({ status }) => status === 'COMPLETED')).toMatchObject({ rowsAccepted: 3 });
});

test('who says nothing after its headers is cut', async () => {
  const acme = await house.firm();
  const job = await create(acme);
  const client = SlowClient.put(job.uploadUrl!, acme);
  client.send('');
  await secondsUntil(client.cut);
  expect(await until(acme, job.id, ({ status }) => status !== 'RUNNING')).toMatchObject({ status: 'AWAITING_UPLOAD' });
});

test('who is slow but never silent is taken, however long it takes', async () => {
  const acme = await house.firm();
  const job = await create(acme);
  const client = SlowClient.put(job.uploadUrl!, acme);
  client.send(HEADER);
  for (let index = 0; index < 12; index += 1) {
    client.send(row(index));
    await wait(SILENCE_SECONDS * 250);
  }
  client.end();
  expect(await client.answer).toBe(202);
  expect(await until(acme, job.id, ({ status }) => status === 'COMPLETED')).toMatchObject({ rowsAccepted: 12 });
});

test('who waits for us is not silent: a database that keeps us waiting cuts nobody', async () => {
  const acme = await house.firm();
  const job = await create(acme);
  const client = SlowClient.put(job.uploadUrl!, acme);
  // A column that means nothing makes a few rows more than all buffers on the way hold.
  const wide = (count: number, from: number): string => rows(count, from).replaceAll('\n', `,${'x'.repeat(20_000)}\n`);
  client.send(HEADER.replace('\n', ',note\n') + wide(10, 0));
  await until(acme, job.id, ({ status }) => status === 'RUNNING');
  const owner = await house.asOwner();
  await owner.query('begin');
  await owner.query('select from portfolios.import_job where id = $1 for update', [job.id]);
  // One batch waits for the database, the next for it, and what comes then for both.
  for (let batch = 0; batch < 50; batch += 1) {
    client.send(wide(20, 10 + batch * 20));
    if (batch < 2) await wait(400);
  }
  client.end();
  await wait(SILENCE_SECONDS * 3_000);
  await owner.query('rollback');
  await owner.end();
  expect(await client.answer).toBe(202);
  expect(await until(acme, job.id, ({ status }) => status === 'COMPLETED')).toMatchObject({ rowsAccepted: 1_010 });
});

/** A connection that has begun to send a file to an import that is not there, and neither reads nor ends of its own. */
async function refused(): Promise<Socket> {
  const acme = await house.firm();
  const { id, uploadUrl } = await create(acme);
  const url = new URL(uploadUrl!.replace(id, crypto.randomUUID()));
  const socket = connect({ port: Number(url.port), host: url.hostname, allowHalfOpen: true });
  socket.pause();
  socket.write(`PUT ${url.pathname} HTTP/1.1\r\nhost: ${url.host}\r\nauthorization: Bearer ${acme.token}\r\ncontent-length: 100000\r\n\r\n`);
  return socket;
}

async function answerOf(socket: Socket): Promise<string> {
  const answered = once(socket, 'data');
  socket.resume();
  return ((await answered) as [Buffer])[0].toString();
}

test('who is refused finds the answer though it looks for it only once it has sent everything', async () => {
  const socket = await refused();
  for (let sent = 0; sent < 10; sent += 1) {
    socket.write('x'.repeat(10_000));
    await wait(80);
  }
  expect(await answerOf(socket)).toMatch(/^HTTP\/1\.1 404 /);
  socket.destroy();
});

test('who is refused and goes on and on is cut', async () => {
  const socket = await refused();
  socket.on('error', () => undefined);
  const sending = setInterval(() => socket.write('x'), 20);
  try {
    expect(await answerOf(socket)).toMatch(/^HTTP\/1\.1 404 /);
    await secondsUntil(new Promise((resolve) => socket.once('close', resolve)));
  } finally {
    clearInterval(sending);
  }
});

test('who is refused and neither goes on nor goes away is cut', async () => {
  const socket = await refused();
  socket.on('error', () => undefined);
  expect(await answerOf(socket)).toMatch(/^HTTP\/1\.1 404 /);
  await secondsUntil(once(socket, 'end'));
  socket.destroy();
});
