import { randomUUID } from 'node:crypto';
import type { TcpProxy } from '../test/tcp-proxy.js';
import { askDoor } from './ask-door.js';
import type { ChatLoad } from './chat-load.js';
import type { Experiment } from './experiment.js';
import { endedAsClosed, keptOf, notesOf } from './kept.js';
import { comesTrue } from './patience.js';
import { setStage } from './stage.js';

const SEND = 'mutation ($input: MessageSendInput!) { messageSend(input: $input) { message { id seq mine body sentAt clientId } userErrors { code } } }';

/** F10. A message is committed, and the answer that says so is lost: on the way to the gateway, or on the way to the client. */
export const loseAnswers: Experiment = {
  id: 'F10',
  fault: 'response lost after commit',
  run: async (conditions) => {
    const times = conditions.scale === 'FULL' ? 200 : 6;
    const { house, load, memory } = await setStage(conditions, { proxied: ['doors', 'community'] });
    const lines = [house.proxies.doors![0]!, house.proxies.community!];
    let [unlost, other] = [0, 0];
    for (let time = 0; time < times; time += 1) {
      const { wasLost, isSame } = await loseOne(load, house.url, lines[time % 2]!, time);
      if (!wasLost) unlost += 1;
      if (!isSame) other += 1;
    }
    const found = await load.finish();
    return {
      done: `the answer to a send lost by a reset, by turns before the client and before the gateway, during the chat of ${load.pairs.length} pairs`, times, kept: await keptOf(found, memory),
      figures: [
        { what: 'answers that came although they were to be lost', measured: unlost, limit: { atMost: 0 } },
        { what: 'repeated sends that gave another answer than the one before', measured: other, limit: { atMost: 0 } },
        endedAsClosed(found),
      ],
      notes: notesOf(found),
    };
  },
};

/** Sends one message whose answer is lost, and again twice. The load knows of it, so that it is counted. */
async function loseOne(load: ChatLoad, url: string, line: TcpProxy, time: number): Promise<{ readonly wasLost: boolean; readonly isSame: boolean }> {
  const place = time % load.pairs.length;
  const side = time % 4 < 2 ? 0 : 1;
  const { ids, firms } = load.pairs[place]!;
  const clientId = randomUUID();
  const input = { conversationId: ids[side], clientId, body: load.try(place, side, clientId) };
  const send = (): Promise<{ messageSend: { message: { seq: number; body: string } } }> => askDoor(url, firms[side].token!, SEND, { input });
  const isAnswer = (bytes: Buffer): boolean => bytes.includes('"messageSend"') && bytes.includes(clientId);
  const lost = line.loseAnswers(1, isAnswer);
  const wasLost = await send().then(() => false, () => true);
  await Promise.race([lost, comesTrue(() => false, 2000)]);
  let answers: { messageSend: { message: { seq: number; body: string } } }[] = [];
  await comesTrue(async () => (answers = [await send(), await send()]).length === 2, 10_000);
  const [first, second] = answers;
  if (first) load.noteAcknowledged(place, side, clientId, first.messageSend.message);
  return { wasLost, isSame: first !== undefined && JSON.stringify(first) === JSON.stringify(second) };
}
