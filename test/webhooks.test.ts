import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Client } from 'pg';
import { raiseAlerts } from '../subgraphs/scoring/alerts/raise-alerts.js';
import { deliverWebhooksJob } from '../subgraphs/scoring/webhooks/deliver-webhooks.js';
import { forgetWebhooks } from '../subgraphs/scoring/webhooks/forget-webhooks.js';
import { queueWebhooks, WEBHOOKS_DUE } from '../subgraphs/scoring/webhooks/queue-webhooks.js';
import type { UserError } from './bookkeeper.js';
import { startHouse, Visitor, type FirmVisitor, type TestHouse } from './house.js';
import { endProcess, freePort } from './split-house.js';
import { endpointOf, isSigned, until, WebhookReceiver, type Answer, type Arrived } from './webhook-receiver.js';

let house: TestHouse;
let owner: Client;
beforeAll(async () => {
  house = await startHouse({ ARDOISE_WEBHOOK_PRIVATE_TARGETS: '1' });
  owner = await house.asOwner();
});
afterAll(() => house[Symbol.asyncDispose]());

/** A mutation that takes an endpoint's id; returns the code of its refusal. */
async function change(firm: Visitor, mutation: string, id: string): Promise<string | undefined> {
  const answer = await firm.get<Record<string, { userErrors: readonly UserError[] }>>(`mutation ($id: ID!) { ${mutation}(input: { id: $id }) { userErrors { code path } } }`, { id });
  return answer[mutation]!.userErrors[0]?.code;
}

interface Delivery {
  readonly id: string;
  readonly webhookId: string;
  readonly type: string;
  readonly body: string;
  readonly state: string;
  readonly queuedAt: string;
  readonly nextAttemptAt: string | null;
  readonly attempts: readonly { readonly at: string; readonly milliseconds: number; readonly status: number | null; readonly failure: string | null; readonly excerpt: string | null }[];
}

async function deliveries(firm: Visitor, id: string, failed = false): Promise<readonly Delivery[]> {
  const { webhookDeliveries } = await firm.get<{ webhookDeliveries: { nodes: readonly Delivery[] } }>(
    `query ($id: ID!, $failed: Boolean!) { webhookDeliveries(endpointId: $id, first: 100, failed: $failed) { nodes { id webhookId type body state queuedAt nextAttemptAt attempts { at milliseconds status failure excerpt } } } }`, { id, failed });
  return webhookDeliveries.nodes;
}

/** The state of each delivery, the latest first, once so many attempts of all have ended. */
async function after(firm: Visitor, id: string, attempts: number): Promise<readonly Delivery[]> {
  let found: readonly Delivery[] = [];
  await until(async () => {
    found = await deliveries(firm, id);
    return found.reduce((sum, delivery) => sum + delivery.attempts.length, 0) >= attempts;
  }, () => JSON.stringify(found));
  return found;
}

async function endpointState(firm: Visitor, id: string): Promise<{ enabled: boolean; disabledBecause: string | null; failingSince: string | null; formerSecretUntil: string | null }> {
  const { webhookEndpoints } = await firm.get<{ webhookEndpoints: readonly { id: string; enabled: boolean; disabledBecause: string | null; failingSince: string | null; formerSecretUntil: string | null }[] }>('{ webhookEndpoints { id enabled disabledBecause failingSince formerSecretUntil } }');
  const { id: _, ...state } = webhookEndpoints.find((each) => each.id === id)!;
  return state;
}

/** What an alert does. */
async function tell(firm: FirmVisitor, ...alerts: readonly number[]): Promise<void> {
  const { db } = house.running.rooms.scoring.room;
  await db.forFirm(firm.firmId).transaction((em) => queueWebhooks(em, alerts.map((alert) => ({ type: 'alert.raised', data: { alert } }))));
}

/** Lets the time pass until what waits for another attempt is due. */
async function passTime(endpointId: string): Promise<void> {
  await owner.query('update scoring.webhook_delivery set due_at = clock_timestamp() where endpoint_id = $1 and due_at is not null', [endpointId]);
  house.running.rooms.scoring.room.hints.publish(WEBHOOKS_DUE);
}

const alertsOf = (arrived: readonly Arrived[]): number[] => arrived.map(({ body }) => (JSON.parse(body) as { data: { alert: number } }).data.alert).toSorted((one, other) => one - other);

test('a test arrives signed, and the log says how it went', async () => {
  const firm = await house.firm();
  await using receiver = await WebhookReceiver.start((response) => void response.writeHead(202).end('thank\nyou'));
  const { id, secret } = await endpointOf(firm, receiver.url);
  expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
  const { webhookTest } = await firm.get<{ webhookTest: { delivery: Delivery } }>('mutation ($id: ID!) { webhookTest(input: { id: $id }) { delivery { id type state webhookId attempts { at } } userErrors { code } } }', { id });
  expect(webhookTest.delivery).toMatchObject({ type: 'webhook.test', state: 'PENDING', attempts: [] });
  const [arrived] = await receiver.until(1);
  expect(arrived!.headers).toMatchObject({ 'content-type': 'application/json', 'user-agent': 'Ardoise-Webhooks/1', 'webhook-id': webhookTest.delivery.webhookId, host: `127.0.0.1:${receiver.port}` });
  expect(arrived!.headers['webhook-signature']).toMatch(/^v1,[A-Za-z0-9+/]{43}=$/);
  expect(isSigned(arrived!, secret)).toBe(true);
  expect(isSigned({ ...arrived!, body: `${arrived!.body} ` }, secret)).toBe(false);
  expect(isSigned(arrived!, `whsec_${Buffer.alloc(32).toString('base64')}`)).toBe(false);
  expect(JSON.parse(arrived!.body)).toEqual({ type: 'webhook.test', timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/), data: { endpointId: id } });
  const [delivery] = await after(firm, id, 1);
  expect(delivery).toMatchObject({ id: webhookTest.delivery.id, state: 'DELIVERED', body: arrived!.body, nextAttemptAt: null, attempts: [{ status: 202, failure: null, excerpt: 'thank you' }] });
  const shown = JSON.stringify(await firm.get('{ webhookEndpoints { id url description events enabled disabledBecause disabledAt failingSince formerSecretUntil createdAt } }'));
  expect(shown).toContain(receiver.url);
  expect(shown).not.toContain('whsec_');
});

test('an alert arrives as the API shows it, once, and one that is rolled back does not', async () => {
  const firm = await house.firm();
  await using receiver = await WebhookReceiver.start();
  const { id, secret } = await endpointOf(firm, receiver.url);
  // None of its ledger: nobody else scores it meanwhile.
  const customerId = randomUUID();
  await firm.get('mutation { alertRuleCreate(input: { metric: RISK_SCORE, delta: 50 }) { rule { id } userErrors { code } } }');
  const { db, clock } = house.running.rooms.scoring.room;
  const rescore = (score: number, end: () => void = () => undefined): Promise<void> => db.forFirm(firm.firmId).transaction(async (em) => {
    await raiseAlerts(em, firm.firmId, [{ customerId, values: { RISK_SCORE: score } }], clock.now());
    end();
  });
  await rescore(500);
  await expect(rescore(300, () => { throw new Error('rolled back'); })).rejects.toThrow('rolled back');
  for (const _ of [1, 2]) await rescore(400);
  const [arrived] = await receiver.until(1);
  await after(firm, id, 1);
  expect(receiver.arrived).toHaveLength(1);
  expect(isSigned(arrived!, secret)).toBe(true);
  const { alerts } = await firm.get<{ alerts: { nodes: { id: string; rule: { id: string } }[] } }>('{ alerts { nodes { id rule { id } customer { id } metric direction before after raisedAt } } }');
  const { id: alertId, rule, ...shown } = alerts.nodes[0]!;
  expect(shown).toMatchObject({ customer: { id: customerId }, metric: 'RISK_SCORE', direction: 'DOWN', before: '500', after: '400' });
  const { customer: _, ...fields } = shown as Record<string, unknown>;
  expect(JSON.parse(arrived!.body)).toEqual({ type: 'alert.raised', timestamp: expect.any(String), data: { alertId, ruleId: rule.id, customerId, ...fields } });
});

test('the database holds no secret', async () => {
  const firm = await house.firm();
  const { secret } = await endpointOf(firm, 'http://localhost:4567/');
  const bytes = Buffer.from(secret.slice(6), 'base64');
  const { rows } = await owner.query<{ row: string }>('select e::text as row from scoring.webhook_endpoint e where firm_id = $1', [firm.firmId]);
  expect(rows).toHaveLength(1);
  for (const written of [bytes.toString('base64'), bytes.toString('hex'), bytes.toString('base64url')]) expect(rows[0]!.row).not.toContain(written);
});

test('what fails is sent again with the same id and a signature of its own, after about five seconds first', async () => {
  const firm = await house.firm();
  await using receiver = await WebhookReceiver.start((response, _, place) => void response.writeHead(place === 1 ? 500 : 200).end(place === 1 ? 'out of order' : ''));
  const { id, secret } = await endpointOf(firm, receiver.url);
  await tell(firm, 1);
  const [failed] = await after(firm, id, 1);
  expect(failed).toMatchObject({ state: 'PENDING', attempts: [{ status: 500, failure: 'STATUS', excerpt: 'out of order' }] });
  const wait = Date.parse(failed!.nextAttemptAt!) - Date.parse(failed!.attempts[0]!.at);
  expect(wait).toBeGreaterThan(4400);
  expect(wait).toBeLessThan(6500);
  expect(await deliveries(firm, id, true)).toHaveLength(1);
  expect((await endpointState(firm, id)).failingSince).not.toBeNull();
  // Nobody passes the time here: the job finds it by itself.
  const [first, second] = await receiver.until(2);
  expect(second!.headers['webhook-id']).toBe(first!.headers['webhook-id']);
  expect(second!.body).toBe(first!.body);
  expect(Number(second!.headers['webhook-timestamp'])).toBeGreaterThan(Number(first!.headers['webhook-timestamp']));
  expect(isSigned(second!, secret)).toBe(true);
  const [delivered] = await after(firm, id, 2);
  expect(delivered).toMatchObject({ state: 'DELIVERED', nextAttemptAt: null, attempts: [{ status: 200, failure: null }, { status: 500 }] });
  expect(await deliveries(firm, id, true)).toHaveLength(0);
  expect((await endpointState(firm, id)).failingSince).toBeNull();
});

test('after ten attempts it is given up, and a replay begins anew with the same id', async () => {
  const firm = await house.firm();
  const broken: Answer = (response) => void response.writeHead(503).end();
  await using receiver = await WebhookReceiver.start(broken);
  const { id } = await endpointOf(firm, receiver.url);
  await tell(firm, 1);
  for (let attempt = 1; attempt <= 10; attempt += 1) {
    const [delivery] = await after(firm, id, attempt);
    expect(delivery!.state).toBe(attempt < 10 ? 'PENDING' : 'GIVEN_UP');
    await passTime(id);
  }
  expect(receiver.arrived).toHaveLength(10);
  const [given] = await deliveries(firm, id, true);
  expect(given!.nextAttemptAt).toBeNull();
  receiver.answer = (response) => void response.end();
  const replay = (input: Record<string, unknown>): Promise<{ webhookReplay: { count: number; userErrors: readonly UserError[] } }> => firm.get('mutation ($input: WebhookReplayInput!) { webhookReplay(input: $input) { count userErrors { code path } } }', { input });
  expect(await replay({ deliveryId: given!.id })).toEqual({ webhookReplay: { count: 1, userErrors: [] } });
  await receiver.until(11);
  expect((await after(firm, id, 11))[0]!.state).toBe('DELIVERED');
  expect(new Set(receiver.arrived.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
  // What arrived can be sent once more, ten times at once too: it is one delivery, sent again once or twice.
  const counts = await Promise.all(Array.from({ length: 10 }, () => replay({ deliveryId: given!.id })));
  expect(counts.every(({ webhookReplay }) => webhookReplay.userErrors.length === 0)).toBe(true);
  await until(async () => (await deliveries(firm, id)).every(({ state, attempts }) => state === 'DELIVERED' && attempts.length >= 12));
  expect(await replay({})).toMatchObject({ webhookReplay: { userErrors: [{ code: 'INVALID', path: ['input'] }] } });
  expect(await replay({ deliveryId: given!.id, endpointId: id })).toMatchObject({ webhookReplay: { userErrors: [{ code: 'INVALID', path: ['input'] }] } });
  expect(await replay({ endpointId: id })).toMatchObject({ webhookReplay: { userErrors: [{ code: 'INVALID', path: ['input'] }] } });
});

test('a replay since an instant sends what has not arrived since then, and nothing else', async () => {
  const firm = await house.firm();
  const refused = new Set([2, 3]);
  await using receiver = await WebhookReceiver.start((response, { body }) => void response.writeHead(refused.has((JSON.parse(body) as { data: { alert: number } }).data.alert) ? 500 : 200).end());
  const { id } = await endpointOf(firm, receiver.url);
  await tell(firm, 2);
  await after(firm, id, 1);
  const since = new Date().toISOString();
  await tell(firm, 1, 3, 4);
  await after(firm, id, 4);
  await owner.query('update scoring.webhook_delivery set due_at = null, given_up_at = clock_timestamp() where endpoint_id = $1 and delivered_at is null', [id]);
  refused.clear();
  const { webhookReplay } = await firm.get<{ webhookReplay: { count: number } }>('mutation ($id: ID!, $since: DateTime!) { webhookReplay(input: { endpointId: $id, since: $since }) { count userErrors { code } } }', { id, since });
  expect(webhookReplay.count).toBe(1);
  await after(firm, id, 5);
  expect(alertsOf(receiver.arrived)).toEqual([1, 2, 3, 3, 4]);
  expect((await deliveries(firm, id)).map(({ state }) => state).toSorted()).toEqual(['DELIVERED', 'DELIVERED', 'DELIVERED', 'GIVEN_UP']);
});

test('what is not committed is not sent; each endpoint that asked for it gets it, of this firm alone', async () => {
  const [firm, other] = [await house.firm(), await house.firm()];
  await using one = await WebhookReceiver.start();
  await using two = await WebhookReceiver.start();
  await using theirs = await WebhookReceiver.start();
  await endpointOf(firm, one.url);
  await endpointOf(firm, two.url);
  await endpointOf(other, theirs.url);
  const { db } = house.running.rooms.scoring.room;
  await expect(db.forFirm(firm.firmId).transaction(async (em) => {
    await queueWebhooks(em, [{ type: 'alert.raised', data: { alert: 1 } }]);
    throw new Error('rolled back');
  })).rejects.toThrow('rolled back');
  await tell(firm, 2, 3);
  await one.until(2);
  await two.until(2);
  expect([alertsOf(one.arrived), alertsOf(two.arrived), alertsOf(theirs.arrived)]).toEqual([[2, 3], [2, 3], []]);
  // One event has one id wherever it goes.
  expect(new Set([...one.arrived, ...two.arrived].map(({ headers }) => headers['webhook-id'])).size).toBe(2);
});

test('after a rotation both secrets sign for a day, and then the new one alone', async () => {
  const firm = await house.firm();
  await using receiver = await WebhookReceiver.start();
  const { id, secret } = await endpointOf(firm, receiver.url);
  const rotate = async (): Promise<string> => (await firm.get<{ webhookSecretRotate: { secret: string } }>('mutation ($id: ID!) { webhookSecretRotate(input: { id: $id }) { secret endpoint { formerSecretUntil } userErrors { code } } }', { id })).webhookSecretRotate.secret;
  const next = await rotate();
  const { formerSecretUntil } = await endpointState(firm, id);
  expect(Math.abs(Date.parse(formerSecretUntil!) - Date.now() - 86_400_000)).toBeLessThan(60_000);
  await tell(firm, 1);
  const [both] = await receiver.until(1);
  expect([secret, next].map((each) => isSigned(both!, each))).toEqual([true, true]);
  expect(both!.headers['webhook-signature']).toMatch(/^v1,\S+ v1,\S+$/);
  await owner.query('update scoring.webhook_endpoint set former_secret_until = clock_timestamp() where id = $1', [id]);
  await tell(firm, 2);
  const alone = (await receiver.until(2))[1]!;
  expect([secret, next].map((each) => isSigned(alone, each))).toEqual([false, true]);
  // Five at once: five secrets, of which the last two sign.
  const secrets = await Promise.all(Array.from({ length: 5 }, rotate));
  expect(new Set([secret, next, ...secrets]).size).toBe(7);
  await tell(firm, 3);
  const last = (await receiver.until(3))[2]!;
  expect(secrets.filter((each) => isSigned(last, each))).toHaveLength(2);
  expect([secret, next].map((each) => isSigned(last, each))).toEqual([false, false]);
});

test('a disabled endpoint is sent nothing; what waited is sent when it is enabled', async () => {
  const firm = await house.firm();
  await using receiver = await WebhookReceiver.start((response) => void response.writeHead(500).end());
  const { id } = await endpointOf(firm, receiver.url);
  await tell(firm, 1);
  await after(firm, id, 1);
  for (const _ of [1, 2]) expect(await change(firm, 'webhookEndpointDisable', id)).toBeUndefined();
  expect(await endpointState(firm, id)).toMatchObject({ enabled: false, disabledBecause: 'ASKED' });
  await tell(firm, 2);
  await passTime(id);
  expect(await change(firm, 'webhookTest', id)).toBe('NOT_ALLOWED');
  const [waiting, ...none] = await deliveries(firm, id);
  expect([waiting!.state, waiting!.nextAttemptAt, none]).toEqual(['PENDING', null, []]);
  expect((await firm.get<{ webhookReplay: { userErrors: readonly UserError[] } }>('mutation ($id: ID!) { webhookReplay(input: { deliveryId: $id }) { userErrors { code path } } }', { id: waiting!.id })).webhookReplay.userErrors).toEqual([{ code: 'NOT_ALLOWED', path: ['input', 'deliveryId'] }]);
  await deliverWebhooksJob.run(house.running.rooms.scoring.room);
  expect(receiver.arrived).toHaveLength(1);
  receiver.answer = (response) => void response.end();
  for (const _ of [1, 2]) expect(await change(firm, 'webhookEndpointEnable', id)).toBeUndefined();
  expect(await endpointState(firm, id)).toMatchObject({ enabled: true, disabledBecause: null, failingSince: null });
  await after(firm, id, 2);
  expect(alertsOf(receiver.arrived)).toEqual([1, 1]);
  expect(await change(firm, 'webhookEndpointDelete', id)).toBeUndefined();
  expect(await change(firm, 'webhookEndpointDelete', id)).toBe('NOT_FOUND');
  expect(await firm.get('query ($id: ID!) { webhookEndpoints { id } webhookDeliveries(endpointId: $id) { nodes { id } } }', { id })).toEqual({ webhookEndpoints: [], webhookDeliveries: null });
  expect((await owner.query('select from scoring.webhook_attempt where firm_id = $1', [firm.firmId])).rowCount).toBe(0);
});

test('who answers that it is gone is sent nothing more', async () => {
  const firm = await house.firm();
  await using receiver = await WebhookReceiver.start((response) => void response.writeHead(410).end());
  const { id } = await endpointOf(firm, receiver.url);
  await tell(firm, 1);
  await after(firm, id, 1);
  expect(await endpointState(firm, id)).toMatchObject({ enabled: false, disabledBecause: 'GONE' });
  await tell(firm, 2);
  expect(await deliveries(firm, id)).toHaveLength(1);
});

test('five days of nothing but failures disable an endpoint, four do not, and one success begins them anew', async () => {
  const firm = await house.firm();
  await using receiver = await WebhookReceiver.start((response) => void response.writeHead(500).end());
  const { id } = await endpointOf(firm, receiver.url);
  const failingFor = (days: number): Promise<unknown> => owner.query('update scoring.webhook_endpoint set failing_since = clock_timestamp() - make_interval(days => $2) where id = $1', [id, days]);
  await failingFor(4);
  await tell(firm, 1);
  await after(firm, id, 1);
  expect(await endpointState(firm, id)).toMatchObject({ enabled: true });
  receiver.answer = (response) => void response.end();
  await tell(firm, 2);
  await after(firm, id, 2);
  expect(await endpointState(firm, id)).toMatchObject({ enabled: true, failingSince: null });
  receiver.answer = (response) => void response.writeHead(500).end();
  await failingFor(6);
  await tell(firm, 3);
  await after(firm, id, 3);
  expect(await endpointState(firm, id)).toMatchObject({ enabled: false, disabledBecause: 'FAILING' });
});

test('a receiver that never answers holds up itself alone, with four at once, and is a failure after fifteen seconds', async () => {
  const [firm, other] = [await house.firm(), await house.firm()];
  await using silent = await WebhookReceiver.start(() => undefined);
  await using quick = await WebhookReceiver.start();
  await using theirs = await WebhookReceiver.start();
  const slow = await endpointOf(firm, silent.url);
  await endpointOf(firm, quick.url);
  await endpointOf(other, theirs.url);
  const many = Array.from({ length: 40 }, (_, place) => place);
  const from = performance.now();
  await tell(firm, ...many);
  await tell(other, ...many);
  await quick.until(40);
  await theirs.until(40);
  expect(performance.now() - from).toBeLessThan(10_000);
  expect([alertsOf(quick.arrived), alertsOf(theirs.arrived)]).toEqual([many, many]);
  expect(silent.mostOpen).toBe(4);
  const found = await after(firm, slow.id, 4);
  const [attempt] = found.flatMap(({ attempts }) => attempts);
  expect(attempt).toMatchObject({ status: null, failure: 'TIMEOUT', excerpt: null });
  expect(attempt!.milliseconds).toBeGreaterThanOrEqual(14_900);
  expect(attempt!.milliseconds).toBeLessThan(20_000);
  expect(silent.mostOpen).toBe(4);
  // From now on one at a time, until one is taken.
  await deliverWebhooksJob.run(house.running.rooms.scoring.room);
  expect((await owner.query('select from scoring.webhook_delivery where endpoint_id = $1 and claim is not null', [slow.id])).rowCount).toBe(1);
  expect(await change(firm, 'webhookEndpointDelete', slow.id)).toBeUndefined();
}, 60_000);

test('a redirect is not followed', async () => {
  const firm = await house.firm();
  await using elsewhere = await WebhookReceiver.start();
  await using receiver = await WebhookReceiver.start((response) => void response.writeHead(307, { location: elsewhere.url }).end());
  const { id } = await endpointOf(firm, receiver.url);
  await tell(firm, 1);
  expect((await after(firm, id, 1))[0]).toMatchObject({ state: 'PENDING', attempts: [{ status: 307, failure: 'REDIRECT' }] });
  expect(elsewhere.arrived).toEqual([]);
});

test('several that send side by side send each once', async () => {
  const firm = await house.firm();
  await using receiver = await WebhookReceiver.start((response) => void setTimeout(() => response.end(), 30));
  const { id } = await endpointOf(firm, receiver.url);
  const { room } = house.running.rooms.scoring;
  // Each begins with nothing under way, as a process of its own.
  const others = [{ ...room }, { ...room }, { ...room }];
  const many = Array.from({ length: 300 }, (_, place) => place);
  await tell(firm, ...many);
  await Promise.all(others.map((each) => deliverWebhooksJob.run(each)));
  await receiver.until(300);
  await until(async () => (await owner.query('select from scoring.webhook_delivery where endpoint_id = $1 and delivered_at is null', [id])).rowCount === 0);
  expect(alertsOf(receiver.arrived)).toEqual(many);
  expect(receiver.mostOpen).toBeGreaterThan(4);
  await Promise.all(others.map((each) => deliverWebhooksJob.end!(each)));
});

test('who was so slow that another process took the delivery over notes the attempt, and leaves the delivery to the other', async () => {
  const firm = await house.firm();
  const answers: (() => void)[] = [];
  await using receiver = await WebhookReceiver.start((response) => void answers.push(() => void response.writeHead(500).end()));
  const { id } = await endpointOf(firm, receiver.url);
  await tell(firm, 1);
  await receiver.until(1);
  const delivery = async (): Promise<unknown> => (await owner.query('select claim, attempts, due_at, delivered_at from scoring.webhook_delivery where endpoint_id = $1', [id])).rows;
  await owner.query(`update scoring.webhook_delivery set claim = gen_random_uuid(), due_at = clock_timestamp() + interval '1 minute' where endpoint_id = $1`, [id]);
  const taken = await delivery();
  answers[0]!();
  expect((await after(firm, id, 1))[0]).toMatchObject({ state: 'PENDING', attempts: [{ status: 500, failure: 'STATUS' }] });
  expect(await delivery()).toEqual(taken);
});

test('a house that stops breaks off what is under way and gives it back', async () => {
  await using passing = await startHouse({ ARDOISE_WEBHOOK_PRIVATE_TARGETS: '1' });
  const database = await passing.asOwner();
  const firm = await passing.firm();
  await using receiver = await WebhookReceiver.start(() => undefined);
  const { id } = await endpointOf(firm, receiver.url);
  expect(await change(firm, 'webhookTest', id)).toBeUndefined();
  await receiver.until(1);
  const from = performance.now();
  await passing.running.stop();
  expect(performance.now() - from).toBeLessThan(4000);
  const { rows } = await database.query('select claim, attempts, due_at <= clock_timestamp() as due from scoring.webhook_delivery');
  expect(rows).toEqual([{ claim: null, attempts: 0, due: true }]);
}, 60_000);

test('after thirty days all of it is forgotten, delivered or not', async () => {
  const firm = await house.firm();
  await using receiver = await WebhookReceiver.start((response, _, place) => void response.writeHead(place === 1 ? 200 : 500).end());
  const { id } = await endpointOf(firm, receiver.url);
  for (const alert of [1, 2, 3]) {
    await tell(firm, alert);
    await after(firm, id, alert);
  }
  await owner.query(`update scoring.webhook_message set created_at = clock_timestamp() - interval '30 days 1 minute' where firm_id = $1 and body not like '%"alert":3%'`, [firm.firmId]);
  await owner.query(`update scoring.webhook_message set created_at = clock_timestamp() - interval '29 days 23 hours' where firm_id = $1 and body like '%"alert":3%'`, [firm.firmId]);
  await forgetWebhooks(house.running.rooms.scoring.room);
  expect((await deliveries(firm, id)).map(({ body }) => (JSON.parse(body) as { data: unknown }).data)).toEqual([{ alert: 3 }]);
  expect((await owner.query('select from scoring.webhook_attempt where firm_id = $1', [firm.firmId])).rowCount).toBe(1);
});

describe('an endpoint', () => {
  test('is one of ten, however many are made at once', async () => {
    const firm = await house.firm();
    const answers = await Promise.all(Array.from({ length: 14 }, async () => endpointOf(firm, 'http://localhost:4567/').then(() => 'made', (error: unknown) => String(error))));
    expect(answers.filter((answer) => answer === 'made')).toHaveLength(10);
    expect(answers.filter((answer) => answer.includes('LIMIT_REACHED'))).toHaveLength(4);
  });

  test('is tested five times a minute, however many ask at once', async () => {
    const firm = await house.firm();
    await using receiver = await WebhookReceiver.start();
    const { id } = await endpointOf(firm, receiver.url);
    const codes = await Promise.all(Array.from({ length: 8 }, () => change(firm, 'webhookTest', id)));
    expect(codes.filter((code) => code === undefined)).toHaveLength(5);
    expect(codes.filter((code) => code === 'LIMIT_REACHED')).toHaveLength(3);
  });

  test.each([
    ['url', { url: 'https://user@hooks.example.com/' }, 'INVALID'],
    ['url', { url: 'https://hooks.example.com:25/' }, 'INVALID'],
    ['url', { url: 'http://hooks.example.com/' }, 'INVALID'],
    ['description', { description: 'x'.repeat(201) }, 'INVALID'],
    ['description', { description: 'a\nb' }, 'INVALID'],
    ['events', { events: [] }, 'REQUIRED'],
  ])('with a wrong %s is refused', async (field, wrong, code) => {
    const firm = await house.firm();
    const input = { url: 'https://hooks.example.com/', events: ['ALERT_RAISED'], ...wrong };
    const { webhookEndpointCreate } = await firm.get<{ webhookEndpointCreate: object }>('mutation ($input: WebhookEndpointCreateInput!) { webhookEndpointCreate(input: $input) { endpoint { id } secret userErrors { code path } } }', { input });
    expect(webhookEndpointCreate).toEqual({ endpoint: null, secret: null, userErrors: [{ code, path: ['input', field] }] });
    expect(await firm.get('{ webhookEndpoints { id } }')).toEqual({ webhookEndpoints: [] });
  });

  test('is made by a person who may, not by a key, and read by whoever reads the ledger', async () => {
    const firm = await house.firm();
    const { id } = await endpointOf(firm, 'http://localhost:4567/');
    const key = async (...scopes: string[]): Promise<Visitor> => {
      const { apiKeyCreate } = await firm.get<{ apiKeyCreate: { secret: string } }>('mutation ($scopes: [String!]!) { apiKeyCreate(input: { name: "x", scopes: $scopes }) { secret } }', { scopes });
      return new Visitor(house, apiKeyCreate.secret);
    };
    const [reads, writes, neither] = [await key('ledger:read'), await key('credit:write'), await key('chat')];
    const code = async (visitor: Visitor, query: string): Promise<string | undefined> => (await visitor.ask(query, { id })).errors?.[0]?.extensions.code;
    const mutations = ['webhookEndpointEnable', 'webhookEndpointDisable', 'webhookEndpointDelete', 'webhookSecretRotate', 'webhookTest'].map((name) => `mutation ($id: ID!) { ${name}(input: { id: $id }) { userErrors { code } } }`);
    for (const mutation of [...mutations, 'mutation ($id: ID!) { webhookReplay(input: { deliveryId: $id }) { userErrors { code } } }']) {
      expect(await code(reads, mutation)).toBe('FORBIDDEN');
      expect(await code(house.nobody, mutation)).toBe('UNAUTHENTICATED');
    }
    expect(await code(reads, '{ webhookEndpoints { id } }')).toBeUndefined();
    for (const visitor of [writes, neither]) expect(await code(visitor, '{ webhookEndpoints { id } }')).toBe('FORBIDDEN');
    expect(await change(writes, 'webhookSecretRotate', id)).toBe('NOT_ALLOWED');
    await expect(endpointOf(writes, 'http://localhost:4567/')).rejects.toThrow('NOT_ALLOWED');
    expect(await change(writes, 'webhookEndpointDisable', id)).toBeUndefined();
  });

  test('of another firm is nobody\'s, and nothing of it is shown or changed', async () => {
    const [firm, rival] = [await house.firm(), await house.firm()];
    await using receiver = await WebhookReceiver.start();
    const { id } = await endpointOf(firm, receiver.url);
    await tell(firm, 1);
    const [delivery] = await after(firm, id, 1);
    for (const mutation of ['webhookEndpointEnable', 'webhookEndpointDisable', 'webhookEndpointDelete', 'webhookSecretRotate', 'webhookTest']) {
      for (const each of [id, delivery!.id, randomUUID(), 'x', '']) expect(await change(rival, mutation, each)).toBe('NOT_FOUND');
    }
    const replay = 'mutation ($input: WebhookReplayInput!) { webhookReplay(input: $input) { count userErrors { code path } } }';
    expect(await rival.get(replay, { input: { deliveryId: delivery!.id } })).toEqual({ webhookReplay: { count: 0, userErrors: [{ code: 'NOT_FOUND', path: ['input', 'deliveryId'] }] } });
    expect(await rival.get(replay, { input: { endpointId: id, since: '2020-01-01T00:00:00Z' } })).toEqual({ webhookReplay: { count: 0, userErrors: [{ code: 'NOT_FOUND', path: ['input', 'endpointId'] }] } });
    expect(await rival.get('query ($id: ID!) { webhookEndpoints { id } webhookDeliveries(endpointId: $id) { nodes { id } } }', { id })).toEqual({ webhookEndpoints: [], webhookDeliveries: null });
    expect(await endpointState(firm, id)).toMatchObject({ enabled: true, formerSecretUntil: null });
    expect(receiver.arrived).toHaveLength(1);
  });

  test('has a log in pages', async () => {
    const firm = await house.firm();
    await using receiver = await WebhookReceiver.start();
    const { id } = await endpointOf(firm, receiver.url);
    await tell(firm, ...Array.from({ length: 5 }, (_, place) => place));
    await after(firm, id, 5);
    const seen: string[] = [];
    let cursor: string | null = null;
    for (const length of [2, 2, 1]) {
      const { webhookDeliveries }: { webhookDeliveries: { nodes: { id: string }[]; pageInfo: { hasNextPage: boolean; endCursor: string } } } = await firm.get(
        'query ($id: ID!, $after: String) { webhookDeliveries(endpointId: $id, first: 2, after: $after) { nodes { id } pageInfo { hasNextPage endCursor } } }', { id, after: cursor });
      expect([webhookDeliveries.nodes.length, webhookDeliveries.pageInfo.hasNextPage]).toEqual([length, length === 2 && seen.length < 3]);
      seen.push(...webhookDeliveries.nodes.map((node) => node.id));
      cursor = webhookDeliveries.pageInfo.endCursor;
    }
    expect(new Set(seen).size).toBe(5);
    expect(seen).toEqual(seen.toSorted().toReversed());
    for (const wrong of [{ first: 0 }, { first: 101 }, { after: 'x' }]) {
      const { errors } = await firm.ask('query ($id: ID!, $first: Int, $after: String) { webhookDeliveries(endpointId: $id, first: $first, after: $after) { nodes { id } } }', { id, ...wrong });
      expect(errors?.[0]?.extensions.code).toBe('BAD_USER_INPUT');
    }
  });
});

describe('without leave for private networks', () => {
  let closed: TestHouse;
  beforeAll(async () => {
    closed = await startHouse();
  });
  afterAll(() => closed[Symbol.asyncDispose]());

  test.each(['http://localhost:4567/', 'https://localhost/', 'https://127.0.0.1:4567/', 'https://[::1]/', 'https://169.254.169.254/', 'https://10.1.2.3/', 'https://[::ffff:10.1.2.3]/', 'https://db/'])('%s is refused', async (url) => {
    const firm = await closed.firm();
    await expect(endpointOf(firm, url)).rejects.toThrow('INVALID');
  });

  test.each(['https://localhost', 'https://127.0.0.1', 'http://127.0.0.1', 'https://name-that-leads-inside.localhost'])('an endpoint that leads inside by now is not connected to: %s', async (origin) => {
    const firm = await closed.firm();
    await using receiver = await WebhookReceiver.start();
    const { id } = await endpointOf(firm, 'https://hooks.example.com/');
    await (await closed.asOwner()).query('update scoring.webhook_endpoint set url = $2 where id = $1', [id, `${origin}:${receiver.port}/`]);
    expect(await change(firm, 'webhookTest', id)).toBeUndefined();
    expect((await after(firm, id, 1))[0]!.attempts).toMatchObject([{ status: null, failure: 'NO_PUBLIC_ADDRESS', excerpt: null }]);
    expect(receiver.arrived).toEqual([]);
  });
});

test('the receiver of the page takes what is signed, once, and nothing else', async () => {
  const page = await readFile(join(import.meta.dirname, '..', '..', 'docs', 'WEBHOOKS.md'), 'utf8');
  const [block, ...others] = [...page.matchAll(/^```js\n([^]*?)^```$/gm)];
  expect(others).toEqual([]);
  const directory = await mkdtemp(join(process.env['ARDOISE_TEST_DIRECTORY']!, 'receiver-'));
  const file = join(directory, 'receiver.mjs');
  await writeFile(file, block![1]!);
  const firm = await house.firm();
  const port = await freePort();
  const { id, secret } = await endpointOf(firm, `http://localhost:${port}/`);
  const child = spawn(process.execPath, [file], { env: { PATH: process.env['PATH'], PORT: String(port), WEBHOOK_SECRET: secret }, stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (said += chunk));
  try {
    await until(() => fetch(`http://localhost:${port}/`, { method: 'POST', body: '{}' }).then(({ status }) => status === 401, () => false));
    await tell(firm, 7);
    await after(firm, id, 1);
    const [delivery] = await deliveries(firm, id);
    expect(delivery).toMatchObject({ state: 'DELIVERED', attempts: [{ status: 204 }] });
    await firm.get('mutation ($id: ID!) { webhookReplay(input: { deliveryId: $id }) { count } }', { id: delivery!.id });
    await after(firm, id, 2);
    // Sent twice, dealt with once.
    expect(said.trim().split('\n')).toEqual([`alert.raised {"alert":7}`]);
    const forged = { 'webhook-id': delivery!.webhookId, 'webhook-timestamp': String(Math.floor(Date.now() / 1000)), 'webhook-signature': `v1,${Buffer.alloc(32).toString('base64')} v1, v2,x` };
    expect((await fetch(`http://localhost:${port}/`, { method: 'POST', headers: forged, body: delivery!.body })).status).toBe(401);
    expect(said.trim().split('\n')).toHaveLength(1);
  } finally {
    await endProcess(child);
  }
});
