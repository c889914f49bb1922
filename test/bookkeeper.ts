import { expect } from '@jest/globals';
import type { Visitor } from './house.js';

/** Fills a ledger through the public door; what is refused fails the test. */

export interface UserError {
  readonly code: string;
  readonly path: readonly string[];
}

export async function customerOf(firm: Visitor, reference = 'C1'): Promise<string> {
  const { customerUpsert } = await firm.get<{ customerUpsert: { customer: { id: string } } }>('mutation ($input: CustomerUpsertInput!) { customerUpsert(input: $input) { customer { id } } }', { input: { reference, name: reference } });
  return customerUpsert.customer.id;
}

export async function invoice(firm: Visitor, customerId: string, number: string, amount: string, more: Record<string, unknown> = {}): Promise<string> {
  const input = { customerId, number, issueDate: '2026-03-01', dueDate: '2026-04-30', amount: { amount, currency: 'EUR' }, ...more };
  const { invoiceUpsert } = await firm.get<{ invoiceUpsert: { invoice: { id: string } | null; userErrors: readonly UserError[] } }>(
    'mutation ($input: InvoiceUpsertInput!) { invoiceUpsert(input: $input) { invoice { id } userErrors { code path } } }', { input },
  );
  expect(invoiceUpsert.userErrors).toEqual([]);
  return invoiceUpsert.invoice!.id;
}

export async function pay(firm: Visitor, customerId: string, reference: string, receivedOn: string, amount: string, invoiceNumbers: readonly string[]): Promise<void> {
  const { paymentRecord } = await firm.get<{ paymentRecord: { userErrors: readonly UserError[] } }>(
    'mutation ($input: PaymentRecordInput!) { paymentRecord(input: $input) { userErrors { code path } } }', { input: { customerId, reference, receivedOn, amount: { amount, currency: 'EUR' }, invoiceNumbers } },
  );
  expect(paymentRecord.userErrors).toEqual([]);
}

export async function limit(firm: Visitor, customerId: string, amount: string | null, currency = 'EUR'): Promise<void> {
  await firm.get('mutation ($input: CreditLimitSetInput!) { creditLimitSet(input: $input) { userErrors { code } } }', { input: { customerId, limit: amount === null ? null : { amount, currency } } });
}
