import { sql } from 'kysely';
import type { Reader } from '../../../src/database/firm-reads.js';
import { DSO_DAYS, type OwedInCurrency } from '../alerts/measured.js';
import { paymentBehaviour, type PaymentBehaviour } from '../behaviour/payment-behaviour.js';
import { readPaidInvoices } from '../behaviour/read-paid-invoices.js';
import type { Features } from './features.js';

/** How long a broken promise counts, in months. */
const PROMISE_MONTHS = 12;

/** What one customer owes in one currency, in minor units. */
export interface Owed extends OwedInCurrency {
  readonly beyond30Minor: bigint;
  readonly openCount: number;
}

/** What is known of one customer on a day, apart from what members, statements and registers say. */
export interface Measured {
  readonly behaviour: PaymentBehaviour | null;
  readonly features: Omit<Features, 'benchmarkGap' | 'insolvent' | 'statement'>;
  readonly owed: readonly Owed[];
}

interface Row {
  readonly customerId: string;
  readonly owed: readonly { currency: string; outstanding: string; overdue: string; beyond30: string; sales: string; openCount: number; invoiceCount: number }[];
  readonly relationMonths: number | null;
  readonly limitCurrency: string | null;
  readonly limitMinor: string | null;
  readonly reservedMinor: string | null;
  readonly openDisputes: number | null;
  readonly brokenPromises: number | null;
}

/** Measures these customers of the reader's firm on `today`, all of them in two statements; who is not known is not in it. */
export async function computeMeasures(em: Reader, customerIds: readonly string[], today: Temporal.PlainDate): Promise<ReadonlyMap<string, Measured>> {
  const [paid, rows] = await Promise.all([readPaidInvoices(em, customerIds, today), readAccounts(em, customerIds, today)]);
  return new Map(rows.map((row) => [row.customerId, measured(row, paymentBehaviour(paid.get(row.customerId) ?? []))]));
}

function measured(row: Row, behaviour: PaymentBehaviour | null): Measured {
  const owed = row.owed.map(({ currency, outstanding, overdue, beyond30, sales, openCount, invoiceCount }): Owed => ({
    currency, outstandingMinor: BigInt(outstanding), overdueMinor: BigInt(overdue), beyond30Minor: BigInt(beyond30), salesMinor: BigInt(sales), openCount, invoiceCount,
  }));
  return {
    behaviour, owed,
    features: {
      index: behaviour?.index ?? null, trendPoints: behaviour?.trendPoints ?? null, shareBeyond30: shareBeyond30(owed),
      utilisation: utilisation(row, owed), openDisputes: row.openDisputes, brokenPromises: row.brokenPromises, relationMonths: row.relationMonths,
    },
  };
}

/** Amounts of two currencies cannot be added: each has its share, and they are weighted by their numbers of open invoices. */
function shareBeyond30(owed: readonly Owed[]): number | null {
  const open = owed.filter(({ outstandingMinor }) => outstandingMinor > 0n);
  const count = open.reduce((sum, { openCount }) => sum + openCount, 0);
  if (count === 0) return null;
  return open.reduce((sum, { beyond30Minor, outstandingMinor, openCount }) => sum + (Number(beyond30Minor) / Number(outstandingMinor)) * openCount, 0) / count;
}

/** What is open and reserved in the limit's currency ÷ the limit; nothing without a limit, or with one of nothing. */
function utilisation({ limitCurrency, limitMinor, reservedMinor }: Row, owed: readonly Owed[]): number | null {
  if (limitMinor === null || BigInt(limitMinor) <= 0n) return null;
  const outstanding = owed.find(({ currency }) => currency === limitCurrency)?.outstandingMinor ?? 0n;
  return Number(outstanding + BigInt(reservedMinor ?? 0)) / Number(limitMinor);
}

async function readAccounts(em: Reader, customerIds: readonly string[], today: Temporal.PlainDate): Promise<readonly Row[]> {
  const day = today.toString();
  const ids = [...customerIds];
  const { rows } = await sql<Row>`
    select coalesce(f.customer_id, c.customer_id) as "customerId", coalesce(f.owed, '[]') as owed,
      (extract(year from age(${day}::date, f.first_day)) * 12 + extract(month from age(${day}::date, f.first_day)))::int as "relationMonths",
      c.limit_currency as "limitCurrency", c.limit_minor::text as "limitMinor", c.reserved_minor::text as "reservedMinor", c.open_disputes as "openDisputes",
      (select count(*) from unnest(c.broken_on) broken (day) where day <= ${day}::date and day > ${today.subtract({ months: PROMISE_MONTHS }).toString()}::date)::int as "brokenPromises"
    from (
      select customer_id, min(first_day) as first_day, json_agg(json_build_object(
        'currency', currency, 'outstanding', outstanding::text, 'overdue', overdue::text, 'beyond30', beyond30::text, 'sales', sales::text, 'openCount', open_count, 'invoiceCount', invoice_count
      ) order by currency) as owed
      from (
        select customer_id, currency, min(issue_date) filter (where amount_minor > 0) as first_day, coalesce(sum(open), 0) as outstanding,
          coalesce(sum(open) filter (where due_date < ${day}::date), 0) as overdue, coalesce(sum(open) filter (where due_date < ${day}::date - 30), 0) as beyond30,
          coalesce(sum(amount_minor - credited_minor) filter (where issue_date > ${day}::date - ${sql.lit(DSO_DAYS)}), 0) as sales, count(*) filter (where open > 0)::int as open_count,
          count(*) filter (where amount_minor > 0)::int as invoice_count
        from (
          select customer_id, currency, issue_date, due_date, amount_minor, credited_minor,
            case when settled_on <= ${day}::date then 0 when settled_on is null then coalesce(open_minor, amount_minor) else amount_minor end as open
          from scoring.invoice_fact where customer_id = any(${ids}::uuid[]) and (amount_minor > 0 or credited_minor > 0) and issue_date <= ${day}::date
        ) fact
        group by 1, 2 having count(*) filter (where amount_minor > 0) > 0
      ) by_currency
      group by 1
    ) f
    full join (select * from scoring.customer_fact where customer_id = any(${ids}::uuid[])) c on c.customer_id = f.customer_id
  `.execute(em.getKysely<unknown>());
  return rows;
}
