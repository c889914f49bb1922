import { sql } from 'kysely';
import type { BatchRead } from '../../../src/server/request.js';
import type { ContentType } from './file-kind.js';

export interface AttachmentRow {
  readonly id: string;
  readonly peering_id: string;
  readonly message_seq: number | null;
  readonly file_name: string;
  /** Null, as the two after it, until its bytes have come. */
  readonly content_type: ContentType | null;
  readonly size_bytes: number | null;
  readonly sha256: string | null;
}

/** The files of messages, in their order. */
export const readAttachments: BatchRead<{ readonly peeringId: string; readonly seq: number }, readonly AttachmentRow[]> = async (request, messages) => {
  const { rows } = await request.read((em) => sql<AttachmentRow>`
    select a.id, a.peering_id, a.message_seq, a.file_name, a.content_type, a.size_bytes, a.sha256
    from jsonb_to_recordset(${JSON.stringify(messages)}::jsonb) as m ("peeringId" uuid, seq int)
    join community.attachment a on a.peering_id = m."peeringId" and a.message_seq = m.seq
    order by a.place
  `.execute(em.getKysely<unknown>()));
  const byMessage = Map.groupBy(rows, (row) => `${row.peering_id} ${row.message_seq}`);
  return messages.map(({ peeringId, seq }) => byMessage.get(`${peeringId} ${seq}`) ?? []);
};
