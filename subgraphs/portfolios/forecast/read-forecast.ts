import { sql, type RawBuilder } from 'kysely';
import { decodeCursor, encodeCursor, wrongCursor } from '../../../src/graph/page.graph.js';
import type { BatchRead, Request } from '../../../src/server/request.js';
import { isUuid } from '../../../src/values/opaque-id.js';
import type { DisputeReason } from '../disputes/dispute-reason.js';
import { DEFAULT_RESOLUTION_DAYS, DELAY_WINDOW_DAYS } from './expected-payment.js';
import { openInvoices } from './read-open-invoice.js';
import type { ExpectedOnDay } from './weeks.js';

export interface ForecastScope {
  readonly asOf: Temporal.PlainDate;
  readonly currency: string;
}

/** A line of a forecast as the database gives it. */
export interface ForecastLineRecord {
  readonly invoiceId: string;
  readonly minor: string;
  readonly dueDate: string;
  readonly promisedOn: string | null;
  readonly delayDays: number | null;
  readonly reason: DisputeReason | null;
  readonly openedOn: string | null;
  readonly averageDays: number | null;
  readonly averageOf: 'REASON' | 'ALL' | 'DEFAULT' | null;
  readonly expectedOn: string | null;
}

/** Where a line without a day stands in the order of days. */
const NEVER = '9999-12-31';

/**
 * Every open invoice with the day on which it is expected, as a subquery `line`: `expectPayment` for a whole portfolio at
 * once. An invoice of which only a part was promised has two lines; what was promised for several is taken to be for the
 * ones due first.
 */
function forecastLines({ asOf, currency }: ForecastScope): RawBuilder<unknown> {
  const day = sql`${asOf.toString()}::date`;
  return sql`
    with open as materialized (
      select o.id, o.customer_id, o.due_date, o.open_minor from (${openInvoices(asOf, null)}) o where o.currency = ${currency}
    ), habit as (
      select i.customer_id, round(sum(i.amount_minor::numeric * (i.settled_on - i.due_date)) / sum(i.amount_minor))::int as days
      from portfolios.invoice i
      where i.kind = 'INVOICE' and not i.cancelled and i.currency = ${currency} and i.settled_on > ${day} - ${sql.lit(DELAY_WINDOW_DAYS)} and i.settled_on <= ${day}
      group by i.customer_id
    ), took as materialized (
      select d.reason, round(avg(d.resolved_on - d.opened_on))::int as days from portfolios.dispute d where d.resolved_on <= ${day} group by grouping sets ((d.reason), ())
    ), contested as (
      select d.invoice_id, d.reason, d.opened_on, coalesce(same.days, whole.days, ${sql.lit(DEFAULT_RESOLUTION_DAYS)}) as average_days,
        case when same.days is not null then 'REASON' when whole.days is not null then 'ALL' else 'DEFAULT' end as average_of
      from portfolios.dispute d left join took same on same.reason = d.reason left join took whole on whole.reason is null
      where d.currency = ${currency} and d.opened_on <= ${day} and (d.resolved_on is null or d.resolved_on > ${day})
    ), promised as (
      select invoice_id, promised_on, greatest(0, least(open_minor, still_minor - before_minor)) as minor
      from (
        select o.id as invoice_id, p.promised_on, o.open_minor,
          sum(o.open_minor) over (partition by p.id) - p.left_minor as still_minor,
          sum(o.open_minor) over (partition by p.id order by o.due_date, o.id) - o.open_minor as before_minor
        from portfolios.payment_promise p
        join portfolios.payment_promise_invoice n on n.promise_id = p.id
        join open o on o.id = n.invoice_id
        where p.currency = ${currency} and p.made_on <= ${day} and p.promised_on >= ${day} and (p.replaced_on is null or p.replaced_on > ${day})
      ) standing
    )
    select o.id as invoice_id, part.minor, o.due_date, part.promised_on, habit.days as delay_days, c.reason, c.opened_on, c.average_days, c.average_of,
      case
        when c.reason = 'LITIGATION' then null
        when part.promised_on is not null then part.promised_on
        when c.reason is null then greatest(${day}, o.due_date + coalesce(habit.days, 0))
        else greatest(${day}, greatest(o.due_date + coalesce(habit.days, 0), c.opened_on) + c.average_days)
      end as expected_on
    from open o
    left join habit on habit.customer_id = o.customer_id
    left join contested c on c.invoice_id = o.id
    left join promised p on p.invoice_id = o.id
    cross join lateral (values (p.promised_on, coalesce(p.minor, 0)), (null, o.open_minor - coalesce(p.minor, 0))) as part (promised_on, minor)
    where part.minor > 0
  `;
}

/** What is expected on each day. */
export const readExpectedDays: BatchRead<ForecastScope, readonly ExpectedOnDay[]> = (request, scopes) =>
  Promise.all(
    scopes.map(async (scope) => {
      const { rows } = await request.read((em) =>
        sql<{ day: string | null; minor: string; count: number }>`
          select line.expected_on::text as day, sum(line.minor)::text as minor, count(*)::int as count from (${forecastLines(scope)}) line group by line.expected_on
        `.execute(em.getKysely<unknown>()),
      );
      return rows.map((row) => ({ on: row.day === null ? null : Temporal.PlainDate.from(row.day), minor: BigInt(row.minor), lineCount: row.count }));
    }),
  );

export interface ForecastLinePage extends ForecastScope {
  /** Only what is expected on these days, both included; null: everything, what is left out too. */
  readonly days: { readonly startsOn: Temporal.PlainDate; readonly endsOn: Temporal.PlainDate } | null;
  readonly first: number;
  readonly after: string | null;
}

/** One page of lines by the day on which they are expected, what is left out last, and one line more if there is more. */
export async function listForecastLines(request: Request, { days, first, after, ...scope }: ForecastLinePage): Promise<readonly ForecastLineRecord[]> {
  const key = sql`(coalesce(line.expected_on, ${NEVER}::date), line.invoice_id, line.promised_on is null)`;
  const conditions: RawBuilder<unknown>[] = [sql`true`];
  if (days) conditions.push(sql`line.expected_on between ${days.startsOn.toString()}::date and ${days.endsOn.toString()}::date`);
  if (after !== null) {
    const start = lineCursorKey(after);
    conditions.push(sql`${key} > (${start.day}::date, ${start.id}::uuid, ${start.rest}::boolean)`);
  }
  const { rows } = await request.read((em) =>
    sql<ForecastLineRecord>`
      select line.invoice_id as "invoiceId", line.minor::text as minor, line.due_date::text as "dueDate", line.promised_on::text as "promisedOn", line.delay_days as "delayDays",
        line.reason, line.opened_on::text as "openedOn", line.average_days as "averageDays", line.average_of as "averageOf", line.expected_on::text as "expectedOn"
      from (${forecastLines(scope)}) line where ${sql.join(conditions, sql` and `)} order by ${key} limit ${first + 1}
    `.execute(em.getKysely<unknown>()),
  );
  return rows;
}

export function lineCursor(line: ForecastLineRecord): string {
  return encodeCursor([line.expectedOn ?? NEVER, line.invoiceId, line.promisedOn === null ? 1 : 0]);
}

function lineCursorKey(cursor: string): { readonly day: string; readonly id: string; readonly rest: boolean } {
  const [day, id, rest] = decodeCursor(cursor, 3);
  if (typeof day === 'string' && typeof id === 'string' && isDay(day) && isUuid(id) && (rest === 0 || rest === 1)) return { day, id, rest: rest === 1 };
  throw wrongCursor();
}

/** Days of a forecast may lie beyond those of a ledger: a habit is added to a due date. */
function isDay(text: string): boolean {
  try {
    return /^\d{4}-\d\d-\d\d$/.test(text) && Temporal.PlainDate.from(text).toString() === text;
  } catch {
    return false;
  }
}
