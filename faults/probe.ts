import { createServer } from 'node:http';
import { Socket } from 'node:net';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { isMainThread } from 'node:worker_threads';
import { ClientSocket } from '../gateway/sockets/client-socket.js';
import { Operation } from '../gateway/sockets/operation.js';
import type { Lags, Live } from './probed-house.js';

/** How exactly the event loop's lag is measured, and how often sockets' buffers are looked at, in milliseconds. */
const LAG_MILLISECONDS = 5;
const LOOK_MILLISECONDS = 10;

/** Things that were seen at work, kept from nobody who clears up. */
class Seen<Thing extends object> {
  readonly #known = new WeakSet<Thing>();
  readonly #seen = new Set<WeakRef<Thing>>();
  /** Alive or not. */
  ever = 0;

  note(thing: Thing): void {
    if (this.#known.has(thing)) return;
    this.#known.add(thing);
    this.#seen.add(new WeakRef(thing));
    this.ever += 1;
  }

  /** How many are still there. */
  count(): number {
    for (const one of this.#seen) if (one.deref() === undefined) this.#seen.delete(one);
    return this.#seen.size;
  }
}

/** Notes each thing of a kind when it does its first so and so. */
function see<Method extends string, Thing extends Record<Method, (...given: never[]) => unknown>>(kind: { readonly prototype: Thing }, method: Method): Seen<Thing> {
  const seen = new Seen<Thing>();
  const original = kind.prototype[method];
  const noting = function (this: Thing, ...given: never[]): unknown {
    seen.note(this);
    return original.apply(this, given);
  };
  Object.defineProperty(kind.prototype, method, { value: noting });
  return seen;
}

/**
 * Loaded into a server that is tried, before its own program (`--import probe.js?at=…`): tells what only that process knows of itself
 * to whoever asks at the address `at`, a socket of this machine.
 */
function watch(at: string): void {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const lags = monitorEventLoopDelay({ resolution: LAG_MILLISECONDS });
  lags.enable();
  let mostBuffered = 0;
  let looking: NodeJS.Timeout | undefined;
  const look = (): void => {
    const handles = (process as unknown as { _getActiveHandles(): readonly unknown[] })._getActiveHandles();
    for (const handle of handles) if (handle instanceof Socket) mostBuffered = Math.max(mostBuffered, handle.writableLength);
  };
  const sockets = see(ClientSocket, 'send');
  const operations = see(Operation, 'run');
  const closed = see(ClientSocket, 'close');
  const tell: Record<string, () => unknown> = {
    // It stands still for this: not to be asked while its lag is measured.
    '/live': async (): Promise<Live> => {
      // What is referred to weakly lives until the end of the turn in which it was looked at.
      for (let time = 0; time < 2; time += 1) {
        await new Promise((resolve) => setImmediate(resolve));
        collect();
      }
      const { rss, heapUsed } = process.memoryUsage();
      return { sockets: sockets.count(), operations: operations.count(), residentBytes: rss, heapBytes: heapUsed };
    },
    '/closed': () => closed.ever,
    '/lags': (): Lags => {
      const told = { p99: lags.percentile(99) / 1e6, most: lags.max / 1e6 };
      lags.reset();
      return told;
    },
    '/buffered': () => {
      looking ??= setInterval(look, LOOK_MILLISECONDS);
      const told = mostBuffered;
      mostBuffered = 0;
      return told;
    },
  };
  createServer((incoming, response) => {
    void Promise.resolve(tell[incoming.url ?? '']?.()).then((told) => response.setHeader('connection', 'close').end(JSON.stringify(told)));
  }).listen(at).unref();
}

if (isMainThread) watch(new URL(import.meta.url).searchParams.get('at')!);
