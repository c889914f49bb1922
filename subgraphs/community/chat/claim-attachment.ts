import { sql } from 'kysely';
import type { FirmDatabase } from '../../../src/database/room-database.js';
import { ApiError } from '../../../src/errors.js';

/** A file whose bytes may come. `attempt` tells this upload from every other one to the same file. */
export interface ClaimedAttachment {
  readonly peeringId: string;
  readonly id: string;
  readonly fileName: string;
  readonly attempt: number;
  /** What the bytes were that came before; null when none have. */
  readonly sha256: string | null;
}

/**
 * Takes a file of the firm for this upload: one that is still under way is left behind, and its pieces are gone. A file that
 * has its bytes keeps them. `NOT_FOUND` for what is unknown or not the firm's own, `CONFLICT` when the conversation is closed.
 */
export async function claimAttachment(firm: FirmDatabase, firmId: string, id: string): Promise<ClaimedAttachment> {
  return firm.transaction(async (em) => {
    const db = em.getKysely<unknown>();
    const { rows } = await sql<ClaimedAttachment & { closed: boolean }>`
      select a.peering_id as "peeringId", a.id, a.file_name as "fileName", a.attempt + 1 as attempt, a.sha256, c.closed_at is not null as closed
      from community.attachment a
      join community.peering_side s on s.peering_id = a.peering_id and s.side = a.side and s.firm_id = ${firmId}
      join community.conversation c on c.peering_id = a.peering_id
      where a.id = ${id}
    `.execute(db);
    const found = rows[0];
    if (!found) throw noSuchAttachment();
    if (found.sha256 !== null) return found;
    if (found.closed) throw new ApiError('CONFLICT', 'The conversation is closed.');
    const { rows: claimed } = await sql<{ attempt: number }>`
      update community.attachment set attempt = attempt + 1 where peering_id = ${found.peeringId} and id = ${id} and content_type is null returning attempt
    `.execute(db);
    // Between the two statements another upload may have come to its end.
    if (!claimed[0]) throw new ApiError('CONFLICT', 'Another upload of this file has just ended. Send it again to have it compared.');
    await sql`delete from community.attachment_chunk where peering_id = ${found.peeringId} and attachment_id = ${id}`.execute(db);
    return { ...found, attempt: claimed[0].attempt };
  });
}

/** Drops the pieces of an upload that broke off or was refused; those of a later one stay. */
export async function releaseAttachment(firm: FirmDatabase, { peeringId, id, attempt }: ClaimedAttachment): Promise<void> {
  await firm.transaction(async (em) => {
    const db = em.getKysely<unknown>();
    const { rows } = await sql`
      select from community.attachment where peering_id = ${peeringId} and id = ${id} and attempt = ${attempt} and content_type is null for update
    `.execute(db);
    if (rows.length > 0) await sql`delete from community.attachment_chunk where peering_id = ${peeringId} and attachment_id = ${id}`.execute(db);
  });
}

export function noSuchAttachment(): ApiError {
  return new ApiError('NOT_FOUND', 'There is no such file.');
}
