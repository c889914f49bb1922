import { sql } from 'kysely';
import type { Request } from '../../../src/server/request.js';
import type { DisputeReason } from './dispute-reason.js';
import type { ResolvedIn } from './resolution.js';

/** Disputes of one reason and responsible that took the same number of days. */
export interface DisputePart extends ResolvedIn {
  readonly reason: DisputeReason;
  readonly responsible: string;
}

export interface ReportScope {
  readonly currency: string;
  readonly from: Temporal.PlainDate;
  readonly to: Temporal.PlainDate;
  /** What is known on this day: a dispute resolved later is open. */
  readonly asOf: Temporal.PlainDate;
}

/** The disputes opened from one day to another, both included, counted by what the report tells apart. */
export async function readDisputeParts(request: Request, { currency, from, to, asOf }: ReportScope): Promise<readonly DisputePart[]> {
  const { rows } = await request.read((em) =>
    sql<{ reason: DisputeReason; responsible: string; days: number | null; count: number; minor: string }>`
      select d.reason, d.responsible, case when d.resolved_on <= ${asOf.toString()}::date then d.resolved_on - d.opened_on end as days,
        count(*)::int as count, sum(d.amount_minor)::text as minor
      from portfolios.dispute d
      where d.currency = ${currency} and d.opened_on >= ${from.toString()}::date and d.opened_on <= least(${to.toString()}::date, ${asOf.toString()}::date)
      group by 1, 2, 3
    `.execute(em.getKysely<unknown>()),
  );
  return rows.map(({ minor, ...row }) => ({ ...row, amountMinor: BigInt(minor) }));
}
