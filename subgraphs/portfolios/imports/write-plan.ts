import type { EntityManager } from '@mikro-orm/postgresql';
import { sql, type RawBuilder } from 'kysely';
import { markContributionsDue, tellLedgerChanges, tellInvoices } from '../ledger/tell-ledger-change.js';
import type { MergeProgress } from './merge-progress.js';
import { newInvoices, type StagedImport } from './plan-import.js';

/** What PostgreSQL calls a key that is there already. */
const UNIQUE_VIOLATION = '23505';

/** The ledger moved between the plan and its lock: the merge is to be planned anew. */
export class LedgerMoved extends Error {}

/** Writes what `planImport` found into the ledger and tells what changed, in the same transaction. */
export async function writePlan(em: EntityManager, firmId: string, job: StagedImport, progress: MergeProgress): Promise<void> {
  await writeCustomers(em);
  await lockPlanned(em);
  await insertInvoices(em, firmId, job, progress);
  await restateSettlements(em);
  await progress.reach('CHANGES', 0.3);
  await updateInvoices(em);
  await closeMissing(em, job);
  await tellLedgerChanges(em, firmId, sql`select invoice_id, customer_id from import_plan union all select invoice_id, customer_id from import_closed`);
  await progress.reach('CHANGES');
}

async function writeCustomers(em: EntityManager): Promise<void> {
  const db = em.getKysely<unknown>();
  await unlessTaken('a customer', sql`
    insert into portfolios.customer (id, reference, name, country, registration_scheme, registration_value)
    select customer_id, reference, coalesce(name, reference), country, registration_scheme, registration_value from import_customer where is_new order by reference
  `.execute(db));
  // A name may say that a customer is a natural person: its blind key then changes as with its registration.
  const { rows: renamed } = await sql<{ id: string }>`
    update portfolios.customer c set name = coalesce(k.name, c.name), country = coalesce(k.country, c.country),
      registration_scheme = coalesce(k.registration_scheme, c.registration_scheme), registration_value = coalesce(k.registration_value, c.registration_value)
    from import_customer k where c.id = k.customer_id and (k.facts_differ or k.registration_differs)
    returning c.id
  `.execute(db);
  if (renamed.length > 0) await markContributionsDue(em, renamed.map(({ id }) => id));
}

/** What is inserted is new to the plan. If another writer was faster, its unique key says so. */
export async function unlessTaken<Done>(what: string, insert: Promise<Done>): Promise<Done> {
  try {
    return await insert;
  } catch (error) {
    if ((error as { code?: unknown }).code === UNIQUE_VIOLATION) throw new LedgerMoved(`${what} of the plan came in by another way`);
    throw error;
  }
}

/** Locks what the plan changes, in one order for all, and makes sure that it is still what was compared. */
async function lockPlanned(em: EntityManager): Promise<void> {
  const { rows } = await sql<{ moved: number }>`
    with locked as (
      select i.id, i.revision from portfolios.invoice i where i.id in (select invoice_id from import_plan) order by i.id for update
    ) select count(*)::int as moved from locked join import_plan p on p.invoice_id = locked.id where p.revision <> locked.revision
  `.execute(em.getKysely<unknown>());
  if (rows[0]!.moved > 0) throw new LedgerMoved('an invoice of the plan changed meanwhile');
}

/** Takes in the invoices that the ledger does not have, with what is settled of them. */
async function insertInvoices(em: EntityManager, firmId: string, job: StagedImport, progress: MergeProgress): Promise<void> {
  const db = em.getKysely<unknown>();
  await unlessTaken('an invoice', sql`
    insert into portfolios.invoice (id, customer_id, number, kind, issue_date, due_date, due_date_assumed, currency, amount_minor, applied_minor, settled_on)
    select n.invoice_id, n.owner_id, n.number, n.kind, n.issue_date, n.due_date, n.due_date_assumed, n.currency, n.amount_minor, n.stated_target,
      case when n.stated_target = n.amount_minor then n.stated_day end
    from (${newInvoices(job)}) n where ${progress.passing('INVOICES', sql`n.line`, sql`n.owner_id`)}
  `.execute(db));
  await progress.reach('INVOICES');
  await sql`
    insert into portfolios.application (customer_id, invoice_id, applied_on, amount_minor)
    select n.owner_id, n.invoice_id, n.stated_day, n.stated_target from (${newInvoices(job)}) n
    where n.stated_target > 0 and ${progress.passing('SETTLEMENTS', sql`n.line`, sql`n.owner_id`)}
  `.execute(db);
  await progress.reach('SETTLEMENTS');
  await tellInvoices(em, firmId, sql`
    select n.invoice_id, n.owner_id as customer_id, n.currency, case n.kind when 'INVOICE' then n.amount_minor else 0 end as amount_minor,
      case n.kind when 'INVOICE' then n.amount_minor - n.stated_target else 0 end as open_minor, case n.kind when 'INVOICE' then 0 else n.amount_minor end as credited_minor, n.issue_date, n.due_date,
      case when n.stated_target = n.amount_minor then n.stated_day end as settled_on, 1 as revision
    from (${newInvoices(job)}) n
  `);
  await progress.reach('TELL');
}

/** Makes the applications without a source what the file says, newest first where it takes back. */
async function restateSettlements(em: EntityManager): Promise<void> {
  const db = em.getKysely<unknown>();
  const unsourced = sql`a.receipt_id is null and a.credit_note_id is null`;
  // A day of settlement stands for the whole of what files said before.
  await sql`
    delete from portfolios.application a using import_plan p
    where a.invoice_id = p.invoice_id and ${unsourced} and p.settled_on is not null and (p.day_moved or p.stated <> p.stated_target)
  `.execute(db);
  await sql`
    with placed as (
      select a.id, a.amount_minor, p.stated_target, sum(a.amount_minor) over (partition by a.invoice_id order by a.applied_on, a.id) - a.amount_minor as before
      from portfolios.application a join import_plan p on p.invoice_id = a.invoice_id
      where p.settled_on is null and p.stated_target < p.stated and ${unsourced}
    ), gone as (
      delete from portfolios.application a using placed where a.id = placed.id and placed.before >= placed.stated_target
    )
    update portfolios.application a set amount_minor = placed.stated_target - placed.before
    from placed where a.id = placed.id and placed.before < placed.stated_target and placed.before + placed.amount_minor > placed.stated_target
  `.execute(db);
  await sql`
    update portfolios.application a set applied_on = p.issue_date from import_plan p
    where a.invoice_id = p.invoice_id and ${unsourced} and a.applied_on < p.issue_date
  `.execute(db);
  await sql`
    insert into portfolios.application (customer_id, invoice_id, applied_on, amount_minor)
    select p.customer_id, p.invoice_id, p.stated_day, case when p.settled_on is not null then p.stated_target else p.stated_target - p.stated end
    from import_plan p
    where case when p.settled_on is not null then p.stated_target > 0 and (p.day_moved or p.stated <> p.stated_target) else p.stated_target > p.stated end
  `.execute(db);
}

/** As a subquery the last day on which something was applied to each of the documents, or by it where it is a credit note. `documents` selects their ids. */
export function lastDays(documents: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`
    select document_id, max(applied_on) as day from (
      select a.invoice_id as document_id, a.applied_on from portfolios.application a where a.invoice_id in (${documents})
      union all select a.credit_note_id, a.applied_on from portfolios.application a where a.credit_note_id in (${documents})
    ) a group by document_id
  `;
}

async function updateInvoices(em: EntityManager): Promise<void> {
  await sql`
    with last as materialized (${lastDays(sql`select invoice_id from import_plan where sourced + stated_target = amount_minor`)})
    update portfolios.invoice i set issue_date = p.issue_date, due_date = p.due_date, due_date_assumed = p.due_date_assumed, amount_minor = p.amount_minor,
      applied_minor = p.sourced + p.stated_target, cancelled = false, revision = i.revision + 1, settled_on = last.day
    from import_plan p left join last on last.document_id = p.invoice_id where p.invoice_id = i.id
  `.execute(em.getKysely<unknown>());
}

/**
 * A snapshot lists everything that is open: what it lacks is settled on the business day of the import, never before it
 * was issued. A refused row keeps its invoice from that. Where a refused row does not say which invoice it means, nothing
 * is closed, and a rejection says so. Credit notes are closed only by a file that has a column for kinds.
 */
async function closeMissing(em: EntityManager, job: StagedImport): Promise<void> {
  const db = em.getKysely<unknown>();
  await sql`create temp table import_closed (invoice_id uuid, customer_id uuid, minor bigint, day date) on commit drop`.execute(db);
  if (job.mode !== 'SNAPSHOT' || job.unreadableRows > 0) return;
  await sql`
    insert into import_closed
    select i.id, i.customer_id, i.amount_minor - i.applied_minor, greatest(${job.businessDay}::date, i.issue_date)
    from portfolios.invoice i join portfolios.customer c on c.id = i.customer_id
    where i.settled_on is null and not i.cancelled and (i.kind = 'INVOICE' or ${job.fields.includes('INVOICE_KIND')})
      and not exists (select from portfolios.import_row r where r.job_id = ${job.id} and r.reference = c.reference and r.number = i.number)
    order by i.id for update of i
  `.execute(db);
  await sql`insert into portfolios.application (customer_id, invoice_id, applied_on, amount_minor) select customer_id, invoice_id, day, minor from import_closed`.execute(db);
  await sql`
    with last as materialized (${lastDays(sql`select invoice_id from import_closed`)})
    update portfolios.invoice i set applied_minor = i.amount_minor, revision = i.revision + 1, settled_on = last.day
    from import_closed closed join last on last.document_id = closed.invoice_id where closed.invoice_id = i.id
  `.execute(db);
}
