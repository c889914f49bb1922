import { sql } from 'kysely';
import type { Reader } from '../../../src/database/firm-reads.js';
import { isoOf } from '../../../src/values/day.js';
import type { StatementRatios } from '../score/statement-ratios.js';
import { MOST_GAP_MONTHS, MOST_YEARS, ratiosOf } from './ratios.js';
import { readFigures, type Raw, type StatementRecord } from './read-statements.js';

/** How long a statement says something of a customer, in months from the end of its period. */
const LASTING_MONTHS = 24;

/** How far before it a ratio looks back, in months: to the two years before. */
const HISTORY_MONTHS = (MOST_YEARS - 1) * MOST_GAP_MONTHS;
/** More interim statements than anybody draws up in that time. */
const MOST_LOOKED_AT = 24;

/**
 * The ratios of each customer's newest statement that was known on `day` and whose period ended at most 24 months before it, and
 * what changed since the years before; a customer without one is not in it.
 */
export async function readStatementRatios(em: Reader, customerIds: readonly string[], day: Temporal.PlainDate): Promise<ReadonlyMap<string, StatementRatios>> {
  const { rows } = await sql<Pick<Raw<StatementRecord>, 'periodEnd' | 'months' | 'currency' | 'figures'> & { readonly customerId: string }>`
    select asked.customer_id as "customerId", found.*
    from unnest(${[...customerIds]}::uuid[]) as asked (customer_id)
    cross join lateral (
      select s.period_end::text as "periodEnd", v.months, v.currency, v.figures from scoring.statement s
      cross join lateral (select * from scoring.statement_version where statement_id = s.id and recorded_on <= ${isoOf(day)}::date order by version desc limit 1) v
      where s.customer_id = asked.customer_id and s.period_end between ${day.subtract({ months: LASTING_MONTHS + HISTORY_MONTHS }).toString()}::date and ${isoOf(day)}::date
        and v.figures is not null
      order by s.period_end desc limit ${sql.lit(MOST_LOOKED_AT)}
    ) found
    order by asked.customer_id, found."periodEnd" desc
  `.execute(em.getKysely<unknown>());
  const oldest = day.subtract({ months: LASTING_MONTHS });
  return new Map([...Map.groupBy(rows, ({ customerId }) => customerId)].flatMap(([customerId, those]) => {
    const statements = those.flatMap(({ periodEnd, months, currency, figures }) => (figures ? [{ periodEnd: Temporal.PlainDate.from(periodEnd), months, currency, figures: readFigures(figures) }] : []));
    if (Temporal.PlainDate.compare(statements[0]!.periodEnd, oldest) < 0) return [];
    const ratios = ratiosOf(statements);
    return ratios ? [[customerId, ratios] as const] : [];
  }));
}
