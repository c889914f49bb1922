import { sql } from 'kysely';
import { invariant } from '../../../../src/errors.js';
import type { Reaction } from '../../../../src/events/dispatch.js';

/** Takes the registration under which the firm signed up. */
export const noteRegistration: Reaction<'firm.registered'> = async (room, { firmId, data }) => {
  invariant(firmId, 'a registration belongs to a firm');
  await room.db.forFirm(firmId).transaction(async (em) => {
    await sql`
      insert into portfolios.own_registration (scheme, value) values (${data.scheme}, ${data.value})
      on conflict (firm_id) do update set scheme = excluded.scheme, value = excluded.value
    `.execute(em.getKysely<unknown>());
  });
};
