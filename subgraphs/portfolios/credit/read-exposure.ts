import { sql } from 'kysely';
import type { Reader } from '../../../src/database/firm-reads.js';
import type { BatchRead } from '../../../src/server/request.js';
import { openInvoices } from '../forecast/read-open-invoice.js';
import type { Exposure } from './headroom.js';

/** What stands against the limit of each customer today, in the limit's currency; amounts of other currencies are left out. */
export const readExposures: BatchRead<string, Exposure> = async (request, customerIds) => {
  const exposures = await request.read((em) => selectExposures(em, request.room.clock.today(), customerIds));
  return customerIds.map((id) => exposures.get(id) ?? null);
};

export async function selectExposures(em: Reader, today: Temporal.PlainDate, customerIds: readonly string[]): Promise<ReadonlyMap<string, Exposure>> {
  const { rows } = await sql<{ id: string; outstanding: string; orders: string }>`
    select c.id, coalesce(owed.minor, 0)::text as outstanding, coalesce(ordered.minor, 0)::text as orders
    from portfolios.customer c
    left join (
      select open.customer_id, open.currency, sum(open.open_minor) as minor from (${openInvoices(today, customerIds)}) open group by 1, 2
    ) owed on owed.customer_id = c.id and owed.currency = c.credit_limit_currency
    left join (
      select o.customer_id, o.currency, sum(o.amount_minor) as minor from portfolios.order_exposure o
      where o.released_at is null and o.customer_id = any(${[...customerIds]}::uuid[]) group by 1, 2
    ) ordered on ordered.customer_id = c.id and ordered.currency = c.credit_limit_currency
    where c.id = any(${[...customerIds]}::uuid[])
  `.execute(em.getKysely<unknown>());
  return new Map(rows.map((row) => [row.id, { outstandingMinor: BigInt(row.outstanding), ordersMinor: BigInt(row.orders) }]));
}
