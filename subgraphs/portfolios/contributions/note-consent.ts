import { sql } from 'kysely';
import { invariant } from '../../../src/errors.js';
import type { Reaction } from '../../../src/events/dispatch.js';
import { closeMonths } from './close-months.js';

/**
 * Takes for which metrics a firm consented, and tells community at once what it may now know, or takes it back. The
 * consent of the highest revision stays, whatever the order in which they come.
 */
export const noteConsent: Reaction<'membership.changed'> = async (room, { firmId, data }) => {
  invariant(firmId, 'a membership belongs to a firm');
  await room.db.forFirm(firmId).transaction(async (em) => {
    const db = em.getKysely<unknown>();
    const { rows } = await sql`
      insert into portfolios.contribution_consent (metrics, revision) values (${[...data.metrics]}::text[], ${data.revision})
      on conflict (firm_id) do update set metrics = excluded.metrics, revision = excluded.revision, told_month = null
      where excluded.revision > contribution_consent.revision
      returning revision
    `.execute(db);
    // Community forgets a metric that is no longer shared, and a change back may have come before the change: whatever it
    // still holds, it is told everything anew.
    if (rows.length > 0) await sql`update portfolios.contribution set figures = null where figures is not null`.execute(db);
  });
  await closeMonths(room, firmId);
};
