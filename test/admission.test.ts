import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { linkFirms, unlinkFirms } from '../subgraphs/identity/operator/link-firms.js';
import { unverifyFirm, verifyFirm } from '../subgraphs/identity/firms/verify-firm.js';
import { importFile } from './import-file.js';
import { PASSWORD, randomSiren, FirmVisitor, Visitor } from './house.js';
import { Network } from './network.js';

/** Admission: of firms that are linked one counts, and nobody is told. */
let network: Network;
beforeAll(async () => {
  network = await Network.start(1);
});
afterAll(() => network[Symbol.asyncDispose]());

const WORD = { by: 'Claire', why: 'register checked' };

/** Signs up a firm whose owner has this address. */
async function firmOf(email: string, siren = randomSiren()): Promise<FirmVisitor> {
  const { firmSignUp } = await network.house.nobody.get<{ firmSignUp: { session: { accessToken: string; refreshToken: string } } }>(
    'mutation ($input: FirmSignUpInput!) { firmSignUp(input: $input) { session { accessToken refreshToken } userErrors { code } } }',
    { input: { firmName: 'Firm', country: 'FR', registration: { scheme: 'SIREN', value: siren }, userName: 'Camille', email, password: PASSWORD } },
  );
  const { viewer } = await new Visitor(network.house, firmSignUp.session.accessToken).get<{ viewer: { firm: { id: string } } }>('{ viewer { firm { id } } }');
  return new FirmVisitor(network.house, firmSignUp.session.accessToken, firmSignUp.session.refreshToken, viewer.firm.id, email);
}

const domain = (): string => `${randomUUID().slice(0, 12)}.example`;
const identity = () => network.house.running.rooms.identity.room;

/** Which of these firms community holds to be one, as a letter for each: `aab` says that the first two are. */
async function grouped(...firms: readonly FirmVisitor[]): Promise<string> {
  await network.settle();
  const { rows } = await network.owner.query<{ firm_id: string; group_mark: string | null }>('select firm_id, group_mark from community.firm_group where firm_id = any($1)', [firms.map(({ firmId }) => firmId)]);
  const marks = new Map(rows.map(({ firm_id, group_mark }) => [firm_id, group_mark ?? firm_id]));
  const named = firms.map(({ firmId }) => marks.get(firmId) ?? firmId);
  return named.map((mark) => String.fromCodePoint(97 + named.indexOf(mark))).join('');
}

async function until<T>(read: () => Promise<T>, expected: T): Promise<void> {
  const end = Date.now() + 10_000;
  for (;;) {
    const found = await read();
    if (JSON.stringify(found) === JSON.stringify(expected) || Date.now() > end) return expect(found).toEqual(expected);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

test('firms of one domain, one mailbox or one legal unit are one; those of a public provider are not', async () => {
  const [shared, other, siren] = [domain(), domain(), randomSiren()];
  const firms = [
    await firmOf(`a@${shared}`), await firmOf(`b@compta.${shared}`), await firmOf(`c@${other}`, siren), await firmOf(`d@${domain()}`, siren),
    await firmOf(`${other}@gmail.com`), await firmOf(`${other.replace('.', '')}+2@googlemail.com`), await firmOf(`e${other}@gmail.com`),
  ];
  for (const firm of firms) await network.verify(firm);
  expect(await grouped(...firms)).toBe('aacceeg');
});

test('an invitation links with the firm that the invited person signs up afterwards, over a chain; one of somebody who was there before does not', async () => {
  const invite = (firm: FirmVisitor, email: string) => firm.get('mutation ($input: MemberInviteInput!) { memberInvite(input: $input) { userErrors { code } } }', { input: { email, role: 'READER' } });
  const first = await firmOf(`a@${domain()}`);
  const victim = await firmOf(`v@${domain()}`);
  await network.verify(first);
  await network.verify(victim);
  const [second, third] = [`b@${domain()}`, `c@${domain()}`];
  await invite(first, second);
  await invite(first, victim.email);
  const later = await firmOf(second);
  await invite(later, third);
  const last = await firmOf(third);
  await network.verify(last);
  // The one between is not verified yet: nobody checked that it is who it says.
  expect(await grouped(first, later, last, victim)).toBe('abcd');
  await network.verify(later);
  expect(await grouped(first, later, last, victim)).toBe('aaad');
});

test('a bank account links two firms that were apart, once, and raises an alarm', async () => {
  const [a, b, c] = [await firmOf(`a@${domain()}`), await firmOf(`b@${domain()}`), await firmOf(`c@${domain()}`)];
  for (const firm of [a, b, c]) await network.verify(firm);
  const { identity: room } = network.house.running.rooms;
  const tell = (firm: FirmVisitor, mark: string) => room.subgraph.reactions['account.marked']!(room.room, { firmId: firm.firmId, data: { mark: mark.repeat(64) } });
  await tell(a, '1');
  expect(await grouped(a, b, c)).toBe('abc');
  await Promise.all([tell(b, '1'), tell(b, '2'), tell(c, '2')]);
  expect(await grouped(a, b, c)).toBe('aaa');
  const { rows } = await network.owner.query<{ firms: string[] }>('select firms from identity.link_alarm where $1 = any(firms) order by raised_at', [a.firmId]);
  expect(rows.at(-1)!.firms.toSorted()).toEqual([a, b, c].map(({ firmId }) => firmId).toSorted());
  const before = rows.length;
  await tell(b, '1');
  expect((await network.owner.query('select from identity.link_alarm where $1 = any(firms)', [a.firmId])).rowCount).toBe(before);
});

test('statements of one bank account link the firms that send them, and only a mark of its number leaves portfolios; a dry run and a refused statement link nobody', async () => {
  const statement = (iban: string, closing = '0.00'): string => {
    const balance = (code: string, amount: string): string => `<Bal><Tp><CdOrPrtry><Cd>${code}</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">${amount}</Amt><CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2026-03-02</Dt></Dt></Bal>`;
    return `<?xml version="1.0"?><Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02"><BkToCstmrStmt><GrpHdr><MsgId>M</MsgId></GrpHdr><Stmt><Id>S</Id><Acct><Id><IBAN>${iban}</IBAN></Id></Acct>${balance('OPBD', '0.00')}${balance('CLBD', closing)}</Stmt></BkToCstmrStmt></Document>`;
  };
  const [mine, other] = ['FR7630006000011234567890189', 'FR7612345678901234567890123'];
  const [a, b, c, d] = [await firmOf(`a@${domain()}`), await firmOf(`b@${domain()}`), await firmOf(`c@${domain()}`), await firmOf(`d@${domain()}`)];
  for (const firm of [a, b, c, d]) await network.verify(firm);
  const send = (firm: FirmVisitor, file: string, input = {}) => importFile(firm, { format: 'CAMT053', ...input }, file);
  await send(a, statement(mine));
  await send(b, statement(mine.replace(/(.{4})/g, '$1 ')));
  await send(c, statement(mine), { dryRun: true });
  await send(d, statement(mine, '5.00'));
  await send(d, statement(other));
  expect(await grouped(a, b, c, d)).toBe('aacd');
  const { rows: tables } = await network.owner.query<{ name: string }>(`select c.oid::regclass::text as name from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname in ('identity', 'community', 'scoring', 'events') and c.relkind = 'r'`);
  for (const { name } of tables) expect([name, (await network.owner.query(`select from ${name} t where t::text like $1`, [`%${mine.slice(4)}%`])).rowCount]).toEqual([name, 0]);
});

test('an owner who comes later links; a mark that was seen stays', async () => {
  const [shared, a] = [domain(), await firmOf(`a@${domain()}`)];
  const b = await firmOf(`b@${shared}`);
  for (const firm of [a, b]) await network.verify(firm);
  const { memberInvite } = await a.get<{ memberInvite: { invitationToken: string } }>('mutation ($input: MemberInviteInput!) { memberInvite(input: $input) { invitationToken } }', { input: { email: `c@${shared}`, role: 'OWNER' } });
  expect(await grouped(a, b)).toBe('ab');
  await network.house.nobody.get('mutation ($input: InvitationAcceptInput!) { invitationAccept(input: $input) { userErrors { code } } }', { input: { invitationToken: memberInvite.invitationToken, userName: 'C', password: PASSWORD } });
  await until(() => grouped(a, b), 'aa');
  await network.owner.query(`update identity.person set email = 'moved@example.test' where email = $1`, [`c@${shared}`]);
  await until(async () => (await network.owner.query('select from identity.grouping_due')).rowCount, 0);
  expect(await grouped(a, b)).toBe('aa');
});

test('an operator links and parts firms, whatever they share; twice changes nothing, and each word is written down', async () => {
  const shared = domain();
  const [a, b, c] = [await firmOf(`a@${shared}`), await firmOf(`b@${shared}`), await firmOf(`c@${domain()}`)];
  for (const firm of [a, b, c]) await network.verify(firm);
  expect(await linkFirms(identity(), a.firmId, c.firmId, WORD)).toEqual({ changed: true, oneGroup: true });
  expect(await linkFirms(identity(), c.firmId, a.firmId, WORD)).toEqual({ changed: false, oneGroup: true });
  expect(await grouped(a, b, c)).toBe('aaa');
  expect(await unlinkFirms(identity(), b.firmId, a.firmId, WORD)).toEqual({ changed: true, oneGroup: false });
  expect(await grouped(a, b, c)).toBe('aba');
  expect(await unlinkFirms(identity(), a.firmId, c.firmId, WORD)).toEqual({ changed: true, oneGroup: false });
  expect(await grouped(a, b, c)).toBe('abc');
  await expect(linkFirms(identity(), a.firmId, a.firmId, WORD)).rejects.toMatchObject({ code: 'INVALID' });
  await expect(linkFirms(identity(), a.firmId, randomUUID(), WORD)).rejects.toMatchObject({ code: 'NOT_FOUND', path: ['otherFirmId'] });
  await expect(linkFirms(identity(), 'x', a.firmId, WORD)).rejects.toMatchObject({ code: 'NOT_FOUND', path: ['firmId'] });
  await expect(linkFirms(identity(), a.firmId, b.firmId, { by: 'Claire', why: ' ' })).rejects.toMatchObject({ code: 'REQUIRED' });
  const { rows } = await network.owner.query<{ action: string }>('select action from identity.operator_action where firm_id = any($1) and action like $2 order by id', [[a, b, c].map(({ firmId }) => firmId), '%LINKED']);
  expect(rows.map(({ action }) => action)).toEqual(['LINKED', 'UNLINKED', 'UNLINKED']);
});

test('verifying twice changes nothing; taking it back unlinks and is heard in order whatever comes late', async () => {
  const shared = domain();
  const [a, b] = [await firmOf(`a@${shared}`), await firmOf(`b@${shared}`)];
  for (const firm of [a, b]) await network.verify(firm);
  expect((await verifyFirm(identity(), a.firmId, WORD)).changed).toBe(false);
  expect(await grouped(a, b)).toBe('aa');
  expect((await unverifyFirm(identity(), a.firmId, WORD)).changed).toBe(true);
  expect((await unverifyFirm(identity(), a.firmId, WORD)).changed).toBe(false);
  expect(await grouped(a, b)).toBe('ab');
  const { community } = network.house.running.rooms;
  const verified = async () => (await network.owner.query<{ verified: boolean }>('select verified from community.membership where firm_id = $1', [a.firmId])).rows[0]!.verified;
  await community.subgraph.reactions['firm.verified']!(community.room, { firmId: a.firmId, data: { verified: true, revision: 1 } });
  expect(await verified()).toBe(false);
  await expect(verifyFirm(identity(), randomUUID(), WORD)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  await expect(verifyFirm(identity(), 'nobody', WORD)).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

test('a verification that is taken back while an epoch closes is heard after it', async () => {
  const firm = await firmOf(`a@${domain()}`);
  await network.admit(firm);
  const { community } = network.house.running.rooms;
  const verified = async () => (await network.owner.query<{ verified: boolean }>('select verified from community.membership where firm_id = $1', [firm.firmId])).rows[0]!.verified;
  let taking: Promise<void> | undefined;
  const closing = await network.house.asOwner();
  try {
    // As an epoch that closes holds whoever counts in it.
    await closing.query('begin');
    await closing.query('select from community.membership where firm_id = $1 for share', [firm.firmId]);
    taking = unverifyFirm(identity(), firm.firmId, WORD).then(() => community.subgraph.reactions['firm.verified']!(community.room, { firmId: firm.firmId, data: { verified: false, revision: 2 } }));
    await until(async () => (await network.owner.query(`select from pg_stat_activity where wait_event_type = 'Lock' and query like '%community.membership%' and datname = current_database()`)).rowCount! > 0, true);
    expect(await verified()).toBe(true);
  } finally {
    await closing.query('commit');
    await closing.end();
  }
  await taking;
  expect(await verified()).toBe(false);
});

test('many firms verified at once end in the same groups', async () => {
  const shared = domain();
  const firms = await Promise.all(Array.from({ length: 6 }, (_, index) => firmOf(`f${index}@${index < 4 ? shared : domain()}`)));
  await Promise.all(firms.map((firm) => verifyFirm(identity(), firm.firmId, WORD)));
  expect(await grouped(...firms)).toBe('aaaaef');
});

test('of linked firms one counts: six seats of which five are one are too few, and a link within a quarter silences the cell until the next', async () => {
  await network.setClock('2026-01-10T12:00:00Z');
  const sybils = await Promise.all(Array.from({ length: 5 }, () => network.house.firm()));
  const honest = await Promise.all(Array.from({ length: 7 }, () => network.house.firm()));
  for (const firm of [...sybils, ...honest]) await network.admit(firm);
  for (const firm of sybils.slice(1)) await linkFirms(identity(), sybils[0]!.firmId, firm.firmId, WORD);
  const [owned, open] = [await network.share([...sybils, honest[0]!, honest[1]!]), await network.share(honest)];
  const months = ['2026-06', '2026-07', '2026-08', '2026-09', '2026-10'];
  for (const shared of [owned, open]) await network.tellAll(shared, months, (place) => ({ DSO: 30 + 5 * place }));
  const kindOf = async ({ ids }: typeof open, firm: FirmVisitor): Promise<unknown> => (await network.read(firm, ids.get(firm)!))['__typename'];
  await network.closeOn('2026-08-31');
  // Seven told, three count: two others are none.
  expect([await kindOf(owned, honest[0]!), await kindOf(owned, sybils[0]!)]).toEqual(['BenchmarkUnavailable', 'BenchmarkUnavailable']);
  expect(await kindOf(open, honest[0]!)).toBe('BenchmarkFigure');
  await linkFirms(identity(), honest[5]!.firmId, honest[6]!.firmId, WORD);
  await grouped(...honest);
  // Six instead of seven would tell by subtraction what the seventh brought.
  await network.closeOn('2026-09-30');
  expect(await kindOf(open, honest[0]!)).toBe('BenchmarkUnavailable');
  await network.closeOn('2026-11-30');
  expect(await kindOf(open, honest[0]!)).toBe('BenchmarkFigure');
  // To the linked ones nothing looks different.
  expect(await kindOf(open, honest[6]!)).toBe('BenchmarkFigure');
});
