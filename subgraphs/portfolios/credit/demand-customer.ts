import type { EntityManager } from '@mikro-orm/postgresql';
import { sql } from 'kysely';
import { notFound } from '../../../src/errors.js';
import { isUuid } from '../../../src/values/opaque-id.js';
import { CustomerTable, type CustomerRow } from '../ledger/customer.table.js';

/**
 * The customer, locked until the transaction ends: what is decided about its credit is decided one after the other.
 * Invoices and payments may come in meanwhile; they do not wait.
 */
export async function demandCustomer(em: EntityManager, customerId: string): Promise<CustomerRow> {
  const path = ['input', 'customerId'];
  if (!isUuid(customerId)) throw notFound(path);
  const customer = await findCustomerLocked(em, customerId);
  if (!customer) throw notFound(path);
  return customer;
}

/** The same for an id that is a uuid; null when the firm has no such customer. */
export async function findCustomerLocked(em: EntityManager, customerId: string): Promise<CustomerRow | null> {
  await sql`select from portfolios.customer where id = ${customerId} for no key update`.execute(em.getKysely<unknown>());
  return em.findOne(CustomerTable, { id: customerId });
}
