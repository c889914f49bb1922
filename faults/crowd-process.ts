import { openSocket, RECEIVE, subscribeFrame } from '../bench/chat/ardoise-client.js';
import type { RawSocket } from '../bench/chat/raw-socket.js';
import type { Asked, Seen, Sitting, Storm, Stormed } from './crowd.js';
import { pause } from './patience.js';

/** Connects under way at once while a crowd sits down. */
const TOGETHER = 50;
/** How long somebody may take to be let in, in milliseconds. */
const PATIENCE = 10_000;
/** How often a storm is looked after, in milliseconds. */
const GUST = 10;
const MOST_REASONS = 5;

/** One client that sits, and how often it was told each number. */
interface Sitter {
  readonly seat: number;
  readonly socket: RawSocket;
  readonly told: Map<number, number>;
  readonly closed: Promise<void>;
}

const sitting = new Set<Sitter>();

async function sit({ url, seats, each }: Sitting): Promise<number> {
  const waiting = Array.from({ length: seats.length * each }, (_, index) => index % seats.length);
  await Promise.all(Array.from({ length: TOGETHER }, async () => {
    for (let seat = waiting.pop(); seat !== undefined; seat = waiting.pop()) await sitDown(url, seats, seat);
  }));
  return sitting.size;
}

async function sitDown(url: string, seats: Sitting['seats'], seat: number): Promise<void> {
  const told = new Map<number, number>();
  const closed = Promise.withResolvers<void>();
  const begun = Promise.withResolvers<void>();
  const { token, conversationId } = seats[seat]!;
  let sitter: Sitter | undefined;
  const socket = await openSocket(url, token, {
    onFrame({ type, payload }) {
      const message = payload?.data?.messageReceived;
      if (message) told.set(message.seq, (told.get(message.seq) ?? 0) + 1);
      else begun.reject(new Error(`a subscription ended with ${type} ${JSON.stringify(payload)}`));
      // Everybody is told the first number: then it is subscribed.
      if (message?.seq === 1) begun.resolve();
    },
    onClose(code) {
      if (sitter) sitting.delete(sitter);
      begun.reject(new Error(`a socket was closed with ${code}`));
      closed.resolve();
    },
  });
  sitter = { seat, socket, told, closed: closed.promise };
  sitting.add(sitter);
  socket.send(subscribeFrame('1', RECEIVE, { conversationId, after: 0 }));
  await begun.promise;
}

function look(): Seen {
  const told: Record<number, number>[] = [];
  for (const sitter of sitting) for (const [seq, times] of sitter.told) (told[sitter.seat] ??= {})[seq] = (told[sitter.seat]![seq] ?? 0) + times;
  return { open: sitting.size, told };
}

async function leave(): Promise<number> {
  const all = [...sitting];
  await Promise.all(all.map(async ({ socket, closed }) => {
    await socket.close();
    await closed;
  }));
  return all.length;
}

/** Comes as often as it is told to, whatever becomes of those that came before. */
async function storm({ url, token, perSecond, seconds, from }: Storm): Promise<Stormed> {
  const began = performance.now();
  const milliseconds: number[] = [];
  const why: string[] = [];
  const all: Promise<void>[] = [];
  let failed = 0;
  let last = began;
  const visit = async (place: number): Promise<void> => {
    const came = performance.now();
    try {
      const socket = await within(PATIENCE, openSocket(url, token, { onFrame: () => undefined, onClose: () => undefined }, from[place % from.length]));
      last = performance.now();
      milliseconds.push(last - came);
      await socket.close();
    } catch (error) {
      failed += 1;
      if (why.length < MOST_REASONS) why.push(String(error));
    }
  };
  while (all.length < perSecond * seconds) {
    const due = Math.min(perSecond * seconds, ((performance.now() - began) / 1000) * perSecond);
    while (all.length < due) all.push(visit(all.length));
    await pause(GUST);
  }
  const comingSeconds = (performance.now() - began) / 1000;
  await Promise.all(all);
  return { entered: milliseconds.length, failed, why, comingSeconds, seconds: (last - began) / 1000, milliseconds };
}

async function within<Result>(limit: number, result: Promise<Result>): Promise<Result> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error(`not within ${limit} ms`)), limit);
  return Promise.race([result, late.promise]).finally(() => clearTimeout(timer));
}

async function perform({ deed, asked }: Asked): Promise<unknown> {
  switch (deed) {
    case 'sit':
      return sit(asked);
    case 'look':
      return look();
    case 'leave':
      return leave();
    case 'storm':
      return storm(asked);
  }
}

process.on('message', (what: Asked) => {
  perform(what).then(
    (done) => process.send!({ done }),
    (error: unknown) => process.send!({ failed: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
  );
});
process.once('disconnect', () => process.exit());
process.send!({ ready: true });
