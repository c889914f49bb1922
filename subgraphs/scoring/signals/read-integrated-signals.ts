import { sql } from 'kysely';
import type { Reader } from '../../../src/database/firm-reads.js';
import type { Metric } from '../../../src/values/metric.js';
import type { Trend } from '../../../src/values/trend.js';
import type { Factor, Label } from '../score/scorecard.js';
import { shownText, type Shown } from './shown.js';
import { signalPoints } from './signal-points.js';

/** For so many months after the end of its window a signal says something of how a customer pays. */
const MONTHS_OF_A_SIGNAL = 12;

const LABELS: Readonly<Record<Metric, Label>> = {
  DSO: { en: 'Signal from members: days sales outstanding', fr: 'Signal des membres : délai moyen de paiement' },
  DAYS_BEYOND_TERMS: { en: 'Signal from members: days beyond terms', fr: 'Signal des membres : retard de paiement' },
  LATE_SHARE: { en: 'Signal from members: share paid late', fr: 'Signal des membres : part payée en retard' },
  PAYMENT_TERMS: { en: 'Signal from members: payment terms', fr: 'Signal des membres : conditions de règlement' },
};

interface Row {
  readonly customerId: string;
  readonly metric: Metric;
  readonly direction: Trend;
  readonly before: Shown;
  readonly after: Shown;
  readonly weight: number;
}

/**
 * What signals that a user integrated add to the scores of these customers on `today`: of each metric the newest signal, for a year after
 * its window. One that was ignored since, or not decided about, leaves an older one of the same metric as it is.
 */
export async function readIntegratedSignals(em: Reader, customerIds: readonly string[], today: Temporal.PlainDate): Promise<ReadonlyMap<string, readonly Factor[]>> {
  const { rows } = await sql<Row>`
    select distinct on (customer_id, metric) customer_id as "customerId", metric, direction, before, after, weight
    from scoring.peer_signal
    where customer_id = any(${[...customerIds]}::uuid[]) and decision = 'INTEGRATED'
      and period_end <= ${today.toString()}::date and period_end > ${today.subtract({ months: MONTHS_OF_A_SIGNAL }).toString()}::date
    order by customer_id, metric, period_end desc
  `.execute(em.getKysely<unknown>());
  const factors = rows.map(({ customerId, metric, direction, before, after, weight }) => ({
    customerId, factor: { code: `PEER_SIGNAL_${metric}`, label: LABELS[metric], contribution: signalPoints(direction, weight), observed: `${shownText(before)} → ${shownText(after)}` },
  }));
  return new Map([...Map.groupBy(factors, ({ customerId }) => customerId)].map(([customerId, those]) => [customerId, those.map(({ factor }) => factor)]));
}
