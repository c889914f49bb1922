import { sql } from 'kysely';
import { ApiError } from '../../../src/errors.js';
import type { BatchRead } from '../../../src/server/request.js';
import { messageColumns, type MessageRow } from './read-messages.js';

/** Messages that one search looks at, at most; the next one goes on behind them. */
export const SEARCHED_AT_ONCE = 100_000;
/** Searches of one operation: each may read a whole conversation. */
const MOST_SEARCHES = 3;

/** What is searched for, and between which numbers, neither included: at most `SEARCHED_AT_ONCE` of them are looked at. */
export interface MessageSearch {
  readonly peeringId: string;
  /** Regular expressions that all have to match. */
  readonly patterns: readonly string[];
  readonly after: number;
  readonly before: number;
  readonly size: number;
}

/**
 * The messages of a conversation that a search finds, the latest first, one more than its size where there is one. The
 * conversation is one stretch of the primary key, read from its end: no other conversation is looked at, and no more than
 * it takes. Texts that were erased or edited away are not there to be found.
 */
export const readFoundMessages: BatchRead<MessageSearch, readonly MessageRow[]> = async (request, searches) => {
  if (searches.length > MOST_SEARCHES) throw new ApiError('QUERY_TOO_COMPLEX', `An operation has at most ${MOST_SEARCHES} searches of messages.`);
  const { firmId } = request.demand();
  return Promise.all(searches.map(({ peeringId, patterns, after, before, size }) => request.read(async (em) => {
    const matches = sql.join(patterns.map((pattern) => sql`m.body ~ ${pattern}`), sql` and `);
    const { rows } = await sql<MessageRow>`
      select ${messageColumns(firmId)} from community.message m
      where m.peering_id = ${peeringId} and m.seq > ${after} and m.seq < ${before} and ${matches}
      order by m.seq desc limit ${size + 1}
    `.execute(em.getKysely<unknown>());
    return rows;
  })));
};
