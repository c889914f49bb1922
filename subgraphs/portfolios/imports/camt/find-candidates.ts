import type { EntityManager } from '@mikro-orm/postgresql';
import { sql } from 'kysely';
import type { Candidate, CandidatesByKey, MatchedCredit } from './credit-match.js';

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

/** What of an invoice a payment may take: what is open, and what files only stated as settled. */
const CANDIDATE = sql`
  i.id as "invoiceId", i.customer_id as "customerId", i.number, i.currency, i.issue_date::text as "issueDate", (i.amount_minor - i.applied_minor)::text as "openMinor",
  coalesce((select sum(a.amount_minor) from portfolios.application a where a.invoice_id = i.id and a.receipt_id is null and a.credit_note_id is null), 0)::text as "statedMinor"
`;

/** The invoices that credits may name, settled ones among them, by the key of their number. */
export async function findByNumber(em: EntityManager, credits: readonly MatchedCredit[], ledger: Map<string, Candidate>): Promise<CandidatesByKey> {
  const db = em.getKysely<unknown>();
  const asked = new Set(credits.flatMap(({ references, mentions }) => [...references.flat(), ...mentions.map(({ key }) => key)]));
  if (asked.size === 0) return new Map();
  const payerIds = new Set(credits.flatMap(({ payerId }) => payerId ?? []));
  const { rows } = await sql<CandidateRow>`
    select found.key, ${CANDIDATE} from (
      select k.key, k.invoice_id, k.customer_id, count(*) over (partition by k.key) as namesakes
      from unnest(${[...asked]}::text[]) as asked (key) join import_invoice_key k on k.key = asked.key collate "C"
    ) found join portfolios.invoice i on i.id = found.invoice_id
    where found.namesakes <= ${MOST_NAMESAKES} or found.customer_id = any(${[...payerIds]}::uuid[])
    order by i.id
  `.execute(db);
  return Map.groupBy(rows.map((row) => ({ key: row.key, candidate: meet(ledger, row) })), ({ key }) => key)
    .entries().reduce((byKey, [key, members]) => byKey.set(key, members.map(({ candidate }) => candidate)), new Map<string, readonly Candidate[]>());
}

/** The invoices of payers that are open by exactly the amount of one of their credits, by payer; and all of theirs that credits met before. */
export async function findByAmount(em: EntityManager, credits: readonly MatchedCredit[], ledger: Map<string, Candidate>): Promise<ReadonlyMap<string, readonly Candidate[]>> {
  const asked = credits.filter(({ payerId }) => payerId !== null);
  if (asked.length === 0) return new Map();
  const { rows } = await sql<CandidateRow>`
    select '' as key, ${CANDIDATE} from (
      select distinct customer_id, currency, minor from unnest(${asked.map(({ payerId }) => payerId)}::uuid[], ${asked.map(({ currency }) => currency)}::text[], ${asked.map(({ amountMinor }) => amountMinor.toString())}::bigint[])
        as asked (customer_id, currency, minor)
    ) asked join portfolios.invoice i on i.customer_id = asked.customer_id and i.currency = asked.currency and i.amount_minor - i.applied_minor = asked.minor
    where i.kind = 'INVOICE' and not i.cancelled and i.settled_on is null order by i.id
  `.execute(em.getKysely<unknown>());
  for (const row of rows) meet(ledger, row);
  return Map.groupBy(ledger.values(), ({ customerId }) => customerId);
}

/** What is left of an invoice, once met, is what credits left of it. */
function meet(ledger: Map<string, Candidate>, row: CandidateRow): Candidate {
  const known = ledger.get(row.invoiceId);
  if (known) return known;
  const { invoiceId, customerId, number, currency, issueDate } = row;
  const candidate: Candidate = { invoiceId, customerId, number, currency, issueDate, openMinor: BigInt(row.openMinor), statedMinor: BigInt(row.statedMinor) };
  ledger.set(invoiceId, candidate);
  return candidate;
}

/** The letters of a key as `A` and its digits as `0`. */
function shapeOf(key: string): string {
  return key.replace(/[A-Z]/g, 'A').replace(/\d/g, '0');
}

/**
 * Gives every invoice the key of its number, once in a transaction and before anything is sought: `numberKey` in SQL. Tells
 * which keys could be one of them by their shape: of all the words of a remittance few look like a number of this firm.
 */
export async function keyInvoices(em: EntityManager): Promise<(key: string) => boolean> {
  const db = em.getKysely<unknown>();
  await sql`
    create temp table import_invoice_key on commit drop as
    select ltrim(regexp_replace(upper(number collate "C"), '[^A-Z0-9]', '', 'g'), '0') collate "C" as key, id as invoice_id, customer_id
    from portfolios.invoice where kind = 'INVOICE' and not cancelled
  `.execute(db);
  await sql`create index on import_invoice_key (key)`.execute(db);
  await sql`analyze import_invoice_key`.execute(db);
  const { rows } = await sql<{ shape: string }>`
    select distinct translate(key, 'BCDEFGHIJKLMNOPQRSTUVWXYZ123456789', 'AAAAAAAAAAAAAAAAAAAAAAAAA000000000') as shape from import_invoice_key limit ${sql.lit(MOST_SHAPES + 1)}
  `.execute(db);
  if (rows.length > MOST_SHAPES) return () => true;
  const shapes = new Set(rows.map(({ shape }) => shape));
  return (key) => shapes.has(shapeOf(key));
}
