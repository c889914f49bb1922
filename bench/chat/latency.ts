import { runInRounds, spreadOf } from '../measure.js';
import type { Report } from '../report.js';
import { demandKept, OURS, showTalk, startTalk, talkOf, type TalkSample } from './talk.js';

const SECONDS = 3;
const FEW = 1;
const MANY = 16;

/** How long a message is under way, from its sending to its receiver's having it. */
export async function measureLatency(): Promise<Report> {
  await using talk = await startTalk(MANY);
  const measure = async (pairs: number): Promise<ReadonlyMap<string, readonly TalkSample[]>> => {
    console.error(`${pairs} pairs`);
    return (await runInRounds(talk.servers.map((server) => talkOf(talk, server, { pairs, window: 1, seconds: SECONDS })))) as ReadonlyMap<string, readonly TalkSample[]>;
  };
  const few = await measure(FEW);
  const many = await measure(MANY);
  await demandKept(talk);
  return {
    name: 'chat-latency',
    about: 'From the sending of a message to its receiver\'s having it, in the same process of clients; each pair sends the next one when the last one is there and answered.',
    comparisons: [
      { what: `send to push, ${FEW} pair, p50 in ms`, measured: spreadOf(few.get(OURS)!.map(({ p50 }) => p50)), target: { atMost: 2 } },
      { what: `send to push, ${MANY} pairs, p99 in ms`, measured: spreadOf(many.get(OURS)!.map(({ p99 }) => p99)), target: { atMost: 15 } },
    ],
    details: [showTalk(`${FEW} pair, 1 under way`, few), showTalk(`${MANY} pairs, 1 under way each`, many)],
  };
}
