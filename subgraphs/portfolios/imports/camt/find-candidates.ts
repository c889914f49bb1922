import type { EntityManager } from '@mikro-orm/postgresql';
import { sql } from 'kysely';
import type { Candidate, CandidatesByKey, MatchedCredit } from './credit-match.js';
import type { MetInvoices } from './met-invoices.js';

/** A number that so many invoices have says nothing, unless it is the payer's. */
const MOST_NAMESAKES = 100;

/** Ledgers number their invoices in a few ways; where they do not, a number may look like anything. */
const MOST_SHAPES = 1_000;

interface CandidateRow {
  readonly key: string;
  readonly invoiceId: string;
  readonly customerId: string;
  readonly number: string;
  readonly currency: string;
  readonly issueDate: string;
  readonly openMinor: string;
  readonly statedMinor: string;
}

/** What of an invoice a payment may take. */
const CANDIDATE = sql`i.invoice_id as "invoiceId", i.customer_id as "customerId", i.number, i.currency, i.issue_date::text as "issueDate", i.open_minor::text as "openMinor", i.stated_minor::text as "statedMinor"`;

/**
 * The invoices that credits may name, settled ones among them, by the key of their number. Each key is looked up by itself
 * (`offset 0` makes sure of it): whole ledgers would be compared with every few thousand credits otherwise.
 */
export async function findByNumber(em: EntityManager, credits: readonly MatchedCredit[], met: MetInvoices): Promise<CandidatesByKey> {
  const named = credits.map(({ payerId, references, mentions }) => ({ payerId, keys: [...references.flat(), ...mentions.map(({ key }) => key)] }));
  const asked = new Set(named.flatMap(({ keys }) => keys));
  if (asked.size === 0) return new Map();
  const own = named.flatMap(({ payerId, keys }) => (payerId === null ? [] : keys.map((key) => ({ payerId, key }))));
  const { rows } = await sql<CandidateRow>`
    with known as materialized (
      select asked.key as asked_key, i.*, count(*) over (partition by asked.key) as namesakes
      from unnest(${[...asked]}::text[]) as asked (key)
      cross join lateral (select * from import_invoice where key = asked.key collate "C" limit ${MOST_NAMESAKES + 1}) i
    )
    select distinct i.asked_key as key, ${CANDIDATE} from (
      select asked_key, invoice_id, customer_id, number, currency, issue_date, open_minor, stated_minor from known where namesakes <= ${MOST_NAMESAKES}
      union all
      select own.key, i.invoice_id, i.customer_id, i.number, i.currency, i.issue_date, i.open_minor, i.stated_minor
      from unnest(${own.map(({ payerId }) => payerId)}::uuid[], ${own.map(({ key }) => key)}::text[]) as own (customer_id, key)
      cross join lateral (select * from import_invoice where key = own.key collate "C" and customer_id = own.customer_id offset 0) i
    ) i order by "invoiceId"
  `.execute(em.getKysely<unknown>());
  const byKey = new Map<string, Candidate[]>();
  for (const row of rows) {
    const candidate = met.meet(toCandidate(row));
    const known = byKey.get(row.key);
    if (known) known.push(candidate);
    else byKey.set(row.key, [candidate]);
  }
  return byKey;
}

/** Has what is open found by its amount too, once and before any is sought. */
export async function keyOpen(em: EntityManager): Promise<void> {
  await sql`create index on import_invoice (customer_id, open_minor) where open_minor > 0`.execute(em.getKysely<unknown>());
}

/** Meets the invoices of payers that are open by exactly the amount of one of their credits. */
export async function meetByAmount(em: EntityManager, credits: readonly MatchedCredit[], met: MetInvoices): Promise<void> {
  const { rows } = await sql<Omit<CandidateRow, 'key'>>`
    select ${CANDIDATE} from (
      select distinct customer_id, currency, minor from unnest(${credits.map(({ payerId }) => payerId)}::uuid[], ${credits.map(({ currency }) => currency)}::text[], ${credits.map(({ amountMinor }) => amountMinor.toString())}::bigint[])
        as asked (customer_id, currency, minor)
    ) asked
    cross join lateral (select * from import_invoice where customer_id = asked.customer_id and open_minor = asked.minor and open_minor > 0 and currency = asked.currency offset 0) i
    order by i.invoice_id
  `.execute(em.getKysely<unknown>());
  for (const row of rows) met.meet(toCandidate(row));
}

function toCandidate({ invoiceId, customerId, number, currency, issueDate, openMinor, statedMinor }: Omit<CandidateRow, 'key'>): Candidate {
  return { invoiceId, customerId, number, currency, issueDate, openMinor: BigInt(openMinor), statedMinor: BigInt(statedMinor) };
}

/** The letters of a key as `A` and its digits as `0`. */
function shapeOf(key: string): string {
  return key.replace(/[A-Z]/g, 'A').replace(/\d/g, '0');
}

/**
 * Keeps every invoice under the key of its number, `numberKey` in SQL, once in a transaction and before anything is sought: with
 * what is open, and what files only stated as settled. Tells which keys could be one of them by their shape: of all the words
 * of a remittance few look like a number of this firm.
 */
export async function keyInvoices(em: EntityManager): Promise<(key: string) => boolean> {
  const db = em.getKysely<unknown>();
  await sql`
    create temp table import_invoice on commit drop as
    select ltrim(regexp_replace(upper(i.number collate "C"), '[^A-Z0-9]', '', 'g'), '0') collate "C" as key, i.id as invoice_id, i.customer_id, i.number, i.currency, i.issue_date,
      i.amount_minor - i.applied_minor as open_minor, coalesce(stated.minor, 0)::bigint as stated_minor
    from portfolios.invoice i
    left join (
      select invoice_id, sum(amount_minor) as minor from portfolios.application where receipt_id is null and credit_note_id is null group by invoice_id
    ) stated on stated.invoice_id = i.id
    where i.kind = 'INVOICE' and not i.cancelled
  `.execute(db);
  await sql`create index on import_invoice (key, customer_id)`.execute(db);
  await sql`analyze import_invoice`.execute(db);
  const { rows } = await sql<{ shape: string }>`
    select distinct translate(key, 'BCDEFGHIJKLMNOPQRSTUVWXYZ123456789', 'AAAAAAAAAAAAAAAAAAAAAAAAA000000000') as shape from import_invoice limit ${sql.lit(MOST_SHAPES + 1)}
  `.execute(db);
  if (rows.length > MOST_SHAPES) return () => true;
  const shapes = new Set(rows.map(({ shape }) => shape));
  return (key) => shapes.has(shapeOf(key));
}
