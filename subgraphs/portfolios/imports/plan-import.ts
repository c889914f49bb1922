import type { EntityManager } from '@mikro-orm/postgresql';
import { sql } from 'kysely';
import { parseDay } from '../../../src/values/day.js';
import { invariant } from '../../../src/errors.js';
import { DEFAULT_TERMS, dueDate, type EndOfMonth, type PaymentTerms } from '../terms/due-date.js';
import type { ImportFormat } from './import-job.table.js';
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
 * first row of each invoice; `import_customer`, what the file says of each customer; `import_plan`, the invoices that
 * differ, with what will be settled of them. Refuses rows that contradict one another or the ledger. Writes nothing else.
 */
export async function planImport(em: EntityManager, job: StagedImport): Promise<PlanCounts> {
  const contradictory = await keepFirstRows(em, job);
  await planCustomers(em);
  await planInvoices(em, job);
  const contradicting = await refuseAgainstLedger(em, job);
  await assumeDueDates(em, job);
  return { refused: contradictory + contradicting, changed: await countChanged(em) };
}

/** One row for each invoice, its first; a later one that says otherwise is refused, one that says the same changes nothing. */
async function keepFirstRows(em: EntityManager, job: StagedImport): Promise<number> {
  const db = em.getKysely<unknown>();
  await sql`
    create temp table import_first on commit drop as
    select distinct on (reference collate "C", number collate "C") line, reference, number, name, country, registration_scheme, registration_value,
      kind, issue_date, due_date, currency, amount_minor, settled_on, open_minor
    from portfolios.import_row where job_id = ${sql.lit(job.id)} and accepted
    order by reference collate "C", number collate "C", line
  `.execute(db);
  await sql`analyze import_first (reference, number, line)`.execute(db);
  const { rows: firsts } = await sql<{ count: number }>`select count(*)::int as count from import_first`.execute(db);
  if (firsts[0]!.count === job.rowsAccepted) return 0;
  const { rows } = await sql<{ count: number }>`
    with refused as (
      insert into portfolios.import_rejection (job_id, line, position, column_name, value, code, message)
      select ${job.id}, later.line, 1, null, null, 'CONTRADICTS_EARLIER_ROW', format('The row is not taken: line %s of the file says otherwise about the same invoice.', earlier.line)
      from portfolios.import_row later join import_first earlier using (reference, number)
      where later.job_id = ${job.id} and later.accepted and later.line <> earlier.line
        and (later.kind, later.issue_date, later.due_date, later.currency, later.amount_minor, later.settled_on, later.open_minor)
          is distinct from (earlier.kind, earlier.issue_date, earlier.due_date, earlier.currency, earlier.amount_minor, earlier.settled_on, earlier.open_minor)
      returning line
    ) select count(*)::int as count from refused
  `.execute(db);
  return rows[0]!.count;
}

/** What the file says last of each customer; an empty cell says nothing, so it takes nothing away. */
async function planCustomers(em: EntityManager): Promise<void> {
  const db = em.getKysely<unknown>();
  await sql`
    create temp table import_customer on commit drop as
    select said.*, c.id as customer_id, c.id is null as is_new, c.terms_days, c.terms_end_of_month, c.terms_fixed_day,
      c.id is not null and said.registration_value is not null
        and (said.registration_scheme, said.registration_value) is distinct from (c.registration_scheme, c.registration_value) as registration_differs,
      c.id is not null and (coalesce(said.name <> c.name, false) or (said.country is not null and said.country is distinct from c.country)) as facts_differ
    from (
      select reference,
        (array_agg(name order by line desc) filter (where name is not null))[1] as name,
        (array_agg(country order by line desc) filter (where country is not null))[1] as country,
        (array_agg(registration_scheme order by line desc) filter (where registration_value is not null))[1] as registration_scheme,
        (array_agg(registration_value order by line desc) filter (where registration_value is not null))[1] as registration_value
      from import_first group by reference
    ) said left join portfolios.customer c on c.reference = said.reference
  `.execute(db);
  await sql`analyze import_customer`.execute(db);
}

/**
 * The invoices that differ from the ledger. `sourced` is what receipts and credit notes settled, `stated` what files said
 * beyond them, `stated_target` what this file makes of that, on `stated_day`. A row that says nothing of settlement
 * leaves it as it is; one whose day of settlement is empty says that nothing but the sourced part is settled.
 */
async function planInvoices(em: EntityManager, job: StagedImport): Promise<void> {
  const db = em.getKysely<unknown>();
  const emptyMeansOpen = sql.lit(job.fields.includes('SETTLED_ON'));
  await sql`
    create temp table import_plan on commit drop as
    select line, reference, number, kind, issue_date, due_date, due_date_assumed, currency, amount_minor, settled_on, customer_id, invoice_id, is_new,
      revision, sourced, stated, stated_target, stated_day, day_moved, terms_days, terms_end_of_month, terms_fixed_day, contradiction
    from (
      select said.*, sourced.minor as sourced, stated.minor as stated, target.minor as stated_target,
        coalesce(said.settled_on, greatest(${sql.lit(job.businessDay)}::date, said.issue_date)) as stated_day,
        said.settled_on is not null and stated.minor > 0 and (applied.first_stated <> said.settled_on or applied.last_stated <> said.settled_on) as day_moved,
        case
          when said.is_new then null
          when said.kind <> said.known_kind or said.currency <> said.known_currency then 'CONTRADICTS_LEDGER'
          when sourced.minor > said.amount_minor or least(applied.first_sourced, used.first_day) < said.issue_date then 'CONTRADICTS_PAYMENTS'
        end as contradiction
      from (
        select f.line, f.reference, f.number, f.kind, f.issue_date, f.currency, f.amount_minor, f.settled_on, f.open_minor,
          k.customer_id, k.terms_days, k.terms_end_of_month, k.terms_fixed_day,
          i.id is null as is_new, coalesce(i.id, uuidv7()) as invoice_id, i.revision, i.applied_minor,
          i.kind as known_kind, i.currency as known_currency, i.issue_date as known_issue_date, i.due_date as known_due_date,
          i.due_date_assumed as known_assumed, i.amount_minor as known_amount, i.cancelled,
          -- A due date once assumed stays while the issue date does, whatever became of the customer's terms since.
          case when f.due_date is not null then f.due_date when i.issue_date = f.issue_date then i.due_date end as due_date,
          case when f.due_date is not null then false when i.issue_date = f.issue_date then i.due_date_assumed else true end as due_date_assumed
        from import_first f join import_customer k using (reference)
        left join portfolios.invoice i on i.customer_id = k.customer_id and i.number = f.number
      ) said
      left join lateral (
        select coalesce(sum(a.amount_minor) filter (where a.receipt_id is not null or a.credit_note_id is not null), 0) as sourced,
          coalesce(sum(a.amount_minor) filter (where a.receipt_id is null and a.credit_note_id is null), 0) as stated,
          min(a.applied_on) filter (where a.receipt_id is not null or a.credit_note_id is not null) as first_sourced,
          min(a.applied_on) filter (where a.receipt_id is null and a.credit_note_id is null) as first_stated,
          max(a.applied_on) filter (where a.receipt_id is null and a.credit_note_id is null) as last_stated
        from portfolios.application a where not said.is_new and said.applied_minor > 0 and a.invoice_id = said.invoice_id
      ) applied on true
      left join lateral (
        select coalesce(sum(a.amount_minor), 0) as minor, min(a.applied_on) as first_day
        from portfolios.application a where said.known_kind = 'CREDIT_NOTE' and said.applied_minor > 0 and a.credit_note_id = said.invoice_id
      ) used on true
      cross join lateral (select (applied.sourced + used.minor)::bigint as minor) sourced
      cross join lateral (select applied.stated::bigint as minor) stated
      cross join lateral (
        select case
          when said.settled_on is not null then greatest(said.amount_minor - sourced.minor, 0)
          when said.open_minor is not null then greatest(said.amount_minor - said.open_minor - sourced.minor, 0)
          when ${emptyMeansOpen} then 0
          else greatest(least(stated.minor, said.amount_minor - sourced.minor), 0)
        end as minor
      ) target
    ) compared
    where is_new or contradiction is not null or cancelled or day_moved or stated <> stated_target or amount_minor <> known_amount
      or issue_date <> known_issue_date or due_date <> known_due_date or due_date_assumed <> known_assumed
  `.execute(db);
  await sql`analyze import_plan (reference, invoice_id, is_new)`.execute(db);
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

/** Due dates that the file does not give: the customer's terms, else the import's, else 30 days. INDICATORS.md, "Open items". */
async function assumeDueDates(em: EntityManager, job: StagedImport): Promise<void> {
  const db = em.getKysely<unknown>();
  const { rows } = await sql<{ issue_date: string; terms_days: number | null; terms_end_of_month: EndOfMonth | null; terms_fixed_day: number | null }>`
    select distinct issue_date::text as issue_date, terms_days, terms_end_of_month, terms_fixed_day from import_plan where due_date is null
  `.execute(db);
  if (rows.length === 0) return;
  const due = rows.map((row) => {
    const issued = parseDay(row.issue_date);
    invariant(issued, 'a date of a row is a day');
    const own = row.terms_days === null ? null : { days: row.terms_days, endOfMonth: row.terms_end_of_month ?? 'NONE', fixedDay: row.terms_fixed_day };
    return dueDate(own ?? job.terms ?? DEFAULT_TERMS, issued).toString();
  });
  await sql`
    update import_plan p set due_date = given.due_date
    from unnest(${rows.map((row) => row.issue_date)}::date[], ${rows.map((row) => row.terms_days)}::int[], ${rows.map((row) => row.terms_end_of_month)}::text[],
      ${rows.map((row) => row.terms_fixed_day)}::int[], ${due}::date[]) as given (issue_date, terms_days, terms_end_of_month, terms_fixed_day, due_date)
    where p.due_date is null and p.issue_date = given.issue_date
      and (p.terms_days, p.terms_end_of_month, p.terms_fixed_day) is not distinct from (given.terms_days, given.terms_end_of_month, given.terms_fixed_day)
  `.execute(db);
}

/** Rows that change something: those of the plan, and one for each customer of whom only the customer's own facts change. */
async function countChanged(em: EntityManager): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select ((select count(*) from import_plan) + (
      select count(*) from import_customer k where (k.facts_differ or k.registration_differs)
        and not exists (select from import_plan p where p.reference = k.reference)
    ))::int as count
  `.execute(em.getKysely<unknown>());
  return rows[0]!.count;
}
