import { randomUUID } from 'node:crypto';
import type { Client } from 'pg';
import { sql } from 'kysely';
import { record } from '../src/events/record.js';
import type { TestHouse } from '../test/house.js';
import type { ChatLoad } from './chat-load.js';
import type { Experiment } from './experiment.js';
import { endedAsClosed, keptOf, notesOf, toldOtherwise } from './kept.js';
import { comesTrue, pause } from './patience.js';
import { setStageHere } from './stage.js';

/** How long a message is not committed that already has its number, in milliseconds. */
const HELD_MILLISECONDS = 150;
const SEND = `select message ->> 'seq' as seq from community.send_messages($1::uuid[], $2::uuid[], $3::text[], $4::text[], now())`;

/** F13. What got its place first is committed last: of three events, and of messages. */
export const commitsInverse: Experiment = {
  id: 'F13',
  fault: 'commits in inverse order of their sequence numbers',
  run: async (conditions) => {
    const times = conditions.scale === 'FULL' ? 200 : 8;
    const { house, load, memory } = await setStageHere(conditions, { pairs: 3 });
    const [owner, holder] = [await house.asOwner(), await house.asOwner()];
    let [unheard, overtaken] = [0, 0];
    for (let time = 0; time < times; time += 1) {
      const [missing, passed] = await Promise.all([tellInversely(house, owner), holdMessage({ owner, holder }, load, time % load.pairs.length, time % 2 === 0 ? 0 : 1)]);
      unheard += missing;
      overtaken += passed;
    }
    const found = await load.finish();
    return {
      done: `three events, each committed once the one recorded after it was heard, and a message that was committed ${HELD_MILLISECONDS} ms after it had its number, during the chat of ${load.pairs.length} pairs`, times, kept: await keptOf(found, memory),
      figures: [
        { what: 'events that were not heard', measured: unheard, limit: { atMost: 0 } },
        { what: 'messages with a higher number that were committed before one with a lower', measured: overtaken, limit: { atMost: 0 } },
        endedAsClosed(found), toldOtherwise(found),
      ],
      notes: notesOf(found),
    };
  },
};

/** Records three events, and commits them from the last to the first, each only once the one after it was heard. Says how many never were. */
async function tellInversely(house: TestHouse, owner: Client): Promise<number> {
  const firms = Array.from({ length: 3 }, () => randomUUID());
  const heard = async (firmId: string): Promise<boolean> => (await owner.query('select from community.membership where firm_id = $1', [firmId])).rowCount === 1;
  let unheard = 0;
  const tell = async (place: number): Promise<void> => {
    const firmId = firms[place];
    if (firmId === undefined) return;
    await house.running.rooms.identity.room.db.asSystem().transaction(async (em) => {
      await record(em, firmId, 'firm.verified', { verified: true, revision: 1 });
      await sql`select 1`.execute(em.getKysely<unknown>());
      await tell(place + 1);
    });
    if (!(await comesTrue(() => heard(firmId), 10_000, 10))) unheard += 1;
  };
  await tell(0);
  return unheard;
}

/** Gives a message its number, and commits it a while later, when others of the conversation had time to pass it. Says how many did. */
async function holdMessage({ owner, holder }: { readonly owner: Client; readonly holder: Client }, load: ChatLoad, place: number, side: 0 | 1): Promise<number> {
  const { firms, peeringId } = load.pairs[place]!;
  const clientId = randomUUID();
  const body = load.try(place, side, clientId);
  await holder.query('begin');
  await holder.query('set local role community_app');
  const { rows: [sent] } = await holder.query<{ seq: string }>(SEND, [[firms[side].firmId], [peeringId], [clientId], [body]]);
  const seq = Number(sent!.seq);
  await pause(HELD_MILLISECONDS);
  const { rows: [passed] } = await owner.query<{ count: number }>('select count(*)::int as count from community.message where peering_id = $1 and seq > $2', [peeringId, seq]);
  await holder.query('commit');
  load.noteAcknowledged(place, side, clientId, { seq, body });
  return passed!.count;
}
