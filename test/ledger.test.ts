import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startHouse, type FirmVisitor, type TestHouse } from './house.js';

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
