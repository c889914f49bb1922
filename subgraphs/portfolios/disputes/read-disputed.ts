import { sql, type RawBuilder } from 'kysely';
import type { BatchRead } from '../../../src/server/request.js';
import type { Scope } from '../indicators/read-sums.js';
import { openMinorOn } from '../forecast/read-open-invoice.js';

/** What was open on the day of the invoices that were in dispute on it; one statement for all scopes. */
export const readDisputed: BatchRead<Scope, bigint> = async (request, scopes) => {
  const placed = scopes.map((scope, place) => ({ ...scope, place }));
  const branch = (asked: readonly (Scope & { readonly place: number })[], owner: RawBuilder<unknown>): RawBuilder<unknown> => sql`
    select asked.place, sum(${openMinorOn(sql`asked.day`)}) as minor
    from unnest(${asked.map(({ place }) => place)}::int[], ${asked.map(({ customerId }) => customerId)}::uuid[], ${asked.map(({ asOf }) => asOf.toString())}::date[], ${asked.map(({ currency }) => currency)}::text[])
      as asked (place, customer_id, day, currency)
    join portfolios.dispute d on d.currency = asked.currency and d.opened_on <= asked.day and (d.resolved_on is null or d.resolved_on > asked.day) ${owner}
    join portfolios.invoice i on i.id = d.invoice_id and i.issue_date <= asked.day
    group by asked.place
  `;
  const { rows } = await request.read((em) =>
    sql<{ place: number; minor: string }>`
      select place, minor::text as minor from (
        ${branch(placed.filter(({ customerId }) => customerId !== null), sql`and d.customer_id = asked.customer_id`)}
        union all ${branch(placed.filter(({ customerId }) => customerId === null), sql``)}
      ) disputed
    `.execute(em.getKysely<unknown>()),
  );
  const byPlace = new Map(rows.map((row) => [row.place, BigInt(row.minor)]));
  return scopes.map((_, place) => byPlace.get(place) ?? 0n);
};
