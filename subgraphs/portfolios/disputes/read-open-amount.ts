import type { EntityManager } from '@mikro-orm/postgresql';
import { sql } from 'kysely';
import { openMinorOn } from '../forecast/read-open-invoice.js';

/** What was open of each of these invoices at the end of a day. */
export async function readOpenAmounts(em: EntityManager, invoiceIds: readonly string[], day: Temporal.PlainDate): Promise<ReadonlyMap<string, bigint>> {
  const { rows } = await sql<{ id: string; minor: string }>`
    select i.id, (${openMinorOn(sql`${day.toString()}::date`)})::text as minor from portfolios.invoice i where i.id = any(${[...invoiceIds]}::uuid[])
  `.execute(em.getKysely<unknown>());
  return new Map(rows.map((row) => [row.id, BigInt(row.minor)]));
}
