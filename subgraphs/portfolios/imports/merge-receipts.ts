import type { EntityManager } from '@mikro-orm/postgresql';
import { sql } from 'kysely';
import { tellLedgerChanges } from '../ledger/tell-ledger-change.js';
import type { PlanCounts, StagedImport } from './plan-import.js';
import { REJECTION_CODES, type RejectionCode } from './rejection.js';
import { findStale, takeBackStale } from './restate-matches.js';
import { LedgerMoved } from './write-plan.js';

/**
 * How a format brings in receipts: it stages them as `STAGED_RECEIPT` rows while the file is read, or inserts them into
 * `import_receipt` before the merge (`turn-staged.ts`), and what they settle into `import_application`: one row says that
 * so much of an invoice is settled by a receipt, or by a credit note, of the same customer, named as the file names them.
 * The invoices may come from the same file. The merge then calls `planReceipts` (`undefined`: there are none) and, unless it is a dry run, `writeReceipts`.
 *
 * A receipt is known by its reference: within its customer, or within the firm when `unique_in_firm`. The same again changes
 * nothing; another day, currency or amount is refused (`CONTRADICTS_RECEIPT`). A receipt of nobody becomes its customer's
 * once a file can say whose it is; one that somebody gave to a customer stays there.
 *
 * A match states the whole of what the pair settles, so the same file again adds nothing. It is never more than the receipt
 * has left and the invoice has open. What earlier files only stated as settled, without saying by what, gives way to it: a
 * firm that imports its invoices with their days of settlement, and later the payments themselves, is not paid twice. What
 * books said before of a receipt that a file names as `whole`, and this file says no more, is taken back.
 */
export async function planReceipts(em: EntityManager, job: StagedImport): Promise<PlanCounts | undefined> {
  const db = em.getKysely<unknown>();
  const { rows } = await sql<{ any: boolean }>`
    select exists (select from portfolios.import_receipt where job_id = ${job.id}) or exists (select from portfolios.import_application where job_id = ${job.id}) as any
  `.execute(db);
  if (!rows[0]!.any) return undefined;
  await sql`
    create temp table import_receipt_plan (line int, reference text, name text, receipt_reference text, received_on date, currency text, amount_minor bigint,
      whole boolean, receipt_id uuid, is_new boolean, found boolean, contradiction text) on commit drop
  `.execute(db);
  await sql`
    create temp table import_match (id int generated always as identity, line int, reference text, receipt_reference text, credit_note_number text, invoice_number text, applied_on date,
      wanted bigint, customer_id uuid, invoice_id uuid, receipt_id uuid, credit_note_id uuid, existing bigint, granted bigint) on commit drop
  `.execute(db);
  await compareReceipts(em, job);
  const refused = await refuseReceipts(em, job);
  await findStale(em, job);
  await compareMatches(em, job);
  return { refused, changed: await countChanged(em) };
}

/** Each receipt of the file, its first row, beside what the ledger knows under its reference. */
async function compareReceipts(em: EntityManager, job: StagedImport): Promise<void> {
  await sql`
    insert into import_receipt_plan
    select s.line, s.reference, s.name, s.receipt_reference, s.received_on, s.currency, s.amount_minor, s.whole, coalesce(known.id, uuidv7()), known.id is null,
      -- Somebody's at last: what came in as nobody's.
      known.id is not null and known.customer_id is null and c.id is not null,
      case
        when s.id <> s.first_id then case when s.same then 'SAME' else 'CONTRADICTS_EARLIER_ROW' end
        when (known.received_on, known.currency, known.amount_minor) is distinct from (s.received_on, s.currency, s.amount_minor) and known.id is not null then 'CONTRADICTS_RECEIPT'
      end
    from (
      select r.*, first_value(id) over same_receipt as first_id,
        (received_on, currency, amount_minor) is not distinct from
          (first_value(received_on) over same_receipt, first_value(currency) over same_receipt, first_value(amount_minor) over same_receipt) as same
      from portfolios.import_receipt r where job_id = ${job.id}
      window same_receipt as (partition by case when unique_in_firm then null else reference end, receipt_reference order by line, id)
    ) s
    left join portfolios.customer c on c.reference = s.reference
    left join lateral (
      select r.* from portfolios.receipt r where r.reference = s.receipt_reference and (s.unique_in_firm or r.customer_id is not distinct from c.id)
        and (s.unique_in_firm or (s.reference is null) = (c.id is null))
      order by r.id limit 1
    ) known on true
  `.execute(em.getKysely<unknown>());
}

/** Refuses what contradicts the file or the ledger, and keeps one row of each receipt. */
async function refuseReceipts(em: EntityManager, job: StagedImport): Promise<number> {
  const db = em.getKysely<unknown>();
  const say = (code: RejectionCode): string => `The row is not taken: ${REJECTION_CODES[code]}.`;
  const { rows } = await sql<{ count: number }>`
    with refused as (
      delete from import_receipt_plan where contradiction is not null returning line, contradiction
    ), told as (
      insert into portfolios.import_rejection (job_id, line, position, column_name, value, code, message)
      select ${job.id}, line, 1, null, null, contradiction,
        case contradiction when 'CONTRADICTS_RECEIPT' then ${say('CONTRADICTS_RECEIPT')} else ${say('CONTRADICTS_EARLIER_ROW')} end
      from refused where contradiction <> 'SAME'
    ) select count(*)::int as count from refused where contradiction <> 'SAME'
  `.execute(db);
  await sql`analyze import_receipt_plan`.execute(db);
  return rows[0]!.count;
}

/** The pairs that the file settles more of than the ledger has. What is not in the ledger yet has no id. */
async function compareMatches(em: EntityManager, job: StagedImport): Promise<void> {
  const db = em.getKysely<unknown>();
  await sql`
    insert into import_match (line, reference, receipt_reference, credit_note_number, invoice_number, applied_on, wanted, customer_id, invoice_id, receipt_id, credit_note_id, existing, granted)
    select said.line, said.reference, said.receipt_reference, said.credit_note_number, said.invoice_number, said.applied_on, said.wanted,
      c.id, i.id, r.receipt_id, n.id, coalesce(applied.minor, 0), 0
    from (
      select min(line) as line, reference, receipt_reference, credit_note_number, invoice_number, max(applied_on) as applied_on, sum(amount_minor)::bigint as wanted
      from portfolios.import_application where job_id = ${job.id} group by reference, receipt_reference, credit_note_number, invoice_number
    ) said
    left join portfolios.customer c on c.reference = said.reference
    left join portfolios.invoice i on i.customer_id = c.id and i.number = said.invoice_number
    left join portfolios.invoice n on n.customer_id = c.id and n.number = said.credit_note_number
    left join import_receipt_plan r on r.reference = said.reference and r.receipt_reference = said.receipt_reference
    left join lateral (
      select sum(a.amount_minor) as minor from portfolios.application a where a.invoice_id = i.id and (a.receipt_id = r.receipt_id or a.credit_note_id = n.id)
        and not exists (select from import_stale stale where stale.id = a.id)
    ) applied on true
    where said.wanted > coalesce(applied.minor, 0) and (said.receipt_reference is null or r.receipt_id is not null)
  `.execute(db);
  await sql`analyze import_match`.execute(db);
  await grant(em);
}

/**
 * Lets each match have what its source has left, then what its invoice has open; both in the order of the file. What is
 * only stated as settled counts as left and as open. What the ledger does not have yet is not held against anything.
 *
 * Each row is looked up by its key, which `limit 1` makes sure of: of rows that this very transaction inserted PostgreSQL has
 * no statistics, and it would join them all with all.
 */
async function grant(em: EntityManager): Promise<void> {
  const db = em.getKysely<unknown>();
  const statedOf = (id: string) => sql`(select coalesce(sum(a.amount_minor), 0) from portfolios.application a where a.invoice_id = ${sql.ref(id)} and a.receipt_id is null and a.credit_note_id is null)`;
  await sql`
    with sourced as (
      select m.id, m.line, m.invoice_id, m.invoice_number, m.reference, m.wanted - m.existing as due,
        coalesce(r.amount_minor - r.applied_minor, n.amount_minor - n.applied_minor + ${statedOf('n.id')}, m.wanted) as has,
        sum(m.wanted - m.existing) over (partition by m.reference, m.receipt_reference, m.credit_note_number order by m.line, m.invoice_number) - (m.wanted - m.existing) as before
      from import_match m
      left join lateral (select * from portfolios.receipt where id = m.receipt_id limit 1) r on true
      left join lateral (select * from portfolios.invoice where id = m.credit_note_id and kind = 'CREDIT_NOTE' and not cancelled limit 1) n on true
    ), given as (
      select s.*, greatest(least(due, has - before), 0) as gives from sourced s
    ), taken as (
      select g.id, g.gives, case when g.invoice_id is null then g.due when i.id is null then 0 else i.amount_minor - i.applied_minor + ${statedOf('i.id')} end as open,
        sum(g.gives) over (partition by g.reference, g.invoice_number order by g.line, g.id) - g.gives as before
      from given g left join lateral (select * from portfolios.invoice where id = g.invoice_id and kind = 'INVOICE' and not cancelled limit 1) i on true
    )
    update import_match m set granted = greatest(least(taken.gives, taken.open - taken.before), 0) from taken where taken.id = m.id
  `.execute(db);
}

/** Rows that change something and are not counted with the invoices already: receipts, and matches of receipts or credit notes. */
async function countChanged(em: EntityManager): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*)::int as count from (
      (select line from import_receipt_plan where is_new or found union select line from import_stale
        union select m.line from import_match m where m.granted > 0 or exists (select from import_stale stale where stale.invoice_id = m.invoice_id)) except (select line from import_plan union select line from import_first where is_new)
    ) changed
  `.execute(em.getKysely<unknown>());
  return rows[0]!.count;
}

/**
 * Writes what `planReceipts` found, and tells what became of the invoices. It is to follow `writePlan`: the invoices of the
 * file must be there. The invoices and receipts it changes are locked in the order of their ids.
 */
export async function writeReceipts(em: EntityManager, firmId: string, job: StagedImport): Promise<void> {
  const db = em.getKysely<unknown>();
  await writeFound(em, job);
  await sql`
    update import_match m set (customer_id, invoice_id, credit_note_id) = (
      select c.id, (select id from portfolios.invoice where customer_id = c.id and number = m.invoice_number), (select id from portfolios.invoice where customer_id = c.id and number = m.credit_note_number)
      from portfolios.customer c where c.reference = m.reference
    )
  `.execute(db);
  await lockMatched(em);
  await grant(em);
  await warnOfShortened(em, job);
  await releaseStated(em);
  await sql`
    insert into portfolios.application (customer_id, invoice_id, receipt_id, credit_note_id, said_until, applied_on, amount_minor)
    select m.customer_id, m.invoice_id, m.receipt_id, m.credit_note_id,
      (select max(entry_day) from portfolios.import_entry where job_id = ${job.id}), greatest(m.applied_on, i.issue_date, r.received_on, n.issue_date), m.granted
    from import_match m
    cross join lateral (select issue_date from portfolios.invoice where id = m.invoice_id limit 1) i
    left join lateral (select received_on from portfolios.receipt where id = m.receipt_id limit 1) r on true
    left join lateral (select issue_date from portfolios.invoice where id = m.credit_note_id limit 1) n on true
    where m.granted > 0
  `.execute(db);
  await sql`
    update portfolios.receipt r set applied_minor = r.applied_minor + given.minor
    from (select receipt_id, sum(granted) as minor from import_match where receipt_id is not null and granted > 0 group by receipt_id) given where given.receipt_id = r.id
  `.execute(db);
  await restate(em);
  await tellLedgerChanges(em, firmId, sql`select invoice_id, customer_id from import_touched union select invoice_id, customer_id from import_stale union select credit_note_id, customer_id from import_stale where credit_note_id is not null`);
}

/** New receipts, with customers that have nothing but receipts so far, and receipts whose customer is known at last. */
async function writeFound(em: EntityManager, job: StagedImport): Promise<void> {
  const db = em.getKysely<unknown>();
  await sql`
    insert into portfolios.customer (reference, name)
    select reference, coalesce(min(name), reference) from import_receipt_plan where reference is not null group by reference order by reference
    on conflict (firm_id, reference) do nothing
  `.execute(db);
  const { rows } = await sql<{ added: number; wanted: number }>`
    with added as (
      insert into portfolios.receipt (id, customer_id, reference, received_on, currency, amount_minor, payer, payer_account, remittance)
      select p.receipt_id, c.id, p.receipt_reference, p.received_on, p.currency, p.amount_minor, s.payer, s.payer_account, s.remittance
      from import_receipt_plan p join portfolios.import_receipt s on s.job_id = ${job.id} and s.line = p.line
      left join portfolios.customer c on c.reference = p.reference where p.is_new order by p.line
      on conflict do nothing returning id
    ) select (select count(*) from added)::int as added, (select count(*) from import_receipt_plan where is_new)::int as wanted
  `.execute(db);
  if (rows[0]!.added !== rows[0]!.wanted) throw new LedgerMoved('a receipt of the plan came in by another way');
  await sql`
    update portfolios.receipt r set customer_id = c.id from import_receipt_plan p join portfolios.customer c on c.reference = p.reference
    where p.found and r.id = p.receipt_id and r.customer_id is null
  `.execute(db);
}

/** Locks what the matches change, and drops those whose receipt somebody gave to another customer. */
async function lockMatched(em: EntityManager): Promise<void> {
  const db = em.getKysely<unknown>();
  await sql`
    delete from import_match m where m.customer_id is null or m.invoice_id is null or (m.receipt_reference is null and m.credit_note_id is null)
      or exists (select from portfolios.receipt r where r.id = m.receipt_id and r.customer_id is distinct from m.customer_id)
  `.execute(db);
  await sql`select from portfolios.receipt where id in (select receipt_id from import_match union select receipt_id from import_stale) order by id for update`.execute(db);
  await sql`
    select from portfolios.invoice where id in (
      select invoice_id from import_match union select credit_note_id from import_match union select invoice_id from import_stale union select credit_note_id from import_stale
    ) order by id for update
  `.execute(db);
  await takeBackStale(em);
  // Somebody else's work may have come before the lock.
  await sql`
    update import_match m set existing = coalesce((select sum(a.amount_minor) from portfolios.application a
      where a.invoice_id = m.invoice_id and (a.receipt_id = m.receipt_id or a.credit_note_id = m.credit_note_id)), 0)
  `.execute(db);
}

/** Says where the ledger leaves less room than the file settles. */
async function warnOfShortened(em: EntityManager, job: StagedImport): Promise<void> {
  await sql`
    insert into portfolios.import_warning (job_id, line, code, message)
    select ${job.id}, coalesce((select c.line from portfolios.import_credit c where c.job_id = ${job.id} and c.position = m.line), line), 'MATCH_SHORTENED', format('Invoice %s is settled by less than the file says: the ledger has less open of it, or less left of what settles it.', invoice_number)
    from import_match m where granted < wanted - existing order by line limit 100
  `.execute(em.getKysely<unknown>());
}

/** Takes back, newest first, as much of what is only stated as settled as the matches need on either side. */
async function releaseStated(em: EntityManager): Promise<void> {
  const db = em.getKysely<unknown>();
  await sql`
    create temp table import_touched on commit drop as
    select needed.invoice_id, i.customer_id, i.applied_minor as before, sum(needed.minor)::bigint as taken,
      greatest(i.applied_minor + sum(needed.minor) - i.amount_minor, 0)::bigint as released
    from (select invoice_id, granted as minor from import_match where granted > 0 union all select credit_note_id, granted from import_match where granted > 0 and credit_note_id is not null) needed
    cross join lateral (select * from portfolios.invoice where id = needed.invoice_id limit 1) i group by needed.invoice_id, i.customer_id, i.applied_minor, i.amount_minor
  `.execute(db);
  await sql`analyze import_touched`.execute(db);
  await sql`
    create temp table import_released on commit drop as
    select a.id, a.amount_minor, least(a.amount_minor, greatest(t.released - (sum(a.amount_minor) over (partition by a.invoice_id order by a.applied_on desc, a.id desc) - a.amount_minor), 0))::bigint as back
    from portfolios.application a join import_touched t on t.invoice_id = a.invoice_id
    where t.released > 0 and a.receipt_id is null and a.credit_note_id is null
  `.execute(db);
  await sql`delete from portfolios.application a using import_released r where r.id = a.id and r.back = r.amount_minor`.execute(db);
  await sql`update portfolios.application a set amount_minor = r.amount_minor - r.back from import_released r where r.id = a.id and r.back > 0 and r.back < r.amount_minor`.execute(db);
}

/** Brings the sums of the invoices, and of the credit notes that were used, up to their applications. */
async function restate(em: EntityManager): Promise<void> {
  await sql`
    update portfolios.invoice i set applied_minor = t.before - t.released + t.taken, revision = i.revision + 1,
      settled_on = case when t.before - t.released + t.taken = i.amount_minor then
        (select max(a.applied_on) from portfolios.application a where a.invoice_id = i.id or a.credit_note_id = i.id) end
    from import_touched t where t.invoice_id = i.id
  `.execute(em.getKysely<unknown>());
}
