import { sql } from 'kysely';
import { invariant } from '../../../src/errors.js';
import type { Reaction } from '../../../src/events/dispatch.js';
import { regroupFirms } from './regroup-firms.js';

/** Takes the mark of a bank account of which the firm sent a statement. Again it changes nothing. */
export const noteAccount: Reaction<'account.marked'> = async (room, { firmId, data }) => {
  invariant(firmId, 'account.marked is about a firm');
  await room.db.asSystem().transaction(async (em) => {
    const { rows } = await sql`
      insert into identity.link_mark (firm_id, kind, mark, since) values (${firmId}, 'ACCOUNT', ${`account ${data.mark}`}, clock_timestamp())
      on conflict (firm_id, kind, mark) do nothing returning firm_id
    `.execute(em.getKysely<unknown>());
    if (rows.length > 0) await regroupFirms(em, room.keys.ids, [firmId]);
  });
};
