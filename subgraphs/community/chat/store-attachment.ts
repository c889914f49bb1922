import { createHash, type Hash } from 'node:crypto';
import { sql } from 'kysely';
import type { FirmDatabase } from '../../../src/database/room-database.js';
import { ApiError, Refusal } from '../../../src/errors.js';
import { ContentCheck } from './check-content.js';
import type { ClaimedAttachment } from './claim-attachment.js';
import type { ContentType } from './file-kind.js';
import { nameForType } from './file-name.js';

/** The most bytes of one file. */
export const LARGEST_ATTACHMENT = 10 * 1024 * 1024;
/** Bytes that are kept together: with so many, a file of any size costs a few of these buffers. */
const CHUNK_BYTES = 128 * 1024;

/** What became of a file's bytes. */
export interface StoredAttachment {
  readonly fileName: string;
  readonly contentType: ContentType;
  readonly sizeBytes: number;
  readonly sha256: string;
}

/**
 * Keeps a file as its bytes come in, a piece to a transaction, and judges it meanwhile; between two pieces nothing of the
 * database is held. A file that cannot be sent is a `Refusal`. Whatever it throws, the pieces are the caller's to release.
 */
export async function storeAttachment(firm: FirmDatabase, claimed: ClaimedAttachment, bytes: AsyncIterable<Uint8Array>): Promise<StoredAttachment> {
  const check = new ContentCheck();
  const hash = createHash('sha256');
  const piece = Buffer.allocUnsafe(CHUNK_BYTES);
  let filled = 0;
  let places = 0;
  let sizeBytes = 0;
  for await (const part of bytes) {
    sizeBytes = countBytes(sizeBytes, part, hash);
    const fault = await check.take(part);
    if (fault !== undefined) throw notSendable(fault);
    for (let at = 0; at < part.length; ) {
      const taken = Math.min(part.length - at, CHUNK_BYTES - filled);
      piece.set(part.subarray(at, at + taken), filled);
      filled += taken;
      at += taken;
      if (filled < CHUNK_BYTES) continue;
      await storeChunk(firm, claimed, places, piece);
      places += 1;
      filled = 0;
    }
  }
  if (sizeBytes === 0) throw notSendable('The file is empty.');
  const judged = await check.end();
  if ('fault' in judged) throw notSendable(judged.fault);
  if (filled > 0) await storeChunk(firm, claimed, places, piece.subarray(0, filled));
  const stored = { fileName: nameForType(claimed.fileName, judged.contentType), contentType: judged.contentType, sizeBytes, sha256: hash.digest('hex') };
  await keepAttachment(firm, claimed, stored);
  return stored;
}

/** Compares bytes that come again with those that came before: the same change nothing, others are a `CONFLICT`. */
export async function compareAttachment(firm: FirmDatabase, claimed: ClaimedAttachment, bytes: AsyncIterable<Uint8Array>): Promise<StoredAttachment> {
  const hash = createHash('sha256');
  let sizeBytes = 0;
  for await (const part of bytes) sizeBytes = countBytes(sizeBytes, part, hash);
  if (hash.digest('hex') !== claimed.sha256) throw new ApiError('CONFLICT', 'This file has other bytes already. Create another one to send these.');
  const { rows } = await firm.transaction((em) => sql<StoredAttachment>`
    select file_name as "fileName", content_type as "contentType", size_bytes as "sizeBytes", sha256
    from community.attachment where peering_id = ${claimed.peeringId} and id = ${claimed.id}
  `.execute(em.getKysely<unknown>()));
  if (!rows[0]) throw leftBehind();
  return rows[0];
}

function countBytes(before: number, part: Uint8Array, hash: Hash): number {
  if (before + part.length > LARGEST_ATTACHMENT) throw tooLarge();
  hash.update(part);
  return before + part.length;
}

async function storeChunk(firm: FirmDatabase, { peeringId, id, attempt }: ClaimedAttachment, place: number, bytes: Buffer): Promise<void> {
  const { rows } = await firm.transaction((em) => sql`
    with held as (
      select peering_id, id from community.attachment where peering_id = ${peeringId} and id = ${id} and attempt = ${attempt} and content_type is null for share
    )
    insert into community.attachment_chunk (peering_id, attachment_id, place, bytes) select peering_id, id, ${place}::int, ${bytes}::bytea from held returning place
  `.execute(em.getKysely<unknown>()));
  if (rows.length === 0) throw leftBehind();
}

async function keepAttachment(firm: FirmDatabase, { peeringId, id, attempt }: ClaimedAttachment, stored: StoredAttachment): Promise<void> {
  const { numAffectedRows } = await firm.transaction((em) => sql`
    update community.attachment
    set file_name = ${stored.fileName}, content_type = ${stored.contentType}, size_bytes = ${stored.sizeBytes}, sha256 = ${stored.sha256}
    where peering_id = ${peeringId} and id = ${id} and attempt = ${attempt} and content_type is null
  `.execute(em.getKysely<unknown>()));
  if (numAffectedRows !== 1n) throw leftBehind();
}

export function tooLarge(): Refusal {
  return new Refusal('LIMIT_REACHED', `A file has at most ${LARGEST_ATTACHMENT} bytes.`);
}

function notSendable(fault: string): Refusal {
  return new Refusal('INVALID', fault);
}

function leftBehind(): ApiError {
  return new ApiError('CONFLICT', 'Another upload of this file has begun, or it was removed.');
}
