import type { EntityManager } from '@mikro-orm/postgresql';
import { sql } from 'kysely';
import { Refusal } from '../../../../src/errors.js';
import type { StagedImport } from '../plan-import.js';
import { REJECTION_CODES, type RejectionCode } from '../rejection.js';
import type { TurnStaged } from '../turn-staged.js';
import { matchByAmount, matchByNumber, takeFrom, type Candidate, type MatchedCredit, type Taken } from './credit-match.js';
import { findByAmount, findByNumber, keyInvoices } from './find-candidates.js';
import { findPayers } from './find-payers.js';
import { mentionsIn } from './invoice-mention.js';
import type { PayerRegister, StagedPayer } from './payer-register.js';

/** Credits are matched so many at a time: what is kept of a statement is the invoices that it names. */
const BATCH = 5_000;

/** A credit that the ledger does not have yet. */
interface FreshCredit {
  readonly position: number;
  readonly receiptReference: string;
  readonly bookedOn: string;
  readonly currency: string;
  readonly amountMinor: string;
  readonly payers: readonly StagedPayer[];
  readonly referenceKeys: readonly (readonly string[])[];
  readonly remittance: string | null;
}

/**
 * Turns the credits of bank statements into receipts and what they settle. Those of a refused statement are refused with
 * it; those that the ledger has already change nothing, whatever became of them since. The others are matched by reference
 * and number in the order of the file; what is left then goes by amount, when the named invoices are no longer open.
 */
export const turnCredits: TurnStaged = async (em, job) => {
  const unbalanced = await refuseUnbalanced(em, job);
  const failure = await failureOf(em, job);
  if (failure) return { refused: unbalanced, failure };
  await tellApart(em, job);
  const contradictory = await refuseContradictions(em, job);
  await insertReceipts(em, job);
  if (await anyFresh(em)) {
    const finder = { register: await findPayers(em), isNumber: await keyInvoices(em) };
    const ledger = new Map<string, Candidate>();
    const settled = new Set<number>();
    for (const rule of ['NUMBER', 'AMOUNT'] as const) {
      for (let after = 0; ;) {
        const credits = await readFresh(em, after);
        if (credits.length === 0) break;
        after = credits.at(-1)!.position;
        await matchBatch(em, job, credits.filter(({ position }) => !settled.has(position)), rule, finder, ledger, settled);
      }
    }
  }
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
    select n.*, first_value(n.position) over same_receipt as first_position,
      (n.booked_on, n.currency, n.amount_minor) is not distinct from (first_value(n.booked_on) over same_receipt, first_value(n.currency) over same_receipt, first_value(n.amount_minor) over same_receipt) as same,
      r.id is not null as known, r.id is not null and (r.received_on, r.currency, r.amount_minor) is distinct from (n.booked_on, n.currency, n.amount_minor) as differs
    from (
      select c.position, c.line, c.booked_on, c.currency, c.amount_minor, c.returned,
        c.receipt_reference || case when row_number() over twins > 1 then ' #' || row_number() over twins else '' end as receipt_reference
      from portfolios.import_credit c where c.job_id = ${sql.lit(job.id)}
      window twins as (partition by c.statement, c.receipt_reference order by c.position)
    ) n
    left join lateral (select known.* from portfolios.receipt known where known.reference = n.receipt_reference order by known.id limit 1) r on true
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

/** Stages every credit as a receipt. The place in the file stands for the line: a file may be all one line. */
async function insertReceipts(em: EntityManager, job: StagedImport): Promise<void> {
  await sql`
    insert into portfolios.import_receipt (job_id, line, receipt_reference, unique_in_firm, received_on, currency, amount_minor, payer, payer_account, remittance)
    select ${job.id}, c.position, k.receipt_reference, true, c.booked_on, c.currency, c.amount_minor,
      (select said.value->>'name' from jsonb_array_elements(c.payers) with ordinality as said (value, place) where said.value->>'name' is not null order by said.place limit 1), c.payer_account, c.remittance
    from portfolios.import_credit c join import_known_credit k on k.position = c.position where c.job_id = ${job.id}
  `.execute(em.getKysely<unknown>());
  // Only what is new is matched; money of the firm's own that came back settles nothing.
  await sql`
    create temp table import_fresh_credit on commit drop as
    select c.position, k.receipt_reference, c.booked_on, c.currency, c.amount_minor, c.payers, c.reference_keys, c.remittance
    from portfolios.import_credit c join import_known_credit k on k.position = c.position
    where c.job_id = ${sql.lit(job.id)} and not k.known and not c.returned and k.position = k.first_position
  `.execute(em.getKysely<unknown>());
  await sql`create index on import_fresh_credit (position)`.execute(em.getKysely<unknown>());
}

async function anyFresh(em: EntityManager): Promise<boolean> {
  const { rows } = await sql<{ any: boolean }>`select exists (select from import_fresh_credit) as any`.execute(em.getKysely<unknown>());
  return rows[0]!.any;
}

async function readFresh(em: EntityManager, after: number): Promise<readonly FreshCredit[]> {
  const { rows } = await sql<FreshCredit>`
    select position, receipt_reference as "receiptReference", booked_on::text as "bookedOn", currency, amount_minor::text as "amountMinor", payers, reference_keys as "referenceKeys", remittance
    from import_fresh_credit where position > ${after} order by position limit ${BATCH}
  `.execute(em.getKysely<unknown>());
  return rows;
}

/** What is known of the whole ledger. */
interface Finder {
  readonly register: PayerRegister;
  /** Whether the key could be that of an invoice number. */
  readonly isNumber: (key: string) => boolean;
}

/** Matches a batch by one rule and stages what it settles. `ledger` keeps what is left of every invoice met so far. */
async function matchBatch(
  em: EntityManager, job: StagedImport, credits: readonly FreshCredit[], rule: 'NUMBER' | 'AMOUNT', { register, isNumber }: Finder, ledger: Map<string, Candidate>, settled: Set<number>,
): Promise<void> {
  const asked = credits.map((credit): MatchedCredit & { readonly source: FreshCredit } => ({
    source: credit, currency: credit.currency, amountMinor: BigInt(credit.amountMinor), bookedOn: credit.bookedOn, payerId: register.find(credit.payers),
    references: credit.referenceKeys.map((keys) => keys.filter(isNumber)),
    mentions: rule === 'NUMBER' ? mentionsIn(credit.remittance ?? '').filter(({ key }) => isNumber(key)) : [],
  }));
  const find = rule === 'NUMBER' ? await findByNumber(em, asked, ledger) : await findByAmount(em, asked, ledger);
  const found: Found[] = [];
  for (const credit of asked) {
    const match = rule === 'NUMBER' ? matchByNumber(credit, find) : credit.payerId === null ? undefined : matchByAmount(credit, find.get(credit.payerId) ?? []);
    if (match) settled.add(credit.source.position);
    // At once: what it takes is no longer open for the credits behind it.
    if (match || (rule === 'AMOUNT' && credit.payerId !== null)) found.push({ credit, taken: takeFrom(credit.amountMinor, match?.invoices ?? []), customerId: match?.customerId ?? credit.payerId! });
  }
  await stageFound(em, job, found);
}

interface Found {
  readonly credit: MatchedCredit & { readonly source: FreshCredit };
  readonly taken: readonly Taken[];
  readonly customerId: string;
}

/** Gives the receipts to their payers, and stages what they settle. */
async function stageFound(em: EntityManager, job: StagedImport, found: readonly Found[]): Promise<void> {
  const db = em.getKysely<unknown>();
  const taken = found.flatMap(({ credit, taken: parts, customerId }) => parts.map(({ invoice, minor }) => ({ credit, customerId, invoice, minor })));
  await sql`
    update portfolios.import_receipt r set reference = c.reference
    from unnest(${found.map(({ credit }) => credit.source.position)}::int[], ${found.map(({ customerId }) => customerId)}::uuid[]) as given (position, customer_id)
    join portfolios.customer c on c.id = given.customer_id where r.job_id = ${job.id} and r.line = given.position
  `.execute(db);
  await sql`
    insert into portfolios.import_application (job_id, line, reference, receipt_reference, invoice_number, applied_on, amount_minor)
    select ${job.id}, given.position, c.reference, given.receipt_reference, given.number, given.day, given.minor
    from unnest(${taken.map(({ credit }) => credit.source.position)}::int[], ${taken.map(({ customerId }) => customerId)}::uuid[], ${taken.map(({ credit }) => credit.source.receiptReference)}::text[],
      ${taken.map(({ invoice }) => invoice.number)}::text[], ${taken.map(({ credit }) => credit.bookedOn)}::date[], ${taken.map(({ minor }) => minor.toString())}::bigint[])
      as given (position, customer_id, receipt_reference, number, day, minor)
    join portfolios.customer c on c.id = given.customer_id
  `.execute(db);
}
