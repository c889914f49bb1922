import { readdir } from 'node:fs/promises';
import { sendMessage } from '../test/conversation.js';
import type { FirmVisitor } from '../test/house.js';
import { Doors } from './ask-door.js';
import { ChatLoad } from './chat-load.js';
import { Crowd, type Seen } from './crowd.js';
import type { Experiment } from './experiment.js';
import { keptOf, notesOf } from './kept.js';
import { MemoryWatch } from './memory-watch.js';
import { openPairs } from './open-pairs.js';
import { comesTrue, pause } from './patience.js';
import { startProbedHouse, type Live } from './probed-house.js';
import { staySignedIn } from './stay-signed-in.js';

const SIDES = [0, 1] as const;
/** Messages that those who wait are told in the end: are they still there? */
const LAST_WORDS = 3;

/** F16. Thousands of sockets follow a quiet conversation each for half an hour, are then told something, and leave. */
export const idleSockets: Experiment = {
  id: 'F16',
  fault: '10,000 idle subscribed sockets, 30 min',
  waits: true,
  run: async (conditions) => {
    const { scale, after } = conditions;
    const [pairCount, each, minutes] = scale === 'FULL' ? [10, 500, 30] : [2, 100, 0];
    const house = await startProbedHouse(conditions);
    const crowd = await Crowd.start();
    after(() => crowd[Symbol.asyncDispose]());
    const pairs = await openPairs(house, pairCount);
    const leaving = new AbortController();
    after(async () => leaving.abort());
    for (const { firms } of pairs) for (const firm of firms) void staySignedIn(firm, new Doors([house.url]), leaving.signal);
    const seats = await Promise.all(pairs.flatMap(({ firms, ids }) => SIDES.map(async (side) => ({ token: await apiKeyOf(firms[side]), conversationId: ids[side] }))));
    for (const { firms, ids } of pairs) await sendMessage({ firm: firms[0], conversationId: ids[0] }, 'first');
    const count = seats.length * each;
    // Whatever is made once is made by those who come first.
    await crowd.perform('sit', { url: house.url, seats, each: 20 });
    await crowd.perform('leave', undefined);
    const before = await left(house.live.bind(house), 0);
    const descriptors = await descriptorsOf(house.pid);
    const memory = await MemoryWatch.start(() => ({ house: house.pid }));
    after(() => memory[Symbol.asyncDispose]());

    await crowd.perform('sit', { url: house.url, seats, each });
    const there = await house.live();
    await pause(minutes * 60_000);
    const later = await house.live();
    const load = await ChatLoad.start(house, { pairs: 2 });
    after(() => load.abandon());
    await load.goesOn(10);
    for (let word = 0; word < LAST_WORDS; word += 1) for (const { firms, ids } of pairs) await sendMessage({ firm: firms[1], conversationId: ids[1] }, `last ${word}`);
    let seen = await crowd.perform('look', undefined);
    await comesTrue(async () => timesOf((seen = await crowd.perform('look', undefined)), 1 + LAST_WORDS).every((times) => times >= each), 10_000);
    const times = timesOf(seen, 1 + LAST_WORDS);
    const found = await load.finish();
    await crowd.perform('leave', undefined);
    const gone = await left(house.live.bind(house), before.sockets);
    const descriptorsLeft = await descriptorsOf(house.pid);

    const kilobytes = ({ residentBytes }: Live): number => Math.round((10 * (residentBytes - before.residentBytes)) / count / 1024) / 10;
    const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);
    const kept = await keptOf(found, memory);
    return {
      done: `${count.toLocaleString('en')} sockets that follow ${seats.length} sides of quiet conversations for ${minutes} min, in one process, then ${LAST_WORDS} messages to each beside a chat of ${load.pairs.length} pairs`, times: 1,
      kept: { ...kept, lost: kept.lost + sum(times.map((told) => Math.max(0, each - told))), doubled: kept.doubled + sum(times.map((told) => Math.max(0, told - each))) },
      figures: [
        { what: 'resident memory a socket, KB', measured: kilobytes(there), limit: { atMost: 40 } },
        { what: `resident memory a socket after ${minutes} min, KB`, measured: kilobytes(later), limit: { atMost: 40 } },
        { what: 'of it on the heap, KB', measured: Math.round((10 * (later.heapBytes - before.heapBytes)) / count / 1024) / 10, limit: { atMost: 40 } },
        { what: 'sockets that did not last', measured: count - seen.open, limit: { atMost: 0 } },
        { what: 'sockets left in memory once all are closed', measured: gone.sockets - before.sockets, limit: { atMost: 0 } },
        { what: 'subscriptions left in memory once all are closed', measured: gone.operations - before.operations, limit: { atMost: 0 } },
        { what: 'heap over the baseline once all are closed, MB', measured: Math.round((10 * (gone.heapBytes - before.heapBytes)) / 2 ** 20) / 10, limit: { atMost: 8 } },
        { what: 'descriptors over the baseline once all are closed', measured: descriptorsLeft - descriptors, limit: { atMost: 50 } },
      ],
      notes: notesOf(found),
    };
  },
};

/** A key of a firm that has no end: sessions do not last half an hour. */
async function apiKeyOf(firm: FirmVisitor): Promise<string> {
  const { apiKeyCreate } = await firm.get<{ apiKeyCreate: { secret: string } }>('mutation { apiKeyCreate(input: { name: "waiting", scopes: ["community:read", "chat"] }) { secret } }');
  return apiKeyCreate.secret;
}

/** How often each seat was told each number. */
function timesOf({ told }: Seen, last: number): readonly number[] {
  return told.flatMap((numbers) => Array.from({ length: last }, (_, index) => numbers[index + 1] ?? 0));
}

/** What lives once no more sockets do than should; after a while, whatever lives. */
async function left(look: () => Promise<Live>, sockets: number): Promise<Live> {
  let live = await look();
  await comesTrue(async () => (live = await look()).sockets <= sockets, 5000, 250);
  return live;
}

async function descriptorsOf(pid: number): Promise<number> {
  return (await readdir(`/proc/${pid}/fd`)).length;
}
