import type { EntityManager } from '@mikro-orm/postgresql';
import { sql, type RawBuilder } from 'kysely';
import { parseDay } from '../../../src/values/day.js';
import { invariant } from '../../../src/errors.js';
import { DEFAULT_TERMS, dueDate, type EndOfMonth, type PaymentTerms } from '../terms/due-date.js';
import type { ImportFormat } from './import-job.table.js';
import type { MergeProgress } from './merge-progress.js';
import { REJECTION_CODES, type RejectionCode } from './rejection.js';

/** A staged import, as the merge needs it. */
export interface StagedImport {
  readonly id: string;
  readonly format: ImportFormat;
  /** Of the rows that name none. */
  readonly currency: string;
  readonly dryRun: boolean;
  readonly mode: 'DELTA' | 'SNAPSHOT';
  /** Of the import; null: 30 days. */
  readonly terms: PaymentTerms | null;
  readonly businessDay: string;
  readonly fields: readonly string[];
  readonly rowsAccepted: number;
  /** Refused rows that do not say which invoice they mean. */
  readonly unreadableRows: number;
}

/** Rows by what became of them, beyond what the upload already refused. */
export interface PlanCounts {
  readonly refused: number;
  readonly changed: number;
}

/**
 * Compares staged rows with the ledger into temporary tables that last as long as the transaction: `import_first`, the
 * first row of each invoice beside what the ledger has of it; `import_customer`, what the file says of each customer;
 * `import_plan`, the invoices of the ledger that differ, with what will be settled of them. Refuses rows that contradict
 * one another or the ledger. Writes nothing else.
 */
export async function planImport(em: EntityManager, job: StagedImport, progress: MergeProgress): Promise<PlanCounts> {
  await keepFirstRows(em, job);
  await progress.reach('PLAN', 0.7);
  const contradictory = await refuseLaterRows(em, job);
  await assumeDueDates(em, job);
  await planCustomers(em);
  await planInvoices(em, job);
  const contradicting = await refuseAgainstLedger(em, job);
  const { changed, fresh, differing } = await countChanged(em);
  progress.know({ fresh, changed: differing });
  await progress.reach('PLAN');
  return { refused: contradictory + contradicting, changed };
}

/**
 * One row for each invoice, its first, in the order of customers and numbers: so the ledger's indexes grow page by page.
 * A due date once assumed stays while the issue date does, whatever became of the customer's terms since.
 */
async function keepFirstRows(em: EntityManager, job: StagedImport): Promise<void> {
  const db = em.getKysely<unknown>();
  await sql`
    create temp table import_first on commit drop as
    select f.*, c.id as customer_id, c.terms_days, c.terms_end_of_month, c.terms_fixed_day,
      i.id is null as is_new, coalesce(i.id, uuidv7()) as invoice_id, i.revision, i.applied_minor,
      i.kind as known_kind, i.currency as known_currency, i.issue_date as known_issue_date, i.due_date as known_due_date,
      i.due_date_assumed as known_assumed, i.amount_minor as known_amount, i.cancelled,
      coalesce(f.said_due_date, case when i.issue_date = f.issue_date then i.due_date end) as due_date,
      f.said_due_date is null and (i.issue_date is distinct from f.issue_date or i.due_date_assumed) as due_date_assumed
    from (
      select distinct on (reference collate "C", number collate "C") line, reference, number, name, country, registration_scheme, registration_value,
        kind, issue_date, due_date as said_due_date, currency, amount_minor, settled_on, open_minor
      from portfolios.import_row where job_id = ${sql.lit(job.id)} and accepted
      order by reference collate "C", number collate "C", line
    ) f
    left join portfolios.customer c on c.reference = f.reference
    left join portfolios.invoice i on i.customer_id = c.id and i.number = f.number
  `.execute(db);
  await sql`analyze import_first (reference, invoice_id, is_new)`.execute(db);
}

/** Of an invoice's later rows one that says otherwise is refused; one that says the same changes nothing. */
async function refuseLaterRows(em: EntityManager, job: StagedImport): Promise<number> {
  const db = em.getKysely<unknown>();
  const { rows: firsts } = await sql<{ count: number }>`select count(*)::int as count from import_first`.execute(db);
  if (firsts[0]!.count === job.rowsAccepted) return 0;
  const { rows } = await sql<{ count: number }>`
    with refused as (
      insert into portfolios.import_rejection (job_id, line, position, column_name, value, code, message)
      select ${job.id}, later.line, 1, null, null, 'CONTRADICTS_EARLIER_ROW', format('The row is not taken: line %s of %s says otherwise about the same invoice.', earlier.line - coalesce(file.line, 0), coalesce(file.name, 'the file'))
      from portfolios.import_row later join import_first earlier using (reference, number)
      left join lateral (select f.line, f.name from portfolios.import_file f where f.job_id = later.job_id and f.line < earlier.line order by f.line desc limit 1) file on true
      where later.job_id = ${job.id} and later.accepted and later.line <> earlier.line
        and (later.kind, later.issue_date, later.due_date, later.currency, later.amount_minor, later.settled_on, later.open_minor)
          is distinct from (earlier.kind, earlier.issue_date, earlier.said_due_date, earlier.currency, earlier.amount_minor, earlier.settled_on, earlier.open_minor)
      returning line
    ) select count(*)::int as count from refused
  `.execute(db);
  return rows[0]!.count;
}

/** Due dates that the file does not give: the customer's terms, else the import's, else 30 days. INDICATORS.md, "Open items". */
async function assumeDueDates(em: EntityManager, job: StagedImport): Promise<void> {
  const db = em.getKysely<unknown>();
  const { rows } = await sql<{ issue_date: string; terms_days: number | null; terms_end_of_month: EndOfMonth | null; terms_fixed_day: number | null }>`
    select distinct issue_date::text as issue_date, terms_days, terms_end_of_month, terms_fixed_day from import_first where due_date is null
  `.execute(db);
  if (rows.length === 0) return;
  const due = rows.map((row) => {
    const issued = parseDay(row.issue_date);
    invariant(issued, 'a date of a row is a day');
    const own = row.terms_days === null ? null : { days: row.terms_days, endOfMonth: row.terms_end_of_month ?? 'NONE', fixedDay: row.terms_fixed_day };
    return dueDate(own ?? job.terms ?? DEFAULT_TERMS, issued).toString();
  });
  // Terms that are not there are compared as values of their own: `is not distinct from` cannot be hashed.
  await sql`
    update import_first f set due_date = given.due_date
    from unnest(${rows.map((row) => row.issue_date)}::date[], ${rows.map((row) => row.terms_days)}::int[], ${rows.map((row) => row.terms_end_of_month)}::text[],
      ${rows.map((row) => row.terms_fixed_day)}::int[], ${due}::date[]) as given (issue_date, terms_days, terms_end_of_month, terms_fixed_day, due_date)
    where f.due_date is null and f.issue_date = given.issue_date and coalesce(f.terms_days, -1) = coalesce(given.terms_days, -1)
      and coalesce(f.terms_end_of_month, '') = coalesce(given.terms_end_of_month, '') and coalesce(f.terms_fixed_day, -1) = coalesce(given.terms_fixed_day, -1)
  `.execute(db);
}

/** What the file says last of each customer; an empty cell says nothing, so it takes nothing away. */
async function planCustomers(em: EntityManager): Promise<void> {
  const db = em.getKysely<unknown>();
  await sql`
    create temp table import_customer on commit drop as
    select said.*, coalesce(c.id, uuidv7()) as customer_id, c.id is null as is_new,
      c.id is not null and said.registration_value is not null
        and (said.registration_scheme, said.registration_value) is distinct from (c.registration_scheme, c.registration_value) as registration_differs,
      c.id is not null and (coalesce(said.name <> c.name, false) or (said.country is not null and said.country is distinct from c.country)) as facts_differ
    from (
      select reference,
        (array_agg(name order by line desc) filter (where name is not null))[1] as name,
        (array_agg(country order by line desc) filter (where country is not null))[1] as country,
        (array_agg(registration_scheme order by line desc) filter (where registration_value is not null))[1] as registration_scheme,
        (array_agg(registration_value order by line desc) filter (where registration_value is not null))[1] as registration_value
      from (
        -- A file says the same of a customer again and again: only the last time has to be sorted.
        select reference, name, country, registration_scheme, registration_value, max(line) as line from import_first group by 1, 2, 3, 4, 5
      ) f group by reference
    ) said left join portfolios.customer c on c.reference = said.reference
  `.execute(db);
  await sql`analyze import_customer`.execute(db);
}

/**
 * The invoices of the ledger that differ. `sourced` is what receipts and credit notes settled, `stated` what files said
 * beyond them, `stated_target` what this file makes of that, on `stated_day`. A row that says nothing of settlement
 * leaves it as it is; one whose day of settlement is empty says that nothing but the sourced part is settled.
 */
async function planInvoices(em: EntityManager, job: StagedImport): Promise<void> {
  const db = em.getKysely<unknown>();
  await sql`
    create temp table import_plan on commit drop as
    with known as materialized (
      select * from import_first where not is_new
    ), applied as (
      select a.invoice_id, sum(a.amount_minor) filter (where a.receipt_id is not null or a.credit_note_id is not null) as sourced,
        sum(a.amount_minor) filter (where a.receipt_id is null and a.credit_note_id is null) as stated,
        min(a.applied_on) filter (where a.receipt_id is not null or a.credit_note_id is not null) as first_sourced,
        min(a.applied_on) filter (where a.receipt_id is null and a.credit_note_id is null) as first_stated,
        max(a.applied_on) filter (where a.receipt_id is null and a.credit_note_id is null) as last_stated
      from portfolios.application a where a.invoice_id in (select invoice_id from known where applied_minor > 0) group by a.invoice_id
    ), used as (
      select a.credit_note_id, sum(a.amount_minor) as minor, min(a.applied_on) as first_day
      from portfolios.application a where a.credit_note_id in (select invoice_id from known where applied_minor > 0 and known_kind = 'CREDIT_NOTE') group by a.credit_note_id
    )
    select line, reference, number, kind, issue_date, due_date, due_date_assumed, currency, amount_minor, case when open_minor is null then settled_on end as settled_on, customer_id, invoice_id,
      revision, sourced, stated, stated_target, stated_day, day_moved, contradiction
    from (
      select known.*, sourced.minor as sourced, stated.minor as stated, ${statedTarget(job)} as stated_target, ${statedDay(job)} as stated_day,
        known.settled_on is not null and known.open_minor is null and stated.minor > 0 and (applied.first_stated <> known.settled_on or applied.last_stated <> known.settled_on) as day_moved,
        case
          when known.kind <> known.known_kind or known.currency <> known.known_currency then 'CONTRADICTS_LEDGER'
          when sourced.minor > known.amount_minor or least(applied.first_sourced, used.first_day) < known.issue_date then 'CONTRADICTS_PAYMENTS'
        end as contradiction
      from known
      left join applied using (invoice_id)
      left join used on used.credit_note_id = known.invoice_id
      cross join lateral (select (coalesce(applied.sourced, 0) + coalesce(used.minor, 0))::bigint as minor) sourced
      cross join lateral (select coalesce(applied.stated, 0)::bigint as minor) stated
    ) compared
    where contradiction is not null or cancelled or day_moved or stated <> stated_target or amount_minor <> known_amount
      or issue_date <> known_issue_date or due_date <> known_due_date or due_date_assumed <> known_assumed
  `.execute(db);
  await sql`analyze import_plan (reference, invoice_id)`.execute(db);
}

/** What of a row's amount is to be settled without a source; `sourced` and `stated` are what the ledger has settled of it. */
function statedTarget(job: StagedImport): RawBuilder<bigint> {
  return sql`case
    -- So much was settled on that day; what was settled since stays.
    when settled_on is not null and open_minor is not null then greatest(least(greatest(stated.minor, amount_minor - open_minor), amount_minor - sourced.minor), 0)
    when settled_on is not null then greatest(amount_minor - sourced.minor, 0)
    when open_minor is not null then greatest(amount_minor - open_minor - sourced.minor, 0)
    when ${sql.lit(job.fields.includes('SETTLED_ON'))} then 0
    else greatest(least(stated.minor, amount_minor - sourced.minor), 0)
  end`;
}

/** The day on which a row is settled: what it says, else the day of the import. */
function statedDay(job: StagedImport): RawBuilder<string> {
  return sql`coalesce(settled_on, greatest(${sql.lit(job.businessDay)}::date, issue_date))`;
}

/** The invoices that the ledger does not have yet, with what is to be settled of them, as a subquery. */
export function newInvoices(job: StagedImport): RawBuilder<unknown> {
  return sql`
    select f.*, k.customer_id as owner_id, ${statedTarget(job)} as stated_target, ${statedDay(job)} as stated_day
    from import_first f join (select reference, customer_id from import_customer) k using (reference)
    cross join (select 0::bigint as minor) sourced cross join (select 0::bigint as minor) stated
    where f.is_new
  `;
}

/** Refuses the rows that the ledger does not allow, and takes them out of the plan, with a customer that has no other row. */
async function refuseAgainstLedger(em: EntityManager, job: StagedImport): Promise<number> {
  const db = em.getKysely<unknown>();
  const say = (code: RejectionCode): string => `The row is not taken: ${REJECTION_CODES[code]}.`;
  const { rows } = await sql<{ count: number }>`
    with refused as (
      delete from import_plan where contradiction is not null returning line, contradiction
    ), told as (
      insert into portfolios.import_rejection (job_id, line, position, column_name, value, code, message)
      select ${job.id}, line, 1, null, null, contradiction,
        case contradiction when 'CONTRADICTS_LEDGER' then ${say('CONTRADICTS_LEDGER')} else ${say('CONTRADICTS_PAYMENTS')} end
      from refused
    ) select count(*)::int as count from refused
  `.execute(db);
  const { count } = rows[0]!;
  if (count > 0) {
    await sql`delete from import_first f using portfolios.import_rejection r where r.job_id = ${job.id} and r.line = f.line`.execute(db);
    await sql`delete from import_customer k where not exists (select from import_first f where f.reference = k.reference)`.execute(db);
  }
  return count;
}

/** Rows that change something: new and differing invoices, and one for each customer of whom only the customer's own facts change. Of the first two, how many. */
async function countChanged(em: EntityManager): Promise<{ readonly changed: number; readonly fresh: number; readonly differing: number }> {
  const { rows } = await sql<{ fresh: number; differing: number; customers: number }>`
    select (select count(*)::int from import_plan) as differing, (select count(*)::int from import_first where is_new) as fresh, (
      select count(*)::int from import_customer k where (k.facts_differ or k.registration_differs)
        and k.reference not in (select reference from import_plan union select reference from import_first where is_new)
    ) as customers
  `.execute(em.getKysely<unknown>());
  const { fresh, differing, customers } = rows[0]!;
  return { changed: fresh + differing + customers, fresh, differing };
}
