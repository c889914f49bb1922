import { randomUUID } from 'node:crypto';
import type { Client } from 'pg';
import type { TestHouse } from '../test/house.js';
import { sendMessage } from '../subgraphs/community/chat/send-message.js';
import { askDoor } from './ask-door.js';
import type { ChatLoad } from './chat-load.js';
import type { Experiment } from './experiment.js';
import { endedAsClosed, keptOf, notesOf, toldOtherwise } from './kept.js';
import { comesTrue } from './patience.js';
import { setStageHere } from './stage.js';

const SEND = 'mutation ($input: MessageSendInput!) { messageSend(input: $input) { message { seq body } userErrors { code } } }';
/** How often a message is aborted; the last ones are more than a room tries. */
const ABORTS = [1, 2, 3, 50];

/** F23. PostgreSQL ends transactions for the sake of others: when it is told to, and in a real circle of locks. */
export const abortedTransactions: Experiment = {
  id: 'F23',
  fault: 'serialization failures and deadlocks injected',
  run: async (conditions) => {
    const times = conditions.scale === 'FULL' ? 200 : 8;
    const { house, load, memory } = await setStageHere(conditions, { pairs: 3 });
    const owner = await house.asOwner();
    await owner.query('create sequence community.tries; grant usage on sequence community.tries to public');
    let wrong = 0;
    for (let time = 0; time < times; time += 1) {
      const [aborts, code] = [ABORTS[time % ABORTS.length]!, time % 8 < 4 ? '40001' : '40P01'];
      const tries = await sendAborted(owner, load, house.url, time % load.pairs.length, { aborts, code });
      if (tries !== Math.min(aborts, 3) + 1) wrong += 1;
    }
    const circles = times / 8;
    let closed = 0;
    for (let tries = 0; closed < circles && tries < 5 * circles; tries += 1) if (await closeCircle(house, owner, load)) closed += 1;
    const found = await load.finish();
    return {
      done: `messages whose transaction was ended with 40001 or 40P01 one, two, three and fifty times over, and ${circles} circles of locks, during the chat of ${load.pairs.length} pairs`, times: times + circles, kept: await keptOf(found, memory),
      figures: [
        { what: 'messages tried otherwise than once more for each of up to three failures', measured: wrong, limit: { atMost: 0 } },
        { what: 'circles in which the messages were the ones to give way', measured: closed, limit: { atLeast: circles } },
        endedAsClosed(found), toldOtherwise(found),
      ],
      notes: notesOf(found),
    };
  },
};

/** Sends a message whose transaction is ended so often; says how often it was tried before its sender was answered. */
async function sendAborted(owner: Client, load: ChatLoad, url: string, place: number, { aborts, code }: { readonly aborts: number; readonly code: string }): Promise<number> {
  const clientId = `abort-${randomUUID()}`;
  const body = load.try(place, 0, clientId);
  // A sequence keeps what it counted also when its transaction is taken back.
  await owner.query(`
    select setval('community.tries', 1, false);
    create or replace function community.abort() returns trigger language plpgsql as $$ begin
      if nextval('community.tries') <= ${aborts} then raise exception 'planted' using errcode = '${code}'; end if;
      return new;
    end $$;
    create or replace trigger abort before insert on community.message for each row when (new.client_id = '${clientId}') execute function community.abort();
  `);
  const { ids, firms } = load.pairs[place]!;
  const send = async (): Promise<true> => {
    const { messageSend } = await askDoor<{ messageSend: { message: { seq: number; body: string } } }>(url, firms[0].token!, SEND, { input: { conversationId: ids[0], clientId, body } });
    load.noteAcknowledged(place, 0, clientId, messageSend.message);
    return true;
  };
  const isSent = await send().catch(() => false);
  const { rows: [tried] } = await owner.query<{ count: number }>('select last_value::int as count from community.tries');
  await owner.query('drop trigger abort on community.message');
  if (!isSent) await comesTrue(send, 10_000);
  return tried!.count;
}

/**
 * Two messages of one transaction and another transaction lock two conversations crosswise. Says whether PostgreSQL ended that
 * of the messages: it ends whoever looks first, and on a busy machine they may have looked before the circle was there.
 */
async function closeCircle(house: TestHouse, owner: Client, load: ChatLoad): Promise<boolean> {
  const places = [0, 1].toSorted((one, other) => (load.pairs[one]!.peeringId < load.pairs[other]!.peeringId ? -1 : 1));
  const [lower, higher] = places.map((place) => load.pairs[place]!.peeringId);
  const lock = (peeringId: string | undefined) => owner.query('select from community.conversation where peering_id = $1 for update', [peeringId]);
  await owner.query(`begin; set local deadlock_timeout = '5s'`);
  await lock(higher);
  const sent = Promise.all(places.map(async (place) => {
    const { firms, peeringId } = load.pairs[place]!;
    const clientId = randomUUID();
    const body = load.try(place, 0, clientId);
    load.noteAcknowledged(place, 0, clientId, await sendMessage(house.running.rooms.community.room, firms[0].firmId, peeringId, clientId, body));
  }));
  await comesTrue(async () => {
    // Within a transaction the activity is read once and then remembered.
    await owner.query('select pg_stat_clear_snapshot()');
    return (await owner.query(`select from pg_stat_activity where wait_event_type = 'Lock' and query like '%send_messages%'`)).rowCount! > 0;
  }, 5000, 10);
  const gaveWay = await lock(lower).then(() => true, (error: Error & { code?: string }) => {
    if (error.code !== '40P01') throw error;
    return false;
  });
  await owner.query('rollback');
  await sent;
  return gaveWay;
}
