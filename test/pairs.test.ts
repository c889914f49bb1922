import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Metric } from '../src/values/metric.js';
import { linkFirms } from '../subgraphs/identity/operator/link-firms.js';
import type { FirmVisitor } from './house.js';
import { Network, type Shared } from './network.js';

/** Both joined half a year ago; the first quarter of the year can be compared, and the second from 30 July on. */
const TODAY = '2026-07-15T12:00:00Z';
const LATER_TODAY = '2026-07-15T18:00:00Z';
const NEXT_QUARTER = '2026-07-30T12:00:00Z';

let network: Network;
beforeAll(async () => {
  network = await Network.start(2);
}, 60_000);
afterAll(() => network[Symbol.asyncDispose]());

interface Compared {
  readonly comparison: readonly { readonly metric: Metric; readonly yours: string }[] | null;
  readonly userErrors: readonly { readonly code: string; readonly path: readonly string[] }[];
}
const NOTHING: Compared = { comparison: null, userErrors: [] };
const gives = (words: Partial<Record<Metric, string>>): Compared => ({ comparison: Object.entries(words).map(([metric, yours]) => ({ metric: metric as Metric, yours })), userErrors: [] });

async function compare(firm: FirmVisitor, peerId: string, metrics: readonly Metric[] = ['DSO']): Promise<Compared> {
  const { pairCompare } = await firm.get<{ pairCompare: Compared }>('mutation ($input: PairCompareInput!) { pairCompare(input: $input) { comparison { metric yours } userErrors { code path } } }', { input: { peerId, metrics } });
  return pairCompare;
}

const SEEK = 'mutation ($id: ID!) { peerSeek(input: { customerId: $id }) { customer { peers { id } } userErrors { code } } }';

async function seek(firm: FirmVisitor, { ids }: Shared): Promise<readonly string[]> {
  const { peerSeek } = await firm.get<{ peerSeek: { customer: { peers: { id: string }[] }; userErrors: unknown[] } }>(SEEK, { id: ids.get(firm)! });
  expect(peerSeek.userErrors).toEqual([]);
  return peerSeek.customer.peers.map(({ id }) => id);
}

interface Pair {
  readonly firms: readonly [FirmVisitor, FirmVisitor];
  readonly group: Shared;
  /** What each calls the other. */
  readonly peers: readonly [string, string];
}

/** Two firms that found each other about a customer; neither has told a figure of it. */
async function meet(firms: readonly [FirmVisitor, FirmVisitor] = [network.members[0]!, network.members[1]!], at = TODAY): Promise<Pair> {
  await network.setClock(at);
  const group = await network.share(firms);
  await network.owner.query(`update community.customer_key set seekable_until = '2999-12' where subject = $1`, [group.subject]);
  await seek(firms[0], group);
  const [second] = await seek(firms[1], group);
  const [first] = await seek(firms[0], group);
  return { firms, group, peers: [first!, second!] };
}

/** Members of half a year, that no other test withdraws. */
async function newMembers(): Promise<readonly [FirmVisitor, FirmVisitor]> {
  const firms = [await network.house.firm(), await network.house.firm()] as const;
  await network.setClock(Network.JOINED);
  for (const firm of firms) await network.admit(firm);
  return firms;
}

test('two that both asked learn who is paid sooner, each the opposite, and only of what both asked for', async () => {
  const { firms: [acme, rival], group, peers: [mine, theirs] } = await meet();
  await network.tell(acme, group.subject, '2026-03', { DSO: 30, DAYS_BEYOND_TERMS: 12, LATE_SHARE: 0.9, PAYMENT_TERMS: 30 });
  await network.tell(rival, group.subject, '2026-03', { DSO: 60, DAYS_BEYOND_TERMS: 12, LATE_SHARE: 0.1, PAYMENT_TERMS: 60 });
  expect(await compare(acme, mine, ['DSO', 'DAYS_BEYOND_TERMS', 'LATE_SHARE'])).toEqual(NOTHING);
  expect(await compare(acme, mine, ['DSO', 'DAYS_BEYOND_TERMS', 'LATE_SHARE'])).toEqual(NOTHING);
  // Terms need a tick of their own on both sides.
  expect(await compare(rival, theirs, ['DSO', 'LATE_SHARE', 'PAYMENT_TERMS'])).toEqual(gives({ DSO: 'ABOVE', LATE_SHARE: 'BELOW' }));
  expect(await compare(acme, mine, ['DSO', 'DAYS_BEYOND_TERMS', 'LATE_SHARE', 'PAYMENT_TERMS'])).toEqual(gives({ DSO: 'BELOW', LATE_SHARE: 'ABOVE', PAYMENT_TERMS: 'BELOW' }));
  expect(await compare(rival, theirs, ['DAYS_BEYOND_TERMS'])).toEqual(gives({ DAYS_BEYOND_TERMS: 'SIMILAR' }));
  const asked = await rival.get('query ($id: ID!) { customer(id: $id) { peers { id comparing } } }', { id: group.ids.get(rival)! });
  expect(asked).toEqual({ customer: { peers: [{ id: theirs, comparing: ['DAYS_BEYOND_TERMS'] }] } });
  // Asking for less took the rest back.
  expect(await compare(acme, mine, ['DSO', 'PAYMENT_TERMS'])).toEqual(NOTHING);
  const { pairCompare } = await acme.get<{ pairCompare: unknown }>('mutation ($id: ID!) { pairCompare(input: { peerId: $id, metrics: [DAYS_BEYOND_TERMS] }) { comparison { metric yours periodStart periodEnd } } }', { id: mine });
  expect(pairCompare).toEqual({ comparison: [{ metric: 'DAYS_BEYOND_TERMS', yours: 'SIMILAR', periodStart: '2026-01-01', periodEnd: '2026-03-31' }] });
});

test('an outcome is of one quarter and is proof against edits, repeats, and asking ten times at once', async () => {
  const { firms: [acme, rival], group, peers: [mine, theirs] } = await meet();
  await network.tell(acme, group.subject, '2026-03', { DSO: 40 });
  await network.tell(rival, group.subject, '2026-03', { DSO: 50 });
  await compare(acme, mine);
  // What is edited once it was agreed to changes nothing, even before the other one has asked.
  await network.tell(acme, group.subject, '2026-03', { DSO: 140 }, { revision: 2 });
  const answers = await Promise.all(Array.from({ length: 10 }, (_, index) => (index % 2 ? compare(acme, mine) : compare(rival, theirs))));
  for (const answer of answers) expect([NOTHING, gives({ DSO: 'SIMILAR' })]).toContainEqual(answer);
  await network.tell(rival, group.subject, '2026-03', { DSO: 0 }, { revision: 2 });
  for (const [firm, peer] of [[acme, mine], [rival, theirs]] as const) expect(await compare(firm, peer)).toEqual(gives({ DSO: 'SIMILAR' }));
  expect((await network.owner.query('select from community.pair_outcome o join community.peering p using (peering_id) where p.subject = $1', [group.subject])).rowCount).toBe(1);
  // The owner of the database could not change it either.
  for (const table of ['pair_figure', 'pair_outcome']) await expect(network.owner.query(`delete from community.${table}`)).rejects.toThrow('what was published is not changed');
  // The next quarter is another comparison.
  await network.tell(acme, group.subject, '2026-06', { DSO: 100 });
  await network.tell(rival, group.subject, '2026-06', { DSO: 20 });
  await network.setClock(NEXT_QUARTER);
  expect(await compare(acme, mine)).toEqual(gives({ DSO: 'ABOVE' }));
  await network.setClock(LATER_TODAY);
  expect(await compare(acme, mine)).toEqual(gives({ DSO: 'SIMILAR' }));
});

test('a firm has one figure of a customer and quarter for all its peers: it cannot place another for each', async () => {
  const [acme, rival] = await newMembers();
  const third = network.members[0]!;
  await network.setClock(TODAY);
  const group = await network.share([acme, rival, third]);
  await network.owner.query(`update community.customer_key set seekable_until = '2999-12' where subject = $1`, [group.subject]);
  for (const firm of [acme, rival, third]) await seek(firm, group);
  await network.tell(acme, group.subject, '2026-03', { DSO: 40 });
  for (const firm of [rival, third]) await network.tell(firm, group.subject, '2026-03', { DSO: 50 });
  for (const firm of [rival, third]) for (const peer of await seek(firm, group)) await compare(firm, peer);
  const [first, second] = await seek(acme, group);
  expect(await compare(acme, first!)).toEqual(gives({ DSO: 'SIMILAR' }));
  await network.tell(acme, group.subject, '2026-03', { DSO: 70 }, { revision: 2 });
  expect(await compare(acme, second!)).toEqual(gives({ DSO: 'SIMILAR' }));
});

test('of linked firms one is compared; the others are silent, for a quarter and a customer', async () => {
  const [first, second] = await newMembers();
  const acme = network.members[0]!;
  const { room } = network.house.running.rooms.identity;
  await linkFirms(room, first.firmId, second.firmId, { by: 'Claire', why: 'One owner.' });
  await network.setClock(TODAY);
  const group = await network.share([acme, first, second]);
  await network.owner.query(`update community.customer_key set seekable_until = '2999-12' where subject = $1`, [group.subject]);
  for (const firm of [acme, first, second]) await seek(firm, group);
  for (const [place, firm] of [acme, first, second].entries()) await network.tell(firm, group.subject, '2026-03', { DSO: 20 + 30 * place });
  for (const firm of [first, second]) for (const peer of await seek(firm, group)) await compare(firm, peer);
  const answers = await Promise.all((await seek(acme, group)).map((peer) => compare(acme, peer)));
  expect(answers).toHaveLength(2);
  expect(answers).toEqual(expect.arrayContaining([gives({ DSO: 'BELOW' }), NOTHING]));
  const again = [];
  for (const peer of (await seek(acme, group)).toReversed()) again.push(await compare(acme, peer));
  expect(again.toReversed()).toEqual(answers);
});

test('whatever the peer lacks is the same bytes as a peer that has not asked', async () => {
  const acme = network.members[0]!;
  const bytes = async (change: (pair: Pair) => Promise<void>, others?: readonly [FirmVisitor, FirmVisitor]): Promise<string> => {
    const pair = await meet(others && [acme, others[1]]);
    const [, rival] = pair.firms;
    await network.tell(acme, pair.group.subject, '2026-03', { DSO: 40, PAYMENT_TERMS: 40 });
    await change(pair);
    const answer = JSON.stringify(await acme.ask('mutation ($id: ID!) { pairCompare(input: { peerId: $id, metrics: [DSO, PAYMENT_TERMS] }) { comparison { metric yours } userErrors { code message path } } }', { id: pair.peers[0] }));
    expect(rival).toBeTruthy();
    return answer;
  };
  const asks = ({ firms: [, rival], peers: [, theirs] }: Pair, metrics: readonly Metric[] = ['DSO']): Promise<Compared> => compare(rival, theirs, metrics);
  const told = ({ firms: [, rival], group }: Pair): Promise<void> => network.tell(rival, group.subject, '2026-03', { DSO: 50, PAYMENT_TERMS: 50 });
  const silent = await bytes(told);
  expect(silent).toBe('{"data":{"pairCompare":{"comparison":null,"userErrors":[]}}}');
  const causes: Record<string, Promise<string>> = {};
  const sequence: Record<string, () => Promise<string>> = {
    'it told no figure': () => bytes(async (pair) => void (await asks(pair))),
    'its figure has too few invoices': () => bytes(async (pair) => {
      await network.tell(pair.firms[1], pair.group.subject, '2026-03', { DSO: 50 }, { evidenced: false });
      await asks(pair);
    }),
    'its figure is of another quarter': () => bytes(async (pair) => {
      await network.tell(pair.firms[1], pair.group.subject, '2026-06', { DSO: 50 });
      await asks(pair);
    }),
    'it asked, and took it back': () => bytes(async (pair) => {
      await told(pair);
      await asks(pair);
      await asks(pair, []);
    }),
    'it keeps the customer out': () => bytes(async (pair) => {
      await told(pair);
      await asks(pair);
      await pair.firms[1].get('mutation ($id: ID!) { customerSharingSet(input: { customerId: $id, shared: false }) { userErrors { code } } }', { id: pair.group.ids.get(pair.firms[1])! });
    }),
    'it stopped sharing the metric': async () => bytes(async (pair) => {
      await told(pair);
      await asks(pair, ['DSO', 'PAYMENT_TERMS']);
      await network.join(pair.firms[1], ['LATE_SHARE']);
    }, await newMembers()),
    'it asked before it is a member for long enough': async () => {
      const late = [network.members[1]!, await network.house.firm()] as const;
      await network.setClock('2026-05-01T12:00:00Z');
      await network.admit(late[1]);
      return bytes(async (pair) => {
        await told(pair);
        await asks(pair);
      }, late);
    },
    'it left': async () => bytes(async (pair) => {
      await told(pair);
      await asks(pair);
      await network.leave(pair.firms[1]);
    }, await newMembers()),
    'its mark has ended': () => bytes(async (pair) => {
      await told(pair);
      await asks(pair);
      await network.owner.query('update community.peer_mark set ends_at = $2 where firm_id = $1 and subject = $3', [pair.firms[1].firmId, TODAY, pair.group.subject]);
    }),
    'it asked under a mark that ended, and marks anew': () => bytes(async (pair) => {
      await told(pair);
      await asks(pair);
      await network.owner.query('update community.pair_ask set asked_at = $2 where firm_id = $1', [pair.firms[1].firmId, '2026-07-01T00:00:00Z']);
    }),
  };
  for (const [cause, work] of Object.entries(sequence)) causes[cause] = Promise.resolve(await work());
  for (const [cause, answer] of Object.entries(causes)) expect([cause, await answer]).toEqual([cause, silent]);
}, 60_000);

test('leaving, closing the conversation and the end of a mark end it for both, also when it was compared', async () => {
  const compared = async (firms?: readonly [FirmVisitor, FirmVisitor]): Promise<Pair> => {
    const pair = await meet(firms);
    for (const [side, firm] of pair.firms.entries()) await network.tell(firm, pair.group.subject, '2026-03', { DSO: 50 - side * 40 });
    await compare(pair.firms[0], pair.peers[0]);
    expect(await compare(pair.firms[1], pair.peers[1])).toEqual(gives({ DSO: 'BELOW' }));
    expect(await compare(pair.firms[0], pair.peers[0])).toEqual(gives({ DSO: 'ABOVE' }));
    return pair;
  };
  const ended = async ({ firms, peers }: Pair): Promise<void> => {
    for (const side of [0, 1] as const) expect(await compare(firms[side], peers[side])).toEqual(NOTHING);
  };

  const closed = await compared();
  const { conversationStart } = await closed.firms[0].get<{ conversationStart: { conversation: { id: string } } }>('mutation ($id: ID!) { conversationStart(input: { peerId: $id }) { conversation { id } } }', { id: closed.peers[0] });
  expect(await compare(closed.firms[1], closed.peers[1])).toEqual(gives({ DSO: 'BELOW' }));
  await closed.firms[0].get('mutation ($id: ID!) { conversationClose(input: { conversationId: $id }) { userErrors { code } } }', { id: conversationStart.conversation.id });
  await ended(closed);

  const firms = await newMembers();
  const left = await compared(firms);
  await network.leave(firms[0]);
  await network.join(firms[0]);
  await ended(left);

  const expired = await compared();
  await network.owner.query('update community.peer_mark set ends_at = $2 where subject = $1', [expired.group.subject, TODAY]);
  await ended(expired);

  // Found again after both came back, the quarter has the same word, whatever the ledger says by now.
  const back = await newMembers();
  const before = await compared(back);
  await network.leave(back[0]);
  await network.setClock(Network.JOINED);
  await network.join(back[0]);
  await network.setClock(LATER_TODAY);
  await network.settle();
  await network.owner.query(`update community.customer_key set seekable_until = '2999-12' where subject = $1`, [before.group.subject]);
  await network.tell(back[0], before.group.subject, '2026-03', { DSO: 0 }, { revision: 9 });
  const [mine] = await seek(back[0], before.group);
  const [theirs] = await seek(back[1], before.group);
  expect(mine).not.toBe(before.peers[0]);
  await compare(back[0], mine!);
  expect(await compare(back[1], theirs!)).toEqual(gives({ DSO: 'BELOW' }));
}, 60_000);

test('what is refused follows from the own firm alone, and a third firm can do nothing with a peer', async () => {
  const { firms: [acme, rival], group, peers: [mine, theirs] } = await meet();
  const third = await network.house.firm();
  await network.setClock(Network.JOINED);
  await network.verify(third);
  await network.join(third, ['DSO']);
  await network.setClock(TODAY);
  const unknown = { comparison: null, userErrors: [{ code: 'NOT_FOUND', path: ['input', 'peerId'] }] };
  for (const id of [mine, theirs, group.ids.get(acme)!, randomUUID(), 'x', '']) expect(await compare(third, id)).toEqual(unknown);
  expect(await compare(acme, theirs)).toEqual(unknown);
  await network.join(rival, ['DSO']);
  for (const metrics of [['LATE_SHARE'], ['DSO', 'PAYMENT_TERMS']] as const) expect(await compare(rival, theirs, metrics)).toEqual({ comparison: null, userErrors: [{ code: 'NOT_ALLOWED', path: ['input', 'metrics'] }] });
  expect(await compare(rival, theirs, [])).toEqual(NOTHING);
  expect(await compare(rival, theirs, ['DSO', 'DSO'])).toEqual(NOTHING);
  await network.join(rival);
  const { errors } = await network.house.nobody.ask('mutation { pairCompare(input: { peerId: "x", metrics: [DSO] }) { comparison { metric } } }');
  expect(errors?.[0]?.extensions.code).toBe('UNAUTHENTICATED');
});

test('the role that acts as a firm sees neither frozen figures nor outcomes, and of asks its own', async () => {
  const { firms: [acme, rival], peers: [mine, theirs] } = await meet();
  await compare(acme, mine, ['DSO', 'LATE_SHARE']);
  await compare(rival, theirs);
  const { db } = network.house.running.rooms.community.room;
  for (const table of ['pair_figure', 'pair_outcome']) {
    await expect(db.forFirm(acme.firmId).driverTransaction((client) => client.query(`select from community.${table}`))).rejects.toThrow('permission denied');
  }
  const { rows } = await db.forFirm(rival.firmId).driverTransaction((client) => client.query<{ firm_id: string }>('select distinct firm_id from community.pair_ask'));
  expect(rows).toEqual([{ firm_id: rival.firmId }]);
});
