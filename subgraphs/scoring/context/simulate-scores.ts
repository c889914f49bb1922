import { sql } from 'kysely';
import { decodeCursor, encodeCursor, wrongCursor } from '../../../src/graph/page.graph.js';
import type { Request } from '../../../src/server/request.js';
import { isUuid } from '../../../src/values/opaque-id.js';
import type { Score } from '../score/model.js';
import { computeStandings, scoreUnder } from '../score/compute-standings.js';
import { readContextShifts, type Assumption } from './read-context-shifts.js';

/** A customer's score as it is today, and as it would be. */
export interface SimulatedScore {
  readonly customerId: string;
  readonly before: Score;
  readonly after: Score;
}

/** The scores of these customers today and under an assumption, in the order given; of whom nothing is known is left out. It writes nothing. */
export async function simulateScores(request: Request, customerIds: readonly string[], assumption: Assumption): Promise<readonly SimulatedScore[]> {
  const ids = [...new Set(customerIds.filter(isUuid))];
  const today = request.room.clock.today();
  const [standings, shifts] = await Promise.all([
    request.read((em) => computeStandings(em, ids, today)),
    request.read((em) => readContextShifts(em, ids, today, assumption)),
  ]);
  return ids.flatMap((customerId) => {
    const standing = standings.get(customerId);
    return standing ? [{ customerId, before: standing.score, after: scoreUnder(standing, shifts.get(customerId) ?? []) }] : [];
  });
}

/** One page of the ids of the firm's customers, and one more if there is more. */
export async function listCustomerIds(request: Request, first: number, after: string | null): Promise<readonly string[]> {
  const behind = after === null ? sql`` : sql`where customer_id > ${cursorKey(after)}::uuid`;
  const { rows } = await request.read((em) => sql<{ id: string }>`select customer_id as id from scoring.customer_fact ${behind} order by customer_id limit ${first + 1}`.execute(em.getKysely<unknown>()));
  return rows.map(({ id }) => id);
}

export function customerCursor(id: string): string {
  return encodeCursor([id]);
}

function cursorKey(cursor: string): string {
  const [id] = decodeCursor(cursor, 1);
  if (typeof id === 'string' && isUuid(id)) return id;
  throw wrongCursor();
}
