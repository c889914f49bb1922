import type { EntityManager } from '@mikro-orm/postgresql';
import { sql } from 'kysely';
import type { StagedImport } from './plan-import.js';
import { LedgerMoved } from './write-plan.js';

/**
 * Books may letter anew what they had lettered otherwise. A file that holds the whole of what a receipt settles (`whole`), or
 * a credit note of its own, takes back what books said of it before and it says no more: into `import_stale`, which is empty
 * for other files. Books until a later day than this file's keep their word, and what a person applied always stays.
 */
export async function findStale(em: EntityManager, job: StagedImport): Promise<void> {
  const db = em.getKysely<unknown>();
  await sql`
    create temp table import_stale on commit drop as
    with said as (
      select reference, receipt_reference, credit_note_number, invoice_number, sum(amount_minor) as minor
      from portfolios.import_application where job_id = ${sql.lit(job.id)} group by reference, receipt_reference, credit_note_number, invoice_number
    ), sources as (
      select p.line, p.reference, p.receipt_reference, null as credit_note_number, p.receipt_id, null::uuid as credit_note_id
      from import_receipt_plan p where p.whole and not p.is_new
      union all
      select r.line, r.reference, null, r.number, null, n.id
      from portfolios.import_row r join portfolios.customer c on c.reference = r.reference join portfolios.invoice n on n.customer_id = c.id and n.number = r.number
      where r.job_id = ${sql.lit(job.id)} and r.accepted and r.kind = 'CREDIT_NOTE'
    ), booked as (
      -- Joined as sets: an index is not found by what statistics say of a firm that is new to them.
      select s.*, a.id, a.invoice_id, a.receipt_id as by_receipt, a.credit_note_id as by_credit_note, a.customer_id, a.amount_minor, a.said_until
      from sources s join portfolios.application a on a.receipt_id = s.receipt_id where a.said_until is not null
      union all
      select s.*, a.id, a.invoice_id, a.receipt_id, a.credit_note_id, a.customer_id, a.amount_minor, a.said_until
      from sources s join portfolios.application a on a.credit_note_id = s.credit_note_id where a.said_until is not null
    ), settled as (
      select a.invoice_id, coalesce(a.receipt_id, a.credit_note_id) as source_id, sum(a.amount_minor) as minor
      from portfolios.application a where a.invoice_id in (select invoice_id from booked) group by a.invoice_id, coalesce(a.receipt_id, a.credit_note_id)
    )
    select a.id, a.line, a.invoice_id, a.by_receipt as receipt_id, a.by_credit_note as credit_note_id, a.customer_id, a.amount_minor
    from booked a
    join portfolios.invoice i on i.id = a.invoice_id
    join settled on settled.invoice_id = a.invoice_id and settled.source_id = coalesce(a.by_receipt, a.by_credit_note)
    left join said on said.reference = a.reference and said.invoice_number = i.number
      and coalesce(said.receipt_reference, '') = coalesce(a.receipt_reference, '') and coalesce(said.credit_note_number, '') = coalesce(a.credit_note_number, '')
    where a.said_until <= (select max(entry_day) from portfolios.import_entry where job_id = ${sql.lit(job.id)}) and coalesce(said.minor, 0) < settled.minor
  `.execute(db);
}

/** Takes back what `findStale` found; its rows are locked by the caller. */
export async function takeBackStale(em: EntityManager): Promise<void> {
  const db = em.getKysely<unknown>();
  const { rows } = await sql<{ stale: number; gone: number }>`
    with gone as (delete from portfolios.application a using import_stale s where a.id = s.id and a.amount_minor = s.amount_minor returning a.id)
    select (select count(*) from gone)::int as gone, (select count(*) from import_stale)::int as stale
  `.execute(db);
  if (rows[0]!.gone !== rows[0]!.stale) throw new LedgerMoved('an application of the plan changed meanwhile');
  if (rows[0]!.stale === 0) return;
  await sql`
    update portfolios.receipt r set applied_minor = r.applied_minor - back.minor
    from (select receipt_id, sum(amount_minor) as minor from import_stale where receipt_id is not null group by receipt_id) back where r.id = back.receipt_id
  `.execute(db);
  await sql`
    update portfolios.invoice i set applied_minor = i.applied_minor - back.minor, settled_on = null, revision = i.revision + 1
    from (
      select document_id, sum(amount_minor) as minor
      from (select invoice_id as document_id, amount_minor from import_stale union all select credit_note_id, amount_minor from import_stale where credit_note_id is not null) taken group by document_id
    ) back where i.id = back.document_id
  `.execute(db);
}
