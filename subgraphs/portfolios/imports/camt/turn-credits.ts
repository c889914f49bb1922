import type { EntityManager } from '@mikro-orm/postgresql';
import { sql } from 'kysely';
import { Refusal } from '../../../../src/errors.js';
import { firstReceipts } from '../merge-receipts.js';
import type { StagedImport } from '../plan-import.js';
import { REJECTION_CODES, type RejectionCode } from '../rejection.js';
import type { TurnStaged } from '../turn-staged.js';
import { matchByAmount, matchByNumber, takeFrom, type MatchedCredit, type Taken } from './credit-match.js';
import { findByNumber, keyInvoices, keyOpen, meetByAmount } from './find-candidates.js';
import { findPayers } from './find-payers.js';
import { mentionsIn } from './invoice-mention.js';
import { MetInvoices } from './met-invoices.js';
import type { StagedPayer } from './payer-register.js';

/** Credits are matched so many at a time: what is kept of a statement is the invoices that it names. */
const BATCH = 5_000;

/** What of a credit is settled with it. */
interface Source {
  readonly position: number;
  readonly receiptReference: string;
  readonly bookedOn: string;
  readonly currency: string;
  readonly amountMinor: string;
}

/** A credit that the ledger does not have yet. */
interface FreshCredit extends Source {
  readonly payers: readonly StagedPayer[];
  readonly referenceKeys: readonly (readonly string[])[];
  readonly remittance: string | null;
}

/**
 * Turns the credits of bank statements into receipts and what they settle. Those of a refused statement are refused with
 * it; those that the ledger has already change nothing, whatever became of them since. The others are matched by reference
 * and number in the order of the file; what is left then goes by amount, when the named invoices are no longer open.
 */
export const turnCredits: TurnStaged = async (em, job, told) => {
  const unbalanced = await refuseUnbalanced(em, job);
  const failure = await failureOf(em, job);
  if (failure) return { refused: unbalanced, failure };
  await tellApart(em, job);
  const contradictory = await refuseContradictions(em, job);
  await keepFresh(em, job);
  if (await anyFresh(em)) {
    const met = new MetInvoices();
    await matchNumbers(em, job, met, (credits) => told((0.8 * credits) / job.rowsAccepted));
    await matchAmounts(em, job, met);
  }
  await insertReceipts(em, job);
  await told(1);
  return { refused: unbalanced + contradictory };
};

/** Refuses the credits of refused statements, each with the statement's reason. */
async function refuseUnbalanced(em: EntityManager, job: StagedImport): Promise<number> {
  return refuse(em, job, sql`
    select c.position, c.line, 'STATEMENT_UNBALANCED' as code, s.refusal as message
    from portfolios.import_credit c join portfolios.import_statement s on s.job_id = c.job_id and s.position = c.statement
    where c.job_id = ${job.id} and s.refusal is not null
  `);
}

/** Where every statement is refused so is the file, with the reason of the first. */
async function failureOf(em: EntityManager, job: StagedImport): Promise<Refusal | undefined> {
  const { rows } = await sql<{ refusal: string | null; taken: boolean }>`
    select refusal, exists (select from portfolios.import_statement where job_id = ${job.id} and refusal is null) as taken
    from portfolios.import_statement where job_id = ${job.id} order by position limit 1
  `.execute(em.getKysely<unknown>());
  return rows[0] && !rows[0].taken && rows[0].refusal !== null ? new Refusal('INVALID', rows[0].refusal, ['file', 'statement']) : undefined;
}

/** Numbers the credits of a statement that share a reference, and looks up which of them the ledger has. */
async function tellApart(em: EntityManager, job: StagedImport): Promise<void> {
  const db = em.getKysely<unknown>();
  await sql`
    create temp table import_known_credit on commit drop as
    with numbered as materialized (
      select c.position, c.line, c.booked_on, c.currency, c.amount_minor, c.returned,
        c.receipt_reference || case when row_number() over twins > 1 then ' #' || row_number() over twins else '' end as receipt_reference
      from portfolios.import_credit c where c.job_id = ${sql.lit(job.id)}
      window twins as (partition by c.statement, c.receipt_reference order by c.position)
    )
    select n.*, first_value(n.position) over same_receipt as first_position,
      (n.booked_on, n.currency, n.amount_minor) is not distinct from (first_value(n.booked_on) over same_receipt, first_value(n.currency) over same_receipt, first_value(n.amount_minor) over same_receipt) as same,
      r.id is not null as known, r.id is not null and (r.received_on, r.currency, r.amount_minor) is distinct from (n.booked_on, n.currency, n.amount_minor) as differs
    from numbered n left join (${firstReceipts(sql`select receipt_reference from numbered`)}) r on r.reference = n.receipt_reference
    window same_receipt as (partition by n.receipt_reference order by n.position)
  `.execute(db);
  await sql`create index on import_known_credit (position)`.execute(db);
  await sql`analyze import_known_credit`.execute(db);
}

async function refuseContradictions(em: EntityManager, job: StagedImport): Promise<number> {
  const say = (code: RejectionCode): string => `The row is not taken: ${REJECTION_CODES[code]}.`;
  const refused = await refuse(em, job, sql`
    select position, line, case when differs then 'CONTRADICTS_RECEIPT' else 'CONTRADICTS_EARLIER_ROW' end as code,
      case when differs then ${say('CONTRADICTS_RECEIPT')} else ${say('CONTRADICTS_EARLIER_ROW')} end as message
    from import_known_credit where differs or not same
  `);
  if (refused > 0) await sql`delete from import_known_credit where differs or not same`.execute(em.getKysely<unknown>());
  return refused;
}

/** Refuses what `refused` selects: the place of a credit, its line, a code and a message. */
async function refuse(em: EntityManager, job: StagedImport, refused: ReturnType<typeof sql>): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    with refused as (${refused}), gone as (
      delete from portfolios.import_credit c using refused where c.job_id = ${job.id} and c.position = refused.position
    ), written as (
      insert into portfolios.import_rejection (job_id, line, position, column_name, value, code, message)
      select ${job.id}, line, coalesce(told.count, 0) + row_number() over (partition by line order by position), null, null, code, message
      from refused left join (select line, count(*) as count from portfolios.import_rejection where job_id = ${job.id} group by line) told using (line)
    ) select count(*)::int as count from refused
  `.execute(em.getKysely<unknown>());
  return rows[0]!.count;
}

/** Only what is new is matched; money of the firm's own that came back settles nothing. `import_owned` will say whose it is, and whether it has found its invoices. */
async function keepFresh(em: EntityManager, job: StagedImport): Promise<void> {
  const db = em.getKysely<unknown>();
  await sql`
    create temp table import_fresh_credit on commit drop as
    select c.position, k.receipt_reference, c.booked_on, c.currency, c.amount_minor, c.payers, c.reference_keys, c.remittance
    from portfolios.import_credit c join import_known_credit k on k.position = c.position
    where c.job_id = ${sql.lit(job.id)} and not k.known and not c.returned and k.position = k.first_position
  `.execute(db);
  await sql`create index on import_fresh_credit (position)`.execute(db);
  await sql`create temp table import_owned (position int, customer_id uuid, settled boolean) on commit drop`.execute(db);
}

async function anyFresh(em: EntityManager): Promise<boolean> {
  const { rows } = await sql<{ any: boolean }>`select exists (select from import_fresh_credit) as any`.execute(em.getKysely<unknown>());
  return rows[0]!.any;
}

/** Matches every credit by reference and number, in the order of the file. */
async function matchNumbers(em: EntityManager, job: StagedImport, met: MetInvoices, told: (credits: number) => Promise<void>): Promise<void> {
  const db = em.getKysely<unknown>();
  const register = await findPayers(em);
  const isNumber = await keyInvoices(em);
  let done = 0;
  for (let after = 0; ;) {
    const { rows } = await sql<FreshCredit>`
      select position, receipt_reference as "receiptReference", booked_on::text as "bookedOn", currency, amount_minor::text as "amountMinor", payers, reference_keys as "referenceKeys", remittance
      from import_fresh_credit where position > ${after} order by position limit ${BATCH}
    `.execute(db);
    if (rows.length === 0) break;
    after = rows.at(-1)!.position;
    const credits = rows.map((source): SourcedCredit => ({
      ...toMatched(source, register.find(source.payers)),
      references: source.referenceKeys.map((keys) => keys.filter(isNumber)),
      mentions: mentionsIn(source.remittance ?? '').filter(({ key }) => isNumber(key)),
    }));
    const candidates = await findByNumber(em, credits, met);
    const found = credits.flatMap((credit): Found[] => {
      const match = matchByNumber(credit, candidates);
      const customerId = match?.customerId ?? credit.payerId;
      // At once: what it takes is no longer open for the credits behind it.
      return customerId === null ? [] : [{ credit, customerId, settled: match !== undefined, taken: takeFrom(credit.amountMinor, match?.invoices ?? []) }];
    });
    await sql`
      insert into import_owned select * from unnest(${found.map(({ credit }) => credit.source.position)}::int[], ${found.map(({ customerId }) => customerId)}::uuid[], ${found.map(({ settled }) => settled)}::boolean[])
    `.execute(db);
    await stageFound(em, job, found);
    await told((done += rows.length));
  }
  await sql`analyze import_owned`.execute(db);
}

/** Matches by amount what of known payers is left, in the order of the file. */
async function matchAmounts(em: EntityManager, job: StagedImport, met: MetInvoices): Promise<void> {
  const db = em.getKysely<unknown>();
  await keyOpen(em);
  await sql`
    declare unsettled_credit no scroll cursor for
    select f.position, f.receipt_reference as "receiptReference", f.booked_on::text as "bookedOn", f.currency, f.amount_minor::text as "amountMinor", o.customer_id as "customerId"
    from import_owned o join import_fresh_credit f using (position) where not o.settled order by f.position
  `.execute(db);
  for (;;) {
    const { rows } = await sql<Source & { readonly customerId: string }>`fetch ${sql.lit(BATCH)} from unsettled_credit`.execute(db);
    if (rows.length === 0) break;
    const credits = rows.map((source): SourcedCredit => ({ ...toMatched(source, source.customerId), references: [], mentions: [] }));
    await meetByAmount(em, credits, met);
    await stageFound(em, job, credits.flatMap((credit, index): Found[] => {
      const match = matchByAmount(credit, met.openBy(rows[index]!.customerId, credit.currency, credit.amountMinor));
      return match ? [{ credit, customerId: match.customerId, settled: true, taken: takeFrom(credit.amountMinor, match.invoices) }] : [];
    }));
  }
  await sql`close unsettled_credit`.execute(db);
}

interface SourcedCredit extends MatchedCredit {
  readonly source: Source;
}

function toMatched(source: Source, payerId: string | null): Omit<SourcedCredit, 'references' | 'mentions'> {
  return { source, currency: source.currency, amountMinor: BigInt(source.amountMinor), bookedOn: source.bookedOn, payerId };
}

interface Found {
  readonly credit: SourcedCredit;
  readonly customerId: string;
  readonly settled: boolean;
  readonly taken: readonly Taken[];
}

/** Stages what credits settle. */
async function stageFound(em: EntityManager, job: StagedImport, found: readonly Found[]): Promise<void> {
  const taken = found.flatMap(({ credit: { source }, customerId, taken: parts }) => parts.map(({ invoice, minor }) => ({ source, customerId, invoice, minor })));
  if (taken.length === 0) return;
  await sql`
    insert into portfolios.import_application (job_id, line, reference, receipt_reference, invoice_number, applied_on, amount_minor)
    select ${job.id}, given.position, c.reference, given.receipt_reference, given.number, given.day, given.minor
    from unnest(${taken.map(({ source }) => source.position)}::int[], ${taken.map(({ customerId }) => customerId)}::uuid[], ${taken.map(({ source }) => source.receiptReference)}::text[],
      ${taken.map(({ invoice }) => invoice.number)}::text[], ${taken.map(({ source }) => source.bookedOn)}::date[], ${taken.map(({ minor }) => minor.toString())}::bigint[])
      as given (position, customer_id, receipt_reference, number, day, minor)
    join portfolios.customer c on c.id = given.customer_id
  `.execute(em.getKysely<unknown>());
}

/** Stages every credit as a receipt, of whoever paid it. The place in the file stands for the line: a file may be all one line. */
async function insertReceipts(em: EntityManager, job: StagedImport): Promise<void> {
  await sql`
    insert into portfolios.import_receipt (job_id, line, reference, receipt_reference, unique_in_firm, received_on, currency, amount_minor, payer, payer_account, remittance)
    select ${job.id}, c.position, owner.reference, k.receipt_reference, true, c.booked_on, c.currency, c.amount_minor,
      (select said.value->>'name' from jsonb_array_elements(c.payers) with ordinality as said (value, place) where said.value->>'name' is not null order by said.place limit 1), c.payer_account, c.remittance
    from portfolios.import_credit c join import_known_credit k on k.position = c.position
    left join import_owned o on o.position = c.position left join portfolios.customer owner on owner.id = o.customer_id
    where c.job_id = ${job.id}
  `.execute(em.getKysely<unknown>());
}
