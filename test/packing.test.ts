import 'reflect-metadata';
import { randomBytes } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { Client } from 'pg';
import { Clock } from '../src/clock.js';
import { migrate } from '../src/database/migrate.js';
import { RoomDatabase } from '../src/database/room-database.js';
import { MemoryHints } from '../src/events/hints.js';
import { openLog } from '../src/log.js';
import { RoomKeys } from '../src/server/room.js';
import { closeEpoch } from '../subgraphs/community/benchmark/close-epoch.js';
import { verifyReleases } from '../subgraphs/community/benchmark/verify-releases.js';
import { community } from '../subgraphs/community/subgraph.js';
import { someIds } from './community-room.js';
import { administer } from './house.js';
import { paymentEpoch } from './payment-epoch.js';

test('rows from before are packed as they stand: panel first, figures and inputs beside their firms, and a ledger that takes them up', async () => {
  const template = process.env['ARDOISE_TEST_DATABASE_URL']!;
  const name = `packing_${randomBytes(6).toString('hex')}`;
  await administer(template, `create database ${name}`);
  const url = new URL(template);
  url.pathname = `/${name}`;
  await migrate(url.href, 'community', community.migrations.filter(({ name: migration }) => migration < '004'));
  const owner = new Client({ connectionString: url.href });
  await owner.connect();
  const [a, b, c, waiting] = someIds(4) as [string, string, string, string];
  const { rows: [epoch] } = await owner.query<{ id: string }>(`insert into community.epoch (family, period_start, period_end, published_on, policy_version) values ('PAYMENT', '2026-04-01', '2026-06-30', '2026-07-30', 1) returning id`);
  // The one who waits comes first by id, and one member's figure stood in.
  await owner.query(
    `insert into community.cell_input (subject, metric, epoch_id, firm_id, figure, input) values ('s', 'DSO', $1, $2, 70, 70), ('s', 'DSO', $1, $3, 30.1234567890123, 30), ('s', 'DSO', $1, $4, null, 40), ('s', 'DSO', $1, $5, 160, 150)`,
    [epoch!.id, a, waiting, b, c]);
  await owner.query(`insert into community.panel (subject, metric, quarter, members, withheld) values ('s', 'DSO', '2026-Q2', $1, false)`, [[b, c, waiting]]);
  await owner.query(`insert into community.cell (subject, metric, epoch_id, tier, band_from, band_to, policy_version) values ('s', 'DSO', $1, 'T1', 60, 90, 1)`, [epoch!.id]);
  await owner.query(`insert into community.customer_key (firm_id, customer_id, subject, revision) select unnest($1::uuid[]), gen_random_uuid(), 's', 1`, [[a, b, c, waiting]]);

  const loginUrl = await migrate(url.href, 'community', community.migrations);
  const { rows } = await owner.query('select firm_ids, panel_size, figures, inputs from community.intake');
  expect(rows).toEqual([{ firm_ids: [b, c, waiting, a], panel_size: 3, figures: [null, 160, 30.1234567890123, 70], inputs: [40, 150, 30, 70] }]);
  const hints = new MemoryHints();
  const db = await RoomDatabase.open('community', loginUrl, community.tables, hints);
  const room = { name: 'community' as const, db, clock: new Clock(), hints, nats: undefined, keys: new RoomKeys({}), log: openLog('fatal'), sandbox: true, uploadSilenceSeconds: 30 };
  await expect(db.forFirm(a).transaction((em) => em.execute('select firm_ids from community.intake'))).rejects.toThrow('permission denied');
  const own = (firmId: string) => db.forFirm(firmId).transaction(async (em) => (await em.execute<{ own: number | null }[]>(`select community.own_figure(subject, metric, epoch_id) as own from community.cell`)).map((row) => row.own));
  expect([await own(waiting), await own(b), await own(c)]).toEqual([[30.1234567890123], [null], [160]]);
  expect(await closeEpoch(room, paymentEpoch('2026-07'))).toBe(true);
  expect(await verifyReleases(room)).toMatchObject({ entries: 2, broken: null });
  await db.close();
  await owner.end();
  await administer(template, `drop database ${name} with (force)`);
}, 60_000);
