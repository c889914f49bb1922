import { sql } from 'kysely';
import type { BatchRead } from '../../../src/server/request.js';
import type { LateInvoice } from './late-penalty.js';

/** What settled parts of each invoice, day by day. */
export const readSettlements: BatchRead<string, LateInvoice['settlements']> = async (request, invoiceIds) => {
  const { rows } = await request.read((em) =>
    sql<{ invoice_id: string; day: string; minor: string }>`
      select invoice_id, applied_on::text as day, sum(amount_minor)::text as minor from portfolios.application
      where invoice_id = any(${[...invoiceIds]}::uuid[]) group by 1, 2 order by 1, 2
    `.execute(em.getKysely<unknown>()),
  );
  const byInvoice = Map.groupBy(rows, (row) => row.invoice_id);
  return invoiceIds.map((id) => (byInvoice.get(id) ?? []).map((row) => ({ on: Temporal.PlainDate.from(row.day), minor: BigInt(row.minor) })));
};
