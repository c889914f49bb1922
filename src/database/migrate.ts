import { createHmac } from 'node:crypto';
import { Migration, Migrator } from '@mikro-orm/migrations';
import { MikroORM } from '@mikro-orm/postgresql';
import { Client } from 'pg';
import { DeliveryStorageMigration } from '../events/delivery-storage.migration.js';
import { EventsMigration } from '../events/events.migration.js';
import { ROOMS, type RoomName } from '../rooms.js';

/** A migration: hand-written SQL, its table, policy and grants together. Named, so that renaming a class changes nothing. */
export interface RoomMigration {
  readonly name: string;
  readonly class: new (...options: ConstructorParameters<typeof Migration>) => Migration;
}

/**
 * Brings the room's schema up to date as the database's owner, and makes the room's login: it owns nothing and may do
 * nothing until the guard gives it a role. Returns the login's URL. Safe to run from several processes at once.
 */
export async function migrate(ownerUrl: string, room: RoomName, migrations: readonly RoomMigration[]): Promise<string> {
  const owner = new Client({ connectionString: ownerUrl });
  await owner.connect();
  try {
    // One at a time, whatever the number of rooms and replicas that start together.
    await owner.query(`select pg_advisory_lock(hashtext('ardoise-migrate'))`);
    const login = roomLogin(ownerUrl, room);
    await makeRoles(owner, roleStatements(room, login.password));
    for (const [schema, list] of [['events', [{ name: '001-events', class: EventsMigration }, { name: '002-delivery-storage', class: DeliveryStorageMigration }]], [room, migrations]] as const) {
      if (!(await isCurrent(owner, schema, list))) await runMigrations(ownerUrl, schema, list);
    }
    return login.url;
  } finally {
    await owner.end();
  }
}

/**
 * Roles belong to the whole server, the lock above to one database: two databases of one server may make them at once, and
 * PostgreSQL then refuses the second. Refused statements did nothing, so they are simply run again.
 */
async function makeRoles(owner: Client, statements: string): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await owner.query(statements);
      return;
    } catch (error) {
      // "tuple concurrently updated", and a role or a membership that somebody else has just made.
      const isRace = ['XX000', '42710', '23505'].includes(String((error as { code?: unknown }).code));
      if (!isRace || attempt === 10) throw error;
      await new Promise((resolve) => setTimeout(resolve, 20 * attempt));
    }
  }
}

/** Whether all of them ran: then there is no need for what runs them, which costs a good part of a start. */
async function isCurrent(owner: Client, schema: string, migrations: readonly RoomMigration[]): Promise<boolean> {
  const table = `${schema}.migration`;
  const { rows: [found] } = await owner.query<{ there: boolean }>('select to_regclass($1) is not null as there', [table]);
  if (!found?.there) return false;
  const { rows } = await owner.query<{ name: string }>(`select name from ${table}`);
  return migrations.every(({ name }) => rows.some((row) => row.name === name));
}

async function runMigrations(ownerUrl: string, schema: string, migrations: readonly RoomMigration[]): Promise<void> {
  const orm = await MikroORM.init({
    clientUrl: ownerUrl,
    entities: [],
    discovery: { warnWhenNoEntities: false },
    extensions: [Migrator],
    pool: { min: 0, max: 1 },
    logger: () => undefined,
    migrations: {
      tableName: `${schema}.migration`,
      migrationsList: migrations.map(({ name, class: migration }) => ({ name, class: migration })),
      transactional: true,
      allOrNothing: true,
      snapshot: false,
    },
  });
  try {
    await orm.em.execute(`create schema if not exists "${schema}"`);
    await orm.migrator.up();
  } finally {
    await orm.close(true);
  }
}

/**
 * Three roles a room: `<room>` logs in, owns nothing, inherits nothing; `<room>_app` acts as one firm; `<room>_system`
 * acts for the room across firms and is granted the few tables that need it, one by one.
 */
function roleStatements(room: RoomName, password: string): string {
  // Every room's roles exist wherever one room does: the event table, which rooms may share, grants to all of them.
  const roles = ROOMS.flatMap((name) => [`${name}_app`, `${name}_system`]);
  return `
    do $$ begin
      ${roles.map((role) => `if not exists (select from pg_roles where rolname = '${role}') then create role ${role} nologin noinherit; end if;`).join('\n')}
      if not exists (select from pg_roles where rolname = '${room}') then create role ${room} login noinherit; end if;
    end $$;
    alter role ${room} login noinherit password '${password}';
    grant ${room}_app, ${room}_system to ${room};
  `;
}

/** The room's own login. Its password is derived from the owner's, so replicas agree without a secret more. */
function roomLogin(ownerUrl: string, room: RoomName): { url: string; password: string } {
  const url = new URL(ownerUrl);
  const password = createHmac('sha256', decodeURIComponent(url.password)).update(`ardoise login ${room}`).digest('hex');
  url.username = room;
  url.password = password;
  return { url: url.href, password };
}
