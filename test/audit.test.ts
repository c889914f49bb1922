import 'reflect-metadata';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Client } from 'pg';
import { startHouse, Visitor, type FirmVisitor, type TestHouse } from './house.js';
import { exportReport, handleReport } from '../subgraphs/community/chat/export-report.js';
import { forgetOldMessages } from '../subgraphs/community/chat/forget-old-messages.js';
import { listReports } from '../subgraphs/community/chat/list-reports.js';
import { verifyAudit } from '../subgraphs/community/audit/verify-audit.js';
import { act, blindKey, block, knowCustomer, openTalk, say, seek } from './peers.js';

/** The audit log: what each firm reads of it, and that nobody changes it unseen. */
let house: TestHouse;
beforeAll(async () => {
  house = await startHouse();
});
afterAll(() => house[Symbol.asyncDispose]());

interface Entry {
  readonly id: string;
  readonly at: string;
  readonly action: string;
  readonly userId: string | null;
  readonly byApiKey: boolean;
  readonly objectId: string;
}
interface Log {
  readonly nodes: readonly Entry[];
  readonly totalCount: number;
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string };
}

async function logOf(firm: Visitor, first = 100, after: string | null = null): Promise<Log> {
  const { auditLog } = await firm.get<{ auditLog: Log }>('query ($first: Int, $after: String) { auditLog(first: $first, after: $after) { nodes { id at action userId byApiKey objectId } totalCount pageInfo { hasNextPage endCursor } } }', { first, after });
  return auditLog;
}

/** What the log says, the first entry first. */
async function told(firm: Visitor): Promise<[string, string][]> {
  return (await logOf(firm)).nodes.toReversed().map(({ action, objectId }) => [action, objectId]);
}

const twoFirms = (on = house): Promise<[FirmVisitor, FirmVisitor]> => Promise.all([on.firm(), on.firm()]);

test('each firm reads what it did and was shown, and nothing of what the other one did', async () => {
  const [acme, rival] = await openTalk(await twoFirms());
  const begun = async ({ customerId, peerId }: typeof acme): Promise<[string, string][]> => [['MARK_MADE', customerId], ['MATCH_SHOWN', peerId]];
  expect(await told(acme.firm)).toEqual([...(await begun(acme)), ['CONVERSATION_STARTED', acme.conversationId]]);
  // It was the second to start the same conversation.
  expect(await told(rival.firm)).toEqual(await begun(rival));
  const before = await told(rival.firm);
  await say(acme, 'Bonjour');
  for (let again = 0; again < 2; again += 1) await act(acme, 'identityReveal');
  await act(acme, 'conversationReport', 'Rude.');
  for (let again = 0; again < 2; again += 1) await seek(acme.firm, acme.customerId, 'peerUnseek');
  for (let again = 0; again < 2; again += 1) await seek(acme.firm, acme.customerId);
  expect(await told(rival.firm)).toEqual(before);
  await act(rival, 'identityReveal');
  await block(rival.firm, { peerId: rival.peerId });
  for (let again = 0; again < 2; again += 1) await block(rival.firm, { peerId: rival.peerId });
  expect(await told(acme.firm)).toEqual([
    ...(await begun(acme)), ['CONVERSATION_STARTED', acme.conversationId], ['IDENTITY_REVEAL_ASKED', acme.conversationId], ['CONVERSATION_REPORTED', acme.conversationId],
    ['MARK_TAKEN_BACK', acme.customerId], ['MARK_MADE', acme.customerId], ['IDENTITIES_REVEALED', acme.conversationId],
  ]);
  expect(await told(rival.firm)).toEqual([...before, ['IDENTITY_REVEAL_ASKED', rival.conversationId], ['IDENTITIES_REVEALED', rival.conversationId], ['PEER_BLOCKED', rival.peerId], ['CONVERSATION_CLOSED', rival.conversationId]]);
});

test('an entry says who: a person, an API key, or nobody', async () => {
  const [acme, rival] = await openTalk(await twoFirms());
  const { viewer } = await acme.firm.get<{ viewer: { user: { id: string } } }>('{ viewer { user { id } } }');
  const { apiKeyCreate } = await acme.firm.get<{ apiKeyCreate: { secret: string } }>('mutation { apiKeyCreate(input: { name: "bot", scopes: ["chat"] }) { secret } }');
  await new Visitor(house, apiKeyCreate.secret).get('mutation ($id: ID!) { conversationClose(input: { conversationId: $id }) { userErrors { code } } }', { id: acme.conversationId });
  const by = Object.fromEntries((await logOf(acme.firm)).nodes.map(({ action, userId, byApiKey }) => [action, [userId, byApiKey]]));
  expect(by).toEqual({ MARK_MADE: [viewer.user.id, false], MATCH_SHOWN: [null, false], CONVERSATION_STARTED: [viewer.user.id, false], CONVERSATION_CLOSED: [viewer.user.id, true] });
  expect((await told(rival.firm)).map(([action]) => action)).toEqual(['MARK_MADE', 'MATCH_SHOWN']);
});

test('who leaves the community finds its marks and conversations ended in its log', async () => {
  const [acme] = await openTalk(await twoFirms());
  for (let again = 0; again < 2; again += 1) await acme.firm.get('mutation { communityLeave { userErrors { code } } }');
  expect((await told(acme.firm)).slice(3)).toEqual([['MARK_TAKEN_BACK', acme.customerId], ['CONVERSATION_CLOSED', acme.conversationId]]);
});

test('what was refused or rolled back is not in the log', async () => {
  const firm = await house.firm();
  const ids = [];
  for (let mark = 0; mark < 21; mark += 1) ids.push(await knowCustomer(firm, blindKey()));
  const outcomes = await Promise.all(ids.map((id) => seek(firm, id)));
  expect(outcomes.filter(({ userErrors }) => userErrors.length > 0)).toHaveLength(1);
  expect(await logOf(firm)).toMatchObject({ totalCount: 20 });
});

test('the log is read page by page by who manages members, and by nobody else', async () => {
  const [acme, rival] = await openTalk(await twoFirms());
  const whole = await logOf(acme.firm);
  const first = await logOf(acme.firm, 2);
  expect(first).toMatchObject({ nodes: whole.nodes.slice(0, 2), totalCount: 3, pageInfo: { hasNextPage: true } });
  expect(await logOf(acme.firm, 2, first.pageInfo.endCursor)).toMatchObject({ nodes: whole.nodes.slice(2), pageInfo: { hasNextPage: false } });
  // Another firm's cursor leads nowhere; what is none is refused.
  expect((await logOf(rival.firm, 2, first.pageInfo.endCursor)).nodes).toEqual([]);
  const ask = (who: Visitor, args = '') => who.ask(`{ auditLog${args} { totalCount } }`);
  for (const args of ['(first: 0)', '(first: 101)', '(after: "x")', '(after: "WyJ4Il0")']) expect((await ask(acme.firm, args)).errors?.[0]?.extensions.code).toBe('BAD_USER_INPUT');
  const { apiKeyCreate } = await acme.firm.get<{ apiKeyCreate: { secret: string } }>('mutation { apiKeyCreate(input: { name: "bot", scopes: ["chat", "community:write"] }) { secret } }');
  expect((await ask(new Visitor(house, apiKeyCreate.secret))).errors?.[0]?.extensions.code).toBe('FORBIDDEN');
  expect((await ask(house.nobody)).errors?.[0]?.extensions.code).toBe('UNAUTHENTICATED');
  // Neither ids nor cursors say how much others do.
  const ids = [...whole.nodes.map(({ id }) => id), Buffer.from(first.pageInfo.endCursor, 'base64url').toString()];
  for (const id of ids) expect(id).toMatch(/^(\[")?[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}("\])?$/);
});

describe('whoever gets past every grant and trigger', () => {
  let owner: Client;
  let head: string;
  let entries: number;
  beforeAll(async () => {
    owner = await house.asOwner();
    const { room } = house.running.rooms.community;
    // Many at once, of many firms: one chain all the same.
    await Promise.all(Array.from({ length: 4 }, async () => {
      const [acme, rival] = await openTalk(await twoFirms());
      await Promise.all([act(acme, 'identityReveal'), act(rival, 'identityReveal'), act(acme, 'conversationReport', 'Rude.'), block(rival.firm, { peerId: rival.peerId })]);
    }));
    const { id } = (await listReports(room, false))[0]!;
    await exportReport(room, id, { by: 'Claire', why: 'é\u2028"' });
    await handleReport(room, id, { by: 'Claire', why: '' });
    await house.nobody.get('mutation ($at: DateTime!) { sandboxClockSet(at: $at) }', { at: '2099-01-01T00:00:00Z' });
    await forgetOldMessages(room);
    const verified = await verifyAudit(room);
    expect(verified).toEqual({ entries: expect.any(Number), head: expect.stringMatching(/^[0-9a-f]{64}$/), broken: null });
    head = verified.head!;
    entries = verified.entries;
    const { rows } = await owner.query<{ actions: string[] }>('select array_agg(distinct action order by action) as actions from community.audit_entry');
    expect(rows[0]!.actions).toEqual(expect.arrayContaining(['MATCH_SHOWN', 'REPORT_EXPORTED', 'REPORT_HANDLED']));
  }, 60_000);

  /** What is found while the forgery stands; nothing of it stays. */
  async function forge(statements: string, kept?: string): Promise<Awaited<ReturnType<typeof verifyAudit>>> {
    const tables = ['audit_entry', 'audit_head', 'conversation_report', 'report_text'];
    const keep = (from: string, to: (table: string) => string): string => tables.map((table) => `${from} ${to(table)};`).join(' ');
    await owner.query(tables.map((table) => `create table public.kept_${table} as table community.${table};`).join(' '));
    const unbound = (work: string): string => `set session_replication_role = replica; ${work}; set session_replication_role = origin`;
    try {
      await owner.query(unbound(statements));
      return await verifyAudit(house.running.rooms.community.room, kept);
    } finally {
      await owner.query(unbound(`${keep('delete from', (table) => `community.${table}`)} ${tables.map((table) => `insert into community.${table} select * from public.kept_${table};`).join(' ')} ${keep('drop table', (table) => `public.kept_${table}`)}`));
    }
  }

  test.each([
    ['flips a name', `update community.audit_entry set person_id = gen_random_uuid() where number = 5`, 5, 'ENTRY_CHANGED'],
    ['flips an instant by a millisecond', `update community.audit_entry set entered_at = entered_at + interval '1 millisecond' where number = 5`, 5, 'ENTRY_CHANGED'],
    ['gives an entry to another firm', `update community.audit_entry set firm_id = null where number = 5`, 5, 'ENTRY_CHANGED'],
    ['says that nobody did it', `update community.audit_entry set by_key = not by_key where number = 5`, 5, 'ENTRY_CHANGED'],
    ['takes one out', 'delete from community.audit_entry where number = 5', 5, 'MISSING'],
    ['takes one out and closes the gap', 'delete from community.audit_entry where number = 5; update community.audit_entry set number = number - 1 where number = (select min(number) from community.audit_entry where number > 5)', 5, 'CHAIN_BROKEN'],
    ['takes the first one out', 'delete from community.audit_entry where number = 1', 1, 'MISSING'],
    ['exchanges two', 'update community.audit_entry set number = -5 where number = 5; update community.audit_entry set number = 5 where number = 6; update community.audit_entry set number = 6 where number = -5', 5, 'CHAIN_BROKEN'],
    ['puts one in', `insert into community.audit_entry (number, id, entered_at, action, hash, previous_hash) select 0, gen_random_uuid(), now(), 'MARK_MADE', 'x', 'y'`, 1, 'MISSING'],
    ['cuts off the tail', 'delete from community.audit_entry where number > 5', 6, 'CUT_OFF'],
    ['empties the log', 'truncate community.audit_entry', 1, 'CUT_OFF'],
    ['changes the texts of a report', `update community.report_text set content = replace(content, 'Rude', 'Kind')`, undefined, 'REPORT_CHANGED'],
    ['takes the texts of an open report', 'delete from community.report_text', undefined, 'REPORT_CHANGED'],
    ['takes a report', 'delete from community.conversation_report', undefined, 'REPORT_CHANGED'],
  ])('and %s is found', async (_, statements, number, reason) => {
    const { broken } = await forge(statements);
    expect(broken).toEqual({ number: number ?? expect.any(Number), reason });
    expect(await verifyAudit(house.running.rooms.community.room, head)).toEqual({ entries, head, broken: null });
  });

  test('and cuts off the tail with its head is found by a hash that was kept', async () => {
    const statements = 'delete from community.audit_entry where number > 5; update community.audit_head set number = 5, hash = (select hash from community.audit_entry where number = 5)';
    expect((await forge(statements)).broken).toBeNull();
    expect((await forge(statements, head)).broken).toEqual({ number: 6, reason: 'UNKNOWN_HASH' });
  });
});
