import { sql } from 'kysely';
import type { Reader } from '../../../src/database/firm-reads.js';
import type { Fraction } from '../../../src/values/fraction.js';

/** What the ledger says of a customer in one currency, on a day. */
export interface LedgerFacts {
  readonly currency: string;
  /** Invoices of the last 12 months, taxes included, and how many they are. */
  readonly salesMinor: bigint;
  readonly invoiceCount: number;
  /** Days from the first invoice to the day, that day included. */
  readonly observedDays: number;
  readonly termsDays: Fraction;
  readonly delayDays: Fraction | null;
  readonly highestPaidMinor: bigint | null;
}

interface Row {
  readonly customerId: string;
  readonly currency: string;
  readonly sales: string;
  readonly invoiceCount: number;
  readonly observedDays: number;
  readonly termsWeight: string;
  readonly settled: string | null;
  readonly delayWeight: string | null;
  readonly highestPaid: string | null;
}

/**
 * What a limit is made of, by customer, in the currency in which most of its invoices of the last 12 months are; the first by its
 * letters where two have as many. A customer without an invoice in those months is not in it. Lateness is over the invoices of the
 * payment behaviour: settled in the last 24 months, or past due as if settled on `today`. All customers in one statement.
 */
export async function readLedgerFacts(em: Reader, customerIds: readonly string[], today: Temporal.PlainDate): Promise<ReadonlyMap<string, LedgerFacts>> {
  const day = sql`${today.toString()}::date`;
  const before = (months: number) => sql`${today.subtract({ months }).toString()}::date`;
  const { rows } = await sql<Row>`
    with fact as materialized (
      select customer_id, currency, amount_minor::numeric as amount, issue_date, due_date, case when settled_on <= ${day} then settled_on end as settled_on
      from scoring.invoice_fact
      where customer_id = any(${[...customerIds]}::uuid[]) and amount_minor > 0 and issue_date <= ${day}
    ), sold as (
      select distinct on (customer_id) *
      from (
        select customer_id, currency, ${day} - min(issue_date) + 1 as observed_days,
          sum(amount) filter (where issue_date > ${before(12)}) as sales, (count(*) filter (where issue_date > ${before(12)}))::int as invoice_count,
          sum(amount * (due_date - issue_date)) filter (where issue_date > ${before(12)}) as terms_weight,
          sum(amount) filter (where settled_on > ${before(24)} or (settled_on is null and due_date < ${day})) as settled,
          sum(amount * (coalesce(settled_on, ${day}) - due_date)) filter (where settled_on > ${before(24)} or (settled_on is null and due_date < ${day})) as delay_weight
        from fact group by customer_id, currency
      ) by_currency
      where invoice_count > 0 order by customer_id, invoice_count desc, currency
    ), paid as materialized (
      select customer_id, currency, max(level) as highest
      from (
        -- What it owed at the end of each day, of what it has paid.
        select customer_id, currency, sum(sum(amount)) over (partition by customer_id, currency order by day) as level
        from (
          select customer_id, currency, moved.day, moved.amount from fact
          cross join lateral (values (issue_date, amount), (greatest(settled_on, issue_date), -amount)) moved (day, amount)
          where settled_on > ${before(24)}
        ) moved
        group by customer_id, currency, day
      ) owed
      group by customer_id, currency
    )
    select customer_id as "customerId", currency, sales::text, invoice_count as "invoiceCount", observed_days as "observedDays", terms_weight::text as "termsWeight",
      settled::text, delay_weight::text as "delayWeight", highest::text as "highestPaid"
    from sold left join paid using (customer_id, currency)
  `.execute(em.getKysely<unknown>());
  return new Map(rows.map((row) => [row.customerId, toFacts(row)]));
}

function toFacts({ currency, sales, invoiceCount, observedDays, termsWeight, settled, delayWeight, highestPaid }: Row): LedgerFacts {
  const salesMinor = BigInt(sales);
  return {
    currency, salesMinor, invoiceCount, observedDays,
    termsDays: { numerator: BigInt(termsWeight), denominator: salesMinor },
    delayDays: settled === null || delayWeight === null ? null : { numerator: BigInt(delayWeight), denominator: BigInt(settled) },
    highestPaidMinor: highestPaid === null ? null : BigInt(highestPaid),
  };
}
