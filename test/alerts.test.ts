import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { AlertMetric } from '../subgraphs/scoring/alerts/alert-metric.js';
import type { Measured } from '../subgraphs/scoring/alerts/measured.js';
import { raiseAlerts } from '../subgraphs/scoring/alerts/raise-alerts.js';
import { ruleOf, told } from './alert-watcher.js';
import { customerOf as add, type UserError } from './bookkeeper.js';
import { startHouse, Visitor, type FirmVisitor, type TestHouse } from './house.js';

let house: TestHouse;
beforeAll(async () => {
  house = await startHouse();
});
afterAll(() => house[Symbol.asyncDispose]());

let ownerOnce: ReturnType<TestHouse['asOwner']> | undefined;
function owner(): ReturnType<TestHouse['asOwner']> {
  return (ownerOnce ??= house.asOwner());
}

/** Asks until it is so, for ten seconds at most. */
async function until(isSo: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (!(await isSo())) {
    if (Date.now() > deadline) throw new Error('it did not come to be so');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

const NOWHERE = ['nonsense', '', '\u0000', '00000000-0000-4000-8000-000000000000'];

interface Rule {
  readonly id: string;
  readonly metric: AlertMetric;
  readonly direction: string;
  readonly delta: number | null;
  readonly threshold: number | null;
  readonly margin: number | null;
  readonly customer: { readonly id: string } | null;
  readonly deletedAt: string | null;
}
interface RuleAnswer {
  readonly rule: Rule | null;
  readonly userErrors: readonly UserError[];
}
const RULE = '{ id metric direction delta threshold margin customer { id } deletedAt }';

async function create(firm: Visitor, input: Record<string, unknown>): Promise<RuleAnswer> {
  return (await firm.get<{ alertRuleCreate: RuleAnswer }>(`mutation ($input: AlertRuleInput!) { alertRuleCreate(input: $input) { rule ${RULE} userErrors { code path } } }`, { input })).alertRuleCreate;
}

async function remove(firm: Visitor, id: string): Promise<RuleAnswer> {
  return (await firm.get<{ alertRuleDelete: RuleAnswer }>(`mutation ($id: ID!) { alertRuleDelete(input: { id: $id }) { rule ${RULE} userErrors { code path } } }`, { id })).alertRuleDelete;
}

async function rulesOf(firm: Visitor): Promise<readonly Rule[]> {
  return (await firm.get<{ alertRules: readonly Rule[] }>(`{ alertRules ${RULE} }`)).alertRules;
}

interface Alert {
  readonly id: string;
  readonly metric: AlertMetric;
  readonly direction: string;
  readonly before: string | null;
  readonly after: string;
  readonly raisedAt: string;
  readonly acknowledgedAt: string | null;
  readonly acknowledgedBy: string | null;
  readonly rule: { readonly id: string; readonly deletedAt: string | null };
  readonly customer: { readonly id: string; readonly reference: string };
}
const ALERT = '{ id metric direction before after raisedAt acknowledgedAt acknowledgedBy rule { id deletedAt } customer { id reference } }';

async function alertsOf(firm: Visitor, more = ''): Promise<readonly Alert[]> {
  return (await firm.get<{ alerts: { nodes: readonly Alert[] } }>(`{ alerts${more} { nodes ${ALERT} } }`)).alerts.nodes;
}

async function acknowledge(firm: Visitor, id: string): Promise<{ readonly alert: Alert | null; readonly userErrors: readonly UserError[] }> {
  return (await firm.get<{ alertAcknowledge: { alert: Alert | null; userErrors: readonly UserError[] } }>(`mutation ($id: ID!) { alertAcknowledge(input: { id: $id }) { alert ${ALERT} userErrors { code path } } }`, { id })).alertAcknowledge;
}

/** A customer that has been scored: from here on its figures are those that a test tells. */
async function customerOf(firm: FirmVisitor, reference = 'C1'): Promise<string> {
  const id = await add(firm, reference);
  const db = await owner();
  await until(async () => (await db.query('select from scoring.standing s where customer_id = $1 and not exists (select from scoring.rescore_due d where d.customer_id = s.customer_id)', [id])).rows.length > 0);
  return id;
}

/** What a rescoring does, in a transaction of its own. */
async function measure(firm: FirmVisitor, ...measured: readonly Measured[]): Promise<void> {
  const { db, clock } = house.running.rooms.scoring.room;
  await db.forFirm(firm.firmId).transaction((em) => raiseAlerts(em, firm.firmId, measured, clock.now()));
}

async function score(firm: FirmVisitor, customerId: string, RISK_SCORE: number | null): Promise<void> {
  await measure(firm, { customerId, values: { RISK_SCORE } });
}

/** A program of the firm that may do only this. */
async function keyOf(firm: FirmVisitor, scopes: readonly string[]): Promise<Visitor> {
  const { apiKeyCreate } = await firm.get<{ apiKeyCreate: { secret: string } }>('mutation ($input: ApiKeyCreateInput!) { apiKeyCreate(input: $input) { secret } }', { input: { name: 'alerts', scopes } });
  return new Visitor(house, apiKeyCreate.secret);
}

describe('each figure, told of in both directions', () => {
  const ROWS: readonly (readonly [AlertMetric, number | string, number | string, number, number, string, string])[] = [
    ['RISK_SCORE', 600, 650, 50, 620, '600', '650'],
    ['RISK_BAND', 'D', 'B', 2, 3, 'D', 'B'],
    ['PAYMENT_BEHAVIOUR', 70, 80, 10, 75, '70', '80'],
    ['OVERDUE', '900.00 EUR', '1100.50 EUR', 200, 1000, '900.00 EUR', '1100.50 EUR'],
    ['DSO', 45.25, 60.75, 15, 50, '45.25', '60.75'],
    ['CREDIT_UTILISATION', 0.8, 1.1, 0.3, 1, '0.8', '1.1'],
    ['BENCHMARK', -4, 4, 8, 0, '-4', '4'],
  ];

  test.each(ROWS)('%s', async (metric, low, high, delta, threshold, before, after) => {
    const firm = await house.firm();
    const id = await customerOf(firm);
    const figure = (value: number | string): Promise<void> => measure(firm, { customerId: id, values: { [metric]: value } });
    await figure(low);
    for (const direction of ['UP', 'DOWN', 'BOTH']) {
      await ruleOf(firm, { metric, direction, delta });
      await ruleOf(firm, { metric, direction, threshold });
    }
    // No move, no alert: what is so when a rule is made is where it starts.
    await figure(low);
    expect(await told(firm)).toEqual([]);
    await figure(high);
    const up = `C1 ${metric} UP ${before} → ${after}`;
    expect(await told(firm)).toEqual([up, up, up, up]);
    await figure(high);
    expect(await told(firm)).toHaveLength(4);
    await figure(low);
    const down = `C1 ${metric} DOWN ${after} → ${before}`;
    expect(await told(firm)).toEqual([up, up, up, up, down, down, down, down]);
    await figure(low);
    const alerts = await alertsOf(firm);
    expect(alerts).toHaveLength(8);
    expect(new Set(alerts.map(({ rule }) => rule.id)).size).toBe(6);
  });
});

test('a rule is about one customer or all, and only its firm hears of it', async () => {
  const [acme, rival] = [await house.firm(), await house.firm()];
  const [one, two, theirs] = [await customerOf(acme, 'C1'), await customerOf(acme, 'C2'), await customerOf(rival, 'R1')];
  await measure(acme, { customerId: one, values: { RISK_SCORE: 600 } }, { customerId: two, values: { RISK_SCORE: 600 } });
  await score(rival, theirs, 600);
  const about = await ruleOf(acme, { metric: 'RISK_SCORE', direction: 'DOWN', delta: 50, customerId: one });
  expect(await rulesOf(acme)).toMatchObject([{ id: about, direction: 'DOWN', delta: 50, threshold: null, margin: null, customer: { id: one } }]);
  await measure(acme, { customerId: one, values: { RISK_SCORE: 500 } }, { customerId: two, values: { RISK_SCORE: 500 } });
  await score(rival, theirs, 500);
  expect(await told(acme)).toEqual(['C1 RISK_SCORE DOWN 600 → 500']);
  await ruleOf(acme, { metric: 'RISK_SCORE', delta: 50 });
  await measure(acme, { customerId: one, values: { RISK_SCORE: 560 } }, { customerId: two, values: { RISK_SCORE: 560 } });
  expect(await told(acme)).toEqual(['C1 RISK_SCORE DOWN 600 → 500', 'C1 RISK_SCORE UP 500 → 560', 'C2 RISK_SCORE UP 500 → 560']);
  expect([await told(rival), await rulesOf(rival)]).toEqual([[], []]);

  const [alert] = await alertsOf(acme);
  const known = { code: 'NOT_FOUND', path: ['input', 'id'] };
  for (const id of [alert!.id, about, one, ...NOWHERE]) {
    expect(await acknowledge(rival, id)).toEqual({ alert: null, userErrors: [known] });
    expect(await remove(rival, id)).toEqual({ rule: null, userErrors: [known] });
    expect(await create(rival, { metric: 'DSO', delta: 1, customerId: id })).toEqual({ rule: null, userErrors: [{ code: 'NOT_FOUND', path: ['input', 'customerId'] }] });
  }
  expect((await alertsOf(acme)).map(({ acknowledgedAt }) => acknowledgedAt)).toEqual([null, null, null]);
  expect(await rulesOf(acme)).toHaveLength(2);
  expect(await rulesOf(rival)).toEqual([]);
});

test('a figure that is not known is no move, and a new one is none either', async () => {
  const acme = await house.firm();
  const id = await customerOf(acme);
  const benchmark = (BENCHMARK: number | null): Promise<void> => measure(acme, { customerId: id, values: { BENCHMARK } });
  await ruleOf(acme, { metric: 'BENCHMARK', delta: 20, threshold: 40 });
  // The rule was there first: it starts from the first figure.
  await benchmark(10);
  await benchmark(null);
  await measure(acme, { customerId: id, values: {} });
  await benchmark(10);
  expect(await told(acme)).toEqual([]);
  await benchmark(null);
  await benchmark(30);
  expect(await told(acme)).toEqual(['C1 BENCHMARK UP 10 → 30']);
});

test('small moves add up from one rescoring to the next, and a threshold stays closed until the figure has gone back', async () => {
  const acme = await house.firm();
  const id = await customerOf(acme);
  await score(acme, id, 600);
  await ruleOf(acme, { metric: 'RISK_SCORE', delta: 50 });
  for (const value of [620, 640, 649, 650, 690, 699, 651]) await score(acme, id, value);
  expect(await told(acme)).toEqual(['C1 RISK_SCORE UP 600 → 650']);
  await ruleOf(acme, { metric: 'RISK_SCORE', direction: 'DOWN', threshold: 630 });
  for (const value of [629, 649, 629, 650, 630]) await score(acme, id, value);
  expect((await told(acme)).slice(1)).toEqual(['C1 RISK_SCORE DOWN 651 → 629', 'C1 RISK_SCORE DOWN 650 → 630']);
});

test('amounts in another currency are no move: a rule begins anew from them', async () => {
  const acme = await house.firm();
  const id = await customerOf(acme);
  const overdue = (OVERDUE: string): Promise<void> => measure(acme, { customerId: id, values: { OVERDUE } });
  await overdue('10.00 EUR');
  await ruleOf(acme, { metric: 'OVERDUE', delta: 100 });
  await overdue('60.00 EUR');
  await overdue('5000 JPY');
  await overdue('5050 JPY');
  expect(await told(acme)).toEqual([]);
  await overdue('5100 JPY');
  expect(await told(acme)).toEqual(['C1 OVERDUE UP 5000 JPY → 5100 JPY']);
});

test('one move is one alert when it is told at once, again, or its transaction was lost between', async () => {
  const acme = await house.firm();
  const ids = await Promise.all(Array.from({ length: 8 }, (_, index) => customerOf(acme, `C${index}`)));
  const all = (RISK_SCORE: number): Measured[] => ids.map((customerId) => ({ customerId, values: { RISK_SCORE } }));
  await measure(acme, ...all(600));
  await ruleOf(acme, { metric: 'RISK_SCORE', threshold: 500, delta: 80 });
  const { db, clock } = house.running.rooms.scoring.room;
  const lost = db.forFirm(acme.firmId).transaction(async (em) => {
    await raiseAlerts(em, acme.firmId, all(450), clock.now());
    throw new Error('the process dies');
  });
  await expect(lost).rejects.toThrow('the process dies');
  expect(await told(acme)).toEqual([]);
  // In any order, twice in one list, and from ten at once.
  await Promise.all(Array.from({ length: 10 }, (_, index) => measure(acme, ...(index % 2 === 0 ? all(450) : [...all(450), ...all(450)].toReversed()))));
  await measure(acme, ...all(450));
  expect((await told(acme)).toSorted()).toEqual(ids.map((_, index) => `C${index} RISK_SCORE DOWN 600 → 450`));
  const numbers = await (await house.asOwner()).query<{ number: string }>('select number from scoring.alert where firm_id = $1 order by number', [acme.firmId]);
  expect(numbers.rows.map(({ number }) => Number(number))).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
});

test('while a move is under way, a rule that is made starts from it, and who tells of the customer waits for it', async () => {
  const acme = await house.firm();
  const id = await customerOf(acme);
  await score(acme, id, 600);
  const { db, clock } = house.running.rooms.scoring.room;
  const [raised, release] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const slow = db.forFirm(acme.firmId).transaction(async (em) => {
    await raiseAlerts(em, acme.firmId, [{ customerId: id, values: { RISK_SCORE: 500 } }], clock.now());
    raised.resolve();
    await release.promise;
  });
  await raised.promise;
  await ruleOf(acme, { metric: 'RISK_SCORE', delta: 50 });
  let isThrough = false;
  const next = score(acme, id, 560).then(() => (isThrough = true));
  await until(async () => (await (await owner()).query<{ waiting: boolean }>(`select exists (select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' and query like '%alert_measure%') as waiting`)).rows[0]!.waiting);
  expect(isThrough).toBe(false);
  release.resolve();
  await Promise.all([slow, next]);
  expect(await told(acme)).toEqual(['C1 RISK_SCORE UP 500 → 560']);
});

test.each<[string, Record<string, unknown>, string]>([
  ['neither delta nor threshold', { metric: 'DSO' }, 'REQUIRED input.delta'],
  ['a delta below zero', { metric: 'DSO', delta: -1 }, 'INVALID input.delta'],
  ['half a band', { metric: 'RISK_BAND', delta: 0.5 }, 'INVALID input.delta'],
  ['a band that there is not', { metric: 'RISK_BAND', threshold: 6 }, 'INVALID input.threshold'],
  ['a rise to the worst band', { metric: 'RISK_BAND', direction: 'UP', threshold: 1 }, 'INVALID input.threshold'],
  ['a score beyond the scale', { metric: 'RISK_SCORE', threshold: 1200 }, 'INVALID input.threshold'],
])('%s is refused', async (_, input, refused) => {
  const acme = await house.firm();
  const { rule, userErrors } = await create(acme, input);
  expect(rule).toBeNull();
  expect(userErrors.map(({ code, path }) => `${code} ${path.join('.')}`)).toEqual([refused]);
  expect(await rulesOf(acme)).toEqual([]);
});

test.each(['1e999', 'NaN', '"5"'])('a delta of %s never reaches the rules', async (text) => {
  const acme = await house.firm();
  const { errors } = await acme.ask(`mutation { alertRuleCreate(input: { metric: DSO, delta: ${text} }) { rule { id } } }`);
  expect(errors!.map(({ extensions }) => extensions.code)).toEqual(['BAD_USER_INPUT']);
  expect(await rulesOf(acme)).toEqual([]);
});

test('the same rule again is that rule, also ten times at once; another word makes another; a deleted one is made anew', async () => {
  const acme = await house.firm();
  const id = await customerOf(acme);
  await score(acme, id, 600);
  const input = { metric: 'RISK_SCORE', threshold: 0.1 + 0.2, delta: 10 };
  const made = await Promise.all(Array.from({ length: 10 }, () => ruleOf(acme, input)));
  expect(new Set(made).size).toBe(1);
  expect(await ruleOf(acme, { ...input, direction: 'BOTH', threshold: 0.3, customerId: null })).toBe(made[0]);
  const others = [{ ...input, direction: 'UP' }, { ...input, delta: null }, { ...input, threshold: null }, { ...input, metric: 'DSO' }, { ...input, customerId: id }];
  const all = [made[0]!];
  for (const other of others) all.push(await ruleOf(acme, other));
  expect(new Set(all).size).toBe(6);
  expect((await rulesOf(acme)).map((rule) => rule.id)).toEqual(all);
  expect((await remove(acme, made[0]!)).rule!.deletedAt).not.toBeNull();
  expect(all).not.toContain(await ruleOf(acme, input));
});

test('a firm has at most fifty rules, also when it makes them at once; a deleted one makes room', async () => {
  const acme = await house.firm();
  const answers = await Promise.all(Array.from({ length: 55 }, (_, index) => create(acme, { metric: 'DSO', delta: index + 1 })));
  expect(answers.filter(({ rule }) => rule).length).toBe(50);
  expect(new Set(answers.flatMap(({ userErrors }) => userErrors.map(({ code, path }) => `${code} ${path.join('.')}`)))).toEqual(new Set(['LIMIT_REACHED input']));
  const rules = await rulesOf(acme);
  expect(rules).toHaveLength(50);
  // The same again is none more.
  expect(await ruleOf(acme, { metric: 'DSO', delta: rules[7]!.delta })).toBe(rules[7]!.id);
  await remove(acme, rules[3]!.id);
  await ruleOf(acme, { metric: 'DSO', delta: 99 });
  expect((await create(acme, { metric: 'DSO', delta: 100 })).userErrors).toEqual([{ code: 'LIMIT_REACHED', path: ['input'] }]);
}, 30_000);

test('a rule that is deleted raises nothing more, and its alerts still name it', async () => {
  const acme = await house.firm();
  const id = await customerOf(acme);
  await score(acme, id, 600);
  const rule = await ruleOf(acme, { metric: 'RISK_SCORE', delta: 50 });
  await score(acme, id, 500);
  const [first, second] = await Promise.all([remove(acme, rule), remove(acme, rule)]);
  expect(first.userErrors).toEqual([]);
  expect(first.rule!.deletedAt).toBe(second.rule!.deletedAt);
  expect(await remove(acme, rule)).toEqual(first);
  await score(acme, id, 400);
  expect(await rulesOf(acme)).toEqual([]);
  expect(await alertsOf(acme)).toMatchObject([{ before: '600', after: '500', rule: { id: rule, deletedAt: first.rule!.deletedAt } }]);
});

test('alerts are listed the newest first, page by page, and acknowledged once', async () => {
  const acme = await house.firm();
  const id = await customerOf(acme);
  await score(acme, id, 100);
  await ruleOf(acme, { metric: 'RISK_SCORE', direction: 'UP', delta: 100 });
  for (const value of [200, 300, 400, 500, 600]) await score(acme, id, value);
  const all = await alertsOf(acme);
  expect(all.map(({ after }) => after)).toEqual(['600', '500', '400', '300', '200']);
  interface Page {
    readonly alerts: { readonly totalCount: number; readonly nodes: readonly { readonly id: string }[]; readonly pageInfo: { readonly hasNextPage: boolean; readonly hasPreviousPage: boolean; readonly endCursor: string } };
  }
  const page = (variables: Record<string, unknown>): Promise<Page> => acme.get('query ($first: Int, $after: String, $acknowledged: Boolean) { alerts(first: $first, after: $after, acknowledged: $acknowledged) { totalCount nodes { id } pageInfo { hasNextPage hasPreviousPage endCursor } } }', variables);
  const first = await page({ first: 2 });
  expect(first.alerts).toMatchObject({ totalCount: 5, nodes: [{ id: all[0]!.id }, { id: all[1]!.id }], pageInfo: { hasNextPage: true, hasPreviousPage: false } });
  // One that comes between changes nothing of the pages behind.
  await score(acme, id, 700);
  const second = await page({ first: 4, after: first.alerts.pageInfo.endCursor });
  expect(second.alerts).toMatchObject({ totalCount: 6, nodes: all.slice(2).map((alert) => ({ id: alert.id })), pageInfo: { hasNextPage: false, hasPreviousPage: true } });
  for (const variables of [{ first: 0 }, { first: 101 }, { after: 'x' }, { after: Buffer.from('["x"]').toString('base64url') }, { after: Buffer.from('[1.5]').toString('base64url') }]) {
    const { errors } = await acme.ask('query ($first: Int, $after: String) { alerts(first: $first, after: $after) { nodes { id } } }', variables);
    expect(errors!.map(({ extensions }) => extensions.code)).toEqual(['BAD_USER_INPUT']);
  }

  const { viewer } = await acme.get<{ viewer: { user: { id: string } } }>('{ viewer { user { id } } }');
  const answers = await Promise.all(Array.from({ length: 10 }, () => acknowledge(acme, all[0]!.id)));
  answers.push(await acknowledge(acme, all[0]!.id));
  expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
  expect(answers[0]).toMatchObject({ alert: { id: all[0]!.id, acknowledgedBy: viewer.user.id, acknowledgedAt: expect.any(String) }, userErrors: [] });
  expect((await page({ acknowledged: true })).alerts).toMatchObject({ totalCount: 1, nodes: [{ id: all[0]!.id }] });
  expect((await page({ acknowledged: false })).alerts).toMatchObject({ totalCount: 5, nodes: [{}, { id: all[1]!.id }, {}, {}, {}] });
});

test('each operation demands its scope', async () => {
  const acme = await house.firm();
  const id = await customerOf(acme);
  await score(acme, id, 600);
  const rule = await ruleOf(acme, { metric: 'RISK_SCORE', delta: 50 });
  await score(acme, id, 500);
  const [alert] = await alertsOf(acme);
  const operations: readonly (readonly [string, string])[] = [
    ['ledger:read', '{ alerts { totalCount } }'],
    ['ledger:read', '{ alertRules { id } }'],
    ['ledger:read', '{ alertDigest { totalCount } }'],
    ['ledger:write', `mutation { alertAcknowledge(input: { id: "${alert!.id}" }) { userErrors { code } } }`],
    ['credit:write', 'mutation { alertRuleCreate(input: { metric: DSO, delta: 1 }) { userErrors { code } } }'],
    ['credit:write', `mutation { alertRuleDelete(input: { id: "${rule}" }) { userErrors { code } } }`],
  ];
  for (const scope of ['ledger:read', 'ledger:write', 'credit:write']) {
    const key = await keyOf(acme, [scope]);
    for (const [needed, document] of operations) {
      const { errors } = await key.ask(document);
      expect({ scope, document, codes: (errors ?? []).map(({ extensions }) => extensions.code) }).toEqual({ scope, document, codes: scope === needed ? [] : ['FORBIDDEN'] });
      const nobody = await house.nobody.ask(document);
      expect(nobody.errors!.map(({ extensions }) => extensions.code)).toEqual(['UNAUTHENTICATED']);
    }
  }
  const client = (await keyOf(acme, ['ledger:write'])).socket();
  const refused = await client.iterate({ query: 'subscription { alertRaised { id } }' }).next().then(JSON.stringify, JSON.stringify);
  await client.dispose();
  expect(refused).toContain('FORBIDDEN');
});

describe('alertRaised', () => {
  const SUBSCRIPTION = `subscription ($after: ID) { alertRaised(after: $after) ${ALERT} }`;
  interface Raised {
    readonly alertRaised: Alert;
  }

  /** Whether somebody of the firm listens: the hint of its alerts has a listener. */
  async function listening(firm: FirmVisitor, client: ReturnType<Visitor['socket']>, after?: string): Promise<AsyncIterableIterator<{ readonly data?: Raised | null | undefined }>> {
    const topics: string[] = [];
    const { hints } = house.running.rooms.scoring.room;
    const subscribe = hints.subscribe.bind(hints);
    hints.subscribe = (topic, listener) => {
      topics.push(topic);
      return subscribe(topic, listener);
    };
    try {
      const stream = client.iterate<Raised>({ query: SUBSCRIPTION, variables: { after } });
      await until(async () => topics.includes(`alerts:${firm.firmId}`));
      return stream as AsyncIterableIterator<{ readonly data?: Raised | null | undefined }>;
    } finally {
      hints.subscribe = subscribe;
    }
  }

  test("tells each alert of the firm once, in order, as the list has it, and nothing of another firm's", async () => {
    const [acme, rival] = [await house.firm(), await house.firm()];
    const [mine, theirs] = [await customerOf(acme, 'C1'), await customerOf(rival, 'R1')];
    for (const [firm, id] of [[acme, mine], [rival, theirs]] as const) {
      await score(firm, id, 100);
      await ruleOf(firm, { metric: 'RISK_SCORE', delta: 100 });
    }
    // What was raised before is not told again.
    await score(acme, mine, 200);
    const [one, two] = [acme.socket(), rival.socket()];
    const [ours, others] = [await listening(acme, one), await listening(rival, two)];
    for (const value of [300, 400, 350, 500]) await score(acme, mine, value);
    await score(rival, theirs, 900);
    const heard: Alert[] = [];
    while (heard.length < 3) heard.push((await ours.next()).value!.data!.alertRaised);
    expect(heard.map(({ after }) => after)).toEqual(['300', '400', '500']);
    expect((await others.next()).value!.data!.alertRaised).toMatchObject({ before: '100', after: '900', customer: { reference: 'R1' } });
    // What the subscription tells is what the list shows.
    expect(heard).toEqual((await alertsOf(acme, '(first: 3)')).toReversed());

    // A break: what was missed is told behind the last alert that one has, and the list shows it too.
    await one.dispose();
    await score(acme, mine, 700);
    const again = acme.socket();
    const rest = await listening(acme, again, heard.at(-1)!.id);
    await score(acme, mine, 800);
    expect([(await rest.next()).value!.data!.alertRaised.after, (await rest.next()).value!.data!.alertRaised.after]).toEqual(['700', '800']);
    expect((await alertsOf(acme)).map(({ after }) => after)).toEqual(['800', '700', '500', '400', '300', '200']);
    await Promise.all([again.dispose(), two.dispose()]);
  }, 30_000);

  test('a transaction that commits late is told all the same, and what is lost is never told', async () => {
    const acme = await house.firm();
    const [first, second] = [await customerOf(acme, 'C1'), await customerOf(acme, 'C2')];
    await measure(acme, { customerId: first, values: { RISK_SCORE: 100 } }, { customerId: second, values: { RISK_SCORE: 100 } });
    await ruleOf(acme, { metric: 'RISK_SCORE', delta: 100 });
    const client = acme.socket();
    const stream = await listening(acme, client);
    const { db, clock } = house.running.rooms.scoring.room;
    const [raised, release] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const late = db.forFirm(acme.firmId).transaction(async (em) => {
      await raiseAlerts(em, acme.firmId, [{ customerId: first, values: { RISK_SCORE: 300 } }], clock.now());
      raised.resolve();
      await release.promise;
    });
    await raised.promise;
    let hints = 0;
    const unsubscribe = house.running.rooms.scoring.room.hints.subscribe(`alerts:${acme.firmId}`, () => (hints += 1));
    const behind = score(acme, second, 400);
    const lost = db.forFirm(acme.firmId).transaction(async (em) => {
      await raiseAlerts(em, acme.firmId, [{ customerId: second, values: { RISK_SCORE: 999 } }], clock.now());
      throw new Error('lost');
    });
    release.resolve();
    await Promise.all([late, behind, expect(lost).rejects.toThrow('lost')]);
    const heard = [(await stream.next()).value!.data!.alertRaised, (await stream.next()).value!.data!.alertRaised];
    expect(heard.map(({ after, customer }) => `${customer.reference} ${after}`)).toEqual(['C1 300', 'C2 400']);
    // One for each that was committed, none for the one that was lost.
    await until(async () => hints >= 2);
    unsubscribe();
    expect(hints).toBe(2);
    await client.dispose();
  }, 30_000);
});

test('a digest counts the alerts of a stretch of time by figure and direction, and names who is most concerned', async () => {
  const [acme, rival] = [await house.firm(), await house.firm()];
  const [one, two] = [await customerOf(acme, 'C1'), await customerOf(acme, 'C2')];
  const { db } = house.running.rooms.scoring.room;
  const at = (instant: string, customerId: string, values: Measured['values']): Promise<void> =>
    db.forFirm(acme.firmId).transaction((em) => raiseAlerts(em, acme.firmId, [{ customerId, values }], Temporal.Instant.from(instant)));
  for (const id of [one, two]) await at('2026-03-01T00:00:00Z', id, { RISK_SCORE: 500, RISK_BAND: 'C', DSO: 40 });
  await ruleOf(acme, { metric: 'RISK_SCORE', delta: 50 });
  await ruleOf(acme, { metric: 'RISK_BAND', delta: 1 });
  await ruleOf(acme, { metric: 'DSO', direction: 'UP', threshold: 45 });
  await at('2026-03-02T00:00:00Z', one, { RISK_SCORE: 400, RISK_BAND: 'D' });
  await at('2026-03-03T00:00:00Z', two, { DSO: 50, RISK_SCORE: 420 });
  await at('2026-03-03T12:00:00Z', two, { RISK_SCORE: 480 });
  // The last instant belongs to what follows.
  await at('2026-03-04T00:00:00Z', one, { RISK_BAND: 'E' });
  const [newest] = await alertsOf(acme, '(first: 1)');
  await acknowledge(acme, newest!.id);
  const [, previous] = await alertsOf(acme);
  await acknowledge(acme, previous!.id);

  const DIGEST = 'query ($from: DateTime, $to: DateTime) { alertDigest(from: $from, to: $to) { from to totalCount unacknowledgedCount counts { metric direction count unacknowledged } mostConcerned { customer { reference } count lastRaisedAt } } }';
  const asked = { from: '2026-03-02T00:00:00.000Z', to: '2026-03-04T00:00:00.000Z' };
  expect(await acme.get(DIGEST, asked)).toEqual({
    alertDigest: {
      ...asked, totalCount: 5, unacknowledgedCount: 4,
      counts: [
        { metric: 'RISK_SCORE', direction: 'UP', count: 1, unacknowledged: 0 },
        { metric: 'RISK_SCORE', direction: 'DOWN', count: 2, unacknowledged: 2 },
        { metric: 'RISK_BAND', direction: 'DOWN', count: 1, unacknowledged: 1 },
        { metric: 'DSO', direction: 'UP', count: 1, unacknowledged: 1 },
      ],
      mostConcerned: [
        { customer: { reference: 'C2' }, count: 3, lastRaisedAt: '2026-03-03T12:00:00.000Z' },
        { customer: { reference: 'C1' }, count: 2, lastRaisedAt: '2026-03-02T00:00:00.000Z' },
      ],
    },
  });
  expect(await rival.get(DIGEST, asked)).toEqual({ alertDigest: { ...asked, totalCount: 0, unacknowledgedCount: 0, counts: [], mostConcerned: [] } });
  // By default the last 24 hours, of business time.
  await score(acme, one, 900);
  const { alertDigest } = await acme.get<{ alertDigest: { from: string; to: string; totalCount: number } }>('{ alertDigest { from to totalCount } }');
  expect([alertDigest.totalCount, Date.parse(alertDigest.to) - Date.parse(alertDigest.from)]).toEqual([1, 86_400_000]);
  for (const wrong of [{ from: asked.to, to: asked.from }, { from: asked.to, to: asked.to }, { from: '2020-01-01T00:00:00Z', to: asked.to }]) {
    const { errors } = await acme.ask(DIGEST, wrong);
    expect(errors!.map(({ extensions }) => extensions.code)).toEqual(['BAD_USER_INPUT']);
  }
});

test('ten thousand customers and a few rules are a few statements', async () => {
  const acme = await house.firm();
  const ids = Array.from({ length: 10_000 }, () => randomUUID());
  const all = (RISK_SCORE: number, DSO: number): Measured[] => ids.map((customerId) => ({ customerId, values: { RISK_SCORE, DSO, RISK_BAND: 'B' } }));
  await measure(acme, ...all(600, 40));
  await ruleOf(acme, { metric: 'RISK_SCORE', delta: 50 });
  await ruleOf(acme, { metric: 'RISK_SCORE', direction: 'DOWN', threshold: 500 });
  await ruleOf(acme, { metric: 'DSO', threshold: 45 });
  await measure(acme, ...all(600, 40));
  await measure(acme, ...all(590, 41));
  expect(await alertsOf(acme)).toEqual([]);
  await measure(acme, ...all(490, 50));
  const { alerts } = await acme.get<{ alerts: { totalCount: number } }>('{ alerts { totalCount } }');
  expect(alerts.totalCount).toBe(10_001);
  const { alertDigest } = await acme.get<{ alertDigest: { totalCount: number } }>('{ alertDigest { totalCount } }');
  expect(alertDigest.totalCount).toBe(30_000);
}, 60_000);
