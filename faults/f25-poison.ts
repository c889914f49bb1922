import { randomUUID } from 'node:crypto';
import type { Client } from 'pg';
import { askDoor, Unanswered } from './ask-door.js';
import type { ChatLoad } from './chat-load.js';
import type { Experiment } from './experiment.js';
import { endedAsClosed, keptOf, notesOf, toldOtherwise } from './kept.js';
import { comesTrue } from './patience.js';
import { setStageHere } from './stage.js';
import { ToldFacts } from './told-facts.js';

const SEND = 'mutation ($input: MessageSendInput!) { messageSend(input: $input) { message { seq body } userErrors { code } } }';
const POISON = `
  create function community.choke() returns trigger language plpgsql as $$ begin raise exception 'poison' using errcode = '23514'; end $$;
  create trigger choke before insert on community.message for each row when (new.client_id like 'poison-%') execute function community.choke();
`;

/** F25. A message that the database refuses, and events that no reaction takes: they are set aside, and the rest goes on. */
export const poison: Experiment = {
  id: 'F25',
  fault: 'poison message, poison event',
  run: async (conditions) => {
    const times = conditions.scale === 'FULL' ? 100 : 6;
    const { house, load, memory } = await setStageHere(conditions, { pairs: 3 });
    const owner = await house.asOwner();
    await owner.query(POISON);
    const sends: (() => Promise<string>)[] = [];
    const codes: string[] = [];
    for (let time = 0; time < times; time += 1) {
      const send = sendAs(`poison-${randomUUID()}`, load, house.url, time % load.pairs.length);
      sends.push(send);
      codes.push(await send());
    }
    await tellPoison(owner, times);
    const facts = new ToldFacts(house, owner);
    for (let round = 0; round < times; round += 1) await facts.tell();
    const [began, isHeard] = [performance.now(), await comesTrue(async () => (await facts.unlike()) === 0, 30_000)];
    const heard = isHeard ? performance.now() - began : Number.NaN;
    const attempts = await setAside(owner, times);
    // What was wrong is put right: the same message is sent then.
    await owner.query('drop trigger choke on community.message');
    const afterwards = await Promise.all(sends.map((send) => send()));
    const found = await load.finish();
    return {
      done: `${times} messages that the database refuses and ${times} events that say what none may, during the chat of ${load.pairs.length} pairs; the due times of the events brought forward`, times: 2 * times, kept: await keptOf(found, memory),
      figures: [
        { what: 'poison messages answered otherwise than with INTERNAL', measured: codes.filter((code) => code !== 'INTERNAL').length, limit: { atMost: 0 } },
        { what: 'of them not sent once the cause was gone', measured: afterwards.filter((code) => code !== 'sent').length, limit: { atMost: 0 } },
        { what: 'poison events not set aside', measured: times - attempts.length, limit: { atMost: 0 } },
        { what: 'attempts until an event was set aside, most', measured: Math.max(0, ...attempts), limit: { atMost: 12 } },
        { what: 'until all the events told after them were heard, ms', measured: Math.round(heard), isTime: true, limit: { atMost: 5000 } },
        endedAsClosed(found), toldOtherwise(found),
      ],
      notes: notesOf(found),
    };
  },
};

/** How a firm sends a message under this id; the call says what came of it. */
function sendAs(clientId: string, load: ChatLoad, url: string, place: number): () => Promise<string> {
  const { ids, firms } = load.pairs[place]!;
  const input = { conversationId: ids[0], clientId, body: load.try(place, 0, clientId) };
  return async () => {
    try {
      const { messageSend: { message } } = await askDoor<{ messageSend: { message: { seq: number; body: string } } }>(url, firms[0].token!, SEND, { input });
      load.noteAcknowledged(place, 0, clientId, message);
      return 'sent';
    } catch (error) {
      return error instanceof Unanswered ? error.code : String(error);
    }
  };
}

/** Events that the catalogue does not know so, ahead of all others. */
async function tellPoison(owner: Client, count: number): Promise<void> {
  await owner.query(
    `insert into events.delivery (event_id, name, version, producer, consumer, firm_id, data, due_at)
     select gen_random_uuid(), 'firm.verified', 1, 'identity', 'community', gen_random_uuid(), '{"verified": "perhaps"}', now() - interval '1 minute' from generate_series(1, $1)`, [count]);
}

/** Waits until they are set aside, without the pauses between their attempts; returns how many attempts each was given. */
async function setAside(owner: Client, count: number): Promise<readonly number[]> {
  const read = async (): Promise<readonly number[]> => (await owner.query<{ attempts: number }>('select attempts from events.delivery where set_aside')).rows.map(({ attempts }) => attempts);
  await comesTrue(async () => {
    await owner.query('update events.delivery set due_at = clock_timestamp() where not set_aside and attempts > 0');
    return (await read()).length >= count;
  }, 60_000);
  return read();
}
