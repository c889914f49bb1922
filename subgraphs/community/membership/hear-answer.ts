import { sql } from 'kysely';
import { invariant } from '../../../src/errors.js';
import { afterCommit } from '../../../src/database/room-database.js';
import type { Reaction } from '../../../src/events/dispatch.js';
import { answeredTopic } from './ask-ledger.js';

/**
 * Notes what the firm's ledger answered, for whoever waits for it. A customer of which it told nothing, since the firm is no
 * member, is known from now on by its id alone. Again it changes nothing.
 */
export const hearCustomerAnswered: Reaction<'customer.answered'> = async (room, { firmId, data: { questionId, revision } }) => {
  invariant(firmId, 'customer.answered is about a firm');
  await room.db.asSystem().transaction(async (em) => {
    const db = em.getKysely<unknown>();
    const { rows: [asked] } = await sql<{ customer_id: string }>`
      update community.customer_question set answered = true, revision = ${revision} where firm_id = ${firmId} and id = ${questionId} returning customer_id
    `.execute(db);
    if (asked && revision === 0) {
      await sql`insert into community.customer_key (firm_id, customer_id, revision) values (${firmId}, ${asked.customer_id}, 0) on conflict (firm_id, customer_id) do nothing`.execute(db);
    }
    afterCommit(em, (hints) => hints.publish(answeredTopic(questionId)));
  });
};
