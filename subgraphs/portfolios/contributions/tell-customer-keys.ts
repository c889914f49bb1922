import type { EntityManager } from '@mikro-orm/postgresql';
import { sql } from 'kysely';
import type { EventData } from '../../../src/events/catalogue.js';
import { record } from '../../../src/events/record.js';
import type { RegistrationScheme } from '../../../src/values/registration.js';
import { blindKey } from './blind-key.js';
import { readTelling } from './read-matching-keys.js';

/** As many customers as one event holds. */
const BATCH = 500;

interface CustomerRow {
  readonly customerId: string;
  readonly told: string | null;
  readonly scheme: RegistrationScheme | null;
  readonly value: string | null;
  readonly soleTrader: boolean;
}

/**
 * Tells community which blind key stands for each of these customers (all, when not named), as far as that changed.
 * A natural person and a customer without registration have none; nor has any other account of the firm for a legal unit
 * of which one account is a natural person. Returns the keys whose invoices are to be counted
 * anew: those the customers had, and those they have now.
 */
export async function tellCustomerKeys(em: EntityManager, firmId: string, matchingKey: Buffer, customerIds: readonly string[] | undefined): Promise<readonly string[]> {
  const db = em.getKysely<unknown>();
  const named = customerIds && [...customerIds];
  const { rows } = await sql<CustomerRow>`
    select c.id as "customerId", k.subject as told, c.registration_scheme as scheme, c.registration_value as value,
      c.sole_trader or exists (select from portfolios.customer twin where twin.sole_trader and twin.legal_unit = c.legal_unit) as "soleTrader"
    from portfolios.customer c left join portfolios.contribution_key k on k.customer_id = c.id
    where ${named ? sql`c.id in (
      select unnest(${named}::uuid[])
      union select twin.id from portfolios.customer one join portfolios.customer twin on twin.legal_unit = one.legal_unit where one.id = any(${named}::uuid[])
    )` : sql`true`}
  `.execute(db);
  const keys = rows.map(({ customerId, scheme, value, soleTrader }) => ({
    customer_id: customerId,
    subject: soleTrader || scheme === null || value === null ? null : blindKey(matchingKey, { scheme, value }),
  }));
  const { rows: renamed } = await sql<{ customerId: string }>`
    insert into portfolios.contribution_key (customer_id, subject)
    select customer_id, subject from jsonb_to_recordset(${JSON.stringify(keys)}::jsonb) as now (customer_id uuid, subject text)
    on conflict (firm_id, customer_id) do update set subject = excluded.subject, seekable_until = null, revision = contribution_key.revision + 1
    where contribution_key.subject is distinct from excluded.subject
    returning customer_id as "customerId"
  `.execute(db);
  const subjects = [...new Set([...rows.map(({ told }) => told), ...keys.map(({ subject }) => subject)].filter((subject) => subject !== null))];
  const moved = await moveSeekableMonths(em, subjects);
  await tellKeys(em, firmId, matchingKey, [...new Set([...renamed.map(({ customerId }) => customerId), ...moved])]);
  return subjects;
}

/** Takes all keys of the firm back: it left, and from now on none of its customers is matched. */
export async function withdrawCustomerKeys(em: EntityManager, firmId: string, matchingKey: Buffer): Promise<void> {
  const { rows } = await sql<{ customerId: string }>`
    update portfolios.contribution_key set subject = null, seekable_until = null, revision = revision + 1
    where subject is not null returning customer_id as "customerId"
  `.execute(em.getKysely<unknown>());
  await tellKeys(em, firmId, matchingKey, rows.map(({ customerId }) => customerId));
}

/**
 * Sets until which month at least three invoices to a customer lie within the last twelve: the month of the third newest
 * one, a year later. Accounts of one legal unit count together. Returns the customers for which it changed.
 */
async function moveSeekableMonths(em: EntityManager, subjects: readonly string[]): Promise<readonly string[]> {
  const { rows } = await sql<{ customerId: string }>`
    with account as materialized (
      select customer_id, subject from portfolios.contribution_key where subject = any(${[...subjects]}::text[])
    ), newest as (
      select a.subject, i.issue_date
      from account a cross join lateral (
        select issue_date from portfolios.invoice
        where customer_id = a.customer_id and kind = 'INVOICE' and not cancelled order by issue_date desc limit 3
      ) as i
    ), third as (
      select subject, (array_agg(issue_date order by issue_date desc))[3] as issue_date from newest group by subject
    ), seekable as (
      select a.customer_id, to_char(t.issue_date + interval '12 months', 'YYYY-MM') as until from account a left join third t using (subject)
    )
    update portfolios.contribution_key k set seekable_until = s.until, revision = k.revision + 1
    from seekable s where s.customer_id = k.customer_id and k.seekable_until is distinct from s.until
    returning k.customer_id as "customerId"
  `.execute(em.getKysely<unknown>());
  return rows.map(({ customerId }) => customerId);
}

async function tellKeys(em: EntityManager, firmId: string, matchingKey: Buffer, customerIds: readonly string[]): Promise<void> {
  if (customerIds.length === 0) return;
  const { exchange, keysOf } = await readTelling(em, matchingKey);
  for (let start = 0; start < customerIds.length; start += BATCH) {
    const { rows: customers } = await sql<EventData<'customer.keyed'>['customers'][number]>`
      select customer_id as "customerId", subject, seekable_until as "seekableUntil", revision::int as revision
      from portfolios.contribution_key where customer_id = any(${customerIds.slice(start, start + BATCH)}::uuid[])
    `.execute(em.getKysely<unknown>());
    const keyed = customers.map((customer) => (customer.subject === null ? customer : { ...customer, ...keysOf(customer.subject) }));
    await record(em, firmId, 'customer.keyed', { exchange, customers: keyed });
  }
}
