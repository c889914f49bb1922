import { sql } from 'kysely';
import type { Reader } from '../../../src/database/firm-reads.js';
import type { PaidAlike } from './payment-behaviour.js';

interface Row {
  readonly customerId: string;
  readonly currency: string;
  readonly daysBeyondTerms: number;
  readonly settledWithin: PaidAlike['settledWithin'];
  readonly amountMinor: string;
  readonly invoiceCount: number;
  readonly openCount: number;
}

/**
 * What the index of INDICATORS.md counts on `today`, by customer: invoices settled in the 24 months up to that day, and
 * open ones that are past due, with their whole amount, as if they were settled on it.
 */
export async function readPaidInvoices(em: Reader, customerIds: readonly string[], today: Temporal.PlainDate): Promise<ReadonlyMap<string, readonly PaidAlike[]>> {
  const before = (months: number): string => today.subtract({ months }).toString();
  const day = today.toString();
  const { rows } = await sql<Row>`
    select customer_id as "customerId", currency, day - due_date as "daysBeyondTerms",
      case when day > ${before(3)}::date then '3 months' when day > ${before(12)}::date then '12 months' else '24 months' end as "settledWithin",
      sum(amount_minor)::text as "amountMinor", count(*)::int as "invoiceCount",
      count(*) filter (where is_open)::int as "openCount"
    from (
      select *, case when settled_on <= ${day}::date then settled_on else ${day}::date end as day, settled_on is null or settled_on > ${day}::date as is_open
      from scoring.invoice_fact
      where customer_id = any(${[...customerIds]}::uuid[]) and amount_minor > 0 and issue_date <= ${day}::date
    ) as fact
    where case when settled_on <= ${day}::date then settled_on > ${before(24)}::date else due_date < ${day}::date end
    group by 1, 2, 3, 4
  `.execute(em.getKysely<unknown>());
  return Map.groupBy(
    rows.map((row) => ({ ...row, amountMinor: BigInt(row.amountMinor) })),
    (row) => row.customerId,
  );
}
