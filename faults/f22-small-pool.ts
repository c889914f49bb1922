import { randomUUID } from 'node:crypto';
import type { Client } from 'pg';
import { askDoor, Unanswered } from './ask-door.js';
import type { ChatLoad } from './chat-load.js';
import { quantile, type Experiment } from './experiment.js';
import { endedAsClosed, keptOf, notesOf, toldOtherwise } from './kept.js';
import { comesTrue, pause } from './patience.js';
import { setStage } from './stage.js';

const REQUESTS = 500;
/** They come within this time, in milliseconds. */
const SPREAD_MILLISECONDS = 1000;
/** How long the database keeps whoever asks it waiting, in milliseconds. */
const HELD_MILLISECONDS = 3000;
/** How long an asker waits for any answer, in milliseconds: long, for how late a refusal may be is a figure of its own. */
const PATIENCE_MILLISECONDS = 60_000;
const SEND = 'mutation ($input: MessageSendInput!) { messageSend(input: $input) { message { seq body } userErrors { code } } }';
const LOOK = 'query ($id: ID!) { conversation(id: $id) { lastSeq } }';

interface Asked {
  readonly milliseconds: number;
  readonly code: string | undefined;
}

/** F22. 500 requests within a second for a room of five connections, all of which wait for a lock. */
export const smallPool: Experiment = {
  id: 'F22',
  fault: 'pool of 5 connections, 500 requests',
  run: async (conditions) => {
    const times = conditions.scale === 'FULL' ? 10 : 1;
    const { house, load, memory } = await setStage(conditions, {}, { pairs: 3 }, { ARDOISE_DATABASE_CONNECTIONS: '5' });
    const owner = await house.asOwner();
    const asked: Asked[] = [];
    for (let time = 0; time < times; time += 1) {
      asked.push(...(await askMuch(owner, load, house.url)));
      await load.goesOn();
    }
    const found = await load.finish();
    const refused = asked.filter(({ code }) => code !== undefined);
    return {
      done: `${REQUESTS} within a second, every other one a send, while a lock keeps whoever reads a conversation waiting for ${HELD_MILLISECONDS / 1000} s, during the chat of ${load.pairs.length} pairs`, times, kept: await keptOf(found, memory),
      figures: [
        { what: 'requests refused', measured: refused.length, limit: { atLeast: (REQUESTS * times) / 4 } },
        { what: 'a refusal, p99, ms', measured: Math.round(quantile(refused.map(({ milliseconds }) => milliseconds), 0.99)), isTime: true, limit: { atMost: 2000 } },
        { what: 'requests refused otherwise than with UNAVAILABLE', measured: refused.filter(({ code }) => code !== 'UNAVAILABLE').length, limit: { atMost: 0 } },
        endedAsClosed(found), toldOtherwise(found),
      ],
      notes: [...notesOf(found), ...[...Map.groupBy(refused, ({ code }) => code)].map(([code, all]) => `refused with ${code}: ${all.length} ×`)],
    };
  },
};

/** Asks everything behind a lock. What was to be sent is sent again afterwards, until it is acknowledged. */
async function askMuch(owner: Client, load: ChatLoad, url: string): Promise<readonly Asked[]> {
  await owner.query('begin');
  await owner.query('lock table community.conversation in access exclusive mode');
  const all = Promise.all(Array.from({ length: REQUESTS }, async (_, number): Promise<Asked> => {
    const place = number % load.pairs.length;
    const { ids, firms } = load.pairs[place]!;
    const token = firms[0].token!;
    await pause((SPREAD_MILLISECONDS * number) / REQUESTS);
    const began = performance.now();
    const until = (): number => performance.now() - began;
    const clientId = randomUUID();
    const input = { conversationId: ids[0], clientId, body: number % 2 === 0 ? load.try(place, 0, clientId) : '' };
    const send = async (): Promise<boolean> => {
      const { messageSend: { message } } = await askDoor<{ messageSend: { message: { seq: number; body: string } } }>(url, token, SEND, { input }, PATIENCE_MILLISECONDS);
      load.noteAcknowledged(place, 0, clientId, message);
      return true;
    };
    try {
      await (number % 2 === 0 ? send() : askDoor(url, token, LOOK, { id: ids[0] }, PATIENCE_MILLISECONDS));
      return { milliseconds: until(), code: undefined };
    } catch (error) {
      const milliseconds = until();
      if (number % 2 === 0) await comesTrue(send, 30_000, 500);
      return { milliseconds, code: error instanceof Unanswered ? error.code : String(error) };
    }
  }));
  await pause(HELD_MILLISECONDS);
  await owner.query('commit');
  return all;
}
