import type { EntityManager } from '@mikro-orm/postgresql';
import { sql } from 'kysely';
import type { BatchRead } from '../../../src/server/request.js';
import { messageColumns, type MessageRow } from './read-messages.js';

/** One text of a message. */
export interface VersionRow {
  readonly version: number;
  readonly body: string;
  readonly written_at: string;
}

/** All texts of messages that were edited, the first one first. */
export const readVersions: BatchRead<{ readonly peeringId: string; readonly seq: number }, readonly VersionRow[]> = async (request, messages) => {
  const { rows } = await request.read((em) => sql<VersionRow & { peering_id: string; seq: number }>`
    select v.peering_id, v.seq, v.version, v.body, v.written_at::text as written_at
    from jsonb_to_recordset(${JSON.stringify(messages)}::jsonb) as m ("peeringId" uuid, seq int)
    join community.message_version v on v.peering_id = m."peeringId" and v.seq = m.seq
    order by v.version
  `.execute(em.getKysely<unknown>()));
  const byMessage = Map.groupBy(rows, (row) => `${row.peering_id} ${row.seq}`);
  return messages.map(({ peeringId, seq }) => byMessage.get(`${peeringId} ${seq}`) ?? []);
};

/** One edit of a conversation, and the message as it is now. */
export interface EditRow {
  readonly number: number;
  readonly version: number;
  readonly body: string;
  readonly edited_at: string;
  readonly message: MessageRow;
}

/** Up to `limit` edits of a conversation after the one with `number`, in order. */
export async function readEditsAfter(em: EntityManager, firmId: string, peeringId: string, number: number, limit: number): Promise<readonly EditRow[]> {
  const { rows } = await sql<MessageRow & { edit_number: number; edit_version: number; edit_body: string; written_at: string }>`
    select v.edit_number, v.version as edit_version, v.body as edit_body, v.written_at::text as written_at, ${messageColumns(firmId)}
    from community.message_version v join community.message m on m.peering_id = v.peering_id and m.seq = v.seq
    where v.peering_id = ${peeringId} and v.edit_number > ${number} order by v.edit_number limit ${limit}
  `.execute(em.getKysely<unknown>());
  return rows.map(({ edit_number, edit_version, edit_body, written_at, ...message }) => ({ number: edit_number, version: edit_version, body: edit_body, edited_at: written_at, message }));
}

/** The number of the latest edit of a conversation and whether it is closed; `undefined` when the firm has no such. */
export async function readEditStanding(em: EntityManager, firmId: string, peeringId: string): Promise<{ readonly closed: boolean; readonly last_edit: number } | undefined> {
  const { rows } = await sql<{ closed: boolean; last_edit: number }>`
    select c.closed_at is not null as closed, c.last_edit from community.conversation c
    join community.peering_side s on s.peering_id = c.peering_id and s.firm_id = ${firmId} where c.peering_id = ${peeringId}
  `.execute(em.getKysely<unknown>());
  return rows[0];
}
