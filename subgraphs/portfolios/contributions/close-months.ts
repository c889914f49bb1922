import { sql } from 'kysely';
import type { Metric } from '../../../src/values/metric.js';
import type { Room } from '../../../src/server/room.js';
import { closedMonths } from './closed-month.js';
import { tellCustomerKeys, withdrawCustomerKeys } from './tell-customer-keys.js';
import { tellFigures } from './tell-figures.js';

interface Consent {
  readonly metrics: readonly Metric[];
  readonly toldMonth: string | null;
}

/**
 * Tells community what changed in a firm's month-end figures and blind keys, for the metrics that it consented to; a firm
 * without any takes its keys back. Running it again, twice at once or after a crash tells nothing twice.
 */
export async function closeMonths(room: Room, firmId: string): Promise<void> {
  const { earliest, last } = closedMonths(room.clock.today());
  await room.db.forFirm(firmId).transaction(async (em) => {
    const db = em.getKysely<unknown>();
    // One run of a firm at a time: what was counted before a change must not be told over what was counted after it.
    await sql`select pg_advisory_xact_lock(hashtextextended(${`portfolios.contribution ${firmId}`}, 0))`.execute(db);
    // Locked, so that a consent given meanwhile waits and then finds its own mark that everything is to be told.
    const { rows: consents } = await sql<Consent>`
      select metrics, told_month::text as "toldMonth" from portfolios.contribution_consent for update
    `.execute(db);
    // Deleted before anything is counted: a change that commits later leaves its own mark for the next run.
    const { rows: due } = await sql<{ customerId: string }>`
      with gone as (delete from portfolios.contribution_due returning customer_id)
      select distinct customer_id as "customerId" from gone
    `.execute(db);
    const consent = consents[0];
    if (!consent || consent.metrics.length === 0) {
      await withdrawCustomerKeys(em, firmId, room.keys.matchingKey);
      return;
    }
    const toldMonth = consent.toldMonth === null ? undefined : Temporal.PlainDate.from(consent.toldMonth);
    const rollsOver = !toldMonth?.equals(last);
    const dueIds = due.map(({ customerId }) => customerId);
    if (!rollsOver && dueIds.length === 0) return;
    const changed = await tellCustomerKeys(em, firmId, room.keys.matchingKey, toldMonth ? dueIds : undefined);
    if (!toldMonth) await tellFigures(em, firmId, room.keys.matchingKey, consent.metrics, { subjects: undefined, from: earliest, to: last });
    else {
      // What did not change needs only the months that have ended since; a sandbox may also go back.
      const from = toldMonth.add({ months: 1 });
      if (Temporal.PlainDate.compare(from, last) <= 0) await tellFigures(em, firmId, room.keys.matchingKey, consent.metrics, { subjects: undefined, from: Temporal.PlainDate.compare(from, earliest) < 0 ? earliest : from, to: last });
      if (changed.length > 0) await tellFigures(em, firmId, room.keys.matchingKey, consent.metrics, { subjects: changed, from: earliest, to: last });
    }
    if (rollsOver) await sql`update portfolios.contribution_consent set told_month = ${String(last)}::date`.execute(db);
  });
}
