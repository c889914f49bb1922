import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Client } from 'pg';
import type { FirmVisitor } from './house.js';
import { startSplitHouse, type SplitHouse } from './split-house.js';
import type { RoomName } from '../src/rooms.js';

let house: SplitHouse;
let database: Client;
beforeAll(async () => {
  house = await startSplitHouse();
  database = await house.asOwner();
}, 60_000);
afterAll(() => house[Symbol.asyncDispose](), 30_000);

/** Ends a room without a word, and starts it again where it was. */
async function crash(room: RoomName): Promise<void> {
  const child = house.processes[room]!;
  child.kill('SIGKILL');
  await once(child, 'exit');
  await house.revive(room);
}

/** Tries until it succeeds, as a client does whose answer was lost. */
async function persist<T>(work: () => Promise<T>): Promise<T> {
  const until = Date.now() + 20_000;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (Date.now() > until) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

/** Two firms in one conversation; its id for each. */
async function openChat(): Promise<readonly (readonly [FirmVisitor, string])[]> {
  const firms = [await house.firm(), await house.firm()] as const;
  const ids: string[] = [];
  for (const firm of firms) {
    const { customerUpsert } = await firm.get<{ customerUpsert: { customer: { id: string } } }>('mutation { customerUpsert(input: { reference: "R-1", name: "Garage" }) { customer { id } } }');
    ids.push(customerUpsert.customer.id);
    await database.query(`insert into community.membership (firm_id, verified, joined_at, metrics) values ($1, true, now(), '{DSO}')`, [firm.firmId]);
    await database.query(`insert into community.customer_key (firm_id, customer_id, subject, seekable_until, revision) values ($1, $2, $3, '2999-12', 1)`, [firm.firmId, ids.at(-1), 'ab'.repeat(32)]);
  }
  const seek = 'mutation ($id: ID!) { peerSeek(input: { customerId: $id }) { customer { peers { id } } } }';
  await firms[0].get(seek, { id: ids[0] });
  await firms[1].get(seek, { id: ids[1] });
  return Promise.all(firms.map(async (firm, place) => {
    const { peerSeek } = await firm.get<{ peerSeek: { customer: { peers: { id: string }[] } } }>(seek, { id: ids[place] });
    const { conversationStart } = await firm.get<{ conversationStart: { conversation: { id: string } } }>('mutation ($id: ID!) { conversationStart(input: { peerId: $id }) { conversation { id } } }', { id: peerSeek.customer.peers[0]!.id });
    return [firm, conversationStart.conversation.id] as const;
  }));
}

test('a room that is killed again and again in the middle of a chat loses nothing that it acknowledged, and doubles nothing', async () => {
  const sides = await openChat();
  const each = 40;
  const sending = Promise.all(sides.map(async ([firm, conversationId], side) => {
    const seqs: number[] = [];
    for (let index = 0; index < each; index += 1) {
      const input = { conversationId, clientId: randomUUID(), body: `${side} ${index}` };
      const { messageSend } = await persist(() => firm.get<{ messageSend: { message: { seq: number } } }>('mutation ($input: MessageSendInput!) { messageSend(input: $input) { message { seq } userErrors { code } } }', { input }));
      seqs.push(messageSend.message.seq);
    }
    return seqs;
  }));
  // Killed while they send: three times, each time as soon as it is back.
  for (let time = 0; time < 3; time += 1) await crash('community');
  const seqs = await sending;
  const seen = await Promise.all(sides.map(async ([firm, id]) => {
    const { conversation } = await firm.get<{ conversation: { lastSeq: number; messages: { nodes: { seq: number; body: string }[] } } }>('query ($id: ID!) { conversation(id: $id) { lastSeq messages(first: 100) { nodes { seq body } } } }', { id });
    return conversation.messages.nodes;
  }));
  expect(seen[0]).toEqual(seen[1]);
  expect(seen[0]!.map(({ seq }) => seq)).toEqual(Array.from({ length: 2 * each }, (_, index) => index + 1));
  for (const side of [0, 1]) {
    expect(seen[0]!.filter(({ body }) => body.startsWith(`${side} `))).toEqual(seqs[side]!.map((seq, index) => ({ seq, body: `${side} ${index}` })));
  }
}, 60_000);

/** An import that is still under way is not its end. */
async function awaitEnd(firm: FirmVisitor, id: string): Promise<unknown> {
  return persist(async () => {
    const { importJob } = await firm.get<{ importJob: { status: string } }>('query ($id: ID!) { importJob(id: $id) { status rowsAccepted rowsRejected } }', { id });
    if (importJob.status === 'RUNNING') throw new Error('not yet');
    return importJob;
  });
}

test('a room that is killed while it merges the books of a firm has each invoice, receipt and match once', async () => {
  const firm = await house.firm();
  const { importCreate: { job } } = await firm.get<{ importCreate: { job: { id: string; uploadUrl: string } } }>('mutation { importCreate(input: { format: FEC }) { job { id uploadUrl } } }');
  const sales = 2_000;
  const entries = Array.from({ length: sales }, (_, index) => [
    `VE\tV${index}\t20260105\t411000\tC${index % 40}\tF${index}\t10,00\t0,00\tL${index}`,
    `VE\tV${index}\t20260105\t706000\t\tF${index}\t0,00\t10,00\t`,
    `BQ\tB${index}\t20260205\t411000\tC${index % 40}\tR${index}\t0,00\t6,00\tL${index}`,
    `BQ\tB${index}\t20260205\t512000\t\tR${index}\t6,00\t0,00\t`,
  ]);
  const body = ['JournalCode\tEcritureNum\tEcritureDate\tCompteNum\tCompAuxNum\tPieceRef\tDebit\tCredit\tEcritureLet', ...entries.flat()].join('\n');
  const sent = await fetch(job.uploadUrl, { method: 'PUT', headers: { authorization: `Bearer ${firm.token}` }, body });
  expect(sent.status).toBe(202);
  await crash('portfolios');
  expect(await awaitEnd(firm, job.id)).toEqual({ status: 'COMPLETED', rowsAccepted: 2 * sales, rowsRejected: 0 });
  const { rows: [counted] } = await database.query<Record<string, string>>(
    `select (select concat_ws(' ', count(*), sum(amount_minor), sum(applied_minor)) from portfolios.invoice where firm_id = $1) as invoices,
      (select concat_ws(' ', count(*), sum(amount_minor), sum(applied_minor)) from portfolios.receipt where firm_id = $1) as receipts,
      (select concat_ws(' ', count(*), sum(amount_minor)) from portfolios.application where firm_id = $1) as applications,
      (select count(*) from portfolios.import_entry where firm_id = $1) as staged`, [firm.firmId]);
  expect(counted).toEqual({ invoices: `${sales} ${sales * 1000} ${sales * 600}`, receipts: `${sales} ${sales * 600} ${sales * 600}`, applications: `${sales} ${sales * 600}`, staged: '0' });
}, 60_000);

test('a room that is killed while it merges a file ends the import by itself, with each row once', async () => {
  const firm = await house.firm();
  const create = async (): Promise<{ id: string; uploadUrl: string }> => (await firm.get<{ importCreate: { job: { id: string; uploadUrl: string } } }>('mutation { importCreate(input: { format: CSV }) { job { id uploadUrl } } }')).importCreate.job;
  const rows = 20_000;
  const body = `customer_reference,invoice_number,issue_date,amount\n${Array.from({ length: rows }, (_, index) => `C${index % 50},F${index},2026-01-01,10.00`).join('\n')}\n`;
  const job = await create();
  const sent = await fetch(job.uploadUrl, { method: 'PUT', headers: { authorization: `Bearer ${firm.token}` }, body });
  expect(sent.status).toBe(202);
  // The file is acknowledged; its merge is under way, or about to be.
  await crash('portfolios');
  expect(await awaitEnd(firm, job.id)).toEqual({ status: 'COMPLETED', rowsAccepted: rows, rowsRejected: 0 });
  const { rows: [counted] } = await database.query<{ count: string; sum: string }>('select count(*), sum(amount_minor) from portfolios.invoice where firm_id = $1', [firm.firmId]);
  expect(counted).toEqual({ count: String(rows), sum: String(rows * 1000) });
  // Scoring hears of each invoice, however often portfolios had to begin.
  await persist(async () => {
    const { rows: [told] } = await database.query<{ count: string }>('select count(*) from events.delivery where firm_id = $1', [firm.firmId]);
    if (told!.count !== '0') throw new Error('not yet');
  });
}, 60_000);
