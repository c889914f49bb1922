import { randomUUID } from 'node:crypto';
import { mkdtemp, chmod, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import { Client } from 'pg';
import { findEmbeddedPostgres, startEmbeddedPostgres } from '../src/database/embedded-postgres.js';
import { migrate } from '../src/database/migrate.js';
import { DatabaseAway } from '../src/database/passing-faults.js';
import { RoomDatabase } from '../src/database/room-database.js';
import { MemoryHints } from '../src/events/hints.js';
import { community } from '../subgraphs/community/subgraph.js';
import { CommunityRoom } from './community-room.js';
import { TcpProxy } from './tcp-proxy.js';

let room: CommunityRoom;
beforeAll(async () => {
  room = await CommunityRoom.open();
  await room.owner.query(`
    create table community.tally (firm_id uuid not null, place int not null, count int not null, primary key (firm_id, place));
    create sequence community.tried;
    grant select, insert, update on community.tally to community_app;
    grant usage on sequence community.tried to community_app;
  `);
});
afterAll(() => room[Symbol.asyncDispose]());

const firmId = randomUUID();

async function countsOf(): Promise<number[]> {
  return (await room.owner.query<{ count: number }>('select count from community.tally where firm_id = $1 order by place', [firmId])).rows.map(({ count }) => count);
}

/** Has PostgreSQL end as many of the next writes as this with an error of a code, as it would under load. */
async function failNext(times: number, code: string): Promise<void> {
  // A sequence keeps what it counted also when its transaction is taken back.
  await room.owner.query(`
    select setval('community.tried', 1, false);
    create or replace function community.fail_next() returns trigger language plpgsql as $$ begin
      if nextval('community.tried') <= ${times} then raise exception 'planted' using errcode = '${code}'; end if;
      return new;
    end $$;
    create or replace trigger fail_next before update on community.tally for each row execute function community.fail_next();
  `);
}

async function add(): Promise<void> {
  await room.room.db.forFirm(firmId).transaction(async (em) => {
    await sql`update community.tally set count = count + 1 where firm_id = ${firmId} and place = 1`.execute(em.getKysely<unknown>());
  });
}

test.each(['40001', '40P01'])('a transaction that PostgreSQL ends with %s is run again, three times at most, and has one effect', async (code) => {
  await room.owner.query('delete from community.tally');
  await room.owner.query('insert into community.tally values ($1, 1, 0)', [firmId]);
  await failNext(3, code);
  await add();
  expect(await countsOf()).toEqual([1]);
  await failNext(4, code);
  await expect(add()).rejects.toThrow(DatabaseAway);
  expect(await countsOf()).toEqual([1]);
  // Tried four times and no more: a transaction around this one does not begin it anew either.
  expect((await room.owner.query<{ last_value: string }>('select last_value from community.tried')).rows[0]!.last_value).toBe('4');
  await failNext(4, code);
  await expect(room.room.db.forFirm(firmId).transaction(() => add())).rejects.toThrow(DatabaseAway);
  expect((await room.owner.query<{ last_value: string }>('select last_value from community.tried')).rows[0]!.last_value).toBe('4');
  // Any other error is the caller's.
  await failNext(1, '23514');
  await expect(add()).rejects.toMatchObject({ code: '23514' });
  expect(await countsOf()).toEqual([1]);
});

test('two transactions that lock the same rows crosswise both take effect, once', async () => {
  await failNext(0, '40001');
  await room.owner.query('delete from community.tally');
  await room.owner.query('insert into community.tally values ($1, 1, 0), ($1, 2, 0)', [firmId]);
  const met = Promise.withResolvers<void>();
  let waiting = 2;
  const addBoth = (places: readonly [number, number]): Promise<void> => room.room.db.forFirm(firmId).transaction(async (em) => {
    for (const [index, place] of places.entries()) {
      await sql`update community.tally set count = count + 1 where firm_id = ${firmId} and place = ${place}`.execute(em.getKysely<unknown>());
      // Each has its first row before either asks for its second.
      if (index === 0 && (waiting -= 1) <= 0) met.resolve();
      if (index === 0) await met.promise;
    }
  });
  await Promise.all([addBoth([1, 2]), addBoth([2, 1])]);
  expect(await countsOf()).toEqual([2, 2]);
  expect(waiting).toBe(-1);
});

test('who waits too long for a connection is refused within two seconds, and nothing of it happens', async () => {
  await failNext(0, '40001');
  await room.owner.query('delete from community.tally');
  await room.owner.query('insert into community.tally values ($1, 1, 0)', [firmId]);
  const db = await RoomDatabase.open('community', room.loginUrl, community.tables, new MemoryHints(), { connections: 5 });
  const free = Promise.withResolvers<void>();
  const held = Array.from({ length: 5 }, () => db.asSystem().transaction(() => free.promise));
  const began = performance.now();
  const late = db.forFirm(firmId).transaction(async (em) => {
    await sql`update community.tally set count = count + 1`.execute(em.getKysely<unknown>());
  });
  const lateRead = sql`select 1`.execute(db.forFirm(firmId).reads().getKysely());
  await expect(late).rejects.toMatchObject({ extensions: { code: 'UNAVAILABLE' } });
  await expect(lateRead).rejects.toMatchObject({ extensions: { code: 'UNAVAILABLE' } });
  expect(performance.now() - began).toBeLessThan(2000);
  free.resolve();
  await Promise.all(held);
  await db.forFirm(firmId).transaction(async () => undefined);
  expect(await countsOf()).toEqual([0]);
  await db.close();
}, 20_000);

test('transactions whose connections are cut say so, and the pool has all its places again at once', async () => {
  await using proxy = await TcpProxy.start(room.loginUrl);
  const db = await RoomDatabase.open('community', proxy.urlOf(), community.tables, new MemoryHints(), { connections: 5 });
  // In each of the states that a cut can meet: before its first statement, between two, and in the middle of one.
  const cut = Promise.withResolvers<void>();
  const inWork = Array.from({ length: 4 }, (_, index) => db.asSystem().transaction(async (em) => {
    if (index % 2 === 0) await sql`select pg_sleep(30)`.execute(em.getKysely<unknown>());
    await cut.promise;
    await sql`select 1`.execute(em.getKysely<unknown>());
  }));
  const outcomes = Promise.all(inWork.map((work) => work.then(() => 'done', (error: unknown) => error)));
  while (proxy.open < 4) await new Promise((resolve) => setTimeout(resolve, 10));
  proxy.cut('reset');
  cut.resolve();
  for (const outcome of await outcomes) expect(outcome).toBeInstanceOf(DatabaseAway);
  await new Promise((resolve) => setTimeout(resolve, 1000));
  // As many at once as there are places: each holds its own until all have one.
  let inside = 0;
  const all = Promise.withResolvers<void>();
  await Promise.all(Array.from({ length: 5 }, () => db.asSystem().transaction(() => {
    if ((inside += 1) === 5) all.resolve();
    return all.promise;
  })));
  await db.close();
}, 20_000);

test('an embedded PostgreSQL that is killed or stopped is back by itself, with everything that was committed', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'ardoise-kept-'));
  await chmod(directory, 0o755);
  const postgres = await startEmbeddedPostgres(directory);
  const db = await RoomDatabase.open('community', await migrate(postgres.url, 'community', community.migrations), community.tables, new MemoryHints());
  const admit = (firm: string): Promise<void> => db.asSystem().transaction(async (em) => {
    await sql`insert into community.membership (firm_id, verified, metrics) values (${firm}, true, '{DSO}')`.execute(em.getKysely<unknown>());
  });
  const firms: string[] = [];
  for (const signal of ['SIGKILL', 'SIGINT', 'SIGKILL'] as const) {
    firms.push(randomUUID());
    await admit(firms.at(-1)!);
    const home = await readFile(join(directory, 'database-is-in'), 'utf8').then((text) => text.trim(), () => directory);
    process.kill(Number.parseInt(await readFile(join(home, 'postgres', 'postmaster.pid'), 'utf8'), 10), signal);
    const began = performance.now();
    for (;;) {
      // A write now and then meets the server as it goes or comes: it says so, and does nothing by halves.
      firms.push(randomUUID());
      const done = await admit(firms.at(-1)!).then(() => true, (error: unknown) => {
        if (!(error instanceof DatabaseAway)) throw error;
        return false;
      });
      if (!done) firms.pop();
      else if (performance.now() - began > 1500) break;
      expect(performance.now() - began).toBeLessThan(10_000);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
  const client = new Client({ connectionString: postgres.url });
  await client.connect();
  const { rows } = await client.query<{ firm_id: string }>('select firm_id from community.membership');
  expect(rows.map((row) => row.firm_id)).toEqual(expect.arrayContaining(firms));
  await client.end();
  await db.close();
  await postgres.stop();
  // Stopped for good.
  expect(await findEmbeddedPostgres(directory)).toBeUndefined();
  await rm(directory, { recursive: true, force: true });
}, 60_000);
