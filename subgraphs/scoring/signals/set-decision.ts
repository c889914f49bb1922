import { sql } from 'kysely';
import type { Clock } from '../../../src/clock.js';
import type { FirmDatabase } from '../../../src/database/room-database.js';
import { notFound, Refusal } from '../../../src/errors.js';
import type { Asker } from '../../../src/server/asker.js';
import { isUuid } from '../../../src/values/opaque-id.js';
import { markRescoreDue } from '../score/mark-rescore-due.js';
import { LONGEST_REASON, parseReason, type SignalDecision } from './signal-decision.js';

export interface Decided {
  readonly id: string;
  readonly decision: SignalDecision;
  /** Left out: 1. */
  readonly weight: number | undefined;
  readonly note: string;
  /** When the decision was made that this one is to take the place of, null for none yet; left out: whatever stands. */
  readonly seen: Temporal.Instant | null | undefined;
}

interface Standing {
  readonly customerId: string;
  readonly decision: SignalDecision | null;
  readonly weight: number | null;
  readonly note: string | null;
  readonly decidedAt: string | null;
}

/**
 * Notes what a user makes of a signal; the score of its customer follows. The same again changes nothing, another decision takes
 * its place. Who says which decision was seen is refused when it is no longer that one.
 */
export async function setDecision(firm: FirmDatabase, asker: Asker, { id, decision, seen, ...given }: Decided, clock: Clock): Promise<void> {
  const note = parseReason(given.note);
  if (note === undefined) throw new Refusal('INVALID', `A note has 1 to ${LONGEST_REASON} characters and no control characters.`, ['input', 'note']);
  const weight = demandWeight(decision, given.weight);
  if (!isUuid(id)) throw notFound(['input', 'id']);
  await firm.transaction(async (em) => {
    const db = em.getKysely<unknown>();
    // Two at once wait for one another here; the second sees what the first decided.
    const { rows } = await sql<Standing>`
      select customer_id as "customerId", decision, weight, note, to_char(decided_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as "decidedAt"
      from scoring.peer_signal where id = ${id} for update
    `.execute(db);
    const stands = rows[0];
    if (!stands) throw notFound(['input', 'id']);
    if (stands.decision === decision && stands.weight === weight && stands.note === note) return;
    if (seen !== undefined && stands.decidedAt !== (seen && new Date(seen.epochMilliseconds).toISOString())) {
      throw new Refusal('CONFLICT', 'Somebody has decided about this signal meanwhile.', ['input', 'seen']);
    }
    await sql`
      update scoring.peer_signal set decision = ${decision}, weight = ${weight}, note = ${note}, decided_at = ${clock.now().round('millisecond').toString()}::timestamptz, decided_by = ${asker.userId ?? null}
      where id = ${id}
    `.execute(db);
    await markRescoreDue(em, sql`select ${stands.customerId}::uuid`);
  });
}

/** The weight of what is integrated; nothing of what is ignored. */
function demandWeight(decision: SignalDecision, weight: number | undefined): number | null {
  const path = ['input', 'weight'];
  if (decision === 'IGNORED') {
    if (weight !== undefined) throw new Refusal('INVALID', 'What is ignored has no weight.', path);
    return null;
  }
  const given = weight ?? 1;
  if (!(given >= 0 && given <= 1)) throw new Refusal('INVALID', 'A weight is from 0 to 1.', path);
  return given;
}
