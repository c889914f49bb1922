import { sql } from 'kysely';
import type { Room } from '../../../src/server/room.js';
import type { Job } from '../../../src/server/subgraph.js';
import { POLICY } from '../benchmark/policy.js';
import { holdsFigure } from './contribution.table.js';

/**
 * Raises an alarm for each customer of which all seats but at most one belong to one group, or to firms that came of late,
 * in the latest epoch of each family. Linked firms count each: what one of them is worth in a cell is another matter, and
 * somebody who brings many is the sign of it. Only operators see it; once a customer, kind and quarter.
 */
export async function watchSeats(room: Room): Promise<void> {
  await room.db.asSystem().transaction(async (em) => {
    await sql`
      with latest as (
        select distinct on (family) to_char(period_end, 'YYYY-MM') as month, to_char(period_end, 'YYYY-"Q"Q') as quarter, published_on
        from community.epoch order by family, period_end desc
      ), firm as (
        select latest.*, membership.firm_id, firm_group.group_mark, (joined_at at time zone 'UTC')::date + ${POLICY.newcomers.days}::int > published_on as newcomer
        from latest cross join community.membership left join community.firm_group on firm_group.firm_id = membership.firm_id
        where verified and joined_at is not null and (joined_at at time zone 'UTC')::date + ${POLICY.tenureDays}::int <= published_on
      ), side as (
        -- Who might hold them: firms of one group, and newcomers.
        select *, 'GROUP' as kind, group_mark as name from firm where group_mark is not null
        union all select *, 'NEWCOMERS', '' from firm where newcomer
      ), held as (
        select told.subject, side.kind, side.name, side.month, side.quarter, array_agg(distinct side.firm_id) as firms
        from side join community.contribution as told on told.firm_id = side.firm_id and told.month = side.month and told.evidenced and ${holdsFigure('told')}
        group by 1, 2, 3, 4, 5 having count(distinct side.firm_id) >= ${POLICY.fewestOthers.T1}::int
      )
      insert into community.seat_alarm (subject, kind, quarter, firms, seats)
      select distinct on (held.subject, held.kind, held.quarter) held.subject, held.kind, held.quarter, held.firms, seat.count
      from held cross join lateral (
        select count(distinct told.firm_id)::int as count from community.contribution as told join firm on firm.firm_id = told.firm_id and firm.month = told.month
        where told.subject = held.subject and told.month = held.month and told.evidenced and ${holdsFigure('told')}
      ) as seat
      where seat.count > ${POLICY.fewestOthers.T1}::int and cardinality(held.firms) >= seat.count - 1
      order by held.subject, held.kind, held.quarter, cardinality(held.firms) desc
      on conflict (subject, kind, quarter) do nothing
    `.execute(em.getKysely<unknown>());
  });
}

export const watchSeatsJob: Job = { name: 'watch-seats', everySeconds: 3600, hint: 'epochs', run: watchSeats };

export interface SeatAlarm {
  readonly raisedAt: string;
  readonly kind: 'GROUP' | 'NEWCOMERS';
  readonly quarter: string;
  readonly firms: readonly string[];
  readonly seats: number;
}

/** The alarms, the latest first. Which customer it is about nobody can tell here. */
export async function listSeatAlarms(room: Room): Promise<readonly SeatAlarm[]> {
  return room.db.asSystem().transaction(async (em) => {
    const { rows } = await sql<SeatAlarm>`
      select to_char(raised_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI') as "raisedAt", kind, quarter, firms::text[] as firms, seats
      from community.seat_alarm order by raised_at desc, subject limit 1000
    `.execute(em.getKysely<unknown>());
    return rows;
  });
}
