import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { customerOf, invoice, limit, pay, type UserError } from './bookkeeper.js';
import { startHouse, Visitor, type FirmVisitor, type TestHouse } from './house.js';

/** The day of everything here. */
const TODAY = '2026-03-31';

let house: TestHouse;
beforeAll(async () => {
  house = await startHouse();
  await house.nobody.get('mutation ($at: DateTime!) { sandboxClockSet(at: $at) }', { at: `${TODAY}T12:00:00.000Z` });
});
afterAll(() => house[Symbol.asyncDispose]());

const NOWHERE = ['nonsense', '00000000-0000-4000-8000-000000000000'];

interface OrderAnswer {
  readonly order: { readonly orderReference: string; readonly amount: { readonly amount: string }; readonly overridden: boolean; readonly releasedAt: string | null } | null;
  readonly customer: { readonly creditHeadroom: { readonly amount: string } | null } | null;
  readonly userErrors: readonly UserError[];
}
const ORDER = '{ order { orderReference amount { amount } overridden releasedAt } customer { creditHeadroom { amount } } userErrors { code path } }';

async function reserve(firm: Visitor, customerId: string, orderReference: string, amount: string, more: Record<string, unknown> = {}): Promise<OrderAnswer> {
  const input = { customerId, orderReference, amount: { amount, currency: 'EUR' }, ...more };
  return (await firm.get<{ orderExposureSet: OrderAnswer }>(`mutation ($input: OrderExposureSetInput!) { orderExposureSet(input: $input) ${ORDER} }`, { input })).orderExposureSet;
}

async function release(firm: Visitor, customerId: string, orderReference: string): Promise<OrderAnswer> {
  return (await firm.get<{ orderExposureRelease: OrderAnswer }>(`mutation ($input: OrderExposureReleaseInput!) { orderExposureRelease(input: $input) ${ORDER} }`, { input: { customerId, orderReference } })).orderExposureRelease;
}

/** What became of a reservation: the headroom that is left, or the code and path of the refusal. */
function outcome({ customer, userErrors }: OrderAnswer): unknown {
  return userErrors.length > 0 ? userErrors.map(({ code, path }) => `${code} ${path.join('.')}`) : customer?.creditHeadroom?.amount;
}

async function creditOf(firm: Visitor, id: string): Promise<unknown> {
  return (await firm.get<{ customer: unknown }>('query ($id: ID!) { customer(id: $id) { creditExposure { amount currency } creditUtilisation creditHeadroom { amount } } }', { id })).customer;
}

/** A program of the firm that may do only this. */
async function keyOf(firm: FirmVisitor, scopes: readonly string[]): Promise<Visitor> {
  const { apiKeyCreate } = await firm.get<{ apiKeyCreate: { secret: string } }>('mutation ($input: ApiKeyCreateInput!) { apiKeyCreate(input: $input) { secret } }', { input: { name: 'orders', scopes } });
  return new Visitor(house, apiKeyCreate.secret);
}

test('a limit is used by open invoices and by orders of its own currency; the headroom may be negative', async () => {
  const acme = await house.firm();
  const customerId = await customerOf(acme);
  expect(await creditOf(acme, customerId)).toEqual({ creditExposure: null, creditUtilisation: null, creditHeadroom: null });
  await limit(acme, customerId, '1000');
  await invoice(acme, customerId, 'F-1', '300');
  await invoice(acme, customerId, 'F-2', '100', { amount: { amount: '100', currency: 'USD' } });
  await invoice(acme, customerId, 'F-3', '50', { kind: 'CREDIT_NOTE' });
  await pay(acme, customerId, 'P-1', '2026-03-10', '100', ['F-1']);
  expect(await creditOf(acme, customerId)).toEqual({ creditExposure: { amount: '200.00', currency: 'EUR' }, creditUtilisation: 0.2, creditHeadroom: { amount: '800.00' } });
  expect(outcome(await reserve(acme, customerId, 'O-1', '700'))).toBe('100.00');
  await invoice(acme, customerId, 'F-4', '600');
  expect(await creditOf(acme, customerId)).toEqual({ creditExposure: { amount: '1500.00', currency: 'EUR' }, creditUtilisation: 1.5, creditHeadroom: { amount: '-500.00' } });
  await limit(acme, customerId, '0');
  expect(await creditOf(acme, customerId)).toEqual({ creditExposure: { amount: '1500.00', currency: 'EUR' }, creditUtilisation: null, creditHeadroom: { amount: '-1500.00' } });
  await limit(acme, customerId, '500', 'USD');
  expect(await creditOf(acme, customerId)).toEqual({ creditExposure: { amount: '100.00', currency: 'USD' }, creditUtilisation: 0.2, creditHeadroom: { amount: '400.00' } });
});

test('the history of a limit says who changed it, when, from what to what; the same again is no change', async () => {
  const acme = await house.firm();
  const rival = await house.firm();
  const customerId = await customerOf(acme);
  const other = await customerOf(acme, 'C2');
  await limit(acme, customerId, null);
  await limit(acme, customerId, '1000');
  await limit(acme, customerId, '1000.00');
  const key = await keyOf(acme, ['ledger:read', 'credit:write']);
  await limit(key, customerId, '1000', 'USD');
  await limit(acme, customerId, null);
  await limit(acme, other, '7');
  const { viewer } = await acme.get<{ viewer: { user: { id: string } } }>('{ viewer { user { id } } }');
  const changedBy = viewer.user.id;
  const query = 'query ($id: ID!, $first: Int) { customer(id: $id) { creditLimitHistory(first: $first) { changedAt changedBy byKey from { amount currency } to { amount currency } } } }';
  const eur = { amount: '1000.00', currency: 'EUR' };
  const usd = { amount: '1000.00', currency: 'USD' };
  const changedAt = expect.stringMatching(/^2026-03-31T12:/);
  const changes = [
    { changedAt, changedBy, byKey: false, from: usd, to: null },
    { changedAt, changedBy, byKey: true, from: eur, to: usd },
    { changedAt, changedBy, byKey: false, from: null, to: eur },
  ];
  expect(await acme.get(query, { id: customerId })).toEqual({ customer: { creditLimitHistory: changes } });
  expect(await acme.get(query, { id: customerId, first: 1 })).toEqual({ customer: { creditLimitHistory: changes.slice(0, 1) } });
  expect(await rival.get(query, { id: customerId })).toEqual({ customer: null });
  const { errors } = await acme.ask(query, { id: customerId, first: 101 });
  expect(errors?.[0]?.extensions.code).toBe('BAD_USER_INPUT');
});

test('an order reserves headroom once; another amount takes its place, releasing gives it back once', async () => {
  const acme = await house.firm();
  const customerId = await customerOf(acme);
  await limit(acme, customerId, '1000');
  expect(await reserve(acme, customerId, ' O-1 ', '600')).toEqual({ order: { orderReference: 'O-1', amount: { amount: '600.00' }, overridden: false, releasedAt: null }, customer: { creditHeadroom: { amount: '400.00' } }, userErrors: [] });
  expect(outcome(await reserve(acme, customerId, 'O-1', '600'))).toBe('400.00');
  expect(outcome(await reserve(acme, customerId, 'O-2', '400.01'))).toEqual(['LIMIT_REACHED input.amount']);
  expect(outcome(await reserve(acme, customerId, 'O-2', '400'))).toBe('0.00');
  // Only what is added needs headroom; what is taken away never does.
  expect(outcome(await reserve(acme, customerId, 'O-1', '600.01'))).toEqual(['LIMIT_REACHED input.amount']);
  expect(outcome(await reserve(acme, customerId, 'O-1', '550'))).toBe('50.00');
  await limit(acme, customerId, '100');
  expect(outcome(await reserve(acme, customerId, 'O-1', '500'))).toBe('-800.00');
  const released = await release(acme, customerId, 'O-1');
  expect(released).toMatchObject({ order: { orderReference: 'O-1', releasedAt: expect.stringMatching(/^2026-03-31T12:/) }, customer: { creditHeadroom: { amount: '-300.00' } }, userErrors: [] });
  expect(await release(acme, customerId, 'O-1')).toEqual(released);
  expect(outcome(await release(acme, customerId, 'O-3'))).toEqual(['NOT_FOUND input.orderReference']);
  await limit(acme, customerId, '1000');
  expect(outcome(await reserve(acme, customerId, 'O-1', '600'))).toBe('0.00');
});

test('an order of another firm, of nobody, or with a wrong field is refused and leaves no trace', async () => {
  const acme = await house.firm();
  const rival = await house.firm();
  const customerId = await customerOf(acme);
  const theirs = await customerOf(rival);
  await limit(acme, customerId, '1000');
  expect(outcome(await reserve(acme, customerId, 'O-1', '10'))).toBe('990.00');
  for (const id of [customerId, ...NOWHERE]) {
    expect(outcome(await reserve(rival, id, 'O-1', '10'))).toEqual(['NOT_FOUND input.customerId']);
    expect(outcome(await release(rival, id, 'O-1'))).toEqual(['NOT_FOUND input.customerId']);
  }
  expect(outcome(await release(rival, theirs, 'O-1'))).toEqual(['NOT_FOUND input.orderReference']);
  expect(outcome(await reserve(acme, customerId, ' ', '10'))).toEqual(['INVALID input.orderReference']);
  expect(outcome(await reserve(acme, customerId, 'O-2', '0'))).toEqual(['INVALID input.amount.amount']);
  expect(outcome(await reserve(acme, customerId, 'O-2', '10', { amount: { amount: '10', currency: 'USD' } }))).toEqual(['NOT_ALLOWED input.amount.currency']);
  expect(await acme.get('query ($id: ID!) { customer(id: $id) { orderExposures { nodes { orderReference } } } }', { id: customerId })).toEqual({ customer: { orderExposures: { nodes: [{ orderReference: 'O-1' }] } } });
  const reader = await keyOf(acme, ['ledger:read']);
  const { errors } = await reader.ask(`mutation ($input: OrderExposureSetInput!) { orderExposureSet(input: $input) ${ORDER} }`, { input: { customerId, orderReference: 'O-2', amount: { amount: '1', currency: 'EUR' } } });
  expect(errors?.[0]?.extensions.code).toBe('FORBIDDEN');
});

test('only who may set limits lets an order go beyond one; without a limit nothing is refused', async () => {
  const acme = await house.firm();
  const customerId = await customerOf(acme);
  const seller = await keyOf(acme, ['ledger:read', 'ledger:write']);
  expect(outcome(await reserve(seller, customerId, 'O-0', '5'))).toBe(undefined);
  await limit(acme, customerId, '10');
  expect(outcome(await reserve(seller, customerId, 'O-1', '50', { override: true }))).toEqual(['NOT_ALLOWED input.override']);
  expect(outcome(await reserve(seller, customerId, 'O-1', '50'))).toEqual(['LIMIT_REACHED input.amount']);
  expect(await reserve(acme, customerId, 'O-1', '50', { override: true })).toMatchObject({ order: { overridden: true }, customer: { creditHeadroom: { amount: '-45.00' } } });
  expect(await reserve(acme, customerId, 'O-2', '50', { amount: { amount: '50', currency: 'USD' }, override: true })).toMatchObject({ order: { overridden: true }, customer: { creditHeadroom: { amount: '-45.00' } } });
  // Who overrides where there is room overrides nothing.
  await limit(acme, customerId, '100');
  expect(await reserve(acme, customerId, 'O-3', '1', { override: true })).toMatchObject({ order: { overridden: false }, customer: { creditHeadroom: { amount: '44.00' } } });
});

test('of forty orders at once exactly as many are taken as the headroom holds, and the same order sent many times is one', async () => {
  const acme = await house.firm();
  const customerId = await customerOf(acme);
  await limit(acme, customerId, '1000');
  await invoice(acme, customerId, 'F-1', '50');
  const answers = await Promise.all(Array.from({ length: 40 }, (_, index) => reserve(acme, customerId, `O-${index}`, '100')));
  expect(answers.filter(({ userErrors }) => userErrors.length === 0)).toHaveLength(9);
  expect(new Set(answers.flatMap(({ userErrors }) => userErrors.map(({ code }) => code)))).toEqual(new Set(['LIMIT_REACHED']));
  expect(await creditOf(acme, customerId)).toMatchObject({ creditHeadroom: { amount: '50.00' } });
  const same = await Promise.all(Array.from({ length: 20 }, () => reserve(acme, customerId, 'same', '50')));
  expect(same.map(outcome)).toEqual(Array.from({ length: 20 }, () => '0.00'));
  // Twenty releases against twenty takers of the same room: never more than there is.
  await Promise.all([...Array.from({ length: 20 }, () => release(acme, customerId, 'same')), ...Array.from({ length: 20 }, (_, index) => reserve(acme, customerId, `N-${index}`, '25'))]);
  const { creditHeadroom } = (await creditOf(acme, customerId)) as { creditHeadroom: { amount: string } };
  expect(['0.00', '25.00', '50.00']).toContain(creditHeadroom.amount);
});

test('orders are listed page by page, released ones left out', async () => {
  const acme = await house.firm();
  const customerId = await customerOf(acme);
  for (const reference of ['O-3', 'O-1', 'O-2', 'O-4']) await reserve(acme, customerId, reference, '10');
  await release(acme, customerId, 'O-2');
  const query = 'query ($id: ID!, $after: String) { customer(id: $id) { orderExposures(first: 2, after: $after) { nodes { orderReference } pageInfo { hasNextPage hasPreviousPage endCursor } } } }';
  type Page = { customer: { orderExposures: { nodes: unknown[]; pageInfo: { endCursor: string } } } };
  const first = await acme.get<Page>(query, { id: customerId });
  expect(first).toMatchObject({ customer: { orderExposures: { nodes: [{ orderReference: 'O-1' }, { orderReference: 'O-3' }], pageInfo: { hasNextPage: true, hasPreviousPage: false } } } });
  expect(await acme.get<Page>(query, { id: customerId, after: first.customer.orderExposures.pageInfo.endCursor })).toMatchObject({ customer: { orderExposures: { nodes: [{ orderReference: 'O-4' }], pageInfo: { hasNextPage: false, hasPreviousPage: true } } } });
  expect((await acme.ask(query, { id: customerId, after: 'nonsense' })).errors?.[0]?.extensions.code).toBe('BAD_USER_INPUT');
});

interface Check {
  readonly creditCheck: { readonly decision: string; readonly reasons: readonly { readonly code: string }[] } | null;
}
const CHECK = 'query ($id: ID!, $amount: MoneyInput!, $order: String) { creditCheck(customerId: $id, amount: $amount, orderReference: $order) { decision reasons { code message } limit { amount } exposure { amount } headroom { amount } } }';

async function check(firm: Visitor, id: string, amount: string, order?: string, currency = 'EUR'): Promise<unknown> {
  const { creditCheck } = await firm.get<Check>(CHECK, { id, amount: { amount, currency }, order });
  return creditCheck && [creditCheck.decision, ...creditCheck.reasons.map(({ code }) => code)].join(' ');
}

test('a check says what speaks against selling more, and reserves nothing', async () => {
  const acme = await house.firm();
  const rival = await house.firm();
  const customerId = await customerOf(acme);
  expect(await check(acme, customerId, '1')).toBe('REVIEW NO_LIMIT');
  await limit(acme, customerId, '1000');
  await reserve(acme, customerId, 'O-1', '400');
  expect(await acme.get(CHECK, { id: customerId, amount: { amount: '600', currency: 'EUR' } })).toEqual({ creditCheck: { decision: 'APPROVED', reasons: [], limit: { amount: '1000.00' }, exposure: { amount: '400.00' }, headroom: { amount: '600.00' } } });
  expect(await check(acme, customerId, '600')).toBe('APPROVED');
  expect(await check(acme, customerId, '600.01')).toBe('BLOCKED LIMIT_EXCEEDED');
  // What the order itself reserved is not held against it.
  expect(await check(acme, customerId, '1000', 'O-1')).toBe('APPROVED');
  expect(await check(acme, customerId, '1000.01', 'O-1')).toBe('BLOCKED LIMIT_EXCEEDED');
  expect(await check(acme, customerId, '1000', 'O-2')).toBe('BLOCKED LIMIT_EXCEEDED');
  expect(await check(acme, customerId, '1', undefined, 'USD')).toBe('REVIEW OTHER_CURRENCY');
  await invoice(acme, customerId, 'F-1', '10', { issueDate: '2026-02-01', dueDate: '2026-03-01' });
  expect(await check(acme, customerId, '1')).toBe('APPROVED');
  await invoice(acme, customerId, 'F-2', '10', { issueDate: '2026-02-01', dueDate: '2026-02-28', amount: { amount: '1', currency: 'JPY' } });
  expect(await check(acme, customerId, '1')).toBe('REVIEW OVERDUE_30');
  await invoice(acme, customerId, 'F-3', '10', { issueDate: '2025-02-01', dueDate: '2025-12-30' });
  expect(await check(acme, customerId, '1')).toBe('BLOCKED OVERDUE_90');
  for (const id of [customerId, ...NOWHERE]) expect(await check(rival, id, '1')).toBe(null);
  expect((await acme.ask(CHECK, { id: customerId, amount: { amount: '-1', currency: 'EUR' } })).errors?.[0]?.extensions.code).toBe('BAD_USER_INPUT');
});

test('payment terms are set and taken away, with what French law holds against them', async () => {
  const acme = await house.firm();
  const rival = await house.firm();
  const customerId = await customerOf(acme);
  const set = async (firm: Visitor, terms: unknown, id = customerId): Promise<unknown> =>
    (await firm.get<{ paymentTermsSet: unknown }>('mutation ($input: PaymentTermsSetInput!) { paymentTermsSet(input: $input) { customer { terms { days endOfMonth fixedDay } } warnings { code latestDueDate } userErrors { code path } } }', { input: { customerId: id, terms } })).paymentTermsSet;
  const lawful = { customer: { terms: { days: 60, endOfMonth: 'NONE', fixedDay: null } }, warnings: [], userErrors: [] };
  expect(await set(acme, { days: 60 })).toEqual(lawful);
  expect(await set(acme, { days: 60 })).toEqual(lawful);
  expect(await set(acme, { days: 61 })).toEqual({ customer: { terms: { days: 61, endOfMonth: 'NONE', fixedDay: null } }, warnings: [{ code: 'OVER_60_DAYS', latestDueDate: '2026-05-30' }], userErrors: [] });
  expect(await set(acme, { days: 46, endOfMonth: 'END_OF_MONTH_THEN_DAYS', fixedDay: 20 })).toEqual({
    customer: { terms: { days: 46, endOfMonth: 'END_OF_MONTH_THEN_DAYS', fixedDay: 20 } }, warnings: [{ code: 'OVER_45_DAYS_END_OF_MONTH', latestDueDate: '2026-05-15' }], userErrors: [],
  });
  expect(await set(acme, { days: 400 })).toEqual({ customer: null, warnings: [], userErrors: [{ code: 'INVALID', path: ['input', 'terms', 'days'] }] });
  for (const id of [customerId, ...NOWHERE]) expect(await set(rival, null, id)).toEqual({ customer: null, warnings: [], userErrors: [{ code: 'NOT_FOUND', path: ['input', 'customerId'] }] });
  expect(await set(acme, null)).toEqual({ customer: { terms: null }, warnings: [], userErrors: [] });
});

test('late penalties are explained line by line, by half-year and by what was open', async () => {
  const acme = await house.firm();
  const rival = await house.firm();
  const customerId = await customerOf(acme);
  const id = await invoice(acme, customerId, 'F-1', '10000', { issueDate: '2024-05-01', dueDate: '2024-06-20' });
  await pay(acme, customerId, 'P-1', '2024-07-20', '4000', ['F-1']);
  const query = 'query ($id: ID!, $asOf: Date, $agreed: Decimal) { invoice(id: $id) { latePenalty(asOf: $asOf, agreedRatePercent: $agreed) { asOf interest { amount } recoveryFee { amount currency } total { amount } lines { from to days openAmount { amount } ratePercent basis interest { amount } } } } }';
  expect(await acme.get(query, { id, asOf: '2024-07-30' })).toEqual({
    invoice: {
      latePenalty: {
        asOf: '2024-07-30', interest: { amount: '141.23' }, recoveryFee: { amount: '40.00', currency: 'EUR' }, total: { amount: '181.23' },
        lines: [
          { from: '2024-06-21', to: '2024-06-30', days: 10, openAmount: { amount: '10000.00' }, ratePercent: '14.50', basis: 'ECB_PLUS_10', interest: { amount: '39.73' } },
          { from: '2024-07-01', to: '2024-07-20', days: 20, openAmount: { amount: '10000.00' }, ratePercent: '14.25', basis: 'ECB_PLUS_10', interest: { amount: '78.08' } },
          { from: '2024-07-21', to: '2024-07-30', days: 10, openAmount: { amount: '6000.00' }, ratePercent: '14.25', basis: 'ECB_PLUS_10', interest: { amount: '23.42' } },
        ],
      },
    },
  });
  expect(await acme.get(query, { id, asOf: '2024-06-21', agreed: '1.5' })).toMatchObject({ invoice: { latePenalty: { interest: { amount: '4.17' }, lines: [{ ratePercent: '15.21', basis: 'LEGAL_FLOOR' }] } } });
  expect(await acme.get(query, { id, asOf: '2024-06-20' })).toEqual({ invoice: { latePenalty: null } });
  // The second half of 2026 has no known rate: nothing is made up.
  expect(await acme.get(query, { id, asOf: '2026-07-01' })).toMatchObject({ invoice: { latePenalty: { interest: null, total: null, recoveryFee: { amount: '40.00' } } } });
  expect((await acme.ask(query, { id, agreed: '-3' })).errors?.[0]?.extensions.code).toBe('BAD_USER_INPUT');
  expect(await rival.get(query, { id })).toEqual({ invoice: null });
  const note = await invoice(acme, customerId, 'A-1', '10', { kind: 'CREDIT_NOTE', issueDate: '2024-05-01', dueDate: '2024-06-20' });
  expect(await acme.get(query, { id: note })).toEqual({ invoice: { latePenalty: null } });
});
