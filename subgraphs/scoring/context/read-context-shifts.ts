import { sql } from 'kysely';
import type { Reader } from '../../../src/database/firm-reads.js';
import { isoOf } from '../../../src/values/day.js';
import type { ContextScope, ContextShift } from './context-event.js';
import { prefixesOf } from './sector-prefixes.js';

/** What is assumed instead of what is: further events that apply on the day, and some that do not. */
export interface Assumption {
  readonly events: readonly (ContextScope & { readonly name: string })[];
  /** Ids of events; one that is no uuid may not be here. */
  readonly without: readonly string[];
}

/**
 * Whether the event `e` concerns the customer of the fact `f`. Of whom no country or no sector is known, no event concerns that names
 * some. What the code of a sector begins with is itself, its division, its group: as arrays that overlap, for each pair of a page is asked.
 */
export const concerns = sql`
  (cardinality(e.countries) = 0 or f.country = any(e.countries))
  and (cardinality(e.sector_prefixes) = 0 or e.sector_prefixes && array[f.sector, left(f.sector, 2), left(f.sector, 4)])
`;

/**
 * The context events that apply on `day` to each of these customers, those that began first come first, what is assumed comes last;
 * a customer without one is not in it. One statement for a page.
 */
export async function readContextShifts(em: Reader, customerIds: readonly string[], day: Temporal.PlainDate, assumption: Assumption = { events: [], without: [] }): Promise<ReadonlyMap<string, readonly ContextShift[]>> {
  const assumed = JSON.stringify(assumption.events.map(({ name, countries, sectors, shift }, place) => ({ place, name, countries, sector_prefixes: sectors.flatMap(prefixesOf), shift })));
  const { rows } = await sql<ContextShift & { readonly customerId: string }>`
    select asked.customer_id as "customerId", e.id as "eventId", e.name, e.kind, e.shift
    from unnest(${[...customerIds]}::uuid[]) as asked (customer_id)
    left join scoring.customer_fact f on f.customer_id = asked.customer_id
    join (
      select id, name, kind, countries, sector_prefixes, shift, starts_on, 0 as place from scoring.context_event
      where starts_on <= ${isoOf(day)}::date and (last_on is null or last_on >= ${isoOf(day)}::date) and (ended_on is null or ended_on > ${isoOf(day)}::date)
        and id <> all(${[...assumption.without]}::uuid[])
      union all
      select null, name, null, countries, sector_prefixes, shift, null, place + 1
      from jsonb_to_recordset(${assumed}::jsonb) as event (place int, name text, countries text[], sector_prefixes text[], shift int)
    ) e on ${concerns}
    order by asked.customer_id, e.place, e.starts_on, e.id
  `.execute(em.getKysely<unknown>());
  const byCustomer = Map.groupBy(rows, ({ customerId }) => customerId);
  return new Map([...byCustomer].map(([customerId, shifts]) => [customerId, shifts.map(({ eventId, name, kind, shift }) => ({ eventId, name, kind, shift }))]));
}
