import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { closeEpoch } from '../subgraphs/community/benchmark/close-epoch.js';
import { verifyReleases } from '../subgraphs/community/benchmark/verify-releases.js';
import { joinCommunity, leaveCommunity } from '../subgraphs/community/membership/change-membership.js';
import { setSharing } from '../subgraphs/community/membership/set-sharing.js';
import { CommunityRoom, someIds } from './community-room.js';
import { paymentEpoch } from './payment-epoch.js';

const FIRMS = someIds(24);
const SUBJECTS = someIds(120);

/** A network whose April is closed and whose May is told; every test works on a copy. */
let template: CommunityRoom;
beforeAll(async () => {
  template = await CommunityRoom.open();
  await template.fill(FIRMS, SUBJECTS);
  await template.tellMonth('2026-04');
  await closeEpoch(template.room, paymentEpoch('2026-04'));
  await template.tellMonth('2026-05');
  await template.freeze();
}, 60_000);
afterAll(() => template[Symbol.asyncDispose]());

const MAY = paymentEpoch('2026-05');

/** What May published and took, whatever ids it did it under; nothing: it is not out. */
async function contentOfMay({ owner }: CommunityRoom): Promise<unknown> {
  const { rows } = await owner.query(`select cell_count, cells_digest, intake_digest from community.release join community.epoch on epoch.id = epoch_id where period_end = '2026-05-31'`);
  return rows[0];
}

async function traces({ owner }: CommunityRoom): Promise<Record<string, string>> {
  const { rows: [row] } = await owner.query<Record<string, string>>('select (select count(*) from community.epoch) epochs, (select count(*) from community.cell) cells, (select count(*) from community.intake) intakes, (select count(*) from community.panel) panels, (select count(*) from community.release) releases');
  return row!;
}

function startClosing(community: CommunityRoom): ChildProcess {
  return fork(join(import.meta.dirname, 'closing-process.js'), [community.loginUrl, '2026-05'], { execArgv: [] });
}

async function untilSaid(child: ChildProcess): Promise<unknown> {
  const [said] = (await once(child, 'message')) as [unknown];
  return said;
}

/** All that it says until its end. Heard from its start: one may be done before another has begun. */
async function wordsOf(child: ChildProcess): Promise<readonly unknown[]> {
  const words: unknown[] = [];
  child.on('message', (word) => words.push(word));
  await Promise.all([once(child, 'exit'), once(child, 'disconnect')]);
  return words;
}

test('killed at any moment, a closing leaves nothing; the next one finishes, with the same bytes as one that nobody disturbed', async () => {
  await using undisturbed = await template.copy();
  const began = performance.now();
  expect(await closeEpoch(undisturbed.room, MAY)).toBe(true);
  const takes = performance.now() - began;
  await using community = await template.copy();
  const before = await traces(community);
  const kills = 8;
  for (let kill = 0; kill < kills; kill += 1) {
    const child = startClosing(community);
    // Heard from its start: it may be through sooner than the first one was.
    const ended = once(child, 'exit');
    expect(await untilSaid(child)).toBe('begins');
    // From its first statement to somewhere near its commit; a little less each time it was too late.
    await new Promise((resolve) => setTimeout(resolve, (takes * kill) / kills));
    child.kill('SIGKILL');
    await ended;
    const after = await traces(community);
    if (after['epochs'] === before['epochs']) expect(after).toEqual(before);
    else break;
  }
  const cameTooLate = (await traces(community))['epochs'] !== before['epochs'];
  expect(await closeEpoch(community.room, MAY)).toBe(!cameTooLate);
  expect(await contentOfMay(community)).toEqual(await contentOfMay(undisturbed));
  expect(await verifyReleases(community.room)).toMatchObject({ entries: 2, broken: null });
}, 120_000);

test('closed twice, by two processes and several of one process at once, it is closed once and heard of once', async () => {
  await using community = await template.copy();
  let heard = 0;
  const stop = community.room.hints.subscribe('epochs', () => {
    heard += 1;
  });
  const children = [startClosing(community), startClosing(community)];
  const said = Promise.all(children.map(wordsOf));
  await Promise.all(children.map(untilSaid));
  const closed = await Promise.all(Array.from({ length: 20 }, () => closeEpoch(community.room, MAY)));
  const byOthers = (await said).flat().filter((word) => word === 'closed').length;
  const here = closed.filter(Boolean).length;
  expect(here + byOthers).toBe(1);
  expect(heard).toBe(here);
  expect(await closeEpoch(community.room, MAY)).toBe(false);
  expect(await verifyReleases(community.room)).toMatchObject({ entries: 2, broken: null });
  stop();
}, 60_000);

test('subscribers are told after the commit: whoever looks at the hint sees every cell', async () => {
  await using community = await template.copy();
  const seen = new Promise<Record<string, string>>((resolve) => {
    community.room.hints.subscribe('epochs', () => void traces(community).then(resolve));
  });
  await closeEpoch(community.room, MAY);
  expect(await seen).toEqual(await traces(community));
});

test('an epoch before one that is already out is never closed: business time that went back brings no older neighbour', async () => {
  await using community = await template.copy();
  await community.tellMonth('2026-02');
  const before = await traces(community);
  for (const month of ['2026-02', '2026-03', '2026-04']) expect(await closeEpoch(community.room, paymentEpoch(month))).toBe(false);
  expect(await traces(community)).toEqual(before);
});

/** Does `step` at some moment of a closing; whether it was answered before anything of the epoch was to be seen. */
async function duringClosing(community: CommunityRoom, delay: number, step: () => Promise<void>): Promise<boolean> {
  const closing = closeEpoch(community.room, MAY);
  await new Promise((resolve) => setTimeout(resolve, delay));
  await step();
  const beforeIt = (await contentOfMay(community)) === undefined;
  expect(await closing).toBe(true);
  return beforeIt;
}

const LEAVES = [
  ['leaves', (community: CommunityRoom, firmId: string) => leaveCommunity(community.room, firmId), ''],
  ['takes a metric back', (community: CommunityRoom, firmId: string) => joinCommunity(community.room, firmId, { metrics: ['LATE_SHARE'], acceptCharter: true }), `metric <> 'LATE_SHARE' and `],
  ['keeps a customer out', async (community: CommunityRoom, firmId: string) => {
    const { rows: [key] } = await community.owner.query<{ customer_id: string }>('select customer_id from community.customer_key where firm_id = $1 and subject = $2', [firmId, SUBJECTS[60]]);
    await setSharing(community.room, firmId, key!.customer_id, false);
  }, `subject = '${SUBJECTS[60]}' and `],
] as const;

test.each(LEAVES)('a firm that %s while an epoch closes, and is answered before it is out, is nowhere in it', async (_name, step, where) => {
  let inTime = 0;
  for (let round = 0; round < 5; round += 1) {
    await using community = await template.copy();
    const firmId = FIRMS[round]!;
    const beforeIt = await duringClosing(community, round * 4, () => step(community, firmId));
    const { rows: [found] } = await community.owner.query<{ found: boolean }>(`select exists (select from community.intake join community.epoch on epoch.id = epoch_id where ${where} period_end = '2026-05-31' and $1 = any(firm_ids)) as found`, [firmId]);
    if (beforeIt) expect(found).toEqual({ found: false });
    inTime += Number(beforeIt);
  }
  // Some were in time, so that something was tried.
  expect(inTime).toBeGreaterThan(0);
}, 120_000);

test('what comes of a leave does not stand in the way of a closing: with every connection waiting for its locks, it ends', async () => {
  await using community = await template.copy();
  const closing = closeEpoch(community.room, MAY);
  const leaving = Promise.all(FIRMS.map((firmId) => leaveCommunity(community.room, firmId)));
  expect(await closing).toBe(true);
  await leaving;
}, 30_000);

test('a closing that fails while the next customers are still being read ends with its error, and the next one finishes', async () => {
  await using community = await template.copy();
  await community.owner.query(`create function public.full() returns trigger language plpgsql as $$ begin raise exception 'the disk is full'; end $$; create trigger full_disk before insert on community.intake for each row execute function public.full()`);
  const before = await traces(community);
  for (let again = 0; again < 20; again += 1) await expect(closeEpoch(community.room, MAY)).rejects.toThrow('the disk is full');
  expect(await traces(community)).toEqual(before);
  await community.owner.query('drop trigger full_disk on community.intake');
  expect(await closeEpoch(community.room, MAY)).toBe(true);
  expect(await verifyReleases(community.room)).toMatchObject({ entries: 2, broken: null });
}, 30_000);
