import { sql } from 'kysely';
import type { Room } from '../../../src/server/room.js';

export interface LinkAlarm {
  readonly raisedAt: string;
  readonly firms: readonly string[];
  readonly ties: string;
}

/** Firms that stood apart and were found to be one, the latest first. */
export async function listLinkAlarms(room: Room): Promise<readonly LinkAlarm[]> {
  return room.db.asSystem().transaction(async (em) => {
    const { rows } = await sql<LinkAlarm>`
      select to_char(raised_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI') as "raisedAt", firms::text[] as firms, ties from identity.link_alarm order by raised_at desc limit 1000
    `.execute(em.getKysely<unknown>());
    return rows;
  });
}
