import type { EntityManager } from '@mikro-orm/postgresql';
import { sql } from 'kysely';
import { afterCommit, type FirmDatabase } from '../../../src/database/room-database.js';
import type { Refusal } from '../../../src/errors.js';
import type { EndOfMonth } from '../terms/due-date.js';
import { noteAccounts } from '../contributions/note-accounts.js';
import { tellCustomerChanges } from '../ledger/tell-customer-change.js';
import { isLedgerExpected } from './check-statistics.js';
import { importTopic } from './claim-import.js';
import { MergeProgress } from './merge-progress.js';
import { planReceipts, writeReceipts } from './merge-receipts.js';
import { planImport, type StagedImport } from './plan-import.js';
import { TURN_STAGED } from './turn-staged.js';
import { REJECTION_CODES } from './rejection.js';
import { forgetStaged } from './forget-staged.js';
import { writePlan } from './write-plan.js';

/**
 * So many rows make the tables' statistics tell of another ledger than there is, and the first questions after the import
 * would be planned for that one: minutes until PostgreSQL looks again by itself. Fewer rows do little harm, and statistics are
 * taken under a lock for which other merges, and PostgreSQL's own, would wait.
 */
const MANY_ROWS = 10_000;

/** From so many rows on a merge compares whole sets. */
const ROWS_IN_SETS = 1000;

/**
 * Merges the firm's oldest staged import into its ledger, all or nothing, and returns its id; `undefined` when none is
 * due or another merge of this firm is under way. The same file again changes nothing.
 *
 * Rows are compared with the ledger set-wise; only what differs is locked and written. An invoice is settled by
 * applications: those of receipts and credit notes stay as they are, and what the file says beyond them is kept as
 * applications without a source, which a later file may say otherwise.
 */
export async function mergeNextImport(firm: FirmDatabase, firmId: string, matchingKey: Buffer): Promise<string | undefined> {
  return firm.transaction(async (em) => {
    const job = await takeNext(em, firmId);
    if (!job) return undefined;
    // Sorts and joins of a whole file, on one of few connections: without this a larger file goes through the disk.
    await sql`set local work_mem = '64MB'`.execute(em.getKysely<unknown>());
    // What this transaction writes is in no statistics: a loop over what is thought to be a row may be one over a million.
    if (await comparesSets(em, job)) await sql`set local enable_nestloop = off`.execute(em.getKysely<unknown>());
    const progress = new MergeProgress(em, job);
    const prepared = await TURN_STAGED[job.format]?.(em, job, (share) => progress.reach('TURN', share));
    if (prepared?.failure) {
      await failMerge(em, job, prepared.failure, prepared.refused);
      return job.id;
    }
    const plan = await planImport(em, job, progress);
    const receipts = await planReceipts(em, job);
    await progress.reach('MATCH');
    const refused = plan.refused + (prepared?.refused ?? 0) + (receipts?.refused ?? 0);
    const changed = plan.changed + (receipts?.changed ?? 0);
    if (job.mode === 'SNAPSHOT' && job.unreadableRows > 0) await sayNothingClosed(em, job);
    if (!job.dryRun) await writePlan(em, firmId, job, progress);
    if (!job.dryRun && receipts) await writeReceipts(em, firmId, job, progress);
    if (!job.dryRun) await tellCustomers(em, firmId, job, receipts !== undefined);
    if (!job.dryRun && job.format === 'CAMT053') await noteAccounts(em, firmId, job.id, matchingKey);
    const db = em.getKysely<unknown>();
    if (!job.dryRun && changed >= MANY_ROWS) await sql`analyze portfolios.customer, portfolios.invoice, portfolios.application`.execute(db);
    await sql`delete from portfolios.import_row where job_id = ${job.id}`.execute(db);
    await forgetStaged(em, job.id);
    await progress.reach('END');
    await sql`
      update portfolios.import_job set status = 'COMPLETED', finished_at = clock_timestamp(), rows_accepted = rows_accepted - ${refused},
        rows_rejected = rows_rejected + ${refused}, rows_unchanged = rows_accepted - ${refused} - ${changed}
      where id = ${job.id}
    `.execute(db);
    afterCommit(em, (hints) => hints.publish(importTopic(job.id)));
    return job.id;
  });
}

/**
 * Whether a merge reads the firm's ledger once, rather than to look up each row of the file: of a large one, of a file that is
 * about all of the ledger anyway, and where a lookup could not be relied on to find its row at once.
 * docs/adr/0017-a-merge-compares-sets.md.
 */
async function comparesSets(em: EntityManager, { format, mode, rowsAccepted }: StagedImport): Promise<boolean> {
  return rowsAccepted >= ROWS_IN_SETS || format === 'CAMT053' || format === 'FEC' || mode === 'SNAPSHOT' || !(await isLedgerExpected(em));
}

/** Tells of the customers that the file brought or changed. Last of all: whoever waits for one of them holds nothing that the merge still needs. */
async function tellCustomers(em: EntityManager, firmId: string, { businessDay }: StagedImport, withReceipts: boolean): Promise<void> {
  // Those who only paid are in the plan of the receipts.
  const payers = sql`
    union select c.id from (select distinct reference from import_receipt_plan) p join portfolios.customer c using (reference)
    where not exists (select from portfolios.customer_told t where t.customer_id = c.id)
  `;
  await tellCustomerChanges(em, firmId, Temporal.PlainDate.from(businessDay), sql`
    select customer_id from import_customer where is_new or facts_differ ${withReceipts ? payers : sql``}
  `);
}

async function takeNext(em: EntityManager, firmId: string): Promise<StagedImport | undefined> {
  const db = em.getKysely<unknown>();
  // Two imports of one firm would meet on the same invoices: the second waits its turn, without holding a connection.
  const { rows: locks } = await sql<{ mine: boolean }>`select pg_try_advisory_xact_lock(hashtextextended(${`import:${firmId}`}, 0)) as mine`.execute(db);
  if (!locks[0]!.mine) return undefined;
  const { rows } = await sql<Omit<StagedImport, 'terms'> & { termsDays: number | null; termsEndOfMonth: EndOfMonth | null; termsFixedDay: number | null }>`
    select id, format, currency, dry_run as "dryRun", mode, terms_days as "termsDays", terms_end_of_month as "termsEndOfMonth", terms_fixed_day as "termsFixedDay",
      business_day::text as "businessDay", fields, rows_accepted as "rowsAccepted", unreadable_rows as "unreadableRows"
    from portfolios.import_job where status = 'RUNNING' and staged_at is not null order by staged_at, id limit 1 for update skip locked
  `.execute(db);
  if (!rows[0]) return undefined;
  const { termsDays, termsEndOfMonth, termsFixedDay, ...job } = rows[0];
  return { ...job, terms: termsDays === null ? null : { days: termsDays, endOfMonth: termsEndOfMonth ?? 'NONE', fixedDay: termsFixedDay } };
}

/** Ends an import of whose rows none can be taken. Why each is refused stays readable. */
async function failMerge(em: EntityManager, job: StagedImport, failure: Refusal, refused: number): Promise<void> {
  const db = em.getKysely<unknown>();
  await sql`delete from portfolios.import_row where job_id = ${job.id}`.execute(db);
  await forgetStaged(em, job.id);
  await sql`
    update portfolios.import_job set status = 'FAILED', failure_code = ${failure.code}, failure_message = ${failure.message}, failure_path = ${[...failure.path]}::text[],
      finished_at = clock_timestamp(), rows_accepted = 0, rows_rejected = rows_rejected + ${refused}
    where id = ${job.id}
  `.execute(db);
  afterCommit(em, (hints) => hints.publish(importTopic(job.id)));
}

/** Says at the first row that names no invoice that because of it nothing was closed. */
async function sayNothingClosed(em: EntityManager, job: StagedImport): Promise<void> {
  await sql`
    insert into portfolios.import_rejection (job_id, line, position, code, message)
    select job_id, line, max(position) + 1, 'NOTHING_CLOSED', ${`Nothing is closed: ${REJECTION_CODES.NOTHING_CLOSED}.`}
    from portfolios.import_rejection given where job_id = ${job.id}
      and not exists (select from portfolios.import_row r where r.job_id = given.job_id and r.line = given.line)
    group by job_id, line order by line limit 1
  `.execute(em.getKysely<unknown>());
}
