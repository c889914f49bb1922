import { sql } from 'kysely';
import type { Reader } from '../../../src/database/firm-reads.js';
import { HABIT_DAYS, habitsOf, LATE_DAYS, MONTH_DAYS, QUARTER_DAYS, type LatenessHabits, type SettledAlike } from './lateness-habits.js';

interface Row extends Omit<SettledAlike, 'paidAmount'> {
  readonly customerId: string;
  readonly paidAmount: string;
}

/**
 * The habits of customers on `today`, of all of them in one statement: what `latenessHabits` makes of their single invoices,
 * put together where they were settled alike. Who has no invoice that tells anything is not in it.
 */
export async function readLatenessHabits(em: Reader, customerIds: readonly string[], today: Temporal.PlainDate): Promise<ReadonlyMap<string, LatenessHabits>> {
  const day = today.toString();
  const { rows } = await sql<Row>`
    select customer_id as "customerId", currency, settled - due_date as "daysBeyondTerms",
      coalesce(sum(amount_minor) filter (where is_paid), 0)::text as "paidAmount", count(*) filter (where is_paid)::int as "paidCount",
      count(*) filter (where is_decided)::int as decided,
      count(*) filter (where is_decided and age <= ${sql.lit(LATE_DAYS + QUARTER_DAYS)})::int as "decidedInQuarter",
      count(*) filter (where is_decided and age <= ${sql.lit(LATE_DAYS + MONTH_DAYS)})::int as "decidedInMonth"
    from (
      select *, case when is_open then age > 0 else settled > ${day}::date - ${sql.lit(HABIT_DAYS)} end as is_paid,
        age > ${sql.lit(LATE_DAYS)} and age <= ${sql.lit(HABIT_DAYS)} as is_decided
      from (
        select customer_id, currency, amount_minor, due_date, ${day}::date - due_date as age, settled_on is null or settled_on >= ${day}::date as is_open, least(settled_on, ${day}::date) as settled
        from scoring.invoice_fact
        where customer_id = any(${[...customerIds]}::uuid[]) and amount_minor > 0 and issue_date < ${day}::date
      ) as fact
    ) as known
    where is_paid or is_decided
    group by 1, 2, 3
  `.execute(em.getKysely<unknown>());
  const byCustomer = Map.groupBy(rows.map((row) => ({ ...row, paidAmount: Number(row.paidAmount) })), ({ customerId }) => customerId);
  return new Map([...byCustomer].map(([customerId, invoices]) => [customerId, habitsOf(invoices)]));
}
