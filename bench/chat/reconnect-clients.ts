import { openSocket, RECEIVE, subscribeFrame, type Seat } from './ardoise-client.js';

/** A client that was away. */
export interface AbsentClient extends Seat {
  /** The last number that it has. */
  readonly after: number;
  /** What it missed, in order. */
  readonly missed: readonly string[];
}

/** What came of it, in seconds from the first connect. */
export interface Reconnected {
  /** Until the last client was connected and had been told that it is. */
  readonly connected: number;
  /** Until the last client had everything. */
  readonly served: number;
  /** How often a client was told to try again and resumed, as clients do. */
  readonly resumed: number;
  readonly cpuMilliseconds: number;
}

const PATIENCE = 60_000;
/** Until a client that was told to try again does so. */
const BREATH_MILLISECONDS = 100;

/** Connects all clients at once; each subscribes from where it was, and again from where it is when it is told to. Throws unless each gets what it missed, once and in order. */
export async function reconnect(url: string, clients: readonly AbsentClient[]): Promise<Reconnected> {
  const cpu = process.cpuUsage();
  const began = performance.now();
  let connected = 0;
  let resumed = 0;
  const all = Promise.all(clients.map(async ({ token, conversationId, after, missed }) => {
    let seq = after;
    const served = Promise.withResolvers<void>();
    const socket = await openSocket(url, token, {
      onFrame({ type, payload }, text) {
        if (type === 'complete') return;
        if (text.includes('"UNAVAILABLE"')) {
          resumed += 1;
          setTimeout(subscribe, BREATH_MILLISECONDS);
          return;
        }
        const message = type === 'next' ? payload?.data?.messageReceived : undefined;
        if (!message || message.seq !== seq + 1 || message.body !== missed[message.seq - after - 1]) return served.reject(new Error(`after ${seq} came ${text}`));
        seq = message.seq;
        if (seq === after + missed.length) served.resolve();
      },
      onClose: (code) => served.reject(new Error(`a socket was closed with ${code}`)),
    });
    connected = performance.now() - began;
    let subscriptions = 0;
    const subscribe = (): void => socket.send(subscribeFrame(String((subscriptions += 1)), RECEIVE, { conversationId, after: seq }));
    subscribe();
    await served.promise;
    return { socket, hasRight: () => seq === after + missed.length };
  }));
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error('the clients are not served')), PATIENCE);
  const open = await Promise.race([all, late.promise]).finally(() => clearTimeout(timer));
  const served = performance.now() - began;
  const { user, system } = process.cpuUsage(cpu);
  // What came twice would come now.
  await new Promise((resolve) => setTimeout(resolve, 300));
  if (!open.every(({ hasRight }) => hasRight())) throw new Error('a client got more than it missed');
  await Promise.all(open.map(({ socket }) => socket.close()));
  return { connected: connected / 1000, served: served / 1000, resumed, cpuMilliseconds: (user + system) / 1000 };
}
