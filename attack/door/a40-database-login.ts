import { Client } from 'pg';
import { migrate } from '../../src/database/migrate.js';
import { ROOMS, type RoomName } from '../../src/rooms.js';
import { achieved, never, type Achieved, type DoorAttack } from './door-attack.js';
import type { DoorWorld } from './world.js';

/**
 * A40. Somebody has the password of one room's database login. As that login, and in every role it may take, they read and
 * write every table of every other room, call their functions, look at other sessions, statistics and files of the server,
 * and, without naming a firm, at their own room's rows.
 * Pass: everything is denied or empty.
 */
export const databaseLogin: DoorAttack = {
  id: 'A40',
  title: 'insider with a database login of one room',
  passLine: 'denied',
  passes: never,
  run: async (world, { fast }) => {
    const results = [];
    for (const room of ROOMS) results.push(await loginAs(world, room, await migrate(world.network.house.databaseUrl, room, world.network.house.running.rooms[room].subgraph.migrations)));
    // The owner of all is refused nothing, whatever role it takes.
    const control = await loginAs(world, 'community', world.network.house.databaseUrl, fast ? [undefined] : undefined);
    const talkative = results.filter(({ reached }) => reached > 0);
    return {
      product: achieved(results.reduce((sum, { trials }) => sum + trials, 0), results.reduce((sum, { reached }) => sum + reached, 0), talkative.length === 0 ? `${ROOMS.length} logins, in three roles each, are denied everything` : talkative.map(({ said }) => said).join('; ')),
      control,
    };
  },
};

async function loginAs({ network }: DoorWorld, room: RoomName, url: string, roles: readonly (string | undefined)[] = [undefined, `${room}_app`, `${room}_system`]): Promise<Achieved & { readonly reached: number }> {
  const others = ROOMS.filter((name) => name !== room);
  const { rows: tables } = await network.owner.query<{ name: string; own: boolean }>(
    `select format('%I.%I', schemaname, tablename) as name, schemaname = $1 as own from pg_tables where schemaname = any($2) order by 1`, [room, ROOMS]);
  const { rows: calls } = await network.owner.query<{ call: string }>(
    `select format('select %I.%I(%s)', n.nspname, p.proname, (select string_agg('null::' || format_type(t, null), ', ') from unnest(p.proargtypes) as t)) as call
     from pg_proc p join pg_namespace n on n.oid = p.pronamespace where n.nspname = any($1) and p.prorettype <> 'trigger'::regtype`, [others]);
  const statements = [
    ...tables.filter(({ own }) => !own).flatMap(({ name }) => [`select * from ${name} limit 1`, `select count(*) from ${name}`, `insert into ${name} default values`, `delete from ${name}`, `truncate ${name}`, `alter table ${name} disable row level security`]),
    // Its own room's rows without a firm: nobody's. When an epoch was published is told to everybody.
    ...tables.filter(({ own, name }) => own && !name.endsWith('.migration') && name !== 'community.epoch').map(({ name }) => `select * from ${name} limit 1`),
    ...calls.map(({ call }) => call),
    ...others.flatMap((name) => [`set role ${name}`, `set role ${name}_app`, `set role ${name}_system`]),
    `select * from events.delivery where consumer <> '${room}' and producer <> '${room}' limit 1`,
    `update events.delivery set consumer = '${room}' where consumer <> '${room}'`,
    `select * from pg_authid`, `select * from pg_shadow`, `select pg_read_file('postgresql.conf')`, `select pg_ls_dir('.')`, `select lo_import('/etc/hostname')`, `copy (select 1) to program 'true'`, `copy events.delivery from '/etc/hostname'`,
    `create extension dblink`, `create role mallory superuser`, `alter role current_user superuser`, `alter role ${room} bypassrls`, `set role postgres`, `set session authorization postgres`, `alter system set log_statement = 'all'`, `select pg_reload_conf()`, `create schema mallory`,
    `create function public.mallory() returns int language sql as 'select 1'`, `select pg_terminate_backend(pid) from pg_stat_activity where usename <> current_user and pid <> pg_backend_pid() limit 1`,
    `select query from pg_stat_activity where usename <> session_user and query not in ('', '<insufficient privilege>') limit 1`,
    `select most_common_vals from pg_stats where schemaname = any('{${others.join(',')}}') limit 1`,
  ];
  const client = new Client({ connectionString: url });
  await client.connect();
  const reached = new Map<string, string>();
  try {
    // A role that may not be taken is one statement of those above; here only those it may take count.
    for (const role of roles) {
      for (const statement of statements) {
        // The room's own system role sees its room: that is what it is for.
        if (role === `${room}_system` && tables.some(({ own, name }) => own && statement === `select * from ${name} limit 1`)) continue;
        try {
          await client.query(role === undefined ? 'begin' : `begin; set local role ${role}`);
          const { rowCount, command } = await client.query(statement);
          const isEmptyRead = (command === 'SELECT' || command === 'UPDATE' || command === 'DELETE') && rowCount === 0;
          if (!isEmptyRead) reached.set(statement, role ?? room);
        } catch {
          // Denied.
        }
        await client.query('rollback');
      }
    }
  } finally {
    await client.end();
  }
  return { ...achieved(statements.length, reached.size, reached.size === 0 ? `${room} is denied` : `${room} reached ${reached.size} of ${statements.length}, e.g. ${[...reached].slice(0, 3).map(([statement, role]) => `${role}: ${statement}`).join(' | ')}`), reached: reached.size };
}
