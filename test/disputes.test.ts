import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { customerOf, invoice, limit, pay, type UserError } from './bookkeeper.js';
import { startHouse, type TestHouse, type Visitor } from './house.js';

/** The day of everything here. */
const TODAY = '2026-03-31';

let house: TestHouse;
beforeAll(async () => {
  house = await startHouse();
  await house.nobody.get('mutation ($at: DateTime!) { sandboxClockSet(at: $at) }', { at: `${TODAY}T12:00:00.000Z` });
});
afterAll(() => house[Symbol.asyncDispose]());

const NOWHERE = ['nonsense', '00000000-0000-4000-8000-000000000000'];

interface DisputeAnswer {
  readonly dispute: { readonly id: string; readonly openedOn: string; readonly resolvedOn: string | null } | null;
  readonly userErrors: readonly UserError[];
}
const DISPUTE = '{ dispute { id reason responsible note amount { amount currency } openedOn resolvedOn outcome resolutionNote resolutionDays invoice { number } } userErrors { code path } }';

async function contest(firm: Visitor, invoiceId: string, more: Record<string, unknown> = {}): Promise<DisputeAnswer> {
  return (await firm.get<{ disputeOpen: DisputeAnswer }>(`mutation ($input: DisputeOpenInput!) { disputeOpen(input: $input) ${DISPUTE} }`, { input: { invoiceId, reason: 'QUALITY', responsible: 'Sales', ...more } })).disputeOpen;
}

async function resolve(firm: Visitor, id: string, more: Record<string, unknown> = {}): Promise<DisputeAnswer> {
  return (await firm.get<{ disputeResolve: DisputeAnswer }>(`mutation ($input: DisputeResolveInput!) { disputeResolve(input: $input) ${DISPUTE} }`, { input: { id, outcome: 'REJECTED', ...more } })).disputeResolve;
}

interface PromiseAnswer {
  readonly promise: { readonly id: string; readonly status: string } | null;
  readonly userErrors: readonly UserError[];
}

async function promise(firm: Visitor, invoiceIds: readonly string[], promisedOn: string, more: Record<string, unknown> = {}): Promise<PromiseAnswer> {
  return (await firm.get<{ promiseRecord: PromiseAnswer }>(
    'mutation ($input: PromiseRecordInput!) { promiseRecord(input: $input) { promise { id madeOn promisedOn amount { amount } status note invoices { number } } userErrors { code path } } }', { input: { invoiceIds, promisedOn, ...more } },
  )).promiseRecord;
}

/** The codes and paths of refusals. */
function refusals({ userErrors }: { readonly userErrors: readonly UserError[] }): readonly string[] {
  return userErrors.map(({ code, path }) => `${code} ${path.join('.')}`);
}

test('a dispute is opened once and resolved once; the same again changes nothing, anything else contradicts it', async () => {
  const acme = await house.firm();
  const customerId = await customerOf(acme);
  const id = await invoice(acme, customerId, 'F-1', '100');
  await pay(acme, customerId, 'P-1', '2026-03-10', '40', ['F-1']);
  const first = await contest(acme, id, { note: ' Rayures ' });
  expect(first).toEqual({
    dispute: { id: expect.any(String), reason: 'QUALITY', responsible: 'Sales', note: 'Rayures', amount: { amount: '60.00', currency: 'EUR' }, openedOn: TODAY, resolvedOn: null, outcome: null, resolutionNote: null, resolutionDays: null, invoice: { number: 'F-1' } },
    userErrors: [],
  });
  expect(await contest(acme, id, { note: 'Rayures', openedOn: TODAY })).toEqual(first);
  expect(refusals(await contest(acme, id))).toEqual(['CONFLICT input.note']);
  expect(refusals(await contest(acme, id, { note: 'Rayures', reason: 'PRICE' }))).toEqual(['CONFLICT input.reason']);
  expect(refusals(await contest(acme, id, { note: 'Rayures', responsible: 'Depot' }))).toEqual(['CONFLICT input.responsible']);
  expect(refusals(await contest(acme, id, { note: 'Rayures', openedOn: '2026-03-30' }))).toEqual(['CONFLICT input.openedOn']);
  const disputeId = first.dispute!.id;
  expect(refusals(await resolve(acme, disputeId, { resolvedOn: '2026-03-30' }))).toEqual(['INVALID input.resolvedOn']);
  expect(refusals(await resolve(acme, disputeId, { resolvedOn: '2026-04-01' }))).toEqual(['INVALID input.resolvedOn']);
  const resolved = await resolve(acme, disputeId);
  expect(resolved).toMatchObject({ dispute: { resolvedOn: TODAY, outcome: 'REJECTED', resolutionDays: 0 }, userErrors: [] });
  expect(await resolve(acme, disputeId)).toEqual(resolved);
  expect(refusals(await resolve(acme, disputeId, { outcome: 'ACCEPTED' }))).toEqual(['CONFLICT input.outcome']);
  expect(refusals(await resolve(acme, disputeId, { note: 'Autre' }))).toEqual(['CONFLICT input.note']);
  const second = await contest(acme, id, { reason: 'DELIVERY' });
  expect(second.dispute!.id).not.toBe(disputeId);
  expect(await acme.get('query ($id: ID!) { invoice(id: $id) { disputes { reason resolvedOn } } }', { id })).toEqual({ invoice: { disputes: [{ reason: 'DELIVERY', resolvedOn: null }, { reason: 'QUALITY', resolvedOn: TODAY }] } });
});

test('ten disputes at once about one invoice are one', async () => {
  const acme = await house.firm();
  const id = await invoice(acme, await customerOf(acme), 'F-1', '100');
  const answers = await Promise.all(Array.from({ length: 10 }, () => contest(acme, id)));
  expect(new Set(answers.map(({ dispute }) => dispute?.id)).size).toBe(1);
  const others = await Promise.all(Array.from({ length: 10 }, (_, index) => resolve(acme, answers[0]!.dispute!.id, { outcome: index % 2 ? 'ACCEPTED' : 'WITHDRAWN' })));
  expect(others.filter(({ userErrors }) => userErrors.length === 0)).toHaveLength(5);
});

test('what cannot be contested is refused, and nobody meets the disputes of another firm', async () => {
  const acme = await house.firm();
  const rival = await house.firm();
  const customerId = await customerOf(acme);
  const id = await invoice(acme, customerId, 'F-1', '100');
  const note = await invoice(acme, customerId, 'A-1', '100', { kind: 'CREDIT_NOTE' });
  const paid = await invoice(acme, customerId, 'F-2', '100');
  await pay(acme, customerId, 'P-1', '2026-03-10', '100', ['F-2']);
  expect(refusals(await contest(acme, note))).toEqual(['NOT_ALLOWED input.invoiceId']);
  expect(refusals(await contest(acme, paid))).toEqual(['NOT_ALLOWED input.invoiceId']);
  // Before it was paid it could be contested.
  expect(refusals(await contest(acme, paid, { openedOn: '2026-03-09' }))).toEqual([]);
  expect(refusals(await contest(acme, id, { openedOn: '2026-04-01' }))).toEqual(['INVALID input.openedOn']);
  expect(refusals(await contest(acme, id, { openedOn: '2026-02-28' }))).toEqual(['INVALID input.openedOn']);
  expect(refusals(await contest(acme, id, { responsible: ' ' }))).toEqual(['INVALID input.responsible']);
  expect(refusals(await contest(acme, id, { note: 'x'.repeat(2001) }))).toEqual(['INVALID input.note']);
  const { dispute } = await contest(acme, id);
  for (const foreign of [id, ...NOWHERE]) expect(refusals(await contest(rival, foreign))).toEqual(['NOT_FOUND input.invoiceId']);
  for (const foreign of [dispute!.id, ...NOWHERE]) expect(refusals(await resolve(rival, foreign))).toEqual(['NOT_FOUND input.id']);
  expect(await rival.get('{ disputes { nodes { id } } }')).toEqual({ disputes: { nodes: [] } });
  expect(await rival.get('query ($id: ID!) { disputes(where: { customerId: $id }) { nodes { id } } }', { id: customerId })).toEqual({ disputes: { nodes: [] } });
  expect(await acme.get('query ($id: ID!) { disputes(where: { customerId: $id, open: true, reason: QUALITY, responsible: "Sales" }) { nodes { invoice { number } } } }', { id: customerId })).toEqual({ disputes: { nodes: [{ invoice: { number: 'F-2' } }, { invoice: { number: 'F-1' } }] } });
  expect(await acme.get('{ disputes(where: { customerId: "nonsense" }) { nodes { id } } }')).toEqual({ disputes: { nodes: [] } });
  expect(await acme.get('{ disputes(where: { responsible: "a\\u0000b" }) { nodes { id } } }')).toEqual({ disputes: { nodes: [] } });
});

test('disputes are listed page by page, the oldest first', async () => {
  const acme = await house.firm();
  const customerId = await customerOf(acme);
  for (const [number, openedOn] of [['F-1', '2026-03-20'], ['F-2', '2026-03-10'], ['F-3', '2026-03-20']]) await contest(acme, await invoice(acme, customerId, number!, '10'), { openedOn });
  const query = 'query ($after: String) { disputes(first: 2, after: $after) { nodes { invoice { number } } pageInfo { hasNextPage endCursor } } }';
  type Page = { disputes: { nodes: { invoice: { number: string } }[]; pageInfo: { hasNextPage: boolean; endCursor: string } } };
  const first = await acme.get<Page>(query);
  const second = await acme.get<Page>(query, { after: first.disputes.pageInfo.endCursor });
  expect([first, second].map(({ disputes }) => [disputes.nodes.map(({ invoice }) => invoice.number), disputes.pageInfo.hasNextPage])).toEqual([[['F-2', 'F-1'], true], [['F-3'], false]]);
  expect((await acme.ask(query, { after: 'WyJ4IiwieSJd' })).errors?.[0]?.extensions.code).toBe('BAD_USER_INPUT');
});

test('what is disputed is told beside the outstanding, as of any day, and never taken out of it', async () => {
  const acme = await house.firm();
  const customerId = await customerOf(acme);
  const otherId = await customerOf(acme, 'C2');
  const contested = await invoice(acme, customerId, 'F-1', '100', { dueDate: '2026-03-15' });
  await invoice(acme, customerId, 'F-2', '30');
  const dollars = await invoice(acme, customerId, 'F-3', '7', { amount: { amount: '7', currency: 'USD' } });
  const other = await invoice(acme, otherId, 'F-1', '9');
  const { dispute } = await contest(acme, contested, { openedOn: '2026-03-10' });
  await contest(acme, dollars, { openedOn: '2026-03-10' });
  await contest(acme, other, { openedOn: '2026-03-12' });
  await pay(acme, customerId, 'P-1', '2026-03-14', '25', ['F-1']);
  await resolve(acme, dispute!.id, { resolvedOn: '2026-03-20' });
  const query = 'query ($id: ID!, $asOf: Date!) { customer(id: $id) { indicators(asOf: $asOf, currency: "EUR") { outstanding { amount } disputed { amount } agedBalance(bounds: []) { amount { amount } } } } portfolio(asOf: $asOf, currency: "EUR") { indicators { outstanding { amount } disputed { amount } } } }';
  type Figures = { customer: { indicators: { outstanding: { amount: string }; disputed: { amount: string }; agedBalance: { amount: { amount: string } }[] } }; portfolio: { indicators: { outstanding: { amount: string }; disputed: { amount: string } } } };
  const on = async (asOf: string): Promise<unknown> => {
    const { customer, portfolio } = await acme.get<Figures>(query, { id: customerId, asOf });
    return [customer.indicators.outstanding.amount, customer.indicators.disputed.amount, customer.indicators.agedBalance.map(({ amount }) => amount.amount).join(' '), portfolio.indicators.outstanding.amount, portfolio.indicators.disputed.amount];
  };
  expect(await on('2026-03-09')).toEqual(['130.00', '0.00', '130.00 0.00', '139.00', '0.00']);
  expect(await on('2026-03-10')).toEqual(['130.00', '100.00', '130.00 0.00', '139.00', '100.00']);
  expect(await on('2026-03-13')).toEqual(['130.00', '100.00', '130.00 0.00', '139.00', '109.00']);
  expect(await on('2026-03-19')).toEqual(['105.00', '75.00', '30.00 75.00', '114.00', '84.00']);
  // On the day it is resolved it is no longer open.
  expect(await on('2026-03-20')).toEqual(['105.00', '0.00', '30.00 75.00', '114.00', '9.00']);
});

test('a report counts disputes and the days they took, by reason and by who must act', async () => {
  const acme = await house.firm();
  const rival = await house.firm();
  const customerId = await customerOf(acme);
  const cases: readonly (readonly [string, string, string, string, string | null, string?])[] = [
    ['PRICE', 'Sales', '100', '2026-03-01', '2026-03-05'],
    ['PRICE', 'Sales', '200', '2026-03-02', '2026-03-12'],
    ['QUALITY', 'Depot', '50', '2026-03-02', '2026-03-03'],
    ['QUALITY', 'Sales', '25', '2026-03-03', null],
    // Left out: opened outside of the days, in another currency.
    ['QUALITY', 'Sales', '1000', '2026-03-20', '2026-03-21'],
    ['QUALITY', 'Sales', '1000', '2026-03-02', '2026-03-21', 'USD'],
  ];
  for (const [index, [reason, responsible, amount, openedOn, resolvedOn, currency]] of cases.entries()) {
    const { dispute } = await contest(acme, await invoice(acme, customerId, `F-${index}`, amount, { amount: { amount, currency: currency ?? 'EUR' } }), { reason, responsible, openedOn });
    if (resolvedOn) await resolve(acme, dispute!.id, { resolvedOn });
  }
  const statistics = 'statistics { count resolvedCount amount { amount } averageResolutionDays medianResolutionDays }';
  const query = `query ($asOf: Date) { portfolio(currency: "EUR", asOf: $asOf) { disputeReport(from: "2026-03-01", to: "2026-03-19") {
    total { count resolvedCount amount { amount } averageResolutionDays medianResolutionDays } byReason { reason ${statistics} } byResponsible { responsible ${statistics} } } } }`;
  const row = (count: number, resolvedCount: number, amount: string, averageResolutionDays: number | null, medianResolutionDays: number | null): unknown => ({ count, resolvedCount, amount: { amount }, averageResolutionDays, medianResolutionDays });
  expect(await acme.get(query)).toEqual({
    portfolio: {
      disputeReport: {
        total: row(4, 3, '375.00', 5, 4),
        byReason: [{ reason: 'PRICE', statistics: row(2, 2, '300.00', 7, 7) }, { reason: 'QUALITY', statistics: row(2, 1, '75.00', 1, 1) }],
        byResponsible: [{ responsible: 'Sales', statistics: row(3, 2, '325.00', 7, 7) }, { responsible: 'Depot', statistics: row(1, 1, '50.00', 1, 1) }],
      },
    },
  });
  // On a past day only what was known then.
  expect(await acme.get(query, { asOf: '2026-03-02' })).toMatchObject({ portfolio: { disputeReport: { total: row(3, 0, '350.00', null, null) } } });
  expect(await rival.get(query)).toEqual({ portfolio: { disputeReport: { total: row(0, 0, '0.00', null, null), byReason: [], byResponsible: [] } } });
  expect((await acme.ask('{ portfolio { disputeReport(from: "2026-03-02", to: "2026-03-01") { from } } }')).errors?.[0]?.extensions.code).toBe('BAD_USER_INPUT');
});

test('a promise is kept, broken or pending by what was settled by its day', async () => {
  const acme = await house.firm();
  const customerId = await customerOf(acme);
  const first = await invoice(acme, customerId, 'F-1', '100');
  const second = await invoice(acme, customerId, 'F-2', '50');
  const whole = await promise(acme, [first, second], '2026-03-20', { madeOn: '2026-03-05', note: 'par téléphone' });
  expect(whole).toEqual({
    promise: { id: expect.any(String), madeOn: '2026-03-05', promisedOn: '2026-03-20', amount: { amount: '150.00' }, status: 'BROKEN', note: 'par téléphone', invoices: [{ number: 'F-1' }, { number: 'F-2' }] }, userErrors: [],
  });
  expect(await promise(acme, [second, first], '2026-03-20', { note: 'par téléphone', madeOn: '2026-03-05' })).toEqual(whole);
  const statuses = async (days: readonly string[]): Promise<unknown> => {
    const { customer } = await acme.get<{ customer: { promises: Record<string, string>[] } }>(`query ($id: ID!) { customer(id: $id) { promises { ${days.map((day) => `d${day.replaceAll('-', '')}: status(asOf: "${day}")`).join(' ')} } } }`, { id: customerId });
    return customer.promises.map((row) => Object.values(row).join(' '));
  };
  expect(await statuses(['2026-03-05', '2026-03-20', '2026-03-21'])).toEqual(['PENDING PENDING BROKEN']);
  await pay(acme, customerId, 'P-1', '2026-03-20', '100', ['F-1']);
  expect(await statuses(['2026-03-20', '2026-03-21'])).toEqual(['PENDING BROKEN']);
  await pay(acme, customerId, 'P-2', '2026-03-21', '49', ['F-2']);
  expect(await statuses(['2026-03-21', TODAY])).toEqual(['BROKEN BROKEN']);
  await pay(acme, customerId, 'P-3', '2026-03-19', '1', ['F-2']);
  expect(await statuses(['2026-03-19', '2026-03-20', '2026-03-21'])).toEqual(['PENDING PENDING BROKEN']);
});

test('a promise of a part is kept by that part, and a newer promise takes the place of a pending one', async () => {
  const acme = await house.firm();
  const customerId = await customerOf(acme);
  const id = await invoice(acme, customerId, 'F-1', '100');
  expect(refusals(await promise(acme, [id], '2026-04-10', { amount: { amount: '100.01', currency: 'EUR' } }))).toEqual(['INVALID input.amount.amount']);
  expect(await promise(acme, [id], '2026-03-15', { amount: { amount: '40', currency: 'EUR' }, madeOn: '2026-03-05' })).toMatchObject({ promise: { amount: { amount: '40.00' }, status: 'BROKEN' } });
  await pay(acme, customerId, 'P-1', '2026-03-15', '40', ['F-1']);
  const pending = await promise(acme, [id], '2026-04-10');
  expect(pending).toMatchObject({ promise: { amount: { amount: '60.00' }, status: 'PENDING' } });
  expect(await promise(acme, [id], '2026-04-10')).toEqual(pending);
  expect(await promise(acme, [id], '2026-04-20')).toMatchObject({ promise: { status: 'PENDING' } });
  expect(await acme.get('query ($id: ID!) { invoice(id: $id) { promises { promisedOn status } } customer(id: "nonsense") { promises { id } } }', { id })).toEqual({
    invoice: { promises: [{ promisedOn: '2026-04-20', status: 'PENDING' }, { promisedOn: '2026-04-10', status: 'REPLACED' }, { promisedOn: '2026-03-15', status: 'KEPT' }] }, customer: null,
  });
  expect(refusals(await promise(acme, [id], '2026-04-20', { madeOn: '2026-03-20' }))).toEqual(['CONFLICT input.madeOn']);
});

test('what nobody can promise is refused, another firm meets nothing, and many at once are one', async () => {
  const acme = await house.firm();
  const rival = await house.firm();
  const customerId = await customerOf(acme);
  const id = await invoice(acme, customerId, 'F-1', '100');
  const dollars = await invoice(acme, customerId, 'F-2', '7', { amount: { amount: '7', currency: 'USD' } });
  const note = await invoice(acme, customerId, 'A-1', '100', { kind: 'CREDIT_NOTE' });
  const others = await invoice(acme, await customerOf(acme, 'C2'), 'F-1', '100');
  const paid = await invoice(acme, customerId, 'F-3', '100');
  await pay(acme, customerId, 'P-1', '2026-03-10', '100', ['F-3']);
  const day = '2026-04-10';
  expect(refusals(await promise(acme, [], day))).toEqual(['REQUIRED input.invoiceIds']);
  expect(refusals(await promise(acme, [id, id], day))).toEqual(['INVALID input.invoiceIds.1']);
  expect(refusals(await promise(acme, [id, dollars], day))).toEqual(['INVALID input.invoiceIds.1']);
  expect(refusals(await promise(acme, [id, others], day))).toEqual(['INVALID input.invoiceIds.1']);
  expect(refusals(await promise(acme, [note], day))).toEqual(['NOT_ALLOWED input.invoiceIds.0']);
  expect(refusals(await promise(acme, [paid], day))).toEqual(['NOT_ALLOWED input.invoiceIds.0']);
  expect(refusals(await promise(acme, [id], '2026-03-30'))).toEqual(['INVALID input.promisedOn']);
  expect(refusals(await promise(acme, [id], day, { madeOn: '2026-04-01' }))).toEqual(['INVALID input.madeOn']);
  expect(refusals(await promise(acme, [id], day, { madeOn: '2026-02-28' }))).toEqual(['INVALID input.invoiceIds.0']);
  expect(refusals(await promise(acme, [id], day, { amount: { amount: '5', currency: 'USD' } }))).toEqual(['INVALID input.amount.currency']);
  for (const foreign of [id, ...NOWHERE]) expect(refusals(await promise(rival, [foreign], day))).toEqual(['NOT_FOUND input.invoiceIds.0']);
  expect(await acme.get('query ($id: ID!) { customer(id: $id) { promises { id } } }', { id: customerId })).toEqual({ customer: { promises: [] } });
  const answers = await Promise.all(Array.from({ length: 10 }, () => promise(acme, [id], day)));
  expect(new Set(answers.map((answer) => answer.promise?.id)).size).toBe(1);
});

test('disputes and broken promises speak against selling more', async () => {
  const acme = await house.firm();
  const customerId = await customerOf(acme);
  await limit(acme, customerId, '10000');
  const check = async (): Promise<unknown> => {
    const { creditCheck } = await acme.get<{ creditCheck: { decision: string; reasons: { code: string }[] } }>('query ($id: ID!) { creditCheck(customerId: $id, amount: { amount: "1", currency: "EUR" }) { decision reasons { code } } }', { id: customerId });
    return [creditCheck.decision, ...creditCheck.reasons.map(({ code }) => code)].join(' ');
  };
  const first = await invoice(acme, customerId, 'F-1', '100');
  const second = await invoice(acme, customerId, 'F-2', '100');
  await promise(acme, [first], TODAY, { madeOn: '2026-03-05' });
  expect(await check()).toBe('APPROVED');
  await promise(acme, [second], '2026-03-30', { madeOn: '2026-03-05' });
  expect(await check()).toBe('REVIEW BROKEN_PROMISE');
  const { dispute } = await contest(acme, first);
  expect(await check()).toBe('REVIEW DISPUTED BROKEN_PROMISE');
  await contest(acme, second, { reason: 'LITIGATION' });
  expect(await check()).toBe('BLOCKED LITIGATION BROKEN_PROMISE');
  // Once all of it is settled, nothing of a dispute or of a broken promise is left.
  await pay(acme, customerId, 'P-1', TODAY, '100', ['F-2']);
  expect(await check()).toBe('REVIEW DISPUTED');
  await resolve(acme, dispute!.id);
  expect(await check()).toBe('APPROVED');
});
