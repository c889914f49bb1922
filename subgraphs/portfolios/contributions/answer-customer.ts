import { sql } from 'kysely';
import { invariant } from '../../../src/errors.js';
import type { Reaction } from '../../../src/events/dispatch.js';
import { record } from '../../../src/events/record.js';
import { closeMonths } from './close-months.js';

/** Tells what the firm's ledger made due, then answers whether it has the customer. Again it answers again. */
export const answerCustomer: Reaction<'customer.asked'> = async (room, { firmId, data: { questionId, customerId } }) => {
  invariant(firmId, 'customer.asked is about a firm');
  await closeMonths(room, firmId);
  await room.db.forFirm(firmId).transaction(async (em) => {
    const { rows } = await sql<{ revision: number }>`
      select coalesce(told.revision, 0)::int as revision
      from portfolios.customer left join portfolios.contribution_key as told on told.customer_id = customer.id
      where customer.id = ${customerId}
    `.execute(em.getKysely<unknown>());
    await record(em, firmId, 'customer.answered', { questionId, revision: rows[0]?.revision ?? null });
  });
};
