import { sql } from 'kysely';
import type { Room } from '../../../src/server/room.js';
import { NAMING_FORMER } from './read-matching-keys.js';

export interface ListedExchange {
  readonly version: number;
  readonly operator: string;
  readonly why: string;
  readonly startedAt: string;
  readonly retiredAt: string | null;
  /** Firms whose keys were told in pairs, of so many. */
  readonly told: number;
  readonly firms: number;
  /** Events that name a former key and that community has not heard yet. */
  readonly unheard: number;
}

/** The exchanges of the matching key, the latest first. */
export async function listMatchingKeys(room: Room): Promise<readonly ListedExchange[]> {
  return room.db.asSystem().transaction(async (em) => {
    const { rows } = await sql<ListedExchange>`
      select version, operator, why, to_char(started_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI') as "startedAt", to_char(retired_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI') as "retiredAt",
        (select count(*)::int from portfolios.matching_key_told as told where told.version = matching_key.version) as told,
        (select count(*)::int from portfolios.contribution_consent) as firms,
        (select count(*)::int ${NAMING_FORMER}) as unheard
      from portfolios.matching_key order by version desc
    `.execute(em.getKysely<unknown>());
    return rows;
  });
}
