import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import { Pool } from 'pg';
import { FirmReads } from '../src/database/firm-reads.js';
import { startHouse, type FirmVisitor, type TestHouse } from './house.js';

let house: TestHouse;
let acme: FirmVisitor;
let rival: FirmVisitor;
/** One connection: whatever one firm's read left on it, the next one's would meet. */
let pool: Pool;

beforeAll(async () => {
  house = await startHouse();
  acme = await house.firm('Acme');
  rival = await house.firm('Rival');
  for (const firm of [acme, rival]) await firm.get('mutation ($input: CustomerUpsertInput!) { customerUpsert(input: $input) { userErrors { code } } }', { input: { reference: 'C1', name: `Customer of ${firm.firmId}`, country: 'FR' } });
  pool = new Pool({ connectionString: house.databaseUrl, max: 1 });
  // Its goodbye may still be under way when the database is dropped.
  pool.on('error', () => undefined);
});
afterAll(async () => {
  await pool.end();
  await house[Symbol.asyncDispose]();
});

const readsOf = (firm: FirmVisitor): FirmReads => new FirmReads(pool, { role: 'portfolios_app', 'app.firm_id': firm.firmId });
const names = async (reads: FirmReads): Promise<string[]> => (await sql<{ name: string }>`select name from portfolios.customer order by name`.execute(reads)).rows.map(({ name }) => name);
const divide = (reads: FirmReads, by: number): Promise<unknown> => sql`select 1 / ${by}::int as quotient`.execute(reads);

/** What the connection carries between two reads. */
async function carried(): Promise<unknown> {
  const { rows } = await pool.query(`select current_user = session_user as itself, coalesce(current_setting('app.firm_id', true), '') as firm, current_setting('transaction_read_only') as read_only`);
  return rows[0];
}
const NOTHING = { itself: true, firm: '', read_only: 'off' };

test('each read is its own firm, on one connection in turns, and leaves nothing on it', async () => {
  expect(await names(readsOf(acme))).toEqual([`Customer of ${acme.firmId}`]);
  expect(await carried()).toEqual(NOTHING);
  const mixed = await Promise.all([acme, rival, acme, rival, rival].map((firm) => names(readsOf(firm))));
  expect(mixed.flat()).toEqual([acme, rival, acme, rival, rival].map(({ firmId }) => `Customer of ${firmId}`));
  expect(await carried()).toEqual(NOTHING);
});

test('reads of one turn share a trip and each gets its own rows, also those without any', async () => {
  const reads = readsOf(acme);
  const [own, none, numbers, transactions] = await Promise.all([
    names(reads),
    sql`select name from portfolios.customer where reference = ${'no such'}`.execute(reads),
    sql<{ n: number; list: string[]; nothing: null; at: unknown }>`select n, ${['a"b', 'c,d', null]}::text[] as list, ${null}::text as nothing from generate_series(1, 3) n`.execute(reads),
    Promise.all([1, 2].map(() => sql<{ id: string }>`select now()::text as id`.execute(reads))),
  ]);
  expect(own).toEqual([`Customer of ${acme.firmId}`]);
  expect(none.rows).toEqual([]);
  expect(numbers.rows).toEqual([1, 2, 3].map((n) => ({ n, list: ['a"b', 'c,d', null], nothing: null })));
  // `now` is the beginning of the transaction.
  expect(transactions[0]!.rows).toEqual(transactions[1]!.rows);
});

test('a read that fails takes those of its trip with it, and the next firm finds a connection that knows nothing', async () => {
  const reads = readsOf(acme);
  const together = await Promise.allSettled([names(reads), divide(reads, 0), names(reads)]);
  expect(together.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
  expect(await carried()).toEqual(NOTHING);
  expect(await names(readsOf(rival))).toEqual([`Customer of ${rival.firmId}`]);
  // What does not parse, does not bind, and again what divides by zero once it is prepared.
  for (const broken of [sql`selec`, sql`select ${'x'}::int`, sql`select 1 / 0`]) await expect(broken.execute(readsOf(acme))).rejects.toThrow();
  for (const by of [1, 0, 1, 0]) await (by === 0 ? expect(divide(readsOf(acme), by)).rejects.toThrow() : divide(readsOf(acme), by));
  expect(await carried()).toEqual(NOTHING);
  expect(await names(readsOf(rival))).toEqual([`Customer of ${rival.firmId}`]);
});

test('a read cannot write, nor become somebody else for the next one', async () => {
  await expect(sql`delete from portfolios.customer`.execute(readsOf(acme))).rejects.toThrow(/read-only/);
  const reads = readsOf(acme);
  // Whatever a statement sets for its transaction is as short-lived as what the guard set.
  await Promise.allSettled([sql`select set_config('app.firm_id', ${rival.firmId}, true)`.execute(reads)]);
  expect(await carried()).toEqual(NOTHING);
  expect(await names(readsOf(acme))).toEqual([`Customer of ${acme.firmId}`]);
});

test('more statements than are kept prepared are read all the same', async () => {
  for (let column = 0; column < 300; column += 1) {
    const { rows } = await sql<Record<string, number>>`select ${sql.lit(column)}::int as ${sql.ref(`c${column}`)}, ${column + 1}::int as next`.execute(readsOf(acme));
    expect(rows).toEqual([{ [`c${column}`]: column, next: column + 1 }]);
  }
  expect(await names(readsOf(rival))).toEqual([`Customer of ${rival.firmId}`]);
  expect(await carried()).toEqual(NOTHING);
});

test('a connection that breaks under a read is an error, and the next read has another', async () => {
  const reading = sql`select pg_sleep(10)`.execute(readsOf(acme));
  const failed = expect(reading).rejects.toThrow();
  const other = new Pool({ connectionString: house.databaseUrl, max: 1 });
  try {
    const until = Date.now() + 5000;
    while (Date.now() < until && (await other.query(`select pg_terminate_backend(pid) from pg_stat_activity where query like 'select pg_sleep(10)%' and datname = current_database()`)).rowCount === 0);
    await failed;
  } finally {
    await other.end();
  }
  expect(await names(readsOf(rival))).toEqual([`Customer of ${rival.firmId}`]);
});

const writesOf = (firm: FirmVisitor): FirmReads => new FirmReads(pool, { role: 'portfolios_app', 'app.firm_id': firm.firmId }, true);
const rename = (writes: FirmReads, name: string): Promise<unknown> => sql`update portfolios.customer set name = ${name}`.execute(writes);

test('what is written in one trip is committed when it is answered, as one firm, whole or not at all', async () => {
  await rename(writesOf(acme), 'Renamed');
  expect([await names(readsOf(acme)), await names(readsOf(rival))]).toEqual([['Renamed'], [`Customer of ${rival.firmId}`]]);
  expect(await carried()).toEqual(NOTHING);
  const writes = writesOf(acme);
  const together = await Promise.allSettled([rename(writes, 'Half'), divide(writes, 0)]);
  expect(together.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(await names(readsOf(acme))).toEqual(['Renamed']);
  expect(await carried()).toEqual(NOTHING);
});

test('a second trip is refused: it would be another transaction', async () => {
  const writes = writesOf(acme);
  await rename(writes, 'Once');
  await expect(rename(writes, 'Twice')).rejects.toThrow('in one turn');
  expect(await names(readsOf(acme))).toEqual(['Once']);
});
