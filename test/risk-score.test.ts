import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { comesTrue } from '../faults/patience.js';
import { startHouse, type FirmVisitor, type TestHouse } from './house.js';

let house: TestHouse;
beforeAll(async () => {
  house = await startHouse();
});
afterAll(() => house[Symbol.asyncDispose]());

const EUROS = { amount: '100', currency: 'EUR' };

async function customerOf(firm: FirmVisitor): Promise<string> {
  const { customerUpsert } = await firm.get<{ customerUpsert: { customer: { id: string } } }>('mutation ($input: CustomerUpsertInput!) { customerUpsert(input: $input) { customer { id } } }', { input: { reference: randomUUID(), name: 'Brasserie Lenoir' } });
  return customerUpsert.customer.id;
}

async function invoice(firm: FirmVisitor, customerId: string, issueDate: string, dueDate: string): Promise<string> {
  const number = randomUUID();
  await firm.get('mutation ($input: InvoiceUpsertInput!) { invoiceUpsert(input: $input) { userErrors { code } } }', { input: { customerId, number, issueDate, dueDate, amount: EUROS } });
  return number;
}

async function pay(firm: FirmVisitor, customerId: string, number: string, receivedOn: string): Promise<void> {
  await firm.get('mutation ($input: PaymentRecordInput!) { paymentRecord(input: $input) { userErrors { code } } }', { input: { customerId, reference: number, receivedOn, amount: EUROS, invoiceNumbers: [number] } });
}

interface RiskScore {
  readonly value: number;
  readonly band: string;
  readonly probabilityOfDefault: number;
  readonly base: number;
  readonly factors: readonly { code: string; en: string; fr: string; contribution: number; observed: string | null }[];
  readonly modelVersion: string;
  readonly computedAt: string;
  readonly history: readonly { value: number; band: string; at: string }[];
}

const SCORE = `query ($id: ID!) { customer(id: $id) { id riskScore {
  value band probabilityOfDefault base modelVersion computedAt history { value band at } factors { code en: label fr: label(locale: "fr-FR") contribution observed }
} } }`;

async function scoreOf(firm: FirmVisitor, id: string): Promise<RiskScore | null> {
  const { customer } = await firm.get<{ customer: { riskScore: RiskScore | null } | null }>(SCORE, { id });
  return customer?.riskScore ?? null;
}

/** Scores are kept in the background: what a score is is known at once, what it was a moment later. */
async function historyIs(firm: FirmVisitor, id: string, newest: readonly number[]): Promise<void> {
  let found: readonly number[] = [];
  await comesTrue(async () => {
    found = (await scoreOf(firm, id))!.history.slice(0, newest.length).map(({ value }) => value);
    return isDeepStrictEqual(found, newest);
  }, 10_000);
  expect(found).toEqual(newest);
}

function factor(score: RiskScore | null, code: string): unknown {
  const found = score?.factors.find((each) => each.code === code);
  return found && [found.observed, found.contribution];
}

test('a score adds up, names its reasons in two languages, moves with a payment and keeps where it was; another firm sees none of it', async () => {
  const [acme, rival] = [await house.firm(), await house.firm()];
  await house.moveClock('2026-06-30');
  const customerId = await customerOf(acme);
  for (const due of ['2026-03-10', '2026-04-10', '2026-04-20']) await pay(acme, customerId, await invoice(acme, customerId, '2026-03-01', due), due);
  const late = await invoice(acme, customerId, '2026-02-01', '2026-03-01');
  await house.moveClock('2026-06-30');

  const before = await scoreOf(acme, customerId);
  expect(before!.factors.reduce((sum, { contribution }) => sum + contribution, before!.base)).toBe(before!.value);
  // Three at 80 and one that is 121 days late today, at 19.67: 64.9.
  expect(factor(before, 'PAYMENT_INDEX')).toEqual(['65', -45]);
  expect(factor(before, 'OVERDUE_BEYOND_30')).toEqual(['100 %', -110]);
  expect(factor(before, 'RELATION_AGE')).toEqual(['4', -25]);
  expect(before!.factors.find(({ code }) => code === 'PAYMENT_INDEX')).toMatchObject({ en: 'How it pays you, 0 to 100 (80 is on the due date)', fr: 'Comportement de paiement, de 0 à 100 (80 : à l’échéance)' });
  await historyIs(acme, customerId, [before!.value]);

  await pay(acme, customerId, late, '2026-06-30');
  // Later than before: the history is in the order of business time.
  await house.moveClock('2026-06-30', 13);
  const after = await scoreOf(acme, customerId);
  expect(factor(after, 'OVERDUE_BEYOND_30')).toEqual([null, 0]);
  expect(after!.value).toBe(before!.value + 110);
  await historyIs(acme, customerId, [after!.value, before!.value]);

  expect(await scoreOf(rival, customerId)).toBeNull();
  expect(await house.nobody.ask(SCORE, { id: customerId })).toMatchObject({ data: { customer: null }, errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] });
});

test('whoever has the model and the observed values has the score', async () => {
  const acme = await house.firm();
  const customerId = await customerOf(acme);
  await invoice(acme, customerId, '2026-06-01', '2026-06-10');
  await house.moveClock('2026-07-30');
  const score = await scoreOf(acme, customerId);
  const { riskModel } = await acme.get<{ riskModel: { base: number; even: number; scale: number; bands: { band: string; from: number }[]; characteristics: { code: string; source: string; unknown: number; bins: { below: number | null; points: number }[] }[] } }>(
    'query ($version: String) { riskModel(version: $version) { base even scale bands { band from } characteristics { code source unknown bins { below points } } } }', { version: score!.modelVersion });
  const numberOf = (text: string): number => (text === 'no' ? 0 : text === 'yes' ? 1 : Number.parseFloat(text) / (text.endsWith('%') ? 100 : 1));
  const points = riskModel.characteristics.filter(({ source }) => source === 'LEDGER').map(({ code, unknown, bins }) => {
    const { observed } = score!.factors.find((each) => each.code === code)!;
    return observed === null ? unknown : bins.find(({ below }) => below === null || numberOf(observed) < below)!.points;
  });
  const value = points.reduce((sum, each) => sum + each, riskModel.base);
  expect(score).toMatchObject({ value, base: riskModel.base, band: riskModel.bands.find(({ from }) => value >= from)?.band ?? 'E' });
  expect(score!.probabilityOfDefault).toBeCloseTo(1 / (1 + Math.exp((value - riskModel.even) / riskModel.scale)), 12);
  const named = { riskModel: { version: score!.modelVersion } };
  // The one in use, whether its version is left out or null.
  expect([await acme.get('{ riskModel { version } }'), await acme.get('{ riskModel(version: null) { version } }')]).toEqual([named, named]);
  expect(await acme.get('{ riskModel(version: "2019-01") { version } }')).toEqual({ riskModel: null });
});

test('a day makes a late customer riskier without anybody doing anything, and going back makes it as it was', async () => {
  const acme = await house.firm();
  const customerId = await customerOf(acme);
  await invoice(acme, customerId, '2026-06-01', '2026-06-30');
  await house.moveClock('2026-07-30');
  const before = await scoreOf(acme, customerId);
  expect(factor(before, 'OVERDUE_BEYOND_30')).toEqual(['0 %', 15]);
  await house.moveClock('2026-07-31');
  expect(factor(await scoreOf(acme, customerId), 'OVERDUE_BEYOND_30')).toEqual(['100 %', -110]);
  await house.moveClock('2026-07-30');
  expect(await scoreOf(acme, customerId)).toMatchObject({ value: before!.value, factors: before!.factors });
});

test('what a factor looks at begins and ends on its day, in its currency, with what is open', async () => {
  const acme = await house.firm();
  await house.moveClock('2026-10-05');
  const customerId = await customerOf(acme);
  const observed = async (code: string): Promise<string | null> => (await scoreOf(acme, customerId))!.factors.find((each) => each.code === code)!.observed;
  const done = async (mutation: string, input: Record<string, unknown>): Promise<void> => {
    const type = `${mutation[0]!.toUpperCase()}${mutation.slice(1)}Input`;
    expect(await acme.get(`mutation ($input: ${type}!) { ${mutation}(input: $input) { userErrors { code path } } }`, { input })).toEqual({ [mutation]: { userErrors: [] } });
    await house.moveClock('2026-10-05');
  };
  // Since half a year to the day; since 30 days past due, and since 31.
  await done('invoiceUpsert', { customerId, number: 'F1', issueDate: '2026-04-05', dueDate: '2026-09-05', amount: { amount: '100', currency: 'EUR' } });
  await done('invoiceUpsert', { customerId, number: 'F2', issueDate: '2026-05-05', dueDate: '2026-09-04', amount: { amount: '300', currency: 'EUR' } });
  expect([await observed('RELATION_AGE'), await observed('OVERDUE_BEYOND_30')]).toEqual(['6', '75 %']);
  await done('paymentRecord', { customerId, reference: 'P1', receivedOn: '2026-10-01', amount: { amount: '50', currency: 'EUR' }, invoiceNumbers: ['F1'] });
  expect(await observed('OVERDUE_BEYOND_30')).toBe('85.7 %');
  // Another currency has its own share, by its number of invoices, and uses nothing of the limit; nor does an order in it.
  await done('invoiceUpsert', { customerId, number: 'F3', issueDate: '2026-10-01', dueDate: '2026-12-01', amount: { amount: '5000', currency: 'CHF' } });
  await done('creditLimitSet', { customerId, limit: { amount: '1000', currency: 'EUR' } });
  for (const [orderReference, currency] of [['O1', 'EUR'], ['O2', 'CHF']]) await done('orderExposureSet', { customerId, orderReference, amount: { amount: '100', currency }, override: true });
  expect([await observed('OVERDUE_BEYOND_30'), await observed('CREDIT_UTILISATION')]).toEqual(['57.1 %', '45 %']);
  // Broken on the day after it was promised, and for a year from then.
  const { customer } = await acme.get<{ customer: { invoices: { nodes: { id: string; number: string }[] } } }>('query ($id: ID!) { customer(id: $id) { invoices { nodes { id number } } } }', { id: customerId });
  await done('promiseRecord', { invoiceIds: [customer.invoices.nodes.find(({ number }) => number === 'F2')!.id], promisedOn: '2026-10-10' });
  const broken: (string | null)[] = [];
  for (const day of ['2026-10-10', '2026-10-11', '2027-10-10', '2027-10-11']) {
    await house.moveClock(day);
    broken.push(await observed('BROKEN_PROMISES'));
  }
  expect(broken).toEqual(['0', '1', '1', '0']);
});

test('a customer of whom nothing is known has no score before it has an invoice', async () => {
  const acme = await house.firm();
  expect((await acme.ask(SCORE, { id: randomUUID() })).data).toEqual({ customer: null });
});

test('a firm of which something cannot be computed holds up nobody else', async () => {
  const broken = await house.firm();
  const others = [await house.firm(), await house.firm(), await house.firm()];
  await house.moveClock('2026-11-23');
  const customerId = await customerOf(broken);
  await broken.get('mutation ($input: FinancialStatementUpsertInput!) { financialStatementUpsert(input: $input) { userErrors { code } } }', {
    input: { customerId, periodEnd: '2025-12-31', currency: 'EUR', totalAssets: '2', currentAssets: '1', totalLiabilities: '1', currentLiabilities: '1', equity: '1', retainedEarnings: '0', sales: '1', ebit: '0', netIncome: '0' },
  });
  const owner = await house.asOwner();
  await owner.query(`alter table scoring.statement_version no force row level security`);
  // A fault of ours, such as no client can make.
  const { rowCount } = await owner.query(`update scoring.statement_version set figures = figures || '{"sales": "one"}'`);
  expect(rowCount).toBe(1);
  await invoice(broken, customerId, '2026-10-01', '2026-10-31');
  for (const other of others) {
    const id = await customerOf(other);
    await invoice(other, id, '2026-10-01', '2026-10-31');
    await historyIs(other, id, [570]);
  }
});
