import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { closeEpoch } from '../subgraphs/community/benchmark/close-epoch.js';
import { verifyReleases } from '../subgraphs/community/benchmark/verify-releases.js';
import { CommunityRoom, someIds } from './community-room.js';
import { paymentEpoch } from './payment-epoch.js';

const MONTHS = ['2026-03', '2026-04', '2026-05', '2026-06'] as const;
const TABLES = ['epoch', 'cell', 'intake', 'release'] as const;

let community: CommunityRoom;
let head: string;

beforeAll(async () => {
  community = await CommunityRoom.open();
  await community.fill(someIds(7), someIds(3));
  for (const month of MONTHS) {
    await community.tellMonth(month);
    expect(await closeEpoch(community.room, paymentEpoch(month))).toBe(true);
  }
  head = (await verifyReleases(community.room)).head!;
  for (const table of TABLES) await community.owner.query(`create table public.kept_${table} as table community.${table}`);
}, 60_000);
afterAll(() => community[Symbol.asyncDispose]());

/** Does what only a superuser can, past every trigger and reference, looks, and puts back what was there. */
async function tampered(statement: string, kept?: string): Promise<unknown> {
  await community.owner.query('set session_replication_role = replica');
  try {
    const { rowCount } = await community.owner.query(statement);
    expect(rowCount).toBeGreaterThan(0);
    return (await verifyReleases(community.room, kept)).broken;
  } finally {
    for (const table of TABLES) await community.owner.query(`delete from community.${table}`);
    for (const table of TABLES) await community.owner.query(`insert into community.${table} select * from public.kept_${table}`);
    await community.owner.query('set session_replication_role = default');
  }
}

test('every closed epoch is one entry of a chain that stands', async () => {
  const { rows } = await community.owner.query<{ number: number; previous_hash: string | null; hash: string; cell_count: number }>('select number, previous_hash, hash, cell_count from community.release order by number');
  expect(rows.map(({ number }) => number)).toEqual([1, 2, 3, 4]);
  expect(rows.map(({ previous_hash: previous }) => previous)).toEqual([null, ...rows.slice(0, 3).map(({ hash }) => hash)]);
  expect(rows.every(({ cell_count: count }) => count > 0)).toBe(true);
  expect(await verifyReleases(community.room)).toEqual({ entries: 4, head: rows[3]!.hash, broken: null });
  expect(await verifyReleases(community.room, rows[1]!.hash)).toMatchObject({ broken: null });
});

const second = `(select epoch_id from community.release where number = 2)`;
const third = `(select epoch_id from community.release where number = 3)`;

test.each([
  ['a value moved', `update community.cell set value = value + 10 where epoch_id = ${second} and value is not null`, 2, 'CELLS_CHANGED'],
  ['a direction put in', `update community.cell set direction = 'STABLE' where epoch_id = ${second} and direction is null`, 2, 'CELLS_CHANGED'],
  ['a cell taken away', `delete from community.cell where (subject, metric, epoch_id) = (select subject, metric, epoch_id from community.cell where epoch_id = ${third} limit 1)`, 3, 'CELLS_CHANGED'],
  ['a cell put in', `insert into community.cell select 'planted', metric, epoch_id, tier, band_from, band_to, value, rounded_to, direction, lower_quartile, upper_quartile, policy_version from community.cell where epoch_id = ${third} limit 1`, 3, 'CELLS_CHANGED'],
  ['a figure moved', `update community.intake set figures[1] = figures[1] + 1 where epoch_id = ${second}`, 2, 'INTAKE_CHANGED'],
  ['a contributor exchanged', `update community.intake set firm_ids[1] = gen_random_uuid() where epoch_id = ${third}`, 3, 'INTAKE_CHANGED'],
  ['a member of the panel made one who waits', `update community.intake set panel_size = panel_size - 1 where epoch_id = ${third}`, 3, 'INTAKE_CHANGED'],
  ['a shift denied', `update community.intake set shifted_by = 0 where shifted_by > 0 and epoch_id = (select epoch_id from community.release where number = 4)`, 4, 'INTAKE_CHANGED'],
  ['all contributors taken away', `delete from community.intake where epoch_id = ${second}`, 2, 'INTAKE_CHANGED'],
  ['the day of publication moved', `update community.epoch set published_on = published_on - 1 where id = ${second}`, 2, 'ENTRY_CHANGED'],
  ['the policy of an entry changed', `update community.release set policy_version = 2 where number = 3`, 3, 'ENTRY_CHANGED'],
  ['a digest changed', `update community.release set cells_digest = repeat('0', 64) where number = 3`, 3, 'ENTRY_CHANGED'],
  ['a hash changed', `update community.release set hash = repeat('0', 64) where number = 3`, 3, 'ENTRY_CHANGED'],
  ['an entry tied elsewhere', `update community.release set previous_hash = repeat('0', 64) where number = 3`, 3, 'CHAIN_BROKEN'],
  ['an entry taken away', `delete from community.release where number = 2`, 2, 'MISSING'],
  ['the first entry taken away', `delete from community.release where number = 1`, 1, 'MISSING'],
  ['two entries exchanged', `update community.release set number = case number when 2 then 103 else 102 end where number in (2, 3)`, 2, 'MISSING'],
  ['the last entry taken away', `delete from community.release where number = 4`, 4, 'EPOCH_NOT_ENTERED'],
  ['an epoch taken away', `delete from community.epoch where id = ${third}`, 3, 'ENTRY_CHANGED'],
  ['an epoch put in', `insert into community.epoch (family, period_start, period_end, published_on, policy_version) values ('PAYMENT', '2026-05-01', '2026-07-31', '2026-08-30', 1)`, 5, 'EPOCH_NOT_ENTERED'],
])('%s past every trigger is found', async (_name, statement, number, reason) => {
  expect(await tampered(statement)).toMatchObject({ number, reason });
  expect(await verifyReleases(community.room)).toMatchObject({ broken: null });
});

test('a tail that is cut off whole is found by whoever kept the last hash, and by nobody else', async () => {
  const cut = 'with gone as (delete from community.release where number = 4 returning epoch_id) delete from community.epoch using gone where id = epoch_id';
  expect(await tampered(cut)).toBeNull();
  expect(await tampered(cut, head)).toEqual({ number: 4, epochId: null, reason: 'CUT_OFF' });
});

test('neither the owner by mistake nor the room itself changes the ledger, and nobody can fork it', async () => {
  for (const statement of ['update community.release set number = number', 'delete from community.release', 'truncate community.release']) {
    await expect(community.owner.query(statement)).rejects.toThrow('what was published is not changed');
  }
  await expect(community.owner.query(`insert into community.release select gen_random_uuid(), 9, policy_version, policy_digest, cell_count, cells_digest, intake_digest, previous_hash, 'x' from community.release where number = 2`)).rejects.toThrow('release_previous_hash_key');
  for (const role of ['community_app', 'community_system']) {
    const { rows: [may] } = await community.owner.query<Record<string, boolean>>(
      `select has_table_privilege($1, 'community.release', 'update, delete, truncate') as change_entries, has_table_privilege($1, 'community.intake', 'update, delete, truncate') as change_intake,
        has_table_privilege($1, 'community.release', 'select') and $1 = 'community_app' or has_table_privilege($1, 'community.intake', 'select') and $1 = 'community_app' as firms_look`, [role]);
    expect(may).toEqual({ change_entries: false, change_intake: false, firms_look: false });
  }
});

test('epochs from before there was a ledger are entered first, as they stand, by the next one that closes', async () => {
  await using other = await CommunityRoom.open();
  await other.fill(someIds(5), someIds(1));
  for (const month of MONTHS) await other.tellMonth(month);
  for (const month of MONTHS.slice(0, 3)) await closeEpoch(other.room, paymentEpoch(month));
  await other.owner.query('set session_replication_role = replica; delete from community.release; set session_replication_role = default');
  await closeEpoch(other.room, paymentEpoch(MONTHS[3]));
  expect(await verifyReleases(other.room)).toMatchObject({ entries: 4, broken: null });
});
