import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Client } from 'pg';
import { FILE_VARIABLES, KEYS_BY_PROCESS } from '../src/keys.js';
import type { RoomName } from '../src/rooms.js';
import { randomSiren } from './house.js';
import { importFile } from './import-file.js';
import { startSplitHouse, type SplitHouse } from './split-house.js';

/** An exchange of the matching key with the rooms killed in the middle of it. */
let house: SplitHouse;
let owner: Client;
beforeAll(async () => {
  house = await startSplitHouse();
  owner = new Client({ connectionString: house.databaseUrl });
  await owner.connect();
}, 120_000);
afterAll(async () => {
  await owner.end();
  await house[Symbol.asyncDispose]();
}, 60_000);

async function crash(room: RoomName): Promise<void> {
  const child = house.processes[room]!;
  child.kill('SIGKILL');
  await once(child, 'exit');
  await house.revive(room);
}

async function until(statement: string, expected: unknown): Promise<void> {
  const end = Date.now() + 90_000;
  for (;;) {
    const { rows: [row] } = await owner.query<{ found: unknown }>(statement);
    if (row!.found === expected || Date.now() > end) return expect(row!.found).toBe(expected);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

async function operator(...given: string[]): Promise<{ code: number | null; errors: string }> {
  const keys = Object.fromEntries(KEYS_BY_PROCESS.portfolios.map((key) => [FILE_VARIABLES[key], house.keyFiles[key]]));
  const child = spawn(process.execPath, ['--no-warnings', join(import.meta.dirname, '..', 'subgraphs', 'operate.js'), ...given], { env: { PATH: process.env['PATH'], DATABASE_URL: house.databaseUrl, ARDOISE_DATA_DIR: '/nowhere', ...keys } });
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, errors };
}

/** Which firms' customers meet in one subject, by their registrations: what the benchmark rests on. */
const MEETINGS = `
  select md5(string_agg(line, E'\\n' order by line)) as found from (
    select string_agg(c.firm_id::text || c.registration_value || k.subject, ' ' order by c.firm_id) as line
    from portfolios.customer c join community.customer_key k on k.customer_id = c.id group by k.subject
  ) meeting`;

test('rooms that are killed in the middle of an exchange go on with it: every customer keeps its subject, and no former key is left', async () => {
  const sirens = Array.from({ length: 1_200 }, randomSiren);
  const rows = sirens.map((siren, index) => `C${index},Garage,SIREN,${siren},F${index},2026-01-05,EUR,10.00`);
  for (let place = 0; place < 3; place += 1) {
    const firm = await house.firm();
    await firm.get('mutation { communityJoin(input: { metrics: [DSO], acceptCharter: true }) { userErrors { code } } }');
    await importFile(firm, { format: 'CSV' }, `customer_reference,customer_name,registration_scheme,registration_value,invoice_number,issue_date,currency,amount\n${rows.join('\n')}\n`);
  }
  const unique = new Set(sirens).size;
  await until('select count(*)::int as found from community.customer_key where subject is not null', 3 * unique);
  await until(`select count(*)::int as found from events.delivery where producer = 'portfolios' and consumer = 'community'`, 0);
  const { rows: [before] } = await owner.query<{ found: string }>(MEETINGS);
  await owner.query('create table public.former as select blind_key from community.subject_key');
  expect(await operator('matching-key', 'rotate', '--by', 'Claire', '--why', 'once a year')).toEqual({ code: 0, errors: '' });
  for (const room of ['portfolios', 'community', 'portfolios', 'community'] as const) await crash(room);
  await until('select count(*)::int as found from portfolios.matching_key where retired_at is not null', 1);
  await until(`select count(*)::int as found from events.delivery where name like 'keys.%'`, 0);
  expect((await owner.query<{ found: string }>(MEETINGS)).rows[0]).toEqual(before);
  await until('select count(*)::int as found from community.subject_key', unique);
  await until('select count(*)::int as found from community.subject_key join public.former using (blind_key)', 0);
  await owner.query('drop table public.former');
}, 240_000);
