import { once } from 'node:events';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Client as SocketClient } from 'graphql-ws';
import type { Client } from 'pg';
import { SHOWN_ALERT, ruleOf, shownAlerts, wordsOf, type ShownAlert } from './alert-watcher.js';
import { customerOf, invoice, pay } from './bookkeeper.js';
import type { FirmVisitor } from './house.js';
import { startSplitHouse, type SplitHouse } from './split-house.js';
import { endpointOf, isSigned, until, WebhookReceiver, type Answer } from './webhook-receiver.js';

/** From a payment to its alert, with each room a process of its own; the one that scores may die at any moment. */

let house: SplitHouse;
let owner: Client;
beforeAll(async () => {
  house = await startSplitHouse({ ARDOISE_WEBHOOK_PRIVATE_TARGETS: '1' });
  owner = await house.asOwner();
  await house.moveClock('2026-10-05');
});
afterAll(() => house[Symbol.asyncDispose]());

/** A firm that hears of each move of a score, and whose customer has just become late: the first alert says so. */
async function lateCustomer(receiver: WebhookReceiver): Promise<{ readonly acme: FirmVisitor; readonly customerId: string; readonly secret: string; readonly first: ShownAlert }> {
  const acme = await house.firm();
  const customerId = await customerOf(acme);
  for (const number of ['F1', 'F2', 'F3']) {
    await invoice(acme, customerId, number, '100.00', { issueDate: '2026-07-01', dueDate: '2026-08-01' });
    await pay(acme, customerId, number, '2026-08-01', '100.00', [number]);
  }
  const { secret } = await endpointOf(acme, receiver.url);
  await ruleOf(acme, { metric: 'RISK_SCORE', delta: 1 });
  await invoice(acme, customerId, 'L', '900.00', { issueDate: '2026-07-01', dueDate: '2026-08-01' });
  const [first] = await alertsOnce(acme, 1);
  expect(first!.direction).toBe('DOWN');
  return { acme, customerId, secret, first: first! };
}

/** It was paid on its day after all: the score is what it was before. */
function payLate(firm: FirmVisitor, customerId: string): Promise<void> {
  return pay(firm, customerId, 'L', '2026-08-01', '900.00', ['L']);
}

/** All alerts of a firm, once there are so many. */
async function alertsOnce(firm: FirmVisitor, count: number): Promise<readonly ShownAlert[]> {
  let found: readonly ShownAlert[] = [];
  await until(async () => (found = await shownAlerts(firm)).length >= count, () => `${found.length} of ${count} alerts were raised`);
  return found;
}

async function scoreOf(firm: FirmVisitor, id: string): Promise<number> {
  return (await firm.get<{ customer: { riskScore: { value: number } } }>('query ($id: ID!) { customer(id: $id) { riskScore { value } } }', { id })).customer.riskScore.value;
}

interface Heard {
  readonly data?: { readonly alertRaised: ShownAlert } | null | undefined;
  readonly errors?: readonly { readonly extensions?: Record<string, unknown> }[] | undefined;
}

/** What a stock client is told behind an alert that it has. */
function listen(client: SocketClient, after: string): AsyncIterator<Heard> {
  return client.iterate<{ alertRaised: ShownAlert }>({ query: `subscription ($after: ID) { alertRaised(after: $after) ${SHOWN_ALERT} }`, variables: { after } }) as AsyncIterator<Heard>;
}

async function killScoring(): Promise<void> {
  const room = house.processes['scoring']!;
  const gone = once(room, 'exit');
  room.kill('SIGKILL');
  await gone;
}

/** What the database holds of a firm's alerts and of what is told of them. */
async function kept(firm: FirmVisitor): Promise<{ readonly alerts: number; readonly messages: number; readonly deliveries: number }> {
  const { rows } = await owner.query<{ alerts: number; messages: number; deliveries: number }>(
    `select (select count(*) from scoring.alert where firm_id = $1)::int as alerts, (select count(*) from scoring.webhook_message where firm_id = $1)::int as messages,
      (select count(*) from scoring.webhook_delivery where firm_id = $1)::int as deliveries`, [firm.firmId]);
  return rows[0]!;
}

const alertIdOf = ({ body }: { readonly body: string }): string => (JSON.parse(body) as { data: { alertId: string } }).data.alertId;

test('a payment moves the score, and its alert comes over a WebSocket and as a signed webhook', async () => {
  await using receiver = await WebhookReceiver.start();
  const { acme, customerId, secret, first } = await lateCustomer(receiver);
  expect(await scoreOf(acme, customerId)).toBe(Number(first.after));
  await receiver.until(1);
  const client = acme.socket();
  const stream = listen(client, first.id);
  await payLate(acme, customerId);
  const { value } = (await stream.next()) as { value: Heard };
  const second = value.data!.alertRaised;
  // Paid on its day it is as if it had never been late.
  expect(wordsOf(second)).toBe(`C1 RISK_SCORE UP ${first.after} → ${first.before}`);
  expect(await scoreOf(acme, customerId)).toBe(Number(first.before));
  expect(await shownAlerts(acme)).toEqual([first, second]);
  const arrived = await receiver.until(2);
  expect(arrived.map((each) => [alertIdOf(each), isSigned(each, secret)])).toEqual([[first.id, true], [second.id, true]]);
  await client.dispose();
});

test('while nobody scores a payment is taken all the same: its alert is raised once when somebody does again, and who listens comes back for it', async () => {
  await using receiver = await WebhookReceiver.start();
  const { acme, customerId, first } = await lateCustomer(receiver);
  await receiver.until(1);
  const client = acme.socket();
  const stream = listen(client, first.id);
  // It is told of this one by the process that then dies.
  await invoice(acme, customerId, 'M', '900.00', { issueDate: '2026-05-01', dueDate: '2026-06-01' });
  const second = ((await stream.next()) as { value: Heard }).value.data!.alertRaised;
  await killScoring();
  const ending = ((await stream.next()) as { value: Heard }).value;
  expect(ending.errors?.map(({ extensions }) => extensions?.['code'])).toEqual(['UNAVAILABLE']);
  await payLate(acme, customerId);
  await house.revive('scoring');
  const again = listen(client, second.id);
  const third = ((await again.next()) as { value: Heard }).value.data!.alertRaised;
  expect([second.direction, third.direction]).toEqual(['DOWN', 'UP']);
  expect(await shownAlerts(acme)).toEqual([first, second, third]);
  const arrived = await receiver.until(3);
  expect(arrived.map(alertIdOf)).toEqual([first.id, second.id, third.id]);
  expect(await kept(acme)).toEqual({ alerts: 3, messages: 3, deliveries: 3 });
  await client.dispose();
});

test('killed while it raises the alert, and again between the sending and the noting, it tells one message, twice under one id', async () => {
  await using receiver = await WebhookReceiver.start();
  const { acme, customerId, secret } = await lateCustomer(receiver);
  await receiver.until(1);
  const holder = await house.asOwner();
  await holder.query('begin; lock table scoring.webhook_message in share mode');
  await payLate(acme, customerId);
  // The alert is written and not committed: what tells of it waits at the table.
  await until(async () => (await owner.query(`select from pg_locks where relation = 'scoring.webhook_message'::regclass and not granted`)).rowCount === 1);
  await killScoring();
  await holder.query('rollback');
  const silent: Answer = () => undefined;
  receiver.answer = silent;
  await house.revive('scoring');
  const [, second] = await alertsOnce(acme, 2);
  expect(alertIdOf((await receiver.until(2))[1]!)).toBe(second!.id);
  // It has arrived, and the sender does not know.
  await killScoring();
  receiver.answer = (response) => void response.end();
  await house.revive('scoring');
  // Not before its claim has run out: it may still be on its way.
  const { rows } = await owner.query<{ claimed: boolean }>(`select due_at > clock_timestamp() + interval '10 seconds' as claimed from scoring.webhook_delivery where firm_id = $1 and due_at is not null`, [acme.firmId]);
  expect(rows).toEqual([{ claimed: true }]);
  expect(receiver.arrived).toHaveLength(2);
  await owner.query('update scoring.webhook_delivery set due_at = clock_timestamp() where firm_id = $1 and due_at is not null', [acme.firmId]);
  const [, sent, sentAgain] = await receiver.until(3);
  expect([sentAgain!.headers['webhook-id'], sentAgain!.body]).toEqual([sent!.headers['webhook-id'], sent!.body]);
  // Another process makes the same secret of the same key.
  expect(isSigned(sentAgain!, secret)).toBe(true);
  await until(async () => (await owner.query('select from scoring.webhook_delivery where firm_id = $1 and delivered_at is null', [acme.firmId])).rowCount === 0);
  expect(await kept(acme)).toEqual({ alerts: 2, messages: 2, deliveries: 2 });
});
