import 'reflect-metadata';
import { randomBytes } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { Client } from 'pg';
import { migrate } from '../src/database/migrate.js';
import { hearContributionClosed } from '../subgraphs/community/membership/hear-portfolio.js';
import { joinCommunity, leaveCommunity } from '../subgraphs/community/membership/change-membership.js';
import { community } from '../subgraphs/community/subgraph.js';
import { CommunityRoom, someIds } from './community-room.js';
import { administer } from './house.js';

const KEY = 'a'.repeat(64);
const ALL = { DSO: 1, DAYS_BEYOND_TERMS: 2, LATE_SHARE: 0.5, PAYMENT_TERMS: 30 };

test('rows of a metric each become one row of the highest revision; one that only tells of nothing stays', async () => {
  const template = process.env['ARDOISE_TEST_DATABASE_URL']!;
  const name = `widening_${randomBytes(6).toString('hex')}`;
  await administer(template, `create database ${name}`);
  const url = new URL(template);
  url.pathname = `/${name}`;
  await migrate(url.href, 'community', community.migrations.filter(({ name: migration }) => migration < '012'));
  const owner = new Client({ connectionString: url.href });
  await owner.connect();
  const [a, b] = someIds(2);
  const tell = async (firmId: string | undefined, month: string, metric: string, figure: number | null, evidenced: boolean, revision: number): Promise<unknown> =>
    owner.query(`insert into community.contribution (subject, firm_id, month, metric, figure, evidenced, revision) values ('s', $1, $2, $3, $4, $5, $6)`, [firmId, month, metric, figure, evidenced, revision]);
  await tell(a, '2026-05', 'DSO', 41.25, true, 3);
  await tell(a, '2026-05', 'LATE_SHARE', null, true, 3);
  await tell(a, '2026-05', 'PAYMENT_TERMS', 0, true, 3);
  // Heard before the metric was taken back and shared again: the later telling says nothing of it.
  await tell(b, '2026-05', 'DSO', 90, true, 1);
  await tell(b, '2026-05', 'LATE_SHARE', 0.25, false, 2);
  await tell(b, '2026-06', 'DAYS_BEYOND_TERMS', null, false, 7);

  await migrate(url.href, 'community', community.migrations);
  const { rows } = await owner.query('select firm_id, month, dso, days_beyond_terms, late_share, payment_terms, evidenced, revision::int from community.contribution order by firm_id, month');
  expect(rows).toEqual([
    { firm_id: a, month: '2026-05', dso: 41.25, days_beyond_terms: null, late_share: null, payment_terms: 0, evidenced: true, revision: 3 },
    { firm_id: b, month: '2026-05', dso: null, days_beyond_terms: null, late_share: 0.25, payment_terms: null, evidenced: false, revision: 2 },
    { firm_id: b, month: '2026-06', dso: null, days_beyond_terms: null, late_share: null, payment_terms: null, evidenced: false, revision: 7 },
  ]);
  await owner.end();
  await administer(template, `drop database ${name} with (force)`);
}, 60_000);

test('what a firm does not share is not kept: neither when it is told, nor after a metric is taken back, nor after it leaves', async () => {
  await using wide = await CommunityRoom.open();
  const { room, owner } = wide;
  const [acme, rival] = someIds(2) as [string, string];
  const tell = (firmId: string, revision: number): Promise<void> => hearContributionClosed(room, { firmId, data: { month: '2026-05', contributions: [{ subject: KEY, evidenced: true, figures: ALL, revision }] } });
  const share = (firmId: string, ...metrics: (keyof typeof ALL)[]): Promise<void> => joinCommunity(room, firmId, { metrics, acceptCharter: true });
  const kept = async (firmId: string): Promise<unknown[]> =>
    (await owner.query<{ row: unknown[] }>('select json_build_array(dso, days_beyond_terms, late_share, payment_terms, revision) as row from community.contribution where firm_id = $1', [firmId])).rows.map(({ row }) => row);

  await tell(acme, 1);
  expect(await kept(acme)).toEqual([]);
  await share(rival, 'DSO', 'DAYS_BEYOND_TERMS', 'LATE_SHARE', 'PAYMENT_TERMS');
  await tell(rival, 1);
  await share(acme, 'DSO', 'LATE_SHARE');
  await tell(acme, 2);
  expect(await kept(acme)).toEqual([[1, null, 0.5, null, 2]]);
  await share(acme, 'DSO', 'PAYMENT_TERMS');
  expect(await kept(acme)).toEqual([[1, null, null, null, 2]]);
  // What was under way when it changed brings nothing back; the next telling does.
  await tell(acme, 2);
  expect(await kept(acme)).toEqual([[1, null, null, null, 2]]);
  await tell(acme, 3);
  expect(await kept(acme)).toEqual([[1, null, null, 30, 3]]);
  await share(acme, 'LATE_SHARE');
  expect(await kept(acme)).toEqual([]);
  await tell(acme, 4);
  await leaveCommunity(room, acme);
  expect(await kept(acme)).toEqual([]);
  // Nobody else's row was touched.
  expect(await kept(rival)).toEqual([[1, 2, 0.5, 30, 1]]);
}, 60_000);

test('a firm may empty its own figures and change nothing else of them, and nobody else’s', async () => {
  await using wide = await CommunityRoom.open();
  const [acme, rival] = someIds(2) as [string, string];
  await wide.fill([acme, rival], [KEY]);
  await wide.tellMonth('2026-05');
  const asAcme = (statement: string): Promise<unknown> => wide.room.db.forFirm(acme).transaction((em) => em.execute(statement));
  await expect(asAcme('update community.contribution set revision = 9')).rejects.toThrow('permission denied');
  await expect(asAcme('update community.contribution set evidenced = true')).rejects.toThrow('permission denied');
  await expect(asAcme(`insert into community.contribution (subject, firm_id, month, evidenced, revision) values ('x', '${acme}', '2026-05', true, 1)`)).rejects.toThrow('permission denied');
  await asAcme('update community.contribution set dso = null');
  const { rows } = await wide.owner.query('select firm_id, dso is null as emptied from community.contribution order by firm_id');
  expect(rows).toEqual([acme, rival].map((firmId) => ({ firm_id: firmId, emptied: firmId === acme })));
}, 60_000);
