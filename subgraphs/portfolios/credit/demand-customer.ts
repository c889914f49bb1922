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
  await sql`select from portfolios.customer where id = ${customerId} for no key update`.execute(em.getKysely<unknown>());
  const customer = await em.findOne(CustomerTable, { id: customerId });
  if (!customer) throw notFound(path);
  return customer;
}
