import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { watchSeats } from '../subgraphs/community/membership/watch-seats.js';
import { linkFirms } from '../subgraphs/identity/operator/link-firms.js';
import type { FirmVisitor } from './house.js';
import { Network } from './network.js';
import { act, openTalk, say } from './peers.js';

/** What an operator does on the command line, while Ardoise runs, and what it may not. */
const ROOT = join(import.meta.dirname, '..', '..');
let network: Network;
beforeAll(async () => {
  network = await Network.start(1);
});
afterAll(() => network[Symbol.asyncDispose]());

interface Ended { code: number | null; said: string; errors: string }

async function operator(given: readonly string[], environment: Record<string, string> = {}): Promise<Ended> {
  const settings = { DATABASE_URL: network.house.databaseUrl, ARDOISE_DATA_DIR: network.house.dataDir, ARDOISE_LOG_LEVEL: 'fatal', ...environment };
  const child = spawn(process.execPath, ['--no-warnings', join(ROOT, 'dist', 'subgraphs', 'operate.js'), ...given], { env: { PATH: process.env['PATH'], ...settings } });
  let said = '';
  let errors = '';
  child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, said, errors };
}

const WORD = ['--by', 'Claire', '--note', 'Kbis seen'];

async function isVerified(firm: FirmVisitor): Promise<boolean> {
  return (await firm.get<{ viewer: { firm: { verified: boolean } } }>('{ viewer { firm { verified } } }')).viewer.firm.verified;
}

async function until<T>(read: () => Promise<T>, expected: T): Promise<void> {
  const end = Date.now() + 10_000;
  for (;;) {
    const found = await read();
    if (JSON.stringify(found) === JSON.stringify(expected) || Date.now() > end) return expect(found).toEqual(expected);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

test('the ledger of releases is recomputed on demand, and a hash that it does not hold ends with 1', async () => {
  expect(await operator(['releases', 'verify'])).toEqual({ code: 0, said: '0 entries stand.\n', errors: '' });
  expect(await operator(['releases', 'verify', 'a1'.repeat(32)])).toEqual({ code: 1, said: expect.stringMatching(/^0 entries stand, but none has the hash given: /), errors: '' });
});

test('reports are listed, exported as JSON and handled once, with who and why; and the audit log is recomputed', async () => {
  expect(await operator(['report', 'list'])).toEqual({ code: 0, said: 'There are no open reports.\n', errors: '' });
  expect((await operator(['audit', 'verify'])).said).toMatch(/^\d+ entr(y|ies) stands?/);
  const [acme, rival] = await openTalk([await network.house.firm(), await network.house.firm()]);
  await say(rival, 'Bonjour\u202e');
  await act(acme, 'conversationReport', 'Rude.');
  const listed = await operator(['report', 'list']);
  const [, id] = new RegExp(`^\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d  (\\S+)  ${acme.firm.firmId} about ${rival.firm.firmId}  open\n$`).exec(listed.said)!;
  expect(await operator(['report', 'export', id!, '--by', 'Claire'])).toMatchObject({ code: 2, said: '' });
  const exported = await operator(['report', 'export', id!, ...WORD]);
  expect(exported).toMatchObject({ code: 0, errors: '' });
  expect(JSON.parse(exported.said)).toMatchObject({ format: 'ardoise-report/1', id, reason: 'Rude.', reporter: { firmId: acme.firm.firmId }, messages: [{ seq: 1, from: 'REPORTED', body: 'Bonjour\u202e' }], handled: null });
  expect(await operator(['report', 'handle', id!, '--by', 'Claire', '--note', 'Warned.'])).toEqual({ code: 0, said: 'Noted.\n', errors: '' });
  expect((await operator(['report', 'handle', id!, ...WORD])).said).toBe('It was handled already; the first note stays.\n');
  expect((await operator(['report', 'list'])).said).toBe('There are no open reports.\n');
  expect((await operator(['report', 'list', '--handled'])).said).toMatch(/  handled \d{4}-\d\d-\d\d \d\d:\d\d by Claire \(Warned\.\)\n$/);
  for (const unknown of [randomUUID(), "' or true"]) expect(await operator(['report', 'export', unknown, ...WORD])).toEqual({ code: 1, said: '', errors: 'There is no such report: ardoise operator report list shows their ids.\n' });
  const { rows } = await network.owner.query<{ entry: string }>("select concat(action, ' ', operator, ' ', detail) as entry from community.audit_entry where object_id = $1 order by number", [id]);
  expect(rows.map(({ entry }) => entry)).toEqual(['REPORT_EXPORTED Claire Kbis seen', 'REPORT_HANDLED Claire Warned.']);
  const verified = await operator(['audit', 'verify']);
  const [, hash] = /^\d+ entries stand; keep the last hash elsewhere: ([0-9a-f]{64})\n$/.exec(verified.said)!;
  expect(await operator(['audit', 'verify', hash!])).toEqual(verified);
  expect(await operator(['audit', 'verify', 'a1'.repeat(32)])).toMatchObject({ code: 1, said: expect.stringContaining('none has the hash given') });
}, 180_000);

test('a firm is listed, verified once, and counts at once while Ardoise runs; it is written down by whom and why', async () => {
  const firm = await network.house.firm('Bâtir & Fils');
  const listed = await operator(['firm', 'list', '--unverified']);
  expect([listed.code, listed.errors]).toEqual([0, '']);
  expect(listed.said).toMatch(new RegExp(`^${firm.firmId}  unverified  \\d{4}-\\d\\d-\\d\\d  FR  SIREN \\d{9}  Bâtir`, 'm'));
  expect(listed.said).not.toContain(network.members[0]!.firmId);
  const done = await operator(['firm', 'verify', firm.firmId, ...WORD]);
  expect(done).toMatchObject({ code: 0, errors: '' });
  expect(done.said).toMatch(/is now verified\.\n$/);
  expect(await isVerified(firm)).toBe(true);
  await until(async () => (await network.owner.query<{ verified: boolean }>('select verified from community.membership where firm_id = $1', [firm.firmId])).rows[0]?.verified, true);
  expect((await operator(['firm', 'verify', firm.firmId, ...WORD])).said).toMatch(/was already verified\.\n$/);
  const actions = () => network.owner.query<{ operator: string; action: string; why: string }>('select operator, action, why from identity.operator_action where firm_id = $1 order by id', [firm.firmId]);
  expect((await actions()).rows).toEqual([{ operator: 'Claire', action: 'VERIFIED', why: 'Kbis seen' }]);
  expect((await operator(['firm', 'unverify', firm.firmId, '--by', 'Ben', '--why', 'struck off'])).said).toMatch(/is now not verified\.\n$/);
  expect(await isVerified(firm)).toBe(false);
  expect((await actions()).rows[1]).toEqual({ operator: 'Ben', action: 'UNVERIFIED', why: 'struck off' });
}, 180_000);

test('firms are linked and parted; unknown firms, one firm twice and a missing reason are refused, and nothing happens', async () => {
  const [a, b] = [await network.house.firm(), await network.house.firm()];
  for (const firm of [a, b]) await network.verify(firm);
  expect(await operator(['firm', 'link', a.firmId, b.firmId, '--by', 'Claire', '--why', 'one holding'])).toEqual({ code: 0, errors: '', said: 'Noted. The two count as one.\n' });
  expect((await operator(['firm', 'link', b.firmId, a.firmId, '--by', 'Claire', '--why', 'one holding'])).said).toBe('It was so already. The two count as one.\n');
  expect((await operator(['firm', 'verify', a.firmId, ...WORD])).said).toContain(`It is linked with ${b.firmId} by OPERATOR: of them one counts.`);
  expect((await operator(['firm', 'list'])).said).toMatch(new RegExp(`^${a.firmId} .* one with 1 other$`, 'm'));
  // What an operator said is no news to operators; what was found is.
  expect((await operator(['alarms'])).said).toBe('There are no alarms.\n');
  const { identity } = network.house.running.rooms;
  const [c, d] = [await network.house.firm(), await network.house.firm()];
  for (const firm of [c, d]) {
    await network.verify(firm);
    await identity.subgraph.reactions['account.marked']!(identity.room, { firmId: firm.firmId, data: { mark: 'a'.repeat(64) } });
  }
  expect((await operator(['alarms'])).said).toMatch(new RegExp(`LINKED     by ACCOUNT: (${c.firmId} ${d.firmId}|${d.firmId} ${c.firmId})\n$`));
  expect((await operator(['firm', 'unlink', a.firmId, b.firmId, '--by', 'Claire', '--why', 'sold'])).said).toBe('Noted. The two count each.\n');
  const nobody = randomUUID();
  for (const [given, code, message] of [
    [['firm', 'link', a.firmId, a.firmId, ...WORD], 1, 'A firm is one with itself: name another one.\n'],
    [['firm', 'link', a.firmId, nobody, ...WORD], 1, 'There is no such firm: ardoise operator firm list shows their ids.\n'],
    [['firm', 'verify', nobody, ...WORD], 1, 'There is no such firm: ardoise operator firm list shows their ids.\n'],
    [['firm', 'verify', "' or true", ...WORD], 1, 'There is no such firm: ardoise operator firm list shows their ids.\n'],
    [['firm', 'verify', b.firmId, '--by', 'Claire'], 2, 'Say why, in --note or --why.\nardoise operator --help says how.\n'],
  ] as const) expect(await operator(given)).toEqual({ code, said: '', errors: message });
  const { rows } = await network.owner.query<{ count: string }>('select count(*) from identity.operator_action where $1 in (firm_id, other_firm_id) and action like $2', [a.firmId, '%LINKED']);
  expect(rows[0]!.count).toBe('2');
}, 180_000);

test('the matching key is exchanged; a second exchange at once is refused', async () => {
  const never = /^The matching key is in use since (\d{4})(-\d\d-\d\d) and was never exchanged\. The next exchange is due on (\d{4})(-\d\d-\d\d); it begins by itself unless ARDOISE_MATCHING_KEY_BY_HAND is set\.\n$/;
  const [, year, day, nextYear, nextDay] = never.exec((await operator(['matching-key', 'status'])).said) ?? [];
  expect([nextDay, Number(nextYear)]).toEqual([day, Number(year) + 1]);
  const begun = await Promise.all([operator(['matching-key', 'rotate', ...WORD]), operator(['matching-key', 'rotate', ...WORD])]);
  // The running house may have ended the first before the second came; never are two under way.
  expect(begun.filter(({ code }) => code === 0).length).toBeGreaterThanOrEqual(1);
  for (const { code, errors } of begun) if (code !== 0) expect(errors).toBe('An exchange of the matching key is under way; it must end before the next one.\n');
  await until(async () => /^Exchange 1, begun .* by Claire \(Kbis seen\): ended .*\.$/m.test((await operator(['matching-key', 'status'])).said), true);
}, 180_000);

test('an empty database or directory is said, and nothing is made there', async () => {
  const empty = await mkdtemp(join(process.env['ARDOISE_TEST_DIRECTORY']!, 'nothing-'));
  try {
    expect(await operator(['firm', 'list'], { DATABASE_URL: '', ARDOISE_DATA_DIR: empty })).toEqual({ code: 1, said: '', errors: `There is nothing in ${empty}: set ARDOISE_DATA_DIR or DATABASE_URL.\n` });
    const other = new URL(network.house.databaseUrl);
    other.pathname = '/postgres';
    expect(await operator(['firm', 'list'], { DATABASE_URL: other.href })).toEqual({ code: 1, said: '', errors: 'This database does not hold the room identity: set DATABASE_URL to the one that does.\n' });
    other.pathname = '/nothing_of_the_kind';
    expect(await operator(['alarms'], { DATABASE_URL: other.href })).toEqual({ code: 1, said: '', errors: 'The database cannot be used (database "nothing_of_the_kind" does not exist).\n' });
    other.port = '9';
    expect(await operator(['alarms'], { DATABASE_URL: other.href })).toEqual({ code: 1, said: '', errors: expect.stringMatching(/^The database cannot be used \(.*ECONNREFUSED.*\)\.\n$/) });
  } finally {
    await rm(empty, { recursive: true, force: true });
  }
}, 180_000);

test('when one group, or newcomers, hold all seats of a customer but one, an operator sees an alarm, and no member anything', async () => {
  await network.setClock(Network.JOINED);
  const firms = await Promise.all(Array.from({ length: 9 }, () => network.house.firm()));
  for (const firm of firms.slice(0, 6)) await network.admit(firm);
  for (const firm of firms.slice(1, 3)) await linkFirms(network.house.running.rooms.identity.room, firms[0]!.firmId, firm.firmId, { by: 'Claire', why: 'one holding' });
  await network.setClock('2026-04-10T12:00:00Z');
  for (const firm of firms.slice(6)) await network.admit(firm);
  const [owned, open, fresh, few] = [
    // Three of four are one; three of five; three of four came in April; three of three are too few seats for any cell.
    await network.share(firms.slice(0, 4)), await network.share(firms.slice(0, 5)), await network.share(firms.slice(5)), await network.share(firms.slice(0, 3)),
  ];
  for (const shared of [owned, open, fresh, few]) await network.tellAll(shared, ['2026-06'], (place) => ({ DSO: 30 + 5 * place }));
  await network.closeOn('2026-08-01');
  const { community } = network.house.running.rooms;
  await watchSeats(community.room);
  await watchSeats(community.room);
  const alarms = async () => (await network.owner.query<{ subject: string; kind: string; seats: number }>('select subject, kind, seats from community.seat_alarm where subject = any($1) order by kind', [[owned, open, fresh, few].map(({ subject }) => subject)])).rows;
  expect(await alarms()).toEqual([{ subject: owned.subject, kind: 'GROUP', seats: 4 }, { subject: fresh.subject, kind: 'NEWCOMERS', seats: 4 }]);
  const { said } = await operator(['alarms']);
  expect(said).toMatch(/GROUP {6}3 of 4 seats of a customer in 2026-Q2: /);
  expect(said).toMatch(/NEWCOMERS {2}3 of 4 seats of a customer in 2026-Q2: /);
  // A role of a firm reads none of it.
  for (const table of ['community.seat_alarm', 'community.firm_group', 'community.subject_key']) {
    await expect(community.room.db.forFirm(firms[0]!.firmId).transaction((em) => em.execute(`select from ${table}`))).rejects.toThrow('permission denied');
  }
}, 180_000);
