import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { forgetOldMessages } from '../subgraphs/community/chat/forget-old-messages.js';
import { exportReport, handleReport } from '../subgraphs/community/chat/export-report.js';
import { listReports } from '../subgraphs/community/chat/list-reports.js';
import { startHouse, Visitor, type FirmVisitor, type TestHouse } from './house.js';
import { act, blindKey, block, knowCustomer, linkAccounts, openTalk, peersOf, say, seek, type Side } from './peers.js';

/** Blocks, reports, and what a mark may tell: nothing. */
let house: TestHouse;
beforeAll(async () => {
  house = await startHouse();
});
afterAll(() => house[Symbol.asyncDispose]());

const twoFirms = (): Promise<[FirmVisitor, FirmVisitor]> => Promise.all([house.firm(), house.firm()]);
const NOT_THERE = (field: string) => ({ conversation: null, userErrors: [{ code: 'NOT_FOUND', path: ['input', field] }] });

/** Everything a firm is shown of a conversation and its customer, but for ids of its own. */
async function look({ firm, conversationId, customerId }: Side): Promise<string> {
  const seen = await firm.get('query ($id: ID!) { conversation(id: $id) { state lastSeq unreadCount peerReadUpTo peer { alias firm { name } } messages { nodes { seq mine body } } } conversations { totalCount } }', { id: conversationId });
  return JSON.stringify([seen, await peersOf(firm, customerId)]);
}

/** The hints that community gives about an id while this happens. */
async function hintsOf(at: TestHouse, id: string, work: () => Promise<void>): Promise<readonly string[]> {
  const { hints } = at.running.rooms.community.room;
  const publish = hints.publish.bind(hints);
  const told: string[] = [];
  hints.publish = (topic) => {
    if (topic.includes(id)) told.push(topic);
    publish(topic);
  };
  try {
    await work();
  } finally {
    // Its own again.
    Reflect.deleteProperty(hints, 'publish');
  }
  return told;
}

async function clockAt(clocked: TestHouse, at: string): Promise<void> {
  await clocked.nobody.get('mutation ($at: DateTime!) { sandboxClockSet(at: $at) }', { at });
}

test('a block ends the match and the conversation for both; the other one is not told, and new marks change nothing', async () => {
  const [acme, rival] = await openTalk(await twoFirms());
  await say(acme, 'Bonjour');
  const client = rival.firm.socket();
  const stream = client.iterate({ query: 'subscription ($id: ID!) { messageReceived(conversationId: $id, after: 1) { seq } }', variables: { id: rival.conversationId } });
  const end = stream.next();
  expect(await block(acme.firm, { conversationId: acme.conversationId })).toEqual({ conversation: { state: 'CLOSED' }, userErrors: [] });
  expect((await end).done).toBe(true);
  await client.dispose();
  for (let again = 0; again < 2; again += 1) expect(await block(acme.firm, { peerId: acme.peerId })).toEqual({ conversation: { state: 'CLOSED' }, userErrors: [] });
  for (const side of [acme, rival]) {
    expect(await say(side, 'Encore ?')).toEqual([{ code: 'NOT_ALLOWED', path: ['input', 'conversationId'] }]);
    expect(await act(side, 'identityReveal')).toEqual([{ code: 'NOT_ALLOWED', path: ['input', 'conversationId'] }]);
    expect(await peersOf(side.firm, side.customerId)).toEqual([]);
    await seek(side.firm, side.customerId, 'peerUnseek');
    expect(await peersOf(side.firm, side.customerId)).toEqual([]);
  }
  // A third one meets both, as it would without the block.
  const third = await house.firm();
  const { rows } = await (await house.asOwner()).query<{ subject: string }>('select subject from community.peer_mark where customer_id = $1', [acme.customerId]);
  expect(await peersOf(third, await knowCustomer(third, rows[0]!.subject))).toHaveLength(2);
  expect(await peersOf(rival.firm, rival.customerId)).toHaveLength(1);
});

test('to the blocked one it is what it is when the other one leaves the community', async () => {
  const [firms, others] = [await twoFirms(), await twoFirms()];
  const [blocker, blocked] = await openTalk(firms);
  const [leaver, left] = await openTalk(others);
  for (const side of [blocker, leaver]) await say(side, 'Bonjour');
  await block(blocker.firm, { peerId: blocker.peerId });
  await leaver.firm.get('mutation { communityLeave { userErrors { code } } }');
  const plain = async (side: Side): Promise<string> => (await look(side)).replace(/"alias":"[^"]+"/g, 'ALIAS');
  expect(await plain(blocked)).toBe(await plain(left));
  const start = ({ firm, peerId }: Side) => firm.get('mutation ($id: ID!) { conversationStart(input: { peerId: $id }) { conversation { state } userErrors { code message path } } }', { id: peerId });
  expect(await start(blocked)).toEqual(await start(left));
  // It may be the one who blocks as well, afterwards.
  expect(await block(blocked.firm, { peerId: blocked.peerId })).toEqual(await block(left.firm, { peerId: left.peerId }));
});

test('a block is about one customer: what the same two share under other aliases stays', async () => {
  const firms = await twoFirms();
  const [acme, rival] = await openTalk(firms);
  const [acmeElsewhere, rivalElsewhere] = await openTalk(firms);
  const before = await look(rivalElsewhere);
  await block(acme.firm, { peerId: acme.peerId });
  expect(await look(rivalElsewhere)).toBe(before);
  expect(await say(acmeElsewhere, 'Bonjour')).toEqual([]);
  // And they find each other about the next one: that they do not would show whom the alias stood for.
  const [third] = await openTalk(firms);
  expect(await peersOf(acme.firm, third.customerId)).toHaveLength(1);
  expect(await peersOf(rival.firm, rival.customerId)).toEqual([]);
});

test('a match without a conversation is blocked too', async () => {
  const [acme, rival] = await twoFirms();
  const subject = blindKey();
  const [a, b] = [await knowCustomer(acme, subject), await knowCustomer(rival, subject)];
  await seek(acme, a);
  await seek(rival, b);
  const [mine] = await peersOf(acme, a);
  const [theirs] = await peersOf(rival, b);
  expect(await block(acme, { peerId: mine!.id })).toEqual({ conversation: null, userErrors: [] });
  expect(await peersOf(rival, b)).toEqual([]);
  expect(await rival.get('mutation ($id: ID!) { conversationStart(input: { peerId: $id }) { conversation { id } userErrors { code path } } }', { id: theirs!.id }))
    .toEqual({ conversationStart: { conversation: null, userErrors: [{ code: 'NOT_ALLOWED', path: ['input', 'peerId'] }] } });
  expect(await rival.get('{ conversations { totalCount } }')).toEqual({ conversations: { totalCount: 0 } });
});

test('leaving, coming back and a second account of the same firm do not get around a block', async () => {
  const subject = blindKey();
  const [acme, rival] = await openTalk(await twoFirms(), subject);
  await block(acme.firm, { peerId: acme.peerId });
  const [account, partner, stranger] = [await house.firm(), await house.firm(), await house.firm()];
  await linkAccounts(rival.firm, account);
  await linkAccounts(acme.firm, partner);
  expect(await peersOf(account, await knowCustomer(account, subject))).toHaveLength(1);
  // An account of the blocker's firm meets the stranger and its own, not those that were blocked.
  expect(await peersOf(stranger, await knowCustomer(stranger, subject))).toHaveLength(3);
  expect(await peersOf(partner, await knowCustomer(partner, subject))).toHaveLength(2);
  await rival.firm.get('mutation { communityLeave { userErrors { code } } }');
  await rival.firm.get('mutation { communityJoin(input: { metrics: [DSO], acceptCharter: true }) { userErrors { code } } }');
  expect(await peersOf(rival.firm, rival.customerId)).toHaveLength(2);
  // Its own account and the stranger.
  expect(await peersOf(acme.firm, acme.customerId)).toHaveLength(2);
});

test('a block and a mark at once, in any order, end without a match', async () => {
  for (let round = 0; round < 5; round += 1) {
    const [acme, rival] = await openTalk(await twoFirms());
    await Promise.all([block(acme.firm, { peerId: acme.peerId }), ...[1, 2, 3].map(() => seek(rival.firm, rival.customerId)), seek(acme.firm, acme.customerId), block(rival.firm, { peerId: rival.peerId })]);
    expect(await peersOf(rival.firm, rival.customerId)).toEqual([]);
    expect(await peersOf(acme.firm, acme.customerId)).toEqual([]);
  }
});

test('nobody but the two can block, and not without the scope', async () => {
  const [acme, rival] = await openTalk(await twoFirms());
  const stranger = await house.firm();
  for (const id of [acme.peerId, rival.peerId, acme.conversationId, 'nonsense', '']) {
    expect(await block(stranger, { peerId: id })).toEqual(NOT_THERE('peerId'));
    expect(await block(stranger, { conversationId: id })).toEqual(NOT_THERE('conversationId'));
  }
  expect(await block(rival.firm, { peerId: acme.peerId })).toEqual(NOT_THERE('peerId'));
  const mutation = 'mutation ($input: PeerBlockInput!) { peerBlock(input: $input) { userErrors { code } } }';
  for (const input of [{}, { peerId: acme.peerId, conversationId: acme.conversationId }, { peerId: null }]) expect((await acme.firm.ask(mutation, { input })).errors?.[0]?.extensions.code).toBe('BAD_USER_INPUT');
  const { apiKeyCreate } = await acme.firm.get<{ apiKeyCreate: { secret: string } }>('mutation { apiKeyCreate(input: { name: "reader", scopes: ["community:write"] }) { secret } }');
  expect((await new Visitor(house, apiKeyCreate.secret).ask(mutation, { input: { peerId: acme.peerId } })).errors?.[0]?.extensions.code).toBe('FORBIDDEN');
  expect(await say(acme, 'Bonjour')).toEqual([]);
});

test('an alias stays, and is another one for every pair and every customer: none says whose others are', async () => {
  const firms = [await house.firm(), await house.firm(), await house.firm()];
  const aliases: string[] = [];
  for (const subject of [blindKey(), blindKey()]) {
    const marks = [];
    for (const firm of firms) marks.push({ firm, customerId: await knowCustomer(firm, subject) });
    for (const { firm, customerId } of marks) await seek(firm, customerId);
    for (const { firm, customerId } of marks) {
      const peers = await peersOf(firm, customerId);
      expect(await peersOf(firm, customerId)).toEqual(peers);
      aliases.push(...peers.map(({ alias }) => alias));
    }
  }
  expect(aliases).toHaveLength(12);
  // Drawn from 576,000: two of twelve are the same once in nine thousand times, three practically never.
  expect(new Set(aliases).size).toBeGreaterThanOrEqual(11);
  // Of the 64 words, too: made from a firm there would be three, from who sees whom or whose customer it is six.
  expect(new Set(aliases.map((alias) => alias.split(' ')[0])).size).toBeGreaterThan(6);
});

test('a mark that nobody answers shows nowhere with those that share the customer', async () => {
  const [acme, rival] = await twoFirms();
  const subject = blindKey();
  const [marked, theirs, alone] = [await knowCustomer(acme, subject), await knowCustomer(rival, subject), await knowCustomer(rival, blindKey())];
  // What it did not take is nothing to take back: the answer shows the customer without marking it.
  const seen = async () => [
    await seek(rival, theirs, 'peerUnseek'), await seek(rival, alone, 'peerUnseek'),
    await rival.get('{ conversations { totalCount nodes { id } } auditLog { totalCount } community { sharing admitted missing } }'),
  ];
  const before = await seen();
  expect(before[0]).toEqual(before[1]);
  const told = await hintsOf(house, rival.firmId, async () => {
    for (const mutation of ['peerSeek', 'peerUnseek', 'peerSeek'] as const) expect((await seek(acme, marked, mutation)).userErrors).toEqual([]);
    expect(await seen()).toEqual(before);
  });
  expect(told).toEqual([]);
  // Nor with the one who made it: as where nobody else knows the customer.
  const lonely = await seek(acme, await knowCustomer(acme, blindKey()));
  expect(await seek(acme, marked)).toEqual({ ...lonely, customer: { peers: [], seekingUntil: expect.any(String) } });
});

test('a mark that has ended, or whose firm is verified no more, meets nobody; made anew it does', async () => {
  await using clocked = await startHouse();
  const [acme, rival, doubtful] = [await clocked.firm(), await clocked.firm(), await clocked.firm()];
  const subject = blindKey();
  await clockAt(clocked, '2027-01-01T12:00:00Z');
  const marked = await knowCustomer(acme, subject);
  expect((await seek(acme, marked)).customer!.seekingUntil).toMatch(/^2027-04-01T12:00:/);
  await clockAt(clocked, '2027-04-01T12:01:00Z');
  expect(await peersOf(doubtful, await knowCustomer(doubtful, subject))).toEqual([]);
  await (await clocked.asOwner()).query('update community.membership set verified = false where firm_id = $1', [doubtful.firmId]);
  const theirs = await knowCustomer(rival, subject);
  expect(await peersOf(rival, theirs)).toEqual([]);
  expect((await seek(acme, marked)).customer).toEqual({ peers: [{ id: expect.any(String), alias: expect.any(String) }], seekingUntil: expect.stringMatching(/^2027-06-30T/) });
  expect(await peersOf(rival, theirs)).toHaveLength(1);
}, 20_000);

test('an inbox says nothing of a match before its conversation is started', async () => {
  const firms = await twoFirms();
  const [acme, rival] = await openTalk(firms);
  const client = rival.firm.socket();
  const stream = client.iterate<{ inboxChanged: { id: string; lastSeq: number } }>({ query: 'subscription { inboxChanged { id lastSeq } }' });
  const shows = async (id: string | undefined, lastSeq: number): Promise<string> => {
    for (;;) {
      const { data, errors } = (await stream.next()).value!;
      expect(errors).toBeUndefined();
      const told = data!.inboxChanged;
      if (id === undefined || (told.id === id && told.lastSeq === lastSeq)) return told.id;
    }
  };
  const first = shows(undefined, 0);
  // It has no cursor: what was said before it was open is not told.
  const told = { any: false };
  void first.then(() => (told.any = true));
  let lastSeq = 0;
  while (!told.any) {
    await say(acme, 'Bonjour');
    lastSeq += 1;
  }
  expect(await first).toBe(rival.conversationId);
  const subject = blindKey();
  for (const firm of firms) expect((await seek(firm, await knowCustomer(firm, subject))).userErrors).toEqual([]);
  await say(acme, 'Bonsoir');
  await shows(rival.conversationId, lastSeq + 1);
  const [, elsewhere] = await openTalk(firms);
  expect(await shows(elsewhere.conversationId, 0)).toBe(elsewhere.conversationId);
  await client.dispose();
}, 20_000);

test('to be willing to be revealed and to report are told to the other one by nothing: no text, no number, no hint', async () => {
  const [acme, rival] = await openTalk(await twoFirms());
  await say(rival, 'Bonjour');
  const owner = await house.asOwner();
  const { rows } = await owner.query<{ peering_id: string }>('select peering_id from community.peering_side where customer_id = $1', [acme.customerId]);
  const peeringId = rows[0]!.peering_id;
  // What wakes an inbox and a reader besides hints is that the conversation changed.
  const conversation = async () => (await owner.query('select * from community.conversation where peering_id = $1', [peeringId])).rows;
  const before = [await conversation(), await look(rival)];
  const told = await hintsOf(house, peeringId, async () => {
    for (let again = 0; again < 2; again += 1) expect(await act(acme, 'identityReveal')).toEqual([]);
    expect(await act(acme, 'conversationReport', 'Rude.')).toEqual([]);
    expect([await conversation(), await look(rival)]).toEqual(before);
    // So that it is not for nothing that nothing was heard.
    await say(acme, 'Bonsoir');
  });
  expect(told).toEqual([`conversation:${peeringId}`]);
});

test('accounts of one firm have the cap together: what they mark beyond it meets nobody, and each is told nothing of it', async () => {
  const [mallory, second, victim] = await Promise.all([house.firm(), house.firm(), house.firm()]);
  await linkAccounts(mallory, second);
  for (let mark = 0; mark < 20; mark += 1) expect((await seek(mallory, await knowCustomer(mallory, blindKey()))).userErrors).toEqual([]);
  const subject = blindKey();
  const [theirs, mine] = [await knowCustomer(victim, subject), await knowCustomer(second, subject)];
  await seek(victim, theirs);
  const alone = await seek(second, await knowCustomer(second, blindKey()));
  expect(await seek(second, mine)).toEqual({ ...alone, customer: { peers: [], seekingUntil: expect.any(String) } });
  expect(await peersOf(victim, theirs)).toEqual([]);
  // Who comes later meets the victim alone; within the cap a linked account is met like any other.
  const honest = await house.firm();
  expect(await peersOf(honest, await knowCustomer(honest, subject))).toHaveLength(1);
  const [within, third] = [await house.firm(), await house.firm()];
  await linkAccounts(within, third);
  expect(await peersOf(within, await knowCustomer(within, subject))).toHaveLength(2);
  expect(await peersOf(third, await knowCustomer(third, subject))).toHaveLength(3);
}, 30_000);

test('a clock that goes back and forth neither breaks a mark nor makes room for more', async () => {
  await using clocked = await startHouse();
  const firm = await clocked.firm();
  await clockAt(clocked, '2027-03-10T12:00:00Z');
  const ids = [];
  for (let mark = 0; mark < 21; mark += 1) ids.push(await knowCustomer(firm, blindKey()));
  for (const id of ids.slice(0, 20)) expect((await seek(firm, id)).userErrors).toEqual([]);
  await clockAt(clocked, '2027-02-28T12:00:00Z');
  // Made in March, so it stands; and February has a cap of its own.
  expect((await seek(firm, ids[0]!)).customer!.seekingUntil).toBe((await seek(firm, ids[0]!)).customer!.seekingUntil);
  expect((await seek(firm, ids[20]!)).userErrors).toEqual([]);
  await clockAt(clocked, '2027-03-31T23:00:00Z');
  expect((await seek(firm, await knowCustomer(firm, blindKey()))).userErrors).toEqual([{ code: 'LIMIT_REACHED', path: ['input', 'customerId'] }]);
  await clockAt(clocked, '2027-04-01T00:00:00Z');
  expect((await seek(firm, await knowCustomer(firm, blindKey()))).userErrors).toEqual([]);
}, 30_000);

test('the banner is English unless a reader asks for French', async () => {
  const [acme] = await openTalk(await twoFirms());
  const { conversation } = await acme.firm.get<{ conversation: Record<string, string> }>('query ($id: ID!) { conversation(id: $id) { banner en: banner(locale: "en-GB") fr: banner(locale: "fr-FR") de: banner(locale: "de") } }', { id: acme.conversationId });
  expect(conversation['banner']).toMatch(/^Speak about facts of the past only/);
  expect([conversation['en'], conversation['de']]).toEqual([conversation['banner'], conversation['banner']]);
  expect(conversation['fr']).toMatch(/^Ne parlez que de faits passés/);
});

test('a report keeps the texts as the reporter saw them, whatever becomes of them; a moderator exports and handles it', async () => {
  await using clocked = await startHouse();
  await clockAt(clocked, '2027-03-01T12:00:00Z');
  const [acme, rival] = await openTalk([await clocked.firm(), await clocked.firm()]);
  const { room } = clocked.running.rooms.community;
  await say(acme, 'It pays late.');
  await say(rival, 'Let us both ask for <b>70 €</b>.\n');
  expect(await act(acme, 'conversationReport', 'Wants to agree on prices.')).toEqual([]);
  await say(rival, 'Well?');
  const open = await listReports(room, false);
  expect(open).toEqual([{ id: expect.any(String), reportedAt: '2027-03-01 12:00', reporterFirmId: acme.firm.firmId, reportedFirmId: rival.firm.firmId, handled: null }]);
  const { id } = open[0]!;
  const word = { by: 'Claire', why: 'reported' };
  const exported = await exportReport(room, id, word);
  const at = expect.stringMatching(/^2027-03-01T12:00:\d\d\.\d{3}Z$/);
  expect(exported).toEqual({
    format: 'ardoise-report/1', id, reportedAt: at, reporter: { firmId: acme.firm.firmId }, reported: { firmId: rival.firm.firmId }, erased: false,
    reason: 'Wants to agree on prices.', conversation: { openedAt: at, state: 'OPEN', lastSeq: 2, identitiesRevealed: false }, messagesLeftOut: 0,
    messages: [{ seq: 1, from: 'REPORTER', sentAt: at, body: 'It pays late.' }, { seq: 2, from: 'REPORTED', sentAt: at, body: 'Let us both ask for <b>70 €</b>.\n' }],
    digest: expect.stringMatching(/^[0-9a-f]{64}$/), handled: null,
  });
  // Twelve months later the messages are gone, and the report is not handled yet.
  await clockAt(clocked, '2028-03-02T12:00:00Z');
  await forgetOldMessages(room);
  expect(await exportReport(room, id, word)).toEqual(exported);
  expect(await handleReport(room, id, word)).toBe(true);
  expect(await handleReport(room, id, { by: 'Ben', why: 'again' })).toBe(false);
  expect(await listReports(room, false)).toEqual([]);
  expect(await listReports(room, true)).toEqual([{ ...open[0], handled: { operator: 'Claire', at: '2028-03-02 12:00', note: 'reported' } }]);
  await clockAt(clocked, '2029-03-02T11:00:00Z');
  await forgetOldMessages(room);
  expect(await exportReport(room, id, word)).toMatchObject({ erased: false, reason: 'Wants to agree on prices.' });
  await clockAt(clocked, '2029-03-02T13:00:00Z');
  for (let again = 0; again < 2; again += 1) await forgetOldMessages(room);
  const { reason, messages, ...rest } = exported;
  expect(reason && messages).toBeTruthy();
  const left = await exportReport(room, id, word);
  expect(left).toMatchObject({ id, erased: true, digest: rest.digest, reporter: rest.reporter, handled: { by: 'Claire' } });
  expect(left).not.toHaveProperty('messages');
  // Each of it is written down, and what erased nothing is not.
  const { rows } = await (await clocked.asOwner()).query<{ action: string; detail: string }>('select action, detail from community.audit_entry where firm_id is null order by number');
  expect(rows.map(({ action, detail }) => `${action} ${detail.replace(/T.*/, '')}`)).toEqual([
    'REPORT_EXPORTED reported', 'TEXTS_ERASED 3 messages sent before 2027-03-02', 'REPORT_EXPORTED reported', 'REPORT_HANDLED reported', 'REPORT_EXPORTED reported',
    'REPORT_TEXTS_ERASED 1 reports handled before 2028-03-02', 'REPORT_EXPORTED reported',
  ]);
}, 30_000);

test('a long conversation is reported with its last five hundred messages', async () => {
  const [acme, rival] = await openTalk(await twoFirms());
  const owner = await house.asOwner();
  const { rows } = await owner.query<{ peering_id: string }>('select peering_id from community.peering_side where customer_id = $1', [acme.customerId]);
  const peeringId = rows[0]!.peering_id;
  await owner.query(`insert into community.message (peering_id, seq, side, client_id, body, sent_at) select $1, n, n % 2, 'bulk' || n, 'm' || n, now() from generate_series(1, 502) n`, [peeringId]);
  await owner.query('update community.conversation set last_seq = 502 where peering_id = $1', [peeringId]);
  expect(await act(rival, 'conversationReport', 'Too much.')).toEqual([]);
  const { room } = house.running.rooms.community;
  const report = (await listReports(room, false)).find(({ reporterFirmId }) => reporterFirmId === rival.firm.firmId)!;
  const { messages, messagesLeftOut } = await exportReport(room, report.id, { by: 'Claire', why: 'reported' });
  expect([messagesLeftOut, messages!.length, messages![0]!.body, messages!.at(-1)!.seq]).toEqual([2, 500, 'm3', 502]);
});

test('a conversation can be reported again, also when it is closed, ten times a day and no more, at once too', async () => {
  const [acme, rival] = await openTalk(await twoFirms());
  await act(rival, 'conversationClose');
  const refused = (await Promise.all(Array.from({ length: 12 }, () => act(acme, 'conversationReport', 'Rude.')))).flat();
  expect(refused).toEqual(Array(2).fill({ code: 'LIMIT_REACHED', path: ['input', 'conversationId'] }));
  // Its peer's own are another matter.
  expect(await act(rival, 'conversationReport', 'Rude.')).toEqual([]);
  for (const reason of ['', 'x'.repeat(4001), 'a\u0000b']) expect(await act(rival, 'conversationReport', reason)).toEqual([{ code: 'INVALID', path: ['input', 'reason'] }]);
}, 20_000);

test('no firm reads a report or a block, not even its own report; nobody changes one', async () => {
  const [acme, rival] = await openTalk(await twoFirms());
  await say(rival, 'Bonjour');
  await act(acme, 'conversationReport', 'Rude.');
  await block(acme.firm, { peerId: acme.peerId });
  const { db } = house.running.rooms.community.room;
  for (const { firmId } of [acme.firm, rival.firm]) {
    for (const table of ['report_text', 'report_handled', 'peer_block', 'audit_head']) await expect(db.forFirm(firmId).transaction((em) => em.execute(`select from community.${table}`))).rejects.toThrow('permission denied');
  }
  expect(await db.forFirm(rival.firm.firmId).transaction((em) => em.execute('select id from community.conversation_report'))).toEqual([]);
  // The room itself reads no message's text, and rewrites nothing.
  await expect(db.asSystem().transaction((em) => em.execute('select body from community.message'))).rejects.toThrow('permission denied');
  const owner = await house.asOwner();
  for (const statement of [
    `update community.conversation_report set digest = 'x'`, 'delete from community.conversation_report', 'truncate community.conversation_report cascade', `update community.report_text set content = 'x'`,
    'delete from community.peer_block', 'delete from community.audit_entry', 'truncate community.audit_entry', `update community.audit_entry set action = 'x'`,
  ]) await expect(owner.query(statement)).rejects.toThrow('what was written down stays');
});
