import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { EventData } from '../src/events/catalogue.js';
import { ruleOf, told } from './alert-watcher.js';
import { customerOf, invoice, limit, pay } from './bookkeeper.js';
import { startHouse, type FirmVisitor, type TestHouse } from './house.js';

/** The day on which these begin; business time stands at its noon and goes on from there. */
const TODAY = '2026-10-05';

let house: TestHouse;
beforeAll(async () => {
  house = await startHouse();
});
afterAll(() => house[Symbol.asyncDispose]());

/** The alerts once everything that was told has come to the figures: no event is on its way and nobody is to be scored. */
async function toldInTheEnd(firm: FirmVisitor): Promise<readonly string[]> {
  const today = house.running.rooms.scoring.room.clock.today().toString();
  await house.moveClock(today);
  const owner = await (ownerOnce ??= house.asOwner());
  const deadline = Date.now() + 20_000;
  const due = 'select from scoring.rescore_due where firm_id = $1 union all select from scoring.standing where firm_id = $1 and as_of <> $2';
  while ((await owner.query(due, [firm.firmId, today])).rows.length > 0) {
    if (Date.now() > deadline) throw new Error('customers are still to be scored');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return told(firm);
}
let ownerOnce: ReturnType<TestHouse['asOwner']> | undefined;

test('what is overdue, how much of a limit is used and the DSO: an invoice and a payment are one alert each, for a rule that is made right after the ledger was filled', async () => {
  await house.moveClock(TODAY);
  const [acme, rival] = [await house.firm(), await house.firm()];
  const [mine, theirs] = [await customerOf(acme, 'C1'), await customerOf(rival, 'R1')];
  for (const [firm, id] of [[acme, mine], [rival, theirs]] as const) {
    await limit(firm, id, '1000.00');
    await invoice(firm, id, 'F1', '300.00', { issueDate: '2026-09-01', dueDate: '2026-10-01' });
    await invoice(firm, id, 'F2', '100.00', { issueDate: '2026-09-02', dueDate: '2026-11-01' });
  }
  for (const rule of [{ metric: 'OVERDUE', delta: 200 }, { metric: 'CREDIT_UTILISATION', threshold: 0.5 }, { metric: 'DSO', delta: 30, customerId: mine }]) await ruleOf(acme, rule);
  await ruleOf(rival, { metric: 'OVERDUE', direction: 'DOWN', threshold: 0 });
  expect(await toldInTheEnd(acme)).toEqual([]);
  await invoice(acme, mine, 'F3', '250.50', { issueDate: '2026-09-03', dueDate: '2026-10-04' });
  // 650.50 of 1,000 are used; what is open is still all that was sold.
  expect((await toldInTheEnd(acme)).toSorted()).toEqual(['C1 CREDIT_UTILISATION UP 0.4 → 0.6505', 'C1 OVERDUE UP 300.00 EUR → 550.50 EUR']);
  await pay(acme, mine, 'P1', '2026-10-05', '550.50', ['F1', 'F3']);
  expect((await toldInTheEnd(acme)).slice(2).toSorted()).toEqual([
    'C1 CREDIT_UTILISATION DOWN 0.6505 → 0.1',
    // 100 of 650.50 sold in 90 days.
    'C1 DSO DOWN 90 → 13.835511',
    'C1 OVERDUE DOWN 550.50 EUR → 0.00 EUR',
  ]);
  // The limit alone moves how much of it is used.
  await limit(acme, mine, '150.00');
  expect((await toldInTheEnd(acme)).slice(5)).toEqual(['C1 CREDIT_UTILISATION UP 0.1 → 0.666667']);
  // A day that passes, too: F2 is past due.
  await house.moveClock('2026-11-05');
  await ruleOf(acme, { metric: 'OVERDUE', direction: 'UP', threshold: 500 });
  expect((await toldInTheEnd(acme)).slice(6)).toEqual([]);
  expect(await toldInTheEnd(rival)).toEqual([]);
  await pay(rival, theirs, 'P1', '2026-11-05', '400.00', ['F1', 'F2']);
  expect(await toldInTheEnd(rival)).toEqual(['R1 OVERDUE DOWN 400.00 EUR → 0.00 EUR']);
}, 60_000);

test("the DSO of an alert is the ledger's own to the last digit, with part payments, credit notes and what is just in its 90 days", async () => {
  await house.moveClock(TODAY);
  const acme = await house.firm();
  const id = await customerOf(acme, 'C1');
  const at = (issueDate: string): Record<string, unknown> => ({ issueDate, dueDate: '2026-10-01' });
  await invoice(acme, id, 'F1', '1000.00', at('2026-09-01'));
  await ruleOf(acme, { metric: 'DSO', delta: 0.000001, customerId: id });
  const ledgers = async (): Promise<string> => {
    const { customer } = await acme.get<{ customer: { indicators: { dso: number } } }>('query ($id: ID!) { customer(id: $id) { indicators { dso } } }', { id });
    return String(customer.indicators.dso);
  };
  const figures = [await ledgers()];
  for (const step of [
    () => pay(acme, id, 'P1', TODAY, '333.33', ['F1']),
    // The last day of the 90, and the one before it.
    () => invoice(acme, id, 'F2', '70.01', at('2026-07-08')),
    () => invoice(acme, id, 'F3', '500.00', at('2026-07-07')),
    () => invoice(acme, id, 'A1', '123.45', { kind: 'CREDIT_NOTE', issueDate: '2026-07-08', dueDate: null }),
    () => invoice(acme, id, 'F4', '10.00', { ...at('2026-09-01'), amount: { amount: '10.00', currency: 'USD' } }),
    () => invoice(acme, id, 'A1', '23.45', { kind: 'CREDIT_NOTE', issueDate: '2026-07-08', dueDate: null }),
    () => invoice(acme, id, 'F1', '2000.00', at('2026-09-01')),
  ]) {
    await step();
    const alerts = await toldInTheEnd(acme);
    const figure = await ledgers();
    if (figure !== figures.at(-1)) figures.push(figure);
    expect(alerts.map((words) => words.split(' → ')[1])).toEqual(figures.slice(1));
  }
  // In the end 1,666.67 + 70.01 + 500 are open, of 2,000 + 70.01 − 23.45 sold.
  expect(figures).toEqual(['90', '60.0003', '61.963159', '104.018841', '117.584939', '106.349564', '98.360761']);
}, 60_000);

test('what is due today is not overdue, and tomorrow it is', async () => {
  await house.moveClock(TODAY);
  const acme = await house.firm();
  const id = await customerOf(acme, 'C1');
  await invoice(acme, id, 'F1', '100.00', { issueDate: '2026-09-01', dueDate: TODAY });
  await ruleOf(acme, { metric: 'OVERDUE', delta: 1 });
  expect(await toldInTheEnd(acme)).toEqual([]);
  await house.moveClock('2026-10-06');
  expect(await toldInTheEnd(acme)).toEqual(['C1 OVERDUE UP 0.00 EUR → 100.00 EUR']);
}, 60_000);

test('what another firm tells makes nobody wait: neither for a rule nor for a customer', async () => {
  await house.moveClock(TODAY);
  const [acme, rival] = [await house.firm(), await house.firm()];
  const id = await customerOf(acme, 'C1');
  await toldInTheEnd(acme);
  const owner = await (ownerOnce ??= house.asOwner());
  const onItsWay = (firm: FirmVisitor): Promise<unknown> => owner.query(
    `insert into events.delivery (event_id, name, version, producer, consumer, firm_id, data, due_at) values (gen_random_uuid(), 'invoices.changed', 1, 'portfolios', 'scoring', $1, '{}', 'infinity')`, [firm.firmId]);
  const millisecondsOf = async (customerId: string): Promise<number> => {
    const from = performance.now();
    await acme.get('mutation ($id: ID!) { alertRuleCreate(input: { metric: DSO, delta: 1, customerId: $id }) { userErrors { code } } }', { id: customerId });
    return performance.now() - from;
  };
  await onItsWay(rival);
  for (const customerId of [id, randomUUID()]) expect(await millisecondsOf(customerId)).toBeLessThan(1500);
  // Its own it waits for, and not for ever.
  await onItsWay(acme);
  for (const customerId of [id, randomUUID()]) {
    const milliseconds = await millisecondsOf(customerId);
    expect(milliseconds).toBeGreaterThan(2000);
    expect(milliseconds).toBeLessThan(4000);
  }
  await owner.query(`delete from events.delivery where due_at = 'infinity'`);
}, 60_000);

test('a rule starts from what was told before it, also while that is still on its way', async () => {
  await house.moveClock(TODAY);
  const acme = await house.firm();
  const id = await customerOf(acme, 'C1');
  await invoice(acme, id, 'F1', '100.00', { issueDate: '2026-09-01', dueDate: '2026-10-01' });
  await toldInTheEnd(acme);
  const [holder, watcher] = [await house.asOwner(), await house.asOwner()];
  await holder.query('begin; lock table scoring.rescore_due in share mode');
  await invoice(acme, id, 'F2', '100.00', { issueDate: '2026-09-01', dueDate: '2026-10-01' });
  // What was told of it waits at the door of the figures.
  const deadline = Date.now() + 10_000;
  while ((await watcher.query(`select from pg_locks where relation = 'scoring.rescore_due'::regclass and not granted`)).rows.length === 0) expect(Date.now()).toBeLessThan(deadline);
  const rule = ruleOf(acme, { metric: 'OVERDUE', delta: 50 });
  await holder.query('commit');
  await rule;
  expect(await toldInTheEnd(acme)).toEqual([]);
  await invoice(acme, id, 'F3', '50.00', { issueDate: '2026-09-01', dueDate: '2026-10-01' });
  expect(await toldInTheEnd(acme)).toEqual(['C1 OVERDUE UP 200.00 EUR → 250.00 EUR']);
}, 60_000);

interface Stands {
  readonly paymentBehaviour: { readonly index: number };
  readonly riskScore: { readonly value: number; readonly band: string };
}

test('payment behaviour, score and band: alerts say what the customer itself answers, before and after', async () => {
  await house.moveClock(TODAY);
  const acme = await house.firm();
  const id = await customerOf(acme, 'C1');
  const stands = async (): Promise<Stands> => (await acme.get<{ customer: Stands }>('query ($id: ID!) { customer(id: $id) { paymentBehaviour { index } riskScore { value band } } }', { id })).customer;
  for (const month of ['04', '05', '06', '07', '08', '09']) {
    await invoice(acme, id, `F${month}`, '100.00', { issueDate: `2026-${month}-01`, dueDate: `2026-${month}-20` });
    await pay(acme, id, `P${month}`, `2026-${month}-20`, '100.00', [`F${month}`]);
  }
  await invoice(acme, id, 'L', '900.00', { issueDate: '2026-09-01', dueDate: '2026-10-05' });
  for (const rule of [{ metric: 'PAYMENT_BEHAVIOUR', delta: 20 }, { metric: 'RISK_SCORE', delta: 60 }, { metric: 'RISK_BAND', delta: 1 }, { metric: 'RISK_BAND', direction: 'UP', delta: 1 }, { metric: 'RISK_SCORE', direction: 'UP', delta: 60 }]) await ruleOf(acme, rule);
  const well = await stands();
  expect(well.paymentBehaviour).toEqual({ index: 80 });
  expect(await toldInTheEnd(acme)).toEqual([]);
  // Nothing happens but time: half a year late.
  await house.moveClock('2027-04-05');
  const late = await stands();
  expect(late.riskScore.band > well.riskScore.band).toBe(true);
  expect((await toldInTheEnd(acme)).toSorted()).toEqual([
    `C1 PAYMENT_BEHAVIOUR DOWN 80 → ${late.paymentBehaviour.index}`, `C1 RISK_BAND DOWN ${well.riskScore.band} → ${late.riskScore.band}`, `C1 RISK_SCORE DOWN ${well.riskScore.value} → ${late.riskScore.value}`,
  ]);
  // It turns out to have been paid on its day: everything is as it was.
  await pay(acme, id, 'PL', '2026-10-05', '900.00', ['L']);
  const ups = (await toldInTheEnd(acme)).slice(3).toSorted();
  const again = await stands();
  const [band, score] = [`C1 RISK_BAND UP ${late.riskScore.band} → ${again.riskScore.band}`, `C1 RISK_SCORE UP ${late.riskScore.value} → ${again.riskScore.value}`];
  expect(ups).toEqual([`C1 PAYMENT_BEHAVIOUR UP ${late.paymentBehaviour.index} → ${again.paymentBehaviour.index}`, band, band, score, score]);
}, 60_000);

type Shown = EventData<'benchmarks.published'>['customers'][number]['now'];

test('a benchmark that is published moves what rules about it watch, up and down, and told again it does not', async () => {
  await house.moveClock(TODAY);
  const acme = await house.firm();
  const id = await customerOf(acme, 'C1');
  await toldInTheEnd(acme);
  const { scoring } = house.running.rooms;
  let revision = 0;
  const publish = async (periodEnd: string, now: Shown): Promise<readonly string[]> => {
    const data: EventData<'benchmarks.published'> = { metric: 'DAYS_BEYOND_TERMS', periodStart: '2026-01-01', periodEnd, customers: [{ customerId: id, now, before: null }], revision: (revision += 1) };
    await scoring.subgraph.reactions['benchmarks.published']!(scoring.room, { firmId: acme.firmId, data });
    return toldInTheEnd(acme);
  };
  const value = (days: number): Shown => ({ from: null, to: null, value: days, roundedTo: 10, direction: null, own: null, position: null });
  expect(await publish('2026-06-30', value(10))).toEqual([]);
  await ruleOf(acme, { metric: 'BENCHMARK', delta: 20 });
  await ruleOf(acme, { metric: 'BENCHMARK', direction: 'UP', threshold: 30 });
  expect(await publish('2026-06-30', value(10))).toEqual([]);
  const ups = ['C1 BENCHMARK UP 10 → 45', 'C1 BENCHMARK UP 10 → 45'];
  const band: Shown = { from: 30, to: 60, value: null, roundedTo: null, direction: null, own: null, position: null };
  expect(await publish('2026-07-31', band)).toEqual(ups);
  expect(await publish('2026-07-31', band)).toEqual(ups);
  expect(await publish('2026-08-31', null)).toEqual(ups);
  expect(await publish('2026-09-30', value(20))).toEqual([...ups, 'C1 BENCHMARK DOWN 45 → 20']);
}, 60_000);

test('a rule about a customer that was added just now is taken, and one about nobody is not', async () => {
  const acme = await house.firm();
  const id = await customerOf(acme, 'C1');
  await ruleOf(acme, { metric: 'DSO', delta: 1, customerId: id });
  const { alertRuleCreate } = await acme.get<{ alertRuleCreate: unknown }>('mutation ($id: ID!) { alertRuleCreate(input: { metric: DSO, delta: 1, customerId: $id }) { rule { id } userErrors { code path } } }', { id: randomUUID() });
  expect(alertRuleCreate).toEqual({ rule: null, userErrors: [{ code: 'NOT_FOUND', path: ['input', 'customerId'] }] });
});
