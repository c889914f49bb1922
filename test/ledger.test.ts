import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startHouse, Visitor, type FirmVisitor, type TestHouse } from './house.js';

let house: TestHouse;
beforeAll(async () => {
  house = await startHouse();
});
afterAll(() => house[Symbol.asyncDispose]());

interface UserError {
  readonly code: string;
  readonly path: readonly string[];
}

const CUSTOMER_UPSERT = `mutation ($input: CustomerUpsertInput!) { customerUpsert(input: $input) {
  customer { id reference name country registration { scheme value } terms { days endOfMonth fixedDay } creditLimit { amount currency } } userErrors { code path } } }`;
const INVOICE_UPSERT = `mutation ($input: InvoiceUpsertInput!) { invoiceUpsert(input: $input) {
  invoice { id number kind status issueDate dueDate dueDateAssumed amount { amount currency } openAmount { amount } settledOn daysPastDue(asOf: "2026-03-01") daysBeyondTerms customer { reference } } userErrors { code path } } }`;

interface CustomerAnswer {
  readonly customer: { readonly id: string } | null;
  readonly userErrors: readonly UserError[];
}
interface InvoiceAnswer {
  readonly invoice: { readonly id: string; readonly dueDate: string; readonly dueDateAssumed: boolean; readonly status: string; readonly settledOn: string | null } | null;
  readonly userErrors: readonly UserError[];
}

async function upsertCustomer(firm: FirmVisitor, input: Record<string, unknown>): Promise<CustomerAnswer> {
  return (await firm.get<{ customerUpsert: CustomerAnswer }>(CUSTOMER_UPSERT, { input: { name: 'Boulangerie Morel', ...input } })).customerUpsert;
}

async function customerOf(firm: FirmVisitor, input: Record<string, unknown>): Promise<string> {
  const { customer, userErrors } = await upsertCustomer(firm, input);
  expect(userErrors).toEqual([]);
  return customer!.id;
}

async function upsertInvoice(firm: FirmVisitor, customerId: string, number: string, issueDate: string, dueDate: string | undefined, amount: string, more: Record<string, unknown> = {}): Promise<InvoiceAnswer> {
  const input = { customerId, number, issueDate, ...(dueDate !== undefined && { dueDate }), amount: { amount, currency: 'EUR' }, ...more };
  return (await firm.get<{ invoiceUpsert: InvoiceAnswer }>(INVOICE_UPSERT, { input })).invoiceUpsert;
}

test('what is invoiced is outstanding, split at its due date, and only its firm sees it', async () => {
  const acme = await house.firm();
  const rival = await house.firm();
  const customerId = await customerOf(acme, { reference: 'C1', name: 'Zoé Fleurs' });
  expect(await upsertInvoice(acme, customerId, 'F-1', '2026-01-01', '2026-01-31', '100.00')).toMatchObject({
    userErrors: [], invoice: { kind: 'INVOICE', status: 'OPEN', dueDateAssumed: false, openAmount: { amount: '100.00' }, daysPastDue: 29, customer: { reference: 'C1' } },
  });
  await upsertInvoice(acme, customerId, 'F-2', '2026-02-01', '2026-03-01', '50.5');
  const query = `{ customers { totalCount nodes { id name } } portfolio(asOf: "2026-03-01") { currency currencies customerCount openInvoiceCount
    indicators { outstanding { amount currency } notDue { amount } overdue { amount } overdueRatio agedBalance { fromDay toDay amount { amount } invoiceCount } } } }`;
  expect(await acme.get(query)).toEqual({
    customers: { totalCount: 1, nodes: [{ id: customerId, name: 'Zoé Fleurs' }] },
    portfolio: {
      currency: 'EUR', currencies: ['EUR'], customerCount: 1, openInvoiceCount: 2,
      indicators: {
        outstanding: { amount: '150.50', currency: 'EUR' }, notDue: { amount: '50.50' }, overdue: { amount: '100.00' }, overdueRatio: 0.664452,
        agedBalance: [
          { fromDay: null, toDay: 0, amount: { amount: '50.50' }, invoiceCount: 1 },
          { fromDay: 1, toDay: 30, amount: { amount: '100.00' }, invoiceCount: 1 },
          { fromDay: 31, toDay: 60, amount: { amount: '0.00' }, invoiceCount: 0 },
          { fromDay: 61, toDay: 90, amount: { amount: '0.00' }, invoiceCount: 0 },
          { fromDay: 91, toDay: 180, amount: { amount: '0.00' }, invoiceCount: 0 },
          { fromDay: 181, toDay: null, amount: { amount: '0.00' }, invoiceCount: 0 },
        ],
      },
    },
  });
  expect(await rival.get(query)).toMatchObject({ customers: { totalCount: 0, nodes: [] }, portfolio: { currencies: [], customerCount: 0, openInvoiceCount: 0, indicators: { outstanding: { amount: '0.00' } } } });
});

test('a customer sent again changes nothing; what is left out stays, null takes it away', async () => {
  const acme = await house.firm();
  const full = { reference: ' C-7 ', name: 'Atelier Brun', country: 'FR', registration: { scheme: 'SIREN', value: '732 829 320' }, terms: { days: 45, endOfMonth: 'END_OF_MONTH_THEN_DAYS', fixedDay: 10 } };
  const first = await upsertCustomer(acme, full);
  expect(first).toEqual({
    customer: {
      id: first.customer!.id, reference: 'C-7', name: 'Atelier Brun', country: 'FR', registration: { scheme: 'SIREN', value: '732829320' },
      terms: { days: 45, endOfMonth: 'END_OF_MONTH_THEN_DAYS', fixedDay: 10 }, creditLimit: null,
    },
    userErrors: [],
  });
  expect(await upsertCustomer(acme, full)).toEqual(first);
  expect(await upsertCustomer(acme, { reference: 'C-7', name: 'Atelier Brun' })).toEqual(first);
  expect(await upsertCustomer(acme, { reference: 'C-7', name: 'Brun SA', country: null, registration: null, terms: null })).toMatchObject({ customer: { id: first.customer!.id, name: 'Brun SA', country: null, registration: null, terms: null } });
  const answers = await Promise.all(Array.from({ length: 5 }, () => upsertCustomer(acme, { reference: 'at once' })));
  expect(new Set(answers.map((answer) => answer.customer!.id)).size).toBe(1);
  expect(await acme.get('{ customers { totalCount } }')).toEqual({ customers: { totalCount: 2 } });
});

test.each([
  [{ reference: '  ' }, 'INVALID', ['input', 'reference']],
  [{ reference: 'x', name: 'a\u0000b' }, 'INVALID', ['input', 'name']],
  [{ reference: 'x'.repeat(201) }, 'INVALID', ['input', 'reference']],
  [{ reference: 'x', registration: { scheme: 'SIREN', value: '732829321' } }, 'INVALID', ['input', 'registration', 'value']],
  [{ reference: 'x', terms: { days: 366 } }, 'INVALID', ['input', 'terms', 'days']],
  [{ reference: 'x', terms: { days: 30, fixedDay: 32 } }, 'INVALID', ['input', 'terms', 'fixedDay']],
])('a customer with a wrong field is refused: %j', async (input, code, path) => {
  const acme = await house.firm();
  expect(await upsertCustomer(acme, input)).toEqual({ customer: null, userErrors: [{ code, path }] });
  expect(await acme.get('{ customers { totalCount } }')).toEqual({ customers: { totalCount: 0 } });
});

test('a credit limit is set, set again and taken away; zero is a limit', async () => {
  const acme = await house.firm();
  const rival = await house.firm();
  const customerId = await customerOf(acme, { reference: 'C1' });
  const set = (firm: FirmVisitor, limit: unknown, id = customerId): Promise<unknown> =>
    firm.get('mutation ($input: CreditLimitSetInput!) { creditLimitSet(input: $input) { customer { creditLimit { amount currency } } userErrors { code path } } }', { input: { customerId: id, limit } });
  const is = (creditLimit: unknown): unknown => ({ creditLimitSet: { customer: { creditLimit }, userErrors: [] } });
  expect(await set(acme, { amount: '5000', currency: 'EUR' })).toEqual(is({ amount: '5000.00', currency: 'EUR' }));
  expect(await set(acme, { amount: '0', currency: 'JPY' })).toEqual(is({ amount: '0', currency: 'JPY' }));
  expect(await set(acme, { amount: '-1', currency: 'EUR' })).toEqual({ creditLimitSet: { customer: null, userErrors: [{ code: 'INVALID', path: ['input', 'limit', 'amount'] }] } });
  for (const id of [customerId, 'nonsense', '00000000-0000-4000-8000-000000000000']) {
    expect(await set(rival, null, id)).toEqual({ creditLimitSet: { customer: null, userErrors: [{ code: 'NOT_FOUND', path: ['input', 'customerId'] }] } });
  }
  expect(await acme.get('query ($id: ID!) { customer(id: $id) { creditLimit { amount } } }', { id: customerId })).toEqual({ customer: { creditLimit: { amount: '0' } } });
  expect(await set(acme, null)).toEqual(is(null));
});

test('a due date that is not given follows from the terms, and stays when the terms change', async () => {
  const acme = await house.firm();
  const plain = await customerOf(acme, { reference: 'plain' });
  const agreed = await customerOf(acme, { reference: 'agreed', terms: { days: 45, endOfMonth: 'DAYS_THEN_END_OF_MONTH' } });
  expect((await upsertInvoice(acme, plain, 'F-1', '2017-11-08', undefined, '10')).invoice).toMatchObject({ dueDate: '2017-12-08', dueDateAssumed: true });
  const first = await upsertInvoice(acme, agreed, 'F-1', '2011-10-22', undefined, '10');
  expect(first.invoice).toMatchObject({ dueDate: '2011-12-31', dueDateAssumed: true });
  await customerOf(acme, { reference: 'agreed', terms: { days: 10 } });
  expect(await upsertInvoice(acme, agreed, 'F-1', '2011-10-22', undefined, '10')).toEqual(first);
  expect((await upsertInvoice(acme, agreed, 'F-1', '2011-10-23', undefined, '10')).invoice).toMatchObject({ dueDate: '2011-11-02', dueDateAssumed: true });
  expect((await upsertInvoice(acme, agreed, 'F-1', '2011-10-23', '2011-10-23', '10')).invoice).toMatchObject({ dueDate: '2011-10-23', dueDateAssumed: false });
});

test('a due date is previewed with what French law holds against it', async () => {
  const acme = await house.firm();
  const preview = 'query ($terms: PaymentTermsInput!) { dueDatePreview(terms: $terms, issuedOn: "2011-10-05") { dueDate warnings { code latestDueDate } } }';
  expect(await acme.get(preview, { terms: { days: 45, endOfMonth: 'END_OF_MONTH_THEN_DAYS' } })).toEqual({ dueDatePreview: { dueDate: '2011-12-15', warnings: [] } });
  expect(await acme.get(preview, { terms: { days: 61 } })).toEqual({ dueDatePreview: { dueDate: '2011-12-05', warnings: [{ code: 'OVER_60_DAYS', latestDueDate: '2011-12-04' }] } });
  expect((await acme.ask(preview, { terms: { days: -1 } })).errors?.[0]?.extensions.code).toBe('BAD_USER_INPUT');
  expect((await house.nobody.ask(preview, { terms: { days: 1 } })).errors?.[0]?.extensions.code).toBe('UNAUTHENTICATED');
});

test('an invoice sent again changes nothing, another amount corrects it, another kind or currency contradicts it', async () => {
  const acme = await house.firm();
  const customerId = await customerOf(acme, { reference: 'C1' });
  const first = await upsertInvoice(acme, customerId, 'F-1', '2026-01-01', '2026-01-31', '100.00');
  expect(await upsertInvoice(acme, customerId, 'F-1', '2026-01-01', '2026-01-31', '100')).toEqual(first);
  expect((await upsertInvoice(acme, customerId, 'F-1', '2026-01-02', '2026-02-01', '120.5')).invoice).toMatchObject({ id: first.invoice!.id, issueDate: '2026-01-02', dueDate: '2026-02-01', amount: { amount: '120.50' } });
  const refused = async (code: string, path: string[], more: Record<string, unknown>, amount = '120.5'): Promise<void> => {
    expect(await upsertInvoice(acme, customerId, 'F-1', '2026-01-02', '2026-02-01', amount, more)).toEqual({ invoice: null, userErrors: [{ code, path: ['input', ...path] }] });
  };
  await refused('CONFLICT', ['kind'], { kind: 'CREDIT_NOTE' });
  await refused('CONFLICT', ['amount', 'currency'], { amount: { amount: '120.5', currency: 'USD' } });
  await refused('INVALID', ['dueDate'], { dueDate: '2026-01-01' });
  await refused('INVALID', ['amount', 'amount'], {}, '0');
  await refused('INVALID', ['amount', 'amount'], {}, '-5');
  await refused('INVALID', ['amount', 'amount'], {}, '1.005');
  await refused('INVALID', ['amount', 'amount'], { amount: { amount: '1.5', currency: 'JPY' } });
  await refused('INVALID', ['number'], { number: '\n' });
  const answers = await Promise.all(Array.from({ length: 5 }, () => upsertInvoice(acme, customerId, 'at once', '2026-01-01', '2026-01-31', '1')));
  expect(new Set(answers.map((answer) => answer.invoice!.id)).size).toBe(1);
  expect(await acme.get('{ invoices { totalCount nodes { number amount { amount } } } }')).toEqual({
    invoices: { totalCount: 2, nodes: [{ number: 'at once', amount: { amount: '1.00' } }, { number: 'F-1', amount: { amount: '120.50' } }] },
  });
});

const PAYMENT_RECORD = `mutation ($input: PaymentRecordInput!) { paymentRecord(input: $input) {
  invoices { number status openAmount { amount } settledOn daysBeyondTerms } unapplied { amount currency } userErrors { code path } } }`;

interface PaymentAnswer {
  readonly invoices: readonly { readonly number: string; readonly status: string; readonly openAmount: { readonly amount: string }; readonly settledOn: string | null; readonly daysBeyondTerms: number | null }[];
  readonly unapplied: { readonly amount: string; readonly currency: string } | null;
  readonly userErrors: readonly UserError[];
}

async function pay(firm: FirmVisitor, customerId: string, reference: string, receivedOn: string, amount: string, invoiceNumbers?: readonly string[], currency = 'EUR'): Promise<PaymentAnswer> {
  const input = { customerId, reference, receivedOn, amount: { amount, currency }, ...(invoiceNumbers && { invoiceNumbers }) };
  return (await firm.get<{ paymentRecord: PaymentAnswer }>(PAYMENT_RECORD, { input })).paymentRecord;
}

test('a payment settles the named invoices in their order, and what is left is unapplied', async () => {
  const acme = await house.firm();
  const customerId = await customerOf(acme, { reference: 'C1' });
  await upsertInvoice(acme, customerId, 'F-1', '2026-01-01', '2026-01-31', '100');
  await upsertInvoice(acme, customerId, 'F-2', '2026-01-05', '2026-02-04', '60');
  const first = await pay(acme, customerId, 'P-1', '2026-02-10', '130', ['F-2', 'F-1']);
  expect(first).toEqual({
    invoices: [
      { number: 'F-2', status: 'PAID', openAmount: { amount: '0.00' }, settledOn: '2026-02-10', daysBeyondTerms: 6 },
      { number: 'F-1', status: 'PARTLY_PAID', openAmount: { amount: '30.00' }, settledOn: null, daysBeyondTerms: null },
    ],
    unapplied: { amount: '0.00', currency: 'EUR' },
    userErrors: [],
  });
  // Again: nothing changes, nothing is told anew.
  expect(await pay(acme, customerId, 'P-1', '2026-02-10', '130.00', ['F-2', 'F-1'])).toEqual(first);
  for (const [receivedOn, amount, numbers, field] of [['2026-02-11', '130', ['F-2', 'F-1'], 'receivedOn'], ['2026-02-10', '131', ['F-2', 'F-1'], 'amount'], ['2026-02-10', '130', ['F-1', 'F-2'], 'invoiceNumbers']] as const) {
    expect(await pay(acme, customerId, 'P-1', receivedOn, amount, numbers)).toEqual({ invoices: [], unapplied: null, userErrors: [{ code: 'CONFLICT', path: ['input', field] }] });
  }
  // It came in before the other but is recorded after it: the invoice was settled on the later day.
  expect(await pay(acme, customerId, 'P-0', '2026-01-20', '50', ['F-1'])).toMatchObject({ invoices: [{ number: 'F-1', status: 'PAID', settledOn: '2026-02-10', daysBeyondTerms: 10 }], unapplied: { amount: '20.00' } });
  expect(await pay(acme, customerId, 'P-3', '2026-02-12', '7')).toEqual({ invoices: [], unapplied: { amount: '7.00', currency: 'EUR' }, userErrors: [] });
  // The past stays what it was.
  const on = async (asOf: string): Promise<unknown> =>
    (await acme.get<{ portfolio: { indicators: unknown } }>('query ($asOf: Date!) { portfolio(asOf: $asOf) { indicators { outstanding { amount } unapplied { amount } } } }', { asOf })).portfolio.indicators;
  const figures = (outstanding: string, unapplied: string): unknown => ({ outstanding: { amount: outstanding }, unapplied: { amount: unapplied } });
  expect(await on('2025-12-31')).toEqual(figures('0.00', '0.00'));
  expect(await on('2026-01-01')).toEqual(figures('100.00', '0.00'));
  expect(await on('2026-01-19')).toEqual(figures('160.00', '0.00'));
  expect(await on('2026-01-20')).toEqual(figures('130.00', '20.00'));
  expect(await on('2026-02-09')).toEqual(figures('130.00', '20.00'));
  expect(await on('2026-02-10')).toEqual(figures('0.00', '20.00'));
  expect(await on('2026-02-12')).toEqual(figures('0.00', '27.00'));
  // What was applied cannot be taken back by a correction.
  expect((await upsertInvoice(acme, customerId, 'F-1', '2026-01-01', '2026-01-31', '99.99')).userErrors).toEqual([{ code: 'CONFLICT', path: ['input', 'amount', 'amount'] }]);
  expect((await upsertInvoice(acme, customerId, 'F-1', '2026-01-21', '2026-01-31', '100')).userErrors).toEqual([{ code: 'CONFLICT', path: ['input', 'issueDate'] }]);
  expect((await upsertInvoice(acme, customerId, 'F-1', '2026-01-01', '2026-01-31', '101')).invoice).toMatchObject({ status: 'PARTLY_PAID', settledOn: null, openAmount: { amount: '1.00' } });
  expect((await upsertInvoice(acme, customerId, 'F-1', '2026-01-01', '2026-01-31', '100')).invoice).toMatchObject({ status: 'PAID', settledOn: '2026-02-10' });
});

test('a payment that names what it cannot settle is refused as a whole', async () => {
  const acme = await house.firm();
  const rival = await house.firm();
  const customerId = await customerOf(acme, { reference: 'C1' });
  const other = await customerOf(acme, { reference: 'C2' });
  await upsertInvoice(acme, customerId, 'F-1', '2026-01-01', '2026-01-31', '100');
  await upsertInvoice(acme, customerId, 'A-1', '2026-01-01', '2026-01-31', '100', { kind: 'CREDIT_NOTE' });
  await upsertInvoice(acme, other, 'F-9', '2026-01-01', '2026-01-31', '100');
  const refused = (code: string, ...path: string[]): PaymentAnswer => ({ invoices: [], unapplied: null, userErrors: [{ code, path: ['input', ...path] }] });
  expect(await pay(acme, customerId, 'P', '2026-02-01', '150', ['F-1', 'F-9'])).toEqual(refused('NOT_FOUND', 'invoiceNumbers', '1'));
  expect(await pay(acme, customerId, 'P', '2026-02-01', '150', ['F-1', 'A-1'])).toEqual(refused('INVALID', 'invoiceNumbers', '1'));
  expect(await pay(acme, customerId, 'P', '2026-02-01', '150', ['F-1', 'F-1'])).toEqual(refused('INVALID', 'invoiceNumbers', '1'));
  expect(await pay(acme, customerId, 'P', '2026-02-01', '150', ['F-1'], 'USD')).toEqual(refused('INVALID', 'invoiceNumbers', '0'));
  expect(await pay(acme, customerId, 'P', '2026-02-01', '0', ['F-1'])).toEqual(refused('INVALID', 'amount', 'amount'));
  expect(await pay(rival, customerId, 'P', '2026-02-01', '1', ['F-1'])).toEqual(refused('NOT_FOUND', 'customerId'));
  expect(await pay(acme, 'nonsense', 'P', '2026-02-01', '1')).toEqual(refused('NOT_FOUND', 'customerId'));
  expect(await acme.get('{ portfolio(asOf: "2026-02-01") { currencies indicators { outstanding { amount } unapplied { amount } } } }')).toEqual({
    // Only the credit note is unapplied: no payment was kept.
    portfolio: { currencies: ['EUR'], indicators: { outstanding: { amount: '200.00' }, unapplied: { amount: '100.00' } } },
  });
});

test('payments at once never apply more than an invoice, and the same one at once counts once', async () => {
  const acme = await house.firm();
  const customerId = await customerOf(acme, { reference: 'C1' });
  await upsertInvoice(acme, customerId, 'F-1', '2026-01-01', '2026-01-31', '100');
  await upsertInvoice(acme, customerId, 'F-2', '2026-01-01', '2026-01-31', '100');
  const different = await Promise.all(
    Array.from({ length: 8 }, (_, index) => pay(acme, customerId, `P-${index}`, '2026-02-01', '40', index % 2 === 0 ? ['F-1', 'F-2'] : ['F-2', 'F-1'])),
  );
  expect(different.flatMap((answer) => answer.userErrors)).toEqual([]);
  // 320 came in for 200.
  expect(different.reduce((sum, answer) => sum + Number(answer.unapplied!.amount), 0)).toBe(120);
  await upsertInvoice(acme, customerId, 'F-3', '2026-01-01', '2026-01-31', '100');
  const same = await Promise.all(Array.from({ length: 5 }, () => pay(acme, customerId, 'once', '2026-02-01', '30', ['F-3'])));
  expect(new Set(same.map((answer) => JSON.stringify(answer))).size).toBe(1);
  expect(same[0]).toMatchObject({ invoices: [{ openAmount: { amount: '70.00' } }], unapplied: { amount: '0.00' }, userErrors: [] });
  expect(await acme.get('{ portfolio(asOf: "2026-02-01") { indicators { outstanding { amount } unapplied { amount } } } }')).toEqual({
    portfolio: { indicators: { outstanding: { amount: '70.00' }, unapplied: { amount: '120.00' } } },
  });
});

test('a payment in advance is unapplied until the invoice is issued', async () => {
  const acme = await house.firm();
  const customerId = await customerOf(acme, { reference: 'C1' });
  await upsertInvoice(acme, customerId, 'F-1', '2026-03-10', '2026-04-10', '100');
  expect(await pay(acme, customerId, 'P', '2026-03-01', '100', ['F-1'])).toMatchObject({ invoices: [{ settledOn: '2026-03-10', daysBeyondTerms: -31 }] });
  const on = 'query ($asOf: Date!) { portfolio(asOf: $asOf) { indicators { outstanding { amount } unapplied { amount } } } }';
  expect(await acme.get(on, { asOf: '2026-03-05' })).toEqual({ portfolio: { indicators: { outstanding: { amount: '0.00' }, unapplied: { amount: '100.00' } } } });
  expect(await acme.get(on, { asOf: '2026-03-10' })).toEqual({ portfolio: { indicators: { outstanding: { amount: '0.00' }, unapplied: { amount: '0.00' } } } });
});

test("another firm's objects do not exist, by whatever they are named", async () => {
  const acme = await house.firm();
  const rival = await house.firm();
  const registration = { scheme: 'SIREN', value: '732829320' };
  const customerId = await customerOf(acme, { reference: 'C1', registration });
  const invoiceId = (await upsertInvoice(acme, customerId, 'F-1', '2026-01-01', '2026-01-31', '100')).invoice!.id;
  const query = `query ($id: ID!, $invoiceId: ID!, $ref: CustomerRef!) {
    customer(id: $id) { reference } customerBy(ref: $ref) { reference } invoice(id: $invoiceId) { number } invoices(where: { customerId: $id }) { totalCount nodes { number } } }`;
  const nothing = { customer: null, customerBy: null, invoice: null, invoices: { totalCount: 0, nodes: [] } };
  for (const ref of [{ id: customerId }, { reference: 'C1' }, { registration }]) {
    expect(await acme.get(query, { id: customerId, invoiceId, ref })).toEqual({
      customer: { reference: 'C1' }, customerBy: { reference: 'C1' }, invoice: { number: 'F-1' }, invoices: { totalCount: 1, nodes: [{ number: 'F-1' }] },
    });
    expect(await rival.get(query, { id: customerId, invoiceId, ref })).toEqual(nothing);
  }
  expect(await rival.get(query, { id: 'nonsense', invoiceId: 'nonsense', ref: { id: 'nonsense' } })).toEqual(nothing);
  expect(await acme.get(query, { id: 'nonsense', invoiceId: customerId, ref: { registration: { scheme: 'SIREN', value: '1' } } })).toEqual(nothing);
  expect(await upsertInvoice(rival, customerId, 'F-1', '2026-01-01', undefined, '1')).toEqual({ invoice: null, userErrors: [{ code: 'NOT_FOUND', path: ['input', 'customerId'] }] });
  // Both may use the same reference and number; neither learns of the other.
  const own = await customerOf(rival, { reference: 'C1', name: 'Mine' });
  expect((await upsertInvoice(rival, own, 'F-1', '2026-01-01', '2026-01-31', '7')).userErrors).toEqual([]);
  expect(await rival.get('{ customers { nodes { name invoices { nodes { amount { amount } } } } } }')).toEqual({ customers: { nodes: [{ name: 'Mine', invoices: { nodes: [{ amount: { amount: '7.00' } }] } }] } });
});

test('a customer is named in exactly one way', async () => {
  const acme = await house.firm();
  for (const ref of [{}, { reference: 'C1', id: 'x' }, { reference: null }]) {
    const { errors } = await acme.ask('query ($ref: CustomerRef!) { customerBy(ref: $ref) { id } }', { ref });
    expect(errors?.[0]?.extensions.code).toBe('BAD_USER_INPUT');
  }
  const { errors } = await acme.ask('{ customerBy(ref: { reference: "C1", id: "x" }) { id } }');
  expect(errors).toHaveLength(1);
});

/** A customer whose ledger has a part payment, a credit note, a late and an early settlement, and items of every age. */
async function workedLedger(firm: FirmVisitor, reference: string): Promise<string> {
  const customerId = await customerOf(firm, { reference, name: reference });
  for (const [number, issued, due, amount, kind] of [
    ['late', '2026-01-01', '2026-01-31', '110', 'INVOICE'],
    ['early', '2026-02-01', '2026-03-03', '90', 'INVOICE'],
    ['old', '2026-01-10', '2026-02-09', '40', 'INVOICE'],
    ['part', '2026-03-01', '2026-03-31', '100', 'INVOICE'],
    ['fresh', '2026-04-01', '2026-05-01', '60', 'INVOICE'],
    ['credit', '2026-04-02', '2026-04-02', '20', 'CREDIT_NOTE'],
    ['later', '2026-04-20', '2026-05-20', '500', 'INVOICE'],
  ] as const) {
    expect((await upsertInvoice(firm, customerId, number, issued, due, amount, { kind })).userErrors).toEqual([]);
  }
  expect((await pay(firm, customerId, 'P-1', '2026-02-10', '110', ['late'])).userErrors).toEqual([]);
  expect((await pay(firm, customerId, 'P-2', '2026-02-21', '90', ['early'])).userErrors).toEqual([]);
  expect((await pay(firm, customerId, 'P-3', '2026-04-05', '25', ['part'])).userErrors).toEqual([]);
  expect((await pay(firm, customerId, 'P-4', '2026-04-25', '75', ['part'])).userErrors).toEqual([]);
  expect((await pay(firm, customerId, 'P-5', '2026-04-06', '3')).userErrors).toEqual([]);
  return customerId;
}

const INDICATORS = `fragment All on Indicators { asOf currency outstanding { amount } notDue { amount } overdue { amount } overdueRatio unapplied { amount }
  agedBalance(bounds: [15, 60]) { fromDay toDay amount { amount } invoiceCount } dso countback: dso(method: COUNTBACK) bestPossibleDso averageDaysDelinquent
  collectionEffectiveness(from: "2026-03-31") averageDaysBeyondTerms lateShare short: lateShare(days: 50) none: dso(days: 5) }`;

/** On 2026-04-10: old 40 is 60 days past due, part 75 is 10, fresh 60 is not due; what comes on the 20th and 25th is not known yet. */
const WORKED_FIGURES = {
  asOf: '2026-04-10', currency: 'EUR',
  outstanding: { amount: '175.00' }, notDue: { amount: '60.00' }, overdue: { amount: '115.00' }, overdueRatio: 0.657143, unapplied: { amount: '23.00' },
  agedBalance: [
    { fromDay: null, toDay: 0, amount: { amount: '60.00' }, invoiceCount: 1 },
    { fromDay: 1, toDay: 15, amount: { amount: '75.00' }, invoiceCount: 1 },
    { fromDay: 16, toDay: 60, amount: { amount: '40.00' }, invoiceCount: 1 },
    { fromDay: 61, toDay: null, amount: { amount: '0.00' }, invoiceCount: 0 },
  ],
  // Sales of 90 days start on 2026-01-11: 90 + 100 + 60 - 20 = 230. 175 / 230 × 90.
  dso: 68.478261,
  // April 40 of 10 days, March 100 of 31 days, then 35 of February's 90 in 28 days.
  countback: 51.888889,
  bestPossibleDso: 23.478261, averageDaysDelinquent: 45,
  // Open on 2026-03-31: old 40 and part 100. (140 + 40 - 175) / (140 + 40 - 60) × 100.
  collectionEffectiveness: 4.166667,
  // Settled: 110 ten days late, 90 ten days early.
  averageDaysBeyondTerms: 1, lateShare: 0.5, short: 0, none: null,
};

test('indicators of a customer and of a portfolio are exact on a past day, whatever happened since', async () => {
  const acme = await house.firm();
  const id = await workedLedger(acme, 'C1');
  const query = `${INDICATORS} query ($id: ID!) { customer(id: $id) { indicators(asOf: "2026-04-10") { ...All } } portfolio(asOf: "2026-04-10") { openInvoiceCount indicators { ...All } } }`;
  expect(await acme.get(query, { id })).toEqual({ customer: { indicators: WORKED_FIGURES }, portfolio: { openInvoiceCount: 3, indicators: WORKED_FIGURES } });
});

test('every customer of a page has its own figures, and the portfolio their sum', async () => {
  const acme = await house.firm();
  await workedLedger(acme, 'A');
  await customerOf(acme, { reference: 'B', name: 'B' });
  await workedLedger(acme, 'C');
  const query = `${INDICATORS} { customers { nodes { reference indicators(asOf: "2026-04-10") { ...All } invoices(first: 2, orderBy: AMOUNT_DESC) { totalCount nodes { number openAmount(asOf: "2026-04-10") { amount } daysPastDue(asOf: "2026-04-10") } pageInfo { hasNextPage } } } }
    portfolio(asOf: "2026-04-10") { customerCount openInvoiceCount indicators { ...All } } }`;
  const invoices = { totalCount: 7, nodes: [{ number: 'later', openAmount: { amount: '0.00' }, daysPastDue: 0 }, { number: 'late', openAmount: { amount: '0.00' }, daysPastDue: 0 }], pageInfo: { hasNextPage: true } };
  const zero = { amount: '0.00' };
  expect(await acme.get(query)).toEqual({
    customers: {
      nodes: [
        { reference: 'A', indicators: WORKED_FIGURES, invoices },
        {
          reference: 'B',
          indicators: {
            asOf: '2026-04-10', currency: 'EUR', outstanding: zero, notDue: zero, overdue: zero, overdueRatio: null, unapplied: zero,
            agedBalance: WORKED_FIGURES.agedBalance.map((bucket) => ({ ...bucket, amount: zero, invoiceCount: 0 })),
            dso: null, countback: null, bestPossibleDso: null, averageDaysDelinquent: null, collectionEffectiveness: null, averageDaysBeyondTerms: null, lateShare: null, short: null, none: null,
          },
          invoices: { totalCount: 0, nodes: [], pageInfo: { hasNextPage: false } },
        },
        { reference: 'C', indicators: WORKED_FIGURES, invoices },
      ],
    },
    portfolio: {
      customerCount: 3, openInvoiceCount: 6,
      indicators: {
        ...WORKED_FIGURES, outstanding: { amount: '350.00' }, notDue: { amount: '120.00' }, overdue: { amount: '230.00' }, unapplied: { amount: '46.00' },
        agedBalance: [['60.00', '120.00', 2], ['75.00', '150.00', 2], ['40.00', '80.00', 2], ['0.00', '0.00', 0]].map(([, amount, invoiceCount], index) => ({ ...WORKED_FIGURES.agedBalance[index], amount: { amount }, invoiceCount })),
      },
    },
  });
});

test('an amount of another currency is never added to the first', async () => {
  const acme = await house.firm();
  const euros = await customerOf(acme, { reference: 'E' });
  const yen = await customerOf(acme, { reference: 'J' });
  await upsertInvoice(acme, euros, 'F-1', '2026-01-01', '2026-01-31', '100');
  await upsertInvoice(acme, euros, 'F-2', '2026-01-01', '2026-01-31', '50');
  await upsertInvoice(acme, yen, 'F-1', '2026-01-01', '2026-01-31', '0', { amount: { amount: '9000', currency: 'JPY' } });
  const query = 'query ($currency: CurrencyCode) { portfolio(asOf: "2026-02-01", currency: $currency) { currency currencies indicators { outstanding { amount currency } } } customers { nodes { indicators(asOf: "2026-02-01", currency: $currency) { outstanding { amount currency } } } } }';
  const figures = (amount: string, currency: string): unknown => ({ indicators: { outstanding: { amount, currency } } });
  expect(await acme.get(query, {})).toEqual({
    portfolio: { currency: 'EUR', currencies: ['EUR', 'JPY'], indicators: { outstanding: { amount: '150.00', currency: 'EUR' } } },
    customers: { nodes: [figures('150.00', 'EUR'), figures('9000', 'JPY')] },
  });
  expect(await acme.get(query, { currency: 'JPY' })).toEqual({
    portfolio: { currency: 'JPY', currencies: ['EUR', 'JPY'], indicators: { outstanding: { amount: '9000', currency: 'JPY' } } },
    customers: { nodes: [figures('0', 'JPY'), figures('9000', 'JPY')] },
  });
});

test.each([
  ['{ customers(first: 101) { totalCount } }'],
  ['{ customers(first: 0) { totalCount } }'],
  ['{ invoices(first: 1000) { totalCount } }'],
  ['{ customers(after: "nonsense") { totalCount } }'],
  ['{ invoices(after: "W10") { totalCount } }'],
  ['{ portfolio { indicators { agedBalance(bounds: [30, 30]) { toDay } } } }'],
  ['{ portfolio { indicators { dso(days: 0) } } }'],
  ['{ portfolio(asOf: "2026-01-01") { indicators { collectionEffectiveness(from: "2026-01-02") } } }'],
  ['{ portfolio(asOf: "2026-02-30") { currency } }'],
  ['{ portfolio(currency: "XXZ") { currency } }'],
])('%s is refused as bad input', async (query) => {
  const { errors } = await (await house.firm()).ask(query);
  expect(errors?.map((error) => error.extensions.code)).toEqual(['BAD_USER_INPUT']);
});

test.each(['{ customers { totalCount } }', '{ invoices { totalCount } }', '{ portfolio { currency } }', '{ customer(id: "x") { id } }', '{ invoice(id: "x") { id } }'])('nobody reads %s without signing in', async (query) => {
  const { errors } = await house.nobody.ask(query);
  expect(errors?.[0]?.extensions.code).toBe('UNAUTHENTICATED');
});

test('pages stay where they are while customers come and go around them', async () => {
  const acme = await house.firm();
  for (const name of ['b', 'd', 'f', 'h', 'j']) await customerOf(acme, { reference: name, name });
  interface Page {
    readonly customers: { readonly nodes: readonly { readonly name: string }[]; readonly totalCount: number; readonly pageInfo: { readonly hasNextPage: boolean; readonly hasPreviousPage: boolean; readonly endCursor: string | null } };
  }
  const page = (after: string | null, more = ''): Promise<Page> => acme.get<Page>(`query ($after: String) { customers(first: 2, after: $after ${more}) { nodes { name } totalCount pageInfo { hasNextPage hasPreviousPage endCursor } } }`, { after });
  const first = await page(null);
  expect(first.customers).toMatchObject({ nodes: [{ name: 'b' }, { name: 'd' }], totalCount: 5, pageInfo: { hasNextPage: true, hasPreviousPage: false } });
  for (const name of ['a', 'c', 'e']) await customerOf(acme, { reference: name, name });
  const second = await page(first.customers.pageInfo.endCursor);
  expect(second.customers).toMatchObject({ nodes: [{ name: 'e' }, { name: 'f' }], totalCount: 8, pageInfo: { hasNextPage: true, hasPreviousPage: true } });
  expect((await page(second.customers.pageInfo.endCursor)).customers).toMatchObject({ nodes: [{ name: 'h' }, { name: 'j' }], pageInfo: { hasNextPage: false } });
  // A cursor of one order is none of another.
  const { errors } = await acme.ask('query ($after: String) { customers(after: $after, orderBy: OUTSTANDING_DESC) { totalCount } }', { after: first.customers.pageInfo.endCursor });
  expect(errors?.[0]?.extensions.code).toBe('BAD_USER_INPUT');
});

/** A day as far from today, as the house counts days. */
async function daysFromToday(firm: FirmVisitor): Promise<(days: number) => string> {
  const { portfolio } = await firm.get<{ portfolio: { asOf: string } }>('{ portfolio { asOf } }');
  return (days) => Temporal.PlainDate.from(portfolio.asOf).add({ days }).toString();
}

test('customers are found, filtered and ordered by what they owe today', async () => {
  const acme = await house.firm();
  const day = await daysFromToday(acme);
  const owes = async (reference: string, name: string, ...invoices: [due: number, amount: string][]): Promise<void> => {
    const id = await customerOf(acme, { reference, name });
    for (const [index, [due, amount]] of invoices.entries()) await upsertInvoice(acme, id, `F-${index}`, day(-100), day(due), amount);
  };
  await owes('C-1', '100% Coton', [0, '900']);
  await owes('C-2', 'Bois_Clair', [-1, '10'], [21, '20']);
  await owes('C-3', 'Cuir Noir', [-40, '200']);
  await owes('C-4', 'Dentelle');
  await owes('C-5', 'Étain', [-68, '200']);
  const names = async (args: string): Promise<readonly string[]> => {
    const found: string[] = [];
    for (let after: string | null = null; ; ) {
      const { customers }: { customers: { nodes: { name: string }[]; pageInfo: { hasNextPage: boolean; endCursor: string | null } } } = await acme.get(`query ($after: String) { customers(first: 2, after: $after, ${args}) { nodes { name } pageInfo { hasNextPage endCursor } } }`, { after });
      found.push(...customers.nodes.map((node) => node.name));
      after = customers.pageInfo.endCursor;
      if (!customers.pageInfo.hasNextPage) return found;
    }
  };
  expect(await names('orderBy: OUTSTANDING_DESC')).toEqual(['100% Coton', 'Cuir Noir', 'Étain', 'Bois_Clair', 'Dentelle']);
  expect(await names('orderBy: OVERDUE_DESC')).toEqual(['Cuir Noir', 'Étain', 'Bois_Clair', '100% Coton', 'Dentelle']);
  expect(await names('where: { overdue: true }')).toEqual(['Bois_Clair', 'Cuir Noir', 'Étain']);
  expect(await names('where: { overdue: false }')).toEqual(['100% Coton', 'Dentelle']);
  expect(await names('where: { search: "éta" }')).toEqual(['Étain']);
  expect(await names('where: { search: "c-" }')).toEqual(['100% Coton', 'Bois_Clair', 'Cuir Noir', 'Dentelle', 'Étain']);
  // % and _ are letters like any other.
  expect(await names('where: { search: "%" }')).toEqual(['100% Coton']);
  expect(await names('where: { search: "_" }')).toEqual(['Bois_Clair']);
  expect(await names('where: { search: "nobody" }')).toEqual([]);
});

test('invoices are filtered and ordered, a page after the other', async () => {
  const acme = await house.firm();
  const day = await daysFromToday(acme);
  const one = await customerOf(acme, { reference: 'C1' });
  const two = await customerOf(acme, { reference: 'C2' });
  await upsertInvoice(acme, one, 'paid', day(-99), day(-69), '10');
  await upsertInvoice(acme, one, 'late', day(-98), day(-68), '20');
  await upsertInvoice(acme, two, 'today', day(-68), day(0), '15');
  await upsertInvoice(acme, two, 'credit', day(-67), day(-67), '40', { kind: 'CREDIT_NOTE' });
  await upsertInvoice(acme, two, 'tomorrow', day(1), day(31), '30');
  await pay(acme, one, 'P', day(-68), '10', ['paid']);
  const numbers = async (args: string, first = 2): Promise<readonly string[]> => {
    const found: string[] = [];
    for (let after: string | null = null; ; ) {
      const { invoices }: { invoices: { totalCount: number; nodes: { number: string }[]; pageInfo: { hasNextPage: boolean; endCursor: string | null } } } = await acme.get(`query ($after: String) { invoices(first: ${first}, after: $after ${args}) { totalCount nodes { number } pageInfo { hasNextPage endCursor } } }`, { after });
      found.push(...invoices.nodes.map((node) => node.number));
      after = invoices.pageInfo.endCursor;
      if (!invoices.pageInfo.hasNextPage) {
        expect(invoices.totalCount).toBe(found.length);
        return found;
      }
    }
  };
  expect(await numbers('')).toEqual(['paid', 'late', 'credit', 'today', 'tomorrow']);
  expect(await numbers('orderBy: ISSUE_DATE_DESC')).toEqual(['tomorrow', 'credit', 'today', 'late', 'paid']);
  expect(await numbers('orderBy: AMOUNT_DESC', 1)).toEqual(['credit', 'tomorrow', 'late', 'today', 'paid']);
  expect(await numbers('where: { open: true }')).toEqual(['late', 'today']);
  expect(await numbers('where: { open: false }')).toEqual(['paid', 'credit', 'tomorrow']);
  expect(await numbers('where: { overdue: true }')).toEqual(['late']);
  expect(await numbers('where: { overdue: false }')).toEqual(['paid', 'credit', 'today', 'tomorrow']);
  expect(await numbers(`where: { dueFrom: "${day(-68)}", dueTo: "${day(0)}" }`)).toEqual(['late', 'credit', 'today']);
  expect(await numbers(`where: { customerId: "${one}" }`)).toEqual(['paid', 'late']);
  expect(await numbers(`where: { customerId: "${one}", open: true }`)).toEqual(['late']);
  const crossed = await acme.get('query ($one: ID!, $two: ID!) { customer(id: $one) { same: invoices(where: { customerId: $one }) { totalCount } other: invoices(where: { customerId: $two }) { totalCount nodes { number } } } }', { one, two });
  expect(crossed).toEqual({ customer: { same: { totalCount: 2 }, other: { totalCount: 0, nodes: [] } } });
});

test('a key that may only read writes nothing, and one that may only write does not read', async () => {
  const acme = await house.firm();
  const customerId = await customerOf(acme, { reference: 'C1' });
  const keyOf = async (scope: string): Promise<Visitor> => {
    const { apiKeyCreate } = await acme.get<{ apiKeyCreate: { secret: string } }>('mutation ($input: ApiKeyCreateInput!) { apiKeyCreate(input: $input) { secret } }', { input: { name: scope, scopes: [scope] } });
    return new Visitor(house, apiKeyCreate.secret);
  };
  const reader = await keyOf('ledger:read');
  const writer = await keyOf('ledger:write');
  const invoice = { customerId, number: 'F-1', issueDate: '2026-01-01', amount: { amount: '1', currency: 'EUR' } };
  const payment = { customerId, reference: 'P', receivedOn: '2026-01-01', amount: { amount: '1', currency: 'EUR' } };
  const denied = async (visitor: Visitor, query: string, input?: Record<string, unknown>): Promise<void> => {
    const { errors } = await visitor.ask(query, { input });
    expect(errors?.map((error) => error.extensions.code)).toEqual(['FORBIDDEN']);
  };
  await denied(reader, CUSTOMER_UPSERT, { reference: 'C1', name: 'Other' });
  await denied(reader, INVOICE_UPSERT, invoice);
  await denied(reader, PAYMENT_RECORD, payment);
  await denied(reader, 'mutation ($input: CreditLimitSetInput!) { creditLimitSet(input: $input) { userErrors { code } } }', { customerId, limit: { amount: '1', currency: 'EUR' } });
  await denied(writer, 'mutation ($input: CreditLimitSetInput!) { creditLimitSet(input: $input) { userErrors { code } } }', { customerId, limit: { amount: '1', currency: 'EUR' } });
  await denied(writer, '{ customers { totalCount } }');
  await denied(writer, '{ portfolio { customerCount } }');
  // The denials had no effect.
  expect(await reader.get('{ customers { nodes { name creditLimit { amount } } } invoices { totalCount } portfolio(asOf: "2026-01-01") { indicators { unapplied { amount } } } }')).toEqual({
    customers: { nodes: [{ name: 'Boulangerie Morel', creditLimit: null }] }, invoices: { totalCount: 0 }, portfolio: { indicators: { unapplied: { amount: '0.00' } } },
  });
  expect((await writer.ask<{ invoiceUpsert: { userErrors: unknown[] } }>(INVOICE_UPSERT, { input: invoice })).data.invoiceUpsert.userErrors).toEqual([]);
});
