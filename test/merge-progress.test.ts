import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Client } from 'pg';
import { startHouse, type FirmVisitor, type TestHouse } from './house.js';

let house: TestHouse;
let owner: Client;
beforeAll(async () => {
  house = await startHouse();
  owner = await house.asOwner();
});
afterAll(() => house[Symbol.asyncDispose]());

const ROWS = 3_000;
const HEADER = 'customer_reference,invoice_number,issue_date,due_date,currency,amount,settled_on';
const csv = (amount: string, rows = ROWS): string => [HEADER, ...Array.from({ length: rows }, (_, index) => `C1,N${10_000 + index},2026-01-05,2026-02-04,EUR,${amount},${index % 2 ? '2026-02-01' : ''}`)].join('\n');

interface Job {
  readonly id: string;
  readonly status: string;
  readonly uploadUrl: string | null;
  readonly rowsAccepted: number;
  readonly mergeProgress: number | null;
}
const FIELDS = 'id status uploadUrl rowsAccepted mergeProgress';

async function send(firm: FirmVisitor, body: string, input = ''): Promise<string> {
  const { importCreate } = await firm.get<{ importCreate: { job: Job } }>(`mutation { importCreate(input: { format: CSV ${input} }) { job { ${FIELDS} } } }`);
  expect(importCreate.job.mergeProgress).toBeNull();
  const response = await fetch(importCreate.job.uploadUrl!, { method: 'PUT', body, headers: { authorization: `Bearer ${firm.token}` } });
  await response.text();
  return importCreate.job.id;
}

async function look(firm: FirmVisitor, id: string): Promise<Job | null> {
  return (await firm.get<{ importJob: Job | null }>(`query ($id: ID!) { importJob(id: $id) { ${FIELDS} } }`, { id })).importJob;
}

async function until(firm: FirmVisitor, id: string, holds: (job: Job) => boolean): Promise<Job> {
  for (const deadline = Date.now() + 20_000; Date.now() < deadline; await wait(20)) {
    const job = await look(firm, id);
    if (job && holds(job)) return job;
  }
  throw new Error('the import did not come to that state');
}

/** Holds something in the database while `work` is done, as another transaction would. */
async function holding(statement: string, values: readonly unknown[], work: () => Promise<void>): Promise<void> {
  await owner.query('begin');
  try {
    await owner.query(statement, [...values]);
    await work();
  } finally {
    await owner.query('rollback');
  }
}

test('how far a merge is shows while nothing of it is committed, in the middle of a statement too, and only to its own firm', async () => {
  const acme = await house.firm();
  const rival = await house.firm();
  // The first import makes the customer; a row in the middle then waits for somebody else who writes the same invoice.
  await until(acme, await send(acme, csv('10.00', 1)), ({ status }) => status === 'COMPLETED');
  const { rows } = await owner.query<{ id: string }>('select id from portfolios.customer where firm_id = $1', [acme.firmId]);
  const middle = `insert into portfolios.invoice (firm_id, customer_id, number, issue_date, due_date, currency, amount_minor) values ($1, $2, 'N${10_000 + ROWS / 2}', '2026-01-05', '2026-02-04', 'EUR', 1000)`;
  let id = '';
  let half = 0;
  await holding(middle, [acme.firmId, rows[0]!.id], async () => {
    id = await send(acme, csv('10.00'));
    await until(acme, id, ({ mergeProgress }) => (mergeProgress ?? 0) > 0.3);
    await wait(200);
    const job = await look(acme, id);
    half = job!.mergeProgress!;
    expect(job).toMatchObject({ status: 'RUNNING', rowsAccepted: ROWS });
    expect(await look(rival, id)).toBeNull();
    expect(await acme.get('{ invoices { totalCount } }')).toEqual({ invoices: { totalCount: 1 } });
  });
  // Its comparison is behind it, and half of the longest statement.
  expect(half).toBeGreaterThan(0.3);
  expect(half).toBeLessThan(0.6);
  expect(await until(acme, id, ({ status }) => status === 'COMPLETED')).toMatchObject({ mergeProgress: 1, rowsAccepted: ROWS });
});

test('a merge that waits its turn is at 0; one that failed has none; subscribers see it grow to 1', async () => {
  const acme = await house.firm();
  let id = '';
  const seen: (number | null)[] = [];
  let following = Promise.resolve();
  await holding(`select pg_advisory_xact_lock(hashtextextended('import:' || $1, 0))`, [acme.firmId], async () => {
    id = await send(acme, csv('10.00'));
    expect(await look(acme, id)).toMatchObject({ status: 'RUNNING', mergeProgress: 0 });
    const socket = acme.socket();
    following = (async () => {
      for await (const { data } of socket.iterate<{ importProgress: Job }>({ query: `subscription ($id: ID!) { importProgress(id: $id) { ${FIELDS} } }`, variables: { id } })) seen.push(data!.importProgress.mergeProgress);
      await socket.dispose();
    })();
    for (const deadline = Date.now() + 10_000; seen.length === 0 && Date.now() < deadline; ) await wait(20);
  });
  await following;
  expect(seen[0]).toBe(0);
  expect(seen.at(-1)).toBe(1);
  expect(seen.toSorted((one, other) => one! - other!)).toEqual(seen);
  const failed = await send(acme, 'nothing that could be a ledger');
  expect(await until(acme, failed, ({ status }) => status === 'FAILED')).toMatchObject({ mergeProgress: null });
});

test('a merge that changes invoices shows how far it is while it waits for one of them; subscribers are told', async () => {
  const acme = await house.firm();
  await until(acme, await send(acme, csv('10.00')), ({ status }) => status === 'COMPLETED');
  await holding('select from portfolios.invoice where firm_id = $1 and number = $2 for update', [acme.firmId, 'N10007'], async () => {
    const id = await send(acme, csv('11.00'));
    const { mergeProgress } = await until(acme, id, (job) => (job.mergeProgress ?? 0) > 0);
    expect(mergeProgress).toBeLessThan(0.5);
    const socket = acme.socket();
    for await (const { data } of socket.iterate<{ importProgress: Job }>({ query: `subscription ($id: ID!) { importProgress(id: $id) { ${FIELDS} } }`, variables: { id } })) {
      expect(data!.importProgress.mergeProgress).toBeGreaterThan(0);
      break;
    }
    await socket.dispose();
  });
});
