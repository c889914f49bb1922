import { sql } from 'kysely';
import type { Reader } from '../../../src/database/firm-reads.js';
import { HABIT_DAYS, habitsOf, LATE_DAYS, MONTH_DAYS, QUARTER_DAYS, type LatenessHabits, type SeenAlike } from './lateness-habits.js';

interface Row extends Omit<SeenAlike, 'amount'> {
  readonly customerId: string;
  readonly amount: string;
}

/**
 * The habits of customers on `today`, of all of them in one statement: what `latenessHabits` makes of their single invoices,
 * put together where they tell the same. Who has no invoice that tells anything is not in it.
 */
export async function readLatenessHabits(em: Reader, customerIds: readonly string[], today: Temporal.PlainDate): Promise<ReadonlyMap<string, LatenessHabits>> {
  const day = today.toString();
  const { rows } = await sql<Row>`
    select customer_id as "customerId", currency, settled - due_date as "daysBeyondTerms", is_paid as "isPaid", decided, sum(amount_minor)::text as amount, count(*)::int as count
    from (
      select *, case when is_open then due_date < ${day}::date else settled > ${day}::date - ${sql.lit(HABIT_DAYS)} end as is_paid,
        case
          when due_date >= ${day}::date - ${sql.lit(LATE_DAYS)} or due_date < ${day}::date - ${sql.lit(HABIT_DAYS)} then null
          when due_date >= ${day}::date - ${sql.lit(LATE_DAYS + MONTH_DAYS)} then 'MONTH'
          when due_date >= ${day}::date - ${sql.lit(LATE_DAYS + QUARTER_DAYS)} then 'QUARTER'
          else 'LONGER'
        end as decided
      from (
        select customer_id, currency, amount_minor, due_date, settled_on is null or settled_on >= ${day}::date as is_open, least(settled_on, ${day}::date) as settled
        from scoring.invoice_fact
        where customer_id = any(${[...customerIds]}::uuid[]) and amount_minor > 0 and issue_date < ${day}::date
      ) as fact
    ) as seen
    where is_paid or decided is not null
    group by 1, 2, 3, 4, 5
  `.execute(em.getKysely<unknown>());
  const byCustomer = Map.groupBy(rows.map((row) => ({ ...row, amount: Number(row.amount) })), ({ customerId }) => customerId);
  return new Map([...byCustomer].map(([customerId, seen]) => [customerId, habitsOf(seen)]));
}
