import type { EntityManager } from '@mikro-orm/postgresql';
import { sql, type RawBuilder } from 'kysely';
import { tellLedgerChanges } from '../ledger/tell-ledger-change.js';
import type { MergeProgress } from './merge-progress.js';
import type { PlanCounts, StagedImport } from './plan-import.js';
import { REJECTION_CODES, type RejectionCode } from './rejection.js';
import { findStale, takeBackStale } from './restate-matches.js';
import { lastDays, unlessTaken } from './write-plan.js';

/**
 * How a format brings in receipts: it inserts them into `import_receipt` before the merge (`turn-staged.ts`), and what they
 * settle into `import_application`: one row says that so much of an invoice is settled by a receipt, or by a credit note, of the same customer, named as the file names them.
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
    -- Within a customer a set of its own: many customers' receipts may have one reference.
    left join portfolios.receipt theirs on theirs.customer_id = c.id and theirs.reference = s.receipt_reference and not s.unique_in_firm
    left join (${firstReceipts(sql`select receipt_reference from portfolios.import_receipt where job_id = ${job.id} and unique_in_firm`)}) firms
      on firms.reference = s.receipt_reference and s.unique_in_firm
    cross join lateral (
      select coalesce(theirs.id, firms.id) as id, coalesce(theirs.customer_id, firms.customer_id) as customer_id, coalesce(theirs.received_on, firms.received_on) as received_on,
        coalesce(theirs.currency, firms.currency) as currency, coalesce(theirs.amount_minor, firms.amount_minor) as amount_minor
    ) known
  `.execute(em.getKysely<unknown>());
}

/** As a subquery the first of the firm's receipts of each reference that `references` selects, whoever's it is. */
export function firstReceipts(references: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`
    select distinct on (reference collate "C") id, customer_id, reference, received_on, currency, amount_minor from portfolios.receipt
    where reference in (${references}) order by reference collate "C", id
  `;
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
    create temp table import_pair on commit drop as
    select row_number() over ()::int as id, said.*, c.id as customer_id, i.id as invoice_id, r.receipt_id, r.is_new as receipt_is_new, r.amount_minor as receipt_minor, r.received_on, n.id as credit_note_id
    from (
      select min(line) as line, reference, receipt_reference, credit_note_number, invoice_number, max(applied_on) as applied_on, sum(amount_minor)::bigint as wanted
      from portfolios.import_application where job_id = ${sql.lit(job.id)} group by reference, receipt_reference, credit_note_number, invoice_number
    ) said
    left join portfolios.customer c on c.reference = said.reference
    left join portfolios.invoice i on i.customer_id = c.id and i.number = said.invoice_number
    left join portfolios.invoice n on n.customer_id = c.id and n.number = said.credit_note_number
    left join import_receipt_plan r on r.reference = said.reference and r.receipt_reference = said.receipt_reference
    where said.receipt_reference is null or r.receipt_id is not null
  `.execute(db);
  await sql`analyze import_pair`.execute(db);
  await sql`create temp table import_match on commit drop as select * from (${granted('import_pair')}) g where wanted > existing`.execute(db);
  await sql`analyze import_match`.execute(db);
}

/**
 * Lets each pair have what its source has left, then what its invoice has open; both in the order of the file. What is
 * only stated as settled counts as left and as open. What the ledger does not have yet is not held against anything.
 * `existing` is what the pair settles already, `first_day` before which nothing can be settled.
 *
 * All of it is joined as sets, which the merge of a large file sees to. Looked up one by one, rows would be sought in whichever
 * index of the firm PostgreSQL thinks the best, and of a firm that is new to its statistics it thinks that any is.
 */
function granted(pairs: 'import_pair' | 'import_match'): RawBuilder<unknown> {
  const from = sql.table(pairs);
  return sql`
    with applied as materialized (
      select a.invoice_id, coalesce(a.receipt_id, a.credit_note_id) as source_id, sum(a.amount_minor) as minor from portfolios.application a
      where a.invoice_id in (select invoice_id from ${from} union select credit_note_id from ${from}) and not exists (select from import_stale s where s.id = a.id)
      group by a.invoice_id, coalesce(a.receipt_id, a.credit_note_id)
    ), stated as materialized (
      select invoice_id, minor from applied where source_id is null
    ), wanting as (
      select m.id, m.line, m.reference, m.receipt_reference, m.credit_note_number, m.invoice_number, m.applied_on, m.wanted, m.customer_id, m.invoice_id, m.receipt_id,
        m.receipt_is_new, m.receipt_minor, m.received_on, m.credit_note_id, coalesce(a.minor, 0)::bigint as existing, greatest(m.wanted - coalesce(a.minor, 0), 0) as due
      from ${from} m left join applied a on a.invoice_id = m.invoice_id and a.source_id = coalesce(m.receipt_id, m.credit_note_id)
    ), sourced as (
      select w.*, n.issue_date as credit_note_day,
        coalesce(case when w.receipt_is_new then w.receipt_minor else r.amount_minor - r.applied_minor end,
          case when n.kind = 'CREDIT_NOTE' and not n.cancelled then n.amount_minor - n.applied_minor + coalesce(s.minor, 0) end, w.wanted) as has,
        sum(w.due) over (partition by w.reference, w.receipt_reference, w.credit_note_number order by w.line, w.invoice_number) - w.due as before
      from wanting w
      left join portfolios.receipt r on r.id = w.receipt_id and not w.receipt_is_new
      left join portfolios.invoice n on n.id = w.credit_note_id
      left join stated s on s.invoice_id = w.credit_note_id
    ), given as (
      select s.*, greatest(least(due, has - before), 0) as gives from sourced s
    ), taken as (
      select g.*, i.issue_date, case when g.invoice_id is null then g.due when i.id is null then 0 else i.amount_minor - i.applied_minor + coalesce(s.minor, 0) end as open,
        sum(g.gives) over (partition by g.reference, g.invoice_number order by g.line, g.id) - g.gives as taken_before
      from given g
      left join portfolios.invoice i on i.id = g.invoice_id and i.kind = 'INVOICE' and not i.cancelled
      left join stated s on s.invoice_id = g.invoice_id
    )
    select id, line, reference, receipt_reference, credit_note_number, invoice_number, applied_on, wanted, customer_id, invoice_id, receipt_id, receipt_is_new, receipt_minor, received_on, credit_note_id,
      existing, greatest(issue_date, received_on, credit_note_day) as first_day, greatest(least(gives, open - taken_before), 0)::bigint as granted
    from taken
  `;
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
export async function writeReceipts(em: EntityManager, firmId: string, job: StagedImport, progress: MergeProgress): Promise<void> {
  const db = em.getKysely<unknown>();
  await writeFound(em, job);
  await progress.reach('RECEIPTS', 0.5);
  await nameNew(em);
  await lockMatched(em);
  await sql`create temp table import_granted on commit drop as ${granted('import_match')}`.execute(db);
  await sql`analyze import_granted`.execute(db);
  await warnOfShortened(em, job);
  await releaseStated(em);
  await progress.reach('RECEIPTS', 0.65);
  await sql`
    insert into portfolios.application (customer_id, invoice_id, receipt_id, credit_note_id, said_until, applied_on, amount_minor)
    select customer_id, invoice_id, receipt_id, credit_note_id, (select max(entry_day) from portfolios.import_entry where job_id = ${job.id}), greatest(applied_on, first_day), granted
    from import_granted where granted > 0
  `.execute(db);
  await progress.reach('RECEIPTS', 0.8);
  await restateReceipts(em);
  await restate(em);
  await tellLedgerChanges(em, firmId, sql`select invoice_id, customer_id from import_touched union select invoice_id, customer_id from import_stale union select credit_note_id, customer_id from import_stale where credit_note_id is not null`);
  await progress.reach('RECEIPTS');
}

/**
 * New receipts, with customers that have nothing but receipts so far, and receipts whose customer is known at last. A new one
 * comes in with what the plan lets it settle: to write it twice would take as long again.
 */
async function writeFound(em: EntityManager, job: StagedImport): Promise<void> {
  const db = em.getKysely<unknown>();
  await sql`
    insert into portfolios.customer (reference, name)
    select reference, coalesce(min(name), reference) from import_receipt_plan where reference is not null group by reference order by reference
    on conflict (firm_id, reference) do nothing
  `.execute(db);
  await unlessTaken('a receipt', sql`
    insert into portfolios.receipt (id, customer_id, reference, received_on, currency, amount_minor, applied_minor, payer, payer_account, remittance)
    select p.receipt_id, c.id, p.receipt_reference, p.received_on, p.currency, p.amount_minor, coalesce(planned.minor, 0), s.payer, s.payer_account, s.remittance
    from import_receipt_plan p join portfolios.import_receipt s on s.job_id = ${job.id} and s.line = p.line
    left join portfolios.customer c on c.reference = p.reference
    left join (select receipt_id, sum(granted) as minor from import_match where receipt_is_new group by receipt_id) planned on planned.receipt_id = p.receipt_id
    where p.is_new order by p.line
  `.execute(db));
  await sql`
    update portfolios.receipt r set customer_id = c.id from import_receipt_plan p join portfolios.customer c on c.reference = p.reference
    where p.found and r.id = p.receipt_id and r.customer_id is null
  `.execute(db);
}

/** Gives the matches the ids of what was not in the ledger when they were planned. */
async function nameNew(em: EntityManager): Promise<void> {
  await sql`
    update import_match m set customer_id = named.customer_id, invoice_id = named.invoice_id, credit_note_id = named.credit_note_id
    from (
      select x.id, c.id as customer_id, i.id as invoice_id, n.id as credit_note_id
      from import_match x join portfolios.customer c on c.reference = x.reference
      left join portfolios.invoice i on i.customer_id = c.id and i.number = x.invoice_number
      left join portfolios.invoice n on n.customer_id = c.id and n.number = x.credit_note_number
      where x.invoice_id is null or (x.credit_note_id is null and x.credit_note_number is not null)
    ) named where named.id = m.id
  `.execute(em.getKysely<unknown>());
}

/** Locks what the matches change, and drops those whose receipt somebody gave to another customer. */
async function lockMatched(em: EntityManager): Promise<void> {
  const db = em.getKysely<unknown>();
  await sql`
    delete from import_match m where m.customer_id is null or m.invoice_id is null or (m.receipt_reference is null and m.credit_note_id is null)
  `.execute(db);
  await sql`delete from import_match m using portfolios.receipt r where not m.receipt_is_new and r.id = m.receipt_id and r.customer_id is distinct from m.customer_id`.execute(db);
  await sql`
    select from portfolios.receipt where id in (select receipt_id from import_match where not receipt_is_new union select receipt_id from import_stale) order by id for update
  `.execute(db);
  await sql`
    select from portfolios.invoice where id in (
      select invoice_id from import_match union select credit_note_id from import_match union select invoice_id from import_stale union select credit_note_id from import_stale
    ) order by id for update
  `.execute(db);
  await takeBackStale(em);
}

/** Says where the ledger leaves less room than the file settles. */
async function warnOfShortened(em: EntityManager, job: StagedImport): Promise<void> {
  await sql`
    insert into portfolios.import_warning (job_id, line, code, message)
    select ${job.id}, coalesce((select c.line from portfolios.import_credit c where c.job_id = ${job.id} and c.position = m.line), line), 'MATCH_SHORTENED', format('Invoice %s is settled by less than the file says: the ledger has less open of it, or less left of what settles it.', invoice_number)
    from import_granted m where granted < wanted - existing order by line limit 100
  `.execute(em.getKysely<unknown>());
}

/** Takes back, newest first, as much of what is only stated as settled as the matches need on either side. */
async function releaseStated(em: EntityManager): Promise<void> {
  const db = em.getKysely<unknown>();
  await sql`
    create temp table import_touched on commit drop as
    select needed.invoice_id, i.customer_id, i.amount_minor, i.applied_minor as before, sum(needed.minor)::bigint as taken,
      greatest(i.applied_minor + sum(needed.minor) - i.amount_minor, 0)::bigint as released
    from (select invoice_id, granted as minor from import_granted where granted > 0 union all select credit_note_id, granted from import_granted where granted > 0 and credit_note_id is not null) needed
    join portfolios.invoice i on i.id = needed.invoice_id group by needed.invoice_id, i.customer_id, i.applied_minor, i.amount_minor
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

/** Brings the sums of the receipts up to their applications. Of new ones only those are left that settle another sum than planned. */
async function restateReceipts(em: EntityManager): Promise<void> {
  await sql`
    update portfolios.receipt r set applied_minor = case when given.is_new then 0 else r.applied_minor end + given.minor
    from (
      select p.receipt_id, p.is_new, coalesce(sum(g.granted), 0)::bigint as minor from import_receipt_plan p left join import_granted g using (receipt_id) group by p.receipt_id, p.is_new
    ) given where given.receipt_id = r.id and given.minor <> case when given.is_new then r.applied_minor else 0 end
  `.execute(em.getKysely<unknown>());
}

/** Brings the sums of the invoices, and of the credit notes that were used, up to their applications. */
async function restate(em: EntityManager): Promise<void> {
  await sql`
    with last as materialized (${lastDays(sql`select invoice_id from import_touched where before - released + taken = amount_minor`)})
    update portfolios.invoice i set applied_minor = t.before - t.released + t.taken, revision = i.revision + 1, settled_on = last.day
    from import_touched t left join last on last.document_id = t.invoice_id where t.invoice_id = i.id
  `.execute(em.getKysely<unknown>());
}
