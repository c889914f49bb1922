import { sql } from 'kysely';
import type { Request } from '../../../src/server/request.js';
import type { AlertMetric, MoveDirection } from './alert-metric.js';

/** Customers that a digest names. */
export const DIGEST_CUSTOMERS = 10;

export interface CountedAlerts {
  readonly metric: AlertMetric;
  readonly direction: MoveDirection;
  readonly count: number;
  readonly unacknowledged: number;
}

export interface ConcernedCustomer {
  readonly customerId: string;
  readonly count: number;
  readonly lastRaisedAt: string | Date;
}

export interface AlertDigestRecord {
  readonly counts: readonly CountedAlerts[];
  readonly customers: readonly ConcernedCustomer[];
}

/** The alerts raised from `from` on and before `to`, counted by metric and direction, and the customers with most of them. */
export async function readAlertDigest(request: Request, from: Temporal.Instant, to: Temporal.Instant): Promise<AlertDigestRecord> {
  const within = sql`a.raised_at >= ${from.toString()}::timestamptz and a.raised_at < ${to.toString()}::timestamptz`;
  const [counts, customers] = await request.read((em) =>
    Promise.all([
      sql<CountedAlerts>`
        select a.metric, a.direction, count(*)::int as count, count(*) filter (where a.acknowledged_at is null)::int as unacknowledged
        from scoring.alert a where ${within} group by a.metric, a.direction
      `.execute(em.getKysely<unknown>()),
      sql<ConcernedCustomer>`
        select a.customer_id as "customerId", count(*)::int as count, max(a.raised_at) as "lastRaisedAt"
        from scoring.alert a where ${within} group by a.customer_id order by 2 desc, 3 desc, 1 limit ${sql.lit(DIGEST_CUSTOMERS)}
      `.execute(em.getKysely<unknown>()),
    ]),
  );
  return { counts: counts.rows, customers: customers.rows };
}
