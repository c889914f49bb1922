import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Client } from 'pg';
import { migrate } from '../../src/database/migrate.js';
import { ROOMS } from '../../src/rooms.js';
import { SUBGRAPHS } from '../../subgraphs/all.js';
import { startHouse, type TestHouse } from '../house.js';

/** Rules about the database, asked of the catalogue of a migrated one, so that no migration can slip past them. */
let house: TestHouse;
let owner: Client;
beforeAll(async () => {
  house = await startHouse();
  owner = await house.asOwner();
});
afterAll(() => house[Symbol.asyncDispose]());

async function find(statement: string, ...values: unknown[]): Promise<string[]> {
  const { rows } = await owner.query<{ found: string }>(statement, values);
  return rows.map(({ found }) => found);
}

/** Runs a violation and what finds it, and takes the violation back. */
async function planted(violation: string, rule: () => Promise<string[]>): Promise<string[]> {
  await owner.query('begin');
  try {
    await owner.query(violation);
    return await rule();
  } finally {
    await owner.query('rollback');
  }
}

const ours = `n.nspname not like 'pg\\_%' and n.nspname <> 'information_schema'`;
const roles = ROOMS.flatMap((room) => [room, `${room}_app`, `${room}_system`]);

/** Tables of any schema, those of migrations too, that somebody could read whole; views that read as their owner. */
const unguarded = (): Promise<string[]> => find(`
  select concat(n.nspname, '.', c.relname) as found from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where ${ours} and (
    (c.relkind in ('r', 'p') and not (c.relrowsecurity and c.relforcerowsecurity))
    or (c.relkind = 'v' and not coalesce('security_invoker=true' = any(c.reloptions) or 'security_invoker=on' = any(c.reloptions), false))
    or c.relkind in ('m', 'f'))
  order by 1`);

test('row-level security is enabled and forced on every table', async () => {
  expect(await unguarded()).toEqual([]);
  expect(await find(`select count(*)::text as found from pg_class c join pg_namespace n on n.oid = c.relnamespace where ${ours} and c.relkind = 'r'`)).not.toEqual(['0']);
});

test.each([
  ['create table events.planted (id int)', 'events.planted'],
  ['create table public.planted (id int)', 'public.planted'],
  ['create schema planted create table planted.planted (id int)', 'planted.planted'],
  ['alter table identity.person no force row level security', 'identity.person'],
  ['alter table identity.migration disable row level security', 'identity.migration'],
  ['create view identity.planted as select * from identity.person', 'identity.planted'],
  ['create materialized view identity.planted as select * from identity.person', 'identity.planted'],
])('%s is found', async (violation, found) => {
  expect(await planted(violation, unguarded)).toEqual([found]);
});

/** Roles of ours that own something or stand above row-level security; roles that log in and should not. */
const mighty = (): Promise<string[]> => find(`
  select r.rolname || ' stands above' as found from pg_roles r where r.rolname = any($1) and (r.rolsuper or r.rolbypassrls or r.rolcreaterole or r.rolcreatedb or r.rolreplication)
  union all
  select r.rolname || ' logs in' from pg_roles r where r.rolname = any($1) and r.rolcanlogin and r.rolname ~ '_(app|system)$'
  union all
  select r.rolname || ' inherits' from pg_auth_members m join pg_roles r on r.oid = m.member where r.rolname = any($1) and m.inherit_option
  union all
  select concat(r.rolname, ' is a member of ', g.rolname) from pg_auth_members m join pg_roles r on r.oid = m.member join pg_roles g on g.oid = m.roleid
  where r.rolname = any($1) and g.rolname not in (r.rolname || '_app', r.rolname || '_system')
  union all
  select distinct r.rolname || ' owns something' from pg_shdepend d join pg_roles r on r.oid = d.refobjid
  where d.deptype = 'o' and r.rolname = any($1) and d.dbid in (0, (select oid from pg_database where datname = current_database()))
  order by 1`, roles);

test("no role of a room owns anything, stands above row-level security or is in another room's role", async () => {
  expect(await mighty()).toEqual([]);
});

test.each([
  ['alter role identity_app bypassrls', 'identity_app stands above'],
  ['alter role identity_system superuser', 'identity_system stands above'],
  ['alter role identity_system login', 'identity_system logs in'],
  ['alter table identity.person owner to identity_app', 'identity_app owns something'],
  ['grant all on schema identity to identity; create schema planted authorization identity', 'identity owns something'],
  ['grant identity_app to scoring_app', 'scoring_app is a member of identity_app'],
  ['grant identity_app to scoring_system with inherit true', 'scoring_system inherits'],
])('%s is found', async (violation, found) => {
  expect(await planted(violation, mighty)).toContain(found);
});

/** What a login may touch before the guard has given its transaction a role, found by trying it. */
async function withinReach(loginUrl: string): Promise<string[]> {
  const tables = await find(`select concat(n.nspname, '.', c.relname) as found from pg_class c join pg_namespace n on n.oid = c.relnamespace where ${ours} and c.relkind in ('r', 'p', 'v') order by 1`);
  const login = new Client({ connectionString: loginUrl });
  await login.connect();
  try {
    const reached: string[] = [];
    for (const table of tables) {
      for (const statement of [`select from ${table} limit 0`, `delete from ${table} where false`, `insert into ${table} select * from ${table} where false`]) {
        const code = await login.query(statement).then(() => undefined, (error: { code?: string }) => error.code);
        // 42501: permission denied, for the schema or the table.
        if (code !== '42501') reached.push(`${statement}: ${code ?? 'done'}`);
      }
    }
    return reached;
  } finally {
    await login.end();
  }
}

test("a room's login without a role reaches no table", async () => {
  for (const subgraph of SUBGRAPHS) expect(await withinReach(await migrate(house.databaseUrl, subgraph.name, subgraph.migrations))).toEqual([]);
});

test('a grant to a login is found', async () => {
  const identity = SUBGRAPHS.find(({ name }) => name === 'identity')!;
  const loginUrl = await migrate(house.databaseUrl, identity.name, identity.migrations);
  await owner.query('grant usage on schema identity to identity; grant select on identity.person to identity');
  try {
    expect(await withinReach(loginUrl)).toEqual(['select from identity.person limit 0: done']);
  } finally {
    await owner.query('revoke select on identity.person from identity; revoke usage on schema identity from identity');
  }
});

/** Tables that a room's roles may touch in another room's schema. */
const trespassing = (): Promise<string[]> => find(`
  select concat(r.rolname, ' → ', n.nspname, '.', c.relname) as found
  from pg_class c join pg_namespace n on n.oid = c.relnamespace join pg_roles r on r.rolname = any($1)
  where n.nspname = any($2) and c.relkind in ('r', 'p', 'v') and split_part(r.rolname, '_', 1) <> n.nspname
    and (has_table_privilege(r.rolname, c.oid, 'select, insert, update, delete') or has_any_column_privilege(r.rolname, c.oid, 'select, insert, update'))
  order by 1`, roles, ROOMS);

test("no room may touch another room's tables", async () => {
  expect(await trespassing()).toEqual([]);
});

test.each([
  ['grant select on identity.person to scoring_app', 'scoring_app → identity.person'],
  ['grant select (email) on identity.person to community_system', 'community_system → identity.person'],
])('%s is found', async (violation, found) => {
  expect(await planted(violation, trespassing)).toEqual([found]);
});

/**
 * Unique indexes that do not lead with the firm and may not: each is looked up before the firm is known, or nobody outside
 * chooses its values. A unique index tells whoever may insert whether a value exists, so every name here needs its reason.
 */
const UNIQUE_ACROSS_FIRMS: Readonly<Record<string, string>> = {
  'identity.person_email': 'an address signs in before its firm is known; that it is taken is said openly',
  'identity.session_family': 'found by the hash of a secret of 256 bits, before the firm is known',
  'identity.invitation_token': 'found by the hash of a secret of 256 bits, before the firm is known',
  'identity.api_key_secret': 'found by the hash of a secret of 256 bits, before the firm is known',
  'identity.sign_in_failure_pkey': 'addresses that fail to sign in, known or not; only the room itself reads it',
  'community.epoch_family_period_end_key': 'the calendar of publications: the same rows for everybody, and no client chooses one',
  'community.release_number_key': 'the order of publications: counted here, and only the room itself reads it',
  'community.release_hash_key': 'hashes of publications, made here; only the room itself reads them',
  'community.release_previous_hash_key': 'one entry follows one: a ledger of releases cannot fork',
  'portfolios.matching_key_pkey': 'exchanges of the one matching key of the network, counted; an operator begins them',
  'portfolios.first_matching_key_pkey': 'one row, of the one matching key of the network',
  'community.subject_key_pkey': 'finds the subject of a blind key, which only portfolios can make; only the room itself reads it',
  'community.audit_entry_pkey': 'entries of the one audit log, counted by the room; no firm is told the number',
  'community.audit_entry_hash_key': 'hashes of entries, made here; only the room itself reads them',
  'community.audit_entry_previous_hash_key': 'one entry follows one: the audit log cannot fork',
  'community.audit_head_pkey': 'one row, of the one audit log',
  'events.sandbox_clock_pkey': 'one row, of the whole sandbox',
  'scoring.invoice_fact_pkey': 'the firm is in it, behind the invoice: only the index by customer may begin with the firm, or a newcomer is read as a whole',
};

/**
 * A unique index leads with the firm; in community it may lead with the blind key of the customer or with the pair of
 * members, by which that room is distributed. A single uuid as primary key is made here, never chosen by a client.
 */
const shared = (): Promise<string[]> => find(`
  select concat(n.nspname, '.', x.relname) as found
  from pg_index i join pg_class x on x.oid = i.indexrelid join pg_class c on c.oid = i.indrelid join pg_namespace n on n.oid = c.relnamespace
    join pg_attribute a on a.attrelid = c.oid and a.attnum = i.indkey[0]
  where i.indisunique and ${ours} and c.relname <> 'migration'
    and a.attname <> 'firm_id'
    and not (n.nspname = 'community' and a.attname in ('subject', 'peering_id'))
    and not (i.indisprimary and i.indnkeyatts = 1 and a.atttypid = 'uuid'::regtype)
    and concat(n.nspname, '.', x.relname) <> all($1)
  order by 1`, Object.keys(UNIQUE_ACROSS_FIRMS));

test('every unique index leads with the firm, or is on the list with its reason', async () => {
  expect(await shared()).toEqual([]);
  const existing = await find(`select concat(n.nspname, '.', x.relname) as found from pg_class x join pg_namespace n on n.oid = x.relnamespace where x.relkind = 'i'`);
  expect(Object.keys(UNIQUE_ACROSS_FIRMS).filter((name) => !existing.includes(name))).toEqual([]);
});

test.each([
  ['create unique index planted on identity.firm (registration_value)', 'identity.planted'],
  ['create unique index planted on identity.firm (name, id)', 'identity.planted'],
  ['alter table identity.api_key add constraint planted unique (name, firm_id)', 'identity.planted'],
])('%s is found', async (violation, found) => {
  expect(await planted(violation, shared)).toEqual([found]);
});

/** Functions that run as their owner: each is a hole in the guard, and says why it is none. */
const AS_OWNER: Readonly<Record<string, string>> = {
  'events.pending': 'a count of events on their way, nothing of them',
  'community.own_figure': "the asker's own figure out of a row that holds those of all, which it may not read",
  'community.chain_audit_entry': 'numbers and hashes an entry of the audit log behind the last one, of which it tells nobody anything',
  'community.own_cells': "the published cells of the asker's own customers, as their policy shows them, with the asker's own figures",
};

const elevated = (): Promise<string[]> => find(`
  select concat(n.nspname, '.', p.proname) as found from pg_proc p join pg_namespace n on n.oid = p.pronamespace
  where ${ours} and p.prosecdef and (concat(n.nspname, '.', p.proname) <> all($1) or has_function_privilege('public', p.oid, 'execute') or not coalesce('search_path=""' = any(p.proconfig), false)) order by 1`, Object.keys(AS_OWNER));

test('functions that run as their owner are on the list, closed to the public, with an empty search path', async () => {
  expect(await elevated()).toEqual([]);
});

test.each([
  [`create function identity.planted() returns bigint language sql security definer set search_path = '' as 'select count(*) from identity.person'`, 'identity.planted'],
  ['grant execute on function events.pending() to public', 'events.pending'],
  ['alter function events.pending() reset search_path', 'events.pending'],
])('%s is found', async (violation, found) => {
  expect(await planted(violation, elevated)).toEqual([found]);
});
