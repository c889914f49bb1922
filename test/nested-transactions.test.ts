import { randomUUID } from 'node:crypto';
import type { EntityManager } from '@mikro-orm/postgresql';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import type { Reader } from '../src/database/firm-reads.js';
import type { FirmDatabase } from '../src/database/room-database.js';
import type { RoomName } from '../src/rooms.js';
import { startHouse, type TestHouse } from './house.js';

/** A transaction that is opened inside another: of the same room, of another one, of another database in the same process. */
let house: TestHouse;
let elsewhere: TestHouse;
beforeAll(async () => {
  [house, elsewhere] = await Promise.all([startHouse(), startHouse()]);
});
afterAll(() => Promise.all([house[Symbol.asyncDispose](), elsewhere[Symbol.asyncDispose]()]));

const FIRM = randomUUID();
const OTHER = randomUUID();

/** Whose transaction it is, as PostgreSQL sees it. */
interface Whose {
  readonly database: string;
  readonly login: string;
  readonly role: string;
  readonly firm: string | null;
}

interface Side {
  readonly where: 'here' | 'elsewhere';
  readonly room: RoomName;
  readonly firm: string | null;
}

function databaseOf({ where, room, firm }: Side): FirmDatabase {
  const { db } = (where === 'here' ? house : elsewhere).running.rooms[room].room;
  return firm === null ? db.asSystem() : db.forFirm(firm);
}

function expected({ where, room, firm }: Side): Whose {
  const database = new URL((where === 'here' ? house : elsewhere).databaseUrl).pathname.slice(1);
  return { database, login: room, role: `${room}_${firm === null ? 'system' : 'app'}`, firm };
}

const WHOSE = sql<Whose & { connection: number }>`
  select current_database() as database, session_user as login, current_user as role, nullif(current_setting('app.firm_id', true), '') as firm, pg_backend_pid() as connection
`;

async function ask(reader: Reader): Promise<{ whose: Whose; connection: number }> {
  const { rows } = await WHOSE.execute(reader.getKysely<unknown>());
  const { connection, ...whose } = rows[0]!;
  return { whose, connection };
}

const OUTER: readonly Side[] = [
  { where: 'here', room: 'portfolios', firm: FIRM },
  { where: 'here', room: 'portfolios', firm: null },
  { where: 'here', room: 'community', firm: FIRM },
];
const INNER: readonly Side[] = [
  { where: 'here', room: 'portfolios', firm: FIRM },
  { where: 'here', room: 'portfolios', firm: OTHER },
  { where: 'here', room: 'portfolios', firm: null },
  { where: 'here', room: 'community', firm: FIRM },
  { where: 'here', room: 'community', firm: OTHER },
  { where: 'here', room: 'community', firm: null },
  // The same room of another house has the same login and the same roles: nothing but the database tells them apart.
  { where: 'elsewhere', room: 'portfolios', firm: FIRM },
  { where: 'elsewhere', room: 'portfolios', firm: null },
  { where: 'elsewhere', room: 'community', firm: OTHER },
];
const named = ({ where, room, firm }: Side): string => `${room} ${where} as ${firm === null ? 'the room' : firm === FIRM ? 'one firm' : 'another firm'}`;
const PAIRS = OUTER.flatMap((outer) => INNER.map((inner) => [named(inner), named(outer), inner, outer] as const));

test.each(PAIRS)('%s, inside %s, is itself, on a connection of its own', async (_inner, _outer, inner, outer) => {
  await databaseOf(outer).transaction(async (em) => {
    const before = await ask(em);
    expect(before.whose).toEqual(expected(outer));
    const within = await databaseOf(inner).transaction(ask);
    expect(within.whose).toEqual(expected(inner));
    expect(within.connection).not.toBe(before.connection);
    // And inside that one the outer one again: three deep.
    const deepest = await databaseOf(inner).transaction(() => databaseOf(outer).transaction(ask));
    expect(deepest.whose).toEqual(expected(outer));
    expect((await ask(databaseOf(inner).reads())).whose).toEqual(expected(inner));
    const byDriver = await databaseOf(inner).driverTransaction(async (client) => (await client.query<{ role: string }>('select current_user as role')).rows[0]!.role);
    expect(byDriver).toBe(expected(inner).role);
    expect(await ask(em)).toEqual(before);
  });
});

test('several at once inside one, and what outlives the one it began in, are each itself', async () => {
  let late: Promise<readonly { whose: Whose }[]> | undefined;
  const release = Promise.withResolvers<void>();
  await databaseOf(OUTER[0]!).transaction(async (em) => {
    const within = await Promise.all(INNER.map((inner) => databaseOf(inner).transaction(ask)));
    expect(within.map(({ whose }) => whose)).toEqual(INNER.map(expected));
    late = release.promise.then(() => Promise.all(INNER.map((inner) => databaseOf(inner).transaction(ask))));
    expect((await ask(em)).whose).toEqual(expected(OUTER[0]!));
  });
  release.resolve();
  expect((await late!).map(({ whose }) => whose)).toEqual(INNER.map(expected));
});

/** A customer of the firm of the transaction; the references that are there. */
async function addCustomer(em: EntityManager, reference: string): Promise<void> {
  await sql`insert into portfolios.customer (reference, name) values (${reference}, ${reference})`.execute(em.getKysely<unknown>());
}
async function customers(reader: Reader): Promise<readonly string[]> {
  const { rows } = await sql<{ reference: string }>`select reference from portfolios.customer order by reference`.execute(reader.getKysely<unknown>());
  return rows.map(({ reference }) => reference);
}

test("one firm's transaction inside another's sees and writes its own rows alone; each commits or not by itself", async () => {
  const { db } = house.running.rooms.portfolios.room;
  const [first, second] = [db.forFirm(FIRM), db.forFirm(OTHER)];
  const failed = first.transaction(async (em) => {
    await addCustomer(em, 'of the first, rolled back');
    await second.transaction(async (inner) => {
      await addCustomer(inner, 'of the second');
      expect(await customers(inner)).toEqual(['of the second']);
    });
    await expect(second.transaction(async (inner) => {
      await addCustomer(inner, 'of the second, rolled back');
      throw new Error('the inner one');
    })).rejects.toThrow('the inner one');
    expect(await customers(em)).toEqual(['of the first, rolled back']);
    expect(await customers(first.reads())).toEqual([]);
    throw new Error('the outer one');
  });
  await expect(failed).rejects.toThrow('the outer one');
  expect([await customers(first.reads()), await customers(second.reads())]).toEqual([[], ['of the second']]);
  expect(await elsewhere.running.rooms.portfolios.room.db.forFirm(OTHER).transaction(customers)).toEqual([]);
});
