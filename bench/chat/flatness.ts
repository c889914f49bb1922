import { ratiosOf, runInRounds, shortNumber } from '../measure.js';
import type { Comparison, Report } from '../report.js';
import { startChatHouse, type ChatHouse } from './chat-house.js';
import { startClients } from './client-process.js';
import { demandFiles, waitingOn } from './memory.js';
import { seedCrowd, seedMessages, seedPairs } from './seed-chat.js';
import { showTalk, talkOf, type TalkSample, type TalkServer } from './talk.js';

const PAIRS = 16;
const SECONDS = 3;
const SOCKETS = 10_000;
/** On which the sockets wait. */
const CONVERSATIONS = 250;
const CROWD = { conversations: 100_000, messagesEach: 10 };

const ALONE = 'nothing else';
const AMONG_SOCKETS = `${SOCKETS.toLocaleString('en-US')} sockets waiting elsewhere`;
const IN_CROWD = `${CROWD.conversations.toLocaleString('en-US')} conversations, ${(CROWD.conversations * CROWD.messagesEach).toLocaleString('en-US')} messages`;

/** Whether a message costs more where many others wait, and where many have talked. */
export async function measureFlatness(): Promise<Report> {
  await demandFiles(SOCKETS + 1000);
  await using stack = new AsyncDisposableStack();
  // Gone before the servers are: they would take their stopping for a fault.
  await using clients = await startClients();
  const houses = new Map<string, ChatHouse>();
  for (const name of [ALONE, AMONG_SOCKETS, IN_CROWD]) {
    const house = stack.use(await startChatHouse());
    houses.set(name, house);
    const pairs = await seedPairs(house.owner, house.ids, PAIRS);
    await clients.perform('open', { name, side: { kind: 'ardoise', url: house.url, pairs } });
  }
  const among = houses.get(AMONG_SOCKETS)!;
  const elsewhere = await seedPairs(among.owner, among.ids, CONVERSATIONS);
  await seedMessages(among.owner, elsewhere, 1);
  console.error(AMONG_SOCKETS);
  await using waiting = await startClients();
  await waiting.perform('openIdle', { name: AMONG_SOCKETS, url: among.url, sockets: waitingOn(elsewhere, SOCKETS) });
  console.error(IN_CROWD);
  await seedCrowd(houses.get(IN_CROWD)!.owner, CROWD);
  for (const house of houses.values()) await house.owner.query('vacuum analyze');
  const draws = new Map<string, number>();
  for (const [name, house] of houses) draws.set(name, await drawOf(house));
  // What a server spends whether or not anybody talks is no part of what a message costs.
  const servers: TalkServer[] = [...houses].map(([name, house]) => ({ name, cpu: () => cpuWithout(house, draws.get(name)!) }));
  const samples = (await runInRounds(servers.map((server) => talkOf({ clients }, server, { pairs: PAIRS, window: 1, seconds: SECONDS })))) as ReadonlyMap<string, readonly TalkSample[]>;
  const comparisons = [AMONG_SOCKETS, IN_CROWD].flatMap((name): Comparison[] => [
    { what: `CPU of a message, PostgreSQL's too: ${name} ÷ ${ALONE}`, measured: ratiosOf(samples.get(name)!, samples.get(ALONE)!, (sample) => wholeCost(sample as TalkSample)), target: { atMost: 1.2 } },
    { what: `send to push, p50: ${name} ÷ ${ALONE}`, measured: ratiosOf(samples.get(name)!, samples.get(ALONE)!, ({ milliseconds }) => milliseconds), target: { atMost: 1.2 } },
  ]);
  return {
    name: 'chat-flatness',
    about: `The same ${PAIRS} pairs, one message of each under way, at three servers alike but for what else there is; the sockets wait on ${CONVERSATIONS} other conversations of other firms. What a server spends when nobody talks is taken off: ${[...draws].map(([name, draw]) => `${shortNumber(draw * 1000)} ms of CPU a second with ${name}`).join(', ')}.`,
    comparisons,
    details: [showTalk(`${PAIRS} pairs, 1 under way each`, samples)],
  };
}

function wholeCost({ cpuMilliseconds, databaseMilliseconds }: TalkSample): number {
  return cpuMilliseconds + databaseMilliseconds!;
}

const DRAW_MILLISECONDS = 12_000;

/** Milliseconds of CPU that a server's own process spends in a millisecond in which nobody talks; longer than a heartbeat is looked at. */
async function drawOf(house: ChatHouse): Promise<number> {
  await new Promise((resolve) => setTimeout(resolve, 3000));
  const before = await house.cpu();
  const began = performance.now();
  await new Promise((resolve) => setTimeout(resolve, DRAW_MILLISECONDS));
  return ((await house.cpu()).process - before.process) / (performance.now() - began);
}

async function cpuWithout(house: ChatHouse, draw: number): Promise<{ readonly process: number; readonly database: number }> {
  const { process, database } = await house.cpu();
  return { process: process - draw * performance.now(), database };
}
