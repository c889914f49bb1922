import { sql } from 'kysely';
import { invariant } from '../../../src/errors.js';
import type { Reaction } from '../../../src/events/dispatch.js';
import { markRescoreDue } from '../score/mark-rescore-due.js';

/** Takes what portfolios tells of customers. Of each the fact of the highest revision stays, so events may come twice, late and in any order. */
export const noteCustomers: Reaction<'customers.changed'> = async (room, { firmId, data }) => {
  invariant(firmId, 'customers belong to a firm');
  await room.db.forFirm(firmId).transaction(async (em) => {
    // In the order of the key: two processes that hear of the same customers then wait for one another, never in a circle.
    await sql`
      insert into scoring.customer_fact (customer_id, country, sector, limit_currency, limit_minor, reserved_minor, open_disputes, broken_on, revision)
      select distinct on (customer_id) customer_id, country, sector, limit_currency, limit_minor, reserved_minor, open_disputes,
        array(select jsonb_array_elements_text(broken_on)::date), revision
      from (
        select customer_id, country, sector, limit_currency, limit_minor, reserved_minor, open_disputes, revision, ${JSON.stringify(data.brokenOn)}::jsonb -> (place - 1)::int as broken_on
        from unnest(${data.customerIds}::uuid[], ${data.countries}::text[], ${data.sectors}::text[], ${data.limitCurrencies}::text[], ${data.limitsMinor}::bigint[],
          ${data.reservedMinor}::bigint[], ${data.openDisputes}::int[], ${data.revisions}::bigint[]
        ) with ordinality as told (customer_id, country, sector, limit_currency, limit_minor, reserved_minor, open_disputes, revision, place)
      ) told
      order by customer_id, revision desc
      on conflict (firm_id, customer_id) do update set
        country = excluded.country, sector = excluded.sector, limit_currency = excluded.limit_currency, limit_minor = excluded.limit_minor,
        reserved_minor = excluded.reserved_minor, open_disputes = excluded.open_disputes, broken_on = excluded.broken_on, revision = excluded.revision
      where excluded.revision > customer_fact.revision
    `.execute(em.getKysely<unknown>());
    await markRescoreDue(em, sql`select unnest(${data.customerIds}::uuid[])`);
  });
};
