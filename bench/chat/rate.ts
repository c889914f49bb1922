import { ratiosOf, runInRounds, type Sample } from '../measure.js';
import type { Comparison, Report } from '../report.js';
import { demandKept, demandTexts, OURS, PROSODY, showTalk, startTalk, talkOf, type TalkSample } from './talk.js';

const PAIRS = [10, 128] as const;
/** Messages of a pair that may be under way at once. */
const WINDOWS = [1, 8] as const;
const SECONDS = 3;

const rate = ({ perSecond }: Sample): number => perSecond!;

/** How many messages a second get through, each of them to its receiver and its answer to its sender. */
export async function measureRate(): Promise<Report> {
  await using talk = await startTalk(Math.max(...PAIRS));
  const comparisons: Comparison[] = [];
  const details: string[] = [];
  // Both have run for as long as a round before the first one counts.
  for (const server of talk.servers) await talkOf(talk, server, { pairs: PAIRS[0], window: 1, seconds: SECONDS }).run(-1);
  await demandTexts(talk, PAIRS[0]);
  await demandKept(talk);
  for (const pairs of PAIRS) {
    for (const window of WINDOWS) {
      const title = `${pairs} pairs, ${window} under way each`;
      console.error(title);
      const samples = (await runInRounds(talk.servers.map((server) => talkOf(talk, server, { pairs, window, seconds: SECONDS })))) as ReadonlyMap<string, readonly TalkSample[]>;
      comparisons.push({ what: `messages a second, ${title}: ours ÷ Prosody`, measured: ratiosOf(samples.get(OURS)!, samples.get(PROSODY)!, rate), target: { atLeast: 1.3 } });
      details.push(showTalk(title, samples));
    }
  }
  await demandKept(talk);
  return {
    name: 'chat-rate',
    about: `Pairs of firms that talk, one sending and the other receiving, each message with a text of its own. Ours: one process with its own PostgreSQL, fsync on, mutations and subscriptions over WebSocket; a message counts when its receiver has it and its sender its answer. Prosody ${talk.prosody.version}: plain TCP, nothing loaded but what this needs and mod_mam, its own file storage, which appends without waiting for the disk; a message counts when its receiver has it, for there is no answer. One process of clients for both; each message is held to coming once, with its text, in the order of its number, and to standing in the conversation and in the archive afterwards. Overtaken: messages that were numbered after a later one of the same sender.`,
    comparisons,
    details,
  };
}
