import { sql } from 'kysely';
import { ApiError, Refusal } from '../../../src/errors.js';
import { record } from '../../../src/events/record.js';
import type { Room } from '../../../src/server/room.js';
import { isUuid } from '../../../src/values/opaque-id.js';

/** How long the ledger may take to answer, in milliseconds: it tells first what it has not told yet. */
const LONGEST_MILLISECONDS = 5000;
/** A hint may be lost, and what the answer waits for comes without one. */
const LOOK_AGAIN_MILLISECONDS = 25;

/** The hint that a question was answered. */
export function answeredTopic(questionId: string): string {
  return `customer-answered:${questionId}`;
}

/**
 * Does `work`. When it refuses because of the customer, the firm's ledger is asked about it, and `work` is done again with
 * all that the ledger knows: a firm that adds a customer or its invoices may use them at once.
 *
 * Claim: what nobody has, another firm's id and a malformed one are asked alike, and answered alike: by the firm's own
 * ledger, that it has no such customer.
 */
export async function withLedgerKnown<T>(room: Room, firmId: string, customerId: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const isOfCustomer = error instanceof Refusal && (error.code === 'NOT_FOUND' || error.code === 'NOT_ALLOWED') && error.path.at(-1) === 'customerId';
    if (!isOfCustomer || !(await isKnownToLedger(room, firmId, isUuid(customerId) ? customerId : NOBODY))) throw error;
    return work();
  }
}

const NOBODY = '00000000-0000-0000-0000-000000000000';

/** Whether the firm's ledger has the customer; if so, all that it has told of it was heard here by the time this returns. */
async function isKnownToLedger(room: Room, firmId: string, customerId: string): Promise<boolean> {
  const own = room.db.forFirm(firmId);
  const id = await own.transaction(async (em) => {
    const db = em.getKysely<unknown>();
    // What a process left behind that ended while it waited.
    await sql`delete from community.customer_question where asked_at < clock_timestamp() - interval '1 minute'`.execute(db);
    const { rows } = await sql<{ id: string }>`insert into community.customer_question (firm_id, customer_id) values (${firmId}, ${customerId}) returning id`.execute(db);
    await record(em, firmId, 'customer.asked', { questionId: rows[0]!.id, customerId });
    return rows[0]!.id;
  });
  let wake = (): void => undefined;
  const unsubscribe = room.hints.subscribe(answeredTopic(id), () => wake());
  try {
    const until = performance.now() + LONGEST_MILLISECONDS;
    while (performance.now() < until) {
      const { rows: [state] } = await own.transaction((em) =>
        sql<{ known: boolean; heard: boolean }>`
          select asked.revision is not null as known, asked.revision is null or coalesce(key.revision, 0) >= asked.revision as heard
          from community.customer_question as asked left join community.customer_key as key on key.customer_id = asked.customer_id
          where asked.id = ${id} and asked.answered
        `.execute(em.getKysely<unknown>()),
      );
      if (state?.heard) return state.known;
      await new Promise<void>((resolve) => {
        wake = resolve;
        setTimeout(resolve, LOOK_AGAIN_MILLISECONDS);
      });
    }
    throw new ApiError('UNAVAILABLE', 'What your ledger told last is still on its way; ask again.');
  } finally {
    unsubscribe();
    await own.transaction((em) => sql`delete from community.customer_question where id = ${id}`.execute(em.getKysely<unknown>()));
  }
}
