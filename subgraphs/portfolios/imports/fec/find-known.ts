import type { EntityManager } from '@mikro-orm/postgresql';
import { sql } from 'kysely';
import type { StagedImport } from '../plan-import.js';
import { isOpening } from './entry-side.js';
import type { KnownAccount, KnownInvoice } from './read-account.js';

/**
 * Keeps what the ledger has of the customers that the file's accounts mean, once and before any account is read, by account:
 * documents that the file names, and of an account that opens with a balance all of the past, with what of it was open then.
 */
export async function keepKnown(em: EntityManager, job: StagedImport): Promise<void> {
  const db = em.getKysely<unknown>();
  const { rows: kinds } = await sql<{ sides: number }>`select distinct sides from import_side`.execute(db);
  const openings = kinds.map(({ sides }) => sides).filter(isOpening);
  await sql`
    create temp table import_account on commit drop as
    select e.account, c.id as customer_id, min(e.entry_day) filter (where s.sides = any(${sql.lit(`{${openings.join(',')}}`)}::int[])) as opening
    from portfolios.import_entry e join import_side s using (journal, entry, entry_day) join portfolios.customer c on c.reference = e.account
    where e.job_id = ${sql.lit(job.id)} group by e.account, c.id
  `.execute(db);
  await sql`analyze import_account`.execute(db);
  await sql`
    create temp table import_known_invoice on commit drop as
    with known as materialized (
      select k.account, k.opening, i.id, i.number, i.kind, i.issue_date, i.amount_minor, i.cancelled, coalesce(i.issue_date < k.opening, false) as is_before
      from import_account k join portfolios.invoice i on i.customer_id = k.customer_id
      left join (select distinct account, piece from portfolios.import_entry where job_id = ${sql.lit(job.id)} and piece is not null) named on named.account = k.account and named.piece = i.number
      where named.piece is not null or i.issue_date <= k.opening
    ), taken as (
      select k.id, sum(a.amount_minor) as minor from known k join portfolios.application a on a.invoice_id = k.id where k.is_before and a.applied_on < k.opening group by k.id
    ), given as (
      select k.id, sum(a.amount_minor) as minor from known k join portfolios.application a on a.credit_note_id = k.id where k.is_before and a.applied_on < k.opening group by k.id
    )
    select account, id, number, kind, issue_date, amount_minor, is_before,
      case when is_before and not cancelled then amount_minor - coalesce(taken.minor, 0) - coalesce(given.minor, 0) else 0 end::bigint as open_minor
    from known left join taken using (id) left join given using (id)
  `.execute(db);
  await sql`
    create temp table import_known_receipt on commit drop as
    with known as materialized (
      select k.account, k.opening, r.id, r.reference, r.received_on, r.amount_minor, r.received_on < k.opening as is_before
      from import_account k join portfolios.receipt r on r.customer_id = k.customer_id where r.received_on <= k.opening
    ), given as (
      select k.id, sum(a.amount_minor) as minor from known k join portfolios.application a on a.receipt_id = k.id where k.is_before and a.applied_on < k.opening group by k.id
    )
    select account, id, reference, received_on, amount_minor, is_before, case when is_before then amount_minor - coalesce(given.minor, 0) else 0 end::bigint as open_minor
    from known left join given using (id)
  `.execute(db);
  for (const table of ['import_known_invoice', 'import_known_receipt']) {
    await sql`create index on ${sql.table(table)} (account)`.execute(db);
    await sql`analyze ${sql.table(table)}`.execute(db);
  }
}

/** What of that these accounts have, by account. */
export async function findKnown(em: EntityManager, accounts: readonly string[]): Promise<ReadonlyMap<string, KnownAccount>> {
  const db = em.getKysely<unknown>();
  const { rows: invoices } = await sql<{ account: string; number: string; kind: KnownInvoice['kind']; issueDay: string; isBefore: boolean; amount: string; open: string }>`
    select account, number, kind, issue_date::text as "issueDay", is_before as "isBefore", amount_minor::text as amount, open_minor::text as open
    from import_known_invoice where account = any(${[...accounts]}::text[]) order by issue_date, id
  `.execute(db);
  const { rows: receipts } = await sql<{ account: string; reference: string; receivedOn: string; isBefore: boolean; amount: string; open: string }>`
    select account, reference, received_on::text as "receivedOn", is_before as "isBefore", amount_minor::text as amount, open_minor::text as open
    from import_known_receipt where account = any(${[...accounts]}::text[]) order by received_on, id
  `.execute(db);
  const invoicesOf = Map.groupBy(invoices, ({ account }) => account);
  const receiptsOf = Map.groupBy(receipts, ({ account }) => account);
  return new Map([...new Set([...invoicesOf.keys(), ...receiptsOf.keys()])].map((account): [string, KnownAccount] => {
    const issued = invoicesOf.get(account) ?? [];
    const received = receiptsOf.get(account) ?? [];
    return [account, {
      hasPast: [...issued, ...received].some(({ isBefore }) => isBefore),
      invoices: new Map(issued.map(({ number, kind, issueDay, amount, open }) => [number, { kind, issueDay, amountMinor: BigInt(amount), openMinor: BigInt(open) }])),
      receipts: new Map(received.map(({ reference, receivedOn, amount, open }) => [reference, { receivedOn, amountMinor: BigInt(amount), openMinor: BigInt(open) }])),
    }];
  }));
}
