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

/** What of an invoice a payment may take: what is open, and what files only stated as settled. */
const CANDIDATE = sql`
  i.id as "invoiceId", i.customer_id as "customerId", i.number, i.currency, i.issue_date::text as "issueDate", (i.amount_minor - i.applied_minor)::text as "openMinor",
  coalesce((select sum(a.amount_minor) from portfolios.application a where a.invoice_id = i.id and a.receipt_id is null and a.credit_note_id is null), 0)::text as "statedMinor"
`;

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
      select asked.key, k.invoice_id, count(*) over (partition by asked.key) as namesakes
      from unnest(${[...asked]}::text[]) as asked (key)
      cross join lateral (select invoice_id from import_invoice_key where key = asked.key collate "C" limit ${MOST_NAMESAKES + 1}) k
    )
    select found.key, ${CANDIDATE} from (
      select key, invoice_id from known where namesakes <= ${MOST_NAMESAKES}
      union
      select own.key, k.invoice_id from unnest(${own.map(({ payerId }) => payerId)}::uuid[], ${own.map(({ key }) => key)}::text[]) as own (customer_id, key)
      cross join lateral (select invoice_id from import_invoice_key where key = own.key collate "C" and customer_id = own.customer_id offset 0) k
    ) found cross join lateral (select * from portfolios.invoice where id = found.invoice_id limit 1) i
    order by i.id
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

/** Keeps what is open of the customers of `import_owned` that wait for an invoice of their amount, once and before any is sought. */
export async function keepOpen(em: EntityManager): Promise<void> {
  const db = em.getKysely<unknown>();
  await sql`
    create temp table import_open on commit drop as
    select id as invoice_id, customer_id, currency, amount_minor - applied_minor as minor
    from portfolios.invoice where kind = 'INVOICE' and not cancelled and settled_on is null and customer_id in (select customer_id from import_owned where not settled)
  `.execute(db);
  await sql`create index on import_open (customer_id, minor)`.execute(db);
  await sql`analyze import_open`.execute(db);
}

/** Meets the invoices of payers that are open by exactly the amount of one of their credits. */
export async function meetByAmount(em: EntityManager, credits: readonly MatchedCredit[], met: MetInvoices): Promise<void> {
  const { rows } = await sql<CandidateRow>`
    select '' as key, ${CANDIDATE} from (
      select distinct customer_id, currency, minor from unnest(${credits.map(({ payerId }) => payerId)}::uuid[], ${credits.map(({ currency }) => currency)}::text[], ${credits.map(({ amountMinor }) => amountMinor.toString())}::bigint[])
        as asked (customer_id, currency, minor)
    ) asked
    cross join lateral (select invoice_id from import_open where customer_id = asked.customer_id and minor = asked.minor and currency = asked.currency offset 0) open
    cross join lateral (select * from portfolios.invoice where id = open.invoice_id limit 1) i
    order by i.id
  `.execute(em.getKysely<unknown>());
  for (const row of rows) met.meet(toCandidate(row));
}

function toCandidate({ invoiceId, customerId, number, currency, issueDate, openMinor, statedMinor }: CandidateRow): Candidate {
  return { invoiceId, customerId, number, currency, issueDate, openMinor: BigInt(openMinor), statedMinor: BigInt(statedMinor) };
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
  await sql`create index on import_invoice_key (key, customer_id)`.execute(db);
  await sql`analyze import_invoice_key`.execute(db);
  const { rows } = await sql<{ shape: string }>`
    select distinct translate(key, 'BCDEFGHIJKLMNOPQRSTUVWXYZ123456789', 'AAAAAAAAAAAAAAAAAAAAAAAAA000000000') as shape from import_invoice_key limit ${sql.lit(MOST_SHAPES + 1)}
  `.execute(db);
  if (rows.length > MOST_SHAPES) return () => true;
  const shapes = new Set(rows.map(({ shape }) => shape));
  return (key) => shapes.has(shapeOf(key));
}
