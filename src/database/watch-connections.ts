import { Client, type Pool, type PoolClient } from 'pg';
import type { Log } from '../log.js';

/** How often connections are looked at, in milliseconds. */
const LOOK_MILLISECONDS = 300;
/** A connection that is in use for so long gives reason to ask whether the server is there at all, in milliseconds. */
const SUSPICIOUS_MILLISECONDS = 2000;
/** How long the server may take to answer a new connection, in milliseconds. */
const ANSWER_MILLISECONDS = 3000;
/** So many questions in a row without an answer: one may have been lost. */
const ENOUGH = 2;
/** Whoever waited as long as it may looks once more, for what has come while this process was held up itself, in milliseconds. */
const LAST_LOOK_MILLISECONDS = 100;

type Connected = (error: Error | undefined, client: PoolClient | undefined, release: (error?: Error | boolean) => void) => void;

/** Refuses whoever waits longer than so many milliseconds for a connection of the pool, whether a new one or one that others use. */
export function limitWaiting(pool: Pool, milliseconds: number): void {
  const connect = pool.connect.bind(pool) as (callback: Connected) => void;
  const connectInTime = (callback: Connected): void => {
    let isLate = false;
    const refuse = (): void => {
      isLate = true;
      callback(new Error('timeout exceeded when trying to connect'), undefined, () => undefined);
    };
    let timer = setTimeout(() => (timer = setTimeout(refuse, LAST_LOOK_MILLISECONDS)), milliseconds);
    connect((error, client, release) => {
      clearTimeout(timer);
      if (isLate) client?.release();
      else callback(error, client, release);
    });
  };
  pool.connect = ((callback?: Connected) => {
    if (callback) return connectInTime(callback);
    return new Promise<PoolClient>((resolve, reject) => connectInTime((error, client) => (client ? resolve(client) : reject(error ?? new Error('no connection')))));
  }) as Pool['connect'];
}

/**
 * Keeps a pool whole while its server and the network come and go.
 *
 * A connection that has ended is taken from whoever still has it: the ORM gives one back only after a rollback, which on a
 * connection that is gone cannot succeed, and it would be missing from the pool for good.
 *
 * When the server does not answer any more, all connections are ended, until it does. A network can lose a connection
 * without a word, and whoever waits on one would wait for as long as the kernel tries. A statement that merely takes long
 * is left alone, for then the server answers a new connection.
 */
export function watchConnections(pool: Pool, url: string, log: Log | undefined): () => void {
  const all = new Set<PoolClient>();
  const inUseSince = new Map<PoolClient, number>();
  const ended = new WeakSet<PoolClient>();
  pool.on('acquire', (client) => {
    inUseSince.set(client, performance.now());
    // Not when it connects: the pool may have connections by now.
    if (all.has(client)) return;
    all.add(client);
    client.once('end', () => ended.add(client));
  });
  pool.on('release', (_error, client) => void inUseSince.delete(client));
  pool.on('remove', (client) => void all.delete(client));

  /** Ended already at the look before: until then its user had the time to give it back. */
  let toTake: readonly PoolClient[] = [];
  const takeEnded = (): void => {
    for (const client of toTake) {
      if (!inUseSince.has(client)) continue;
      const release = client.release.bind(client);
      // Its user may yet give it back; it is nobody's by then.
      client.release = () => undefined;
      release(true);
    }
    toTake = [...inUseSince.keys()].filter((client) => ended.has(client));
  };

  let unanswered = 0;
  let asking = false;
  /** Whether this process was held up while it asked: the answer may lie here unread. */
  let heldUp = false;
  const askServer = async (): Promise<void> => {
    const now = performance.now();
    if (asking || (unanswered === 0 && ![...inUseSince.values()].some((since) => now - since > SUSPICIOUS_MILLISECONDS))) return;
    asking = true;
    heldUp = false;
    const answers = await answersNow(url);
    asking = false;
    if (!answers && heldUp) return;
    if (answers && unanswered >= ENOUGH) log?.warn('PostgreSQL answers again');
    unanswered = answers ? 0 : unanswered + 1;
    if (unanswered < ENOUGH) return;
    if (unanswered === ENOUGH) log?.warn('PostgreSQL does not answer; its connections are ended');
    // Without a goodbye: nobody would hear it. What waits on them is told at once.
    for (const client of all) client.connection.stream.destroy();
  };

  let lookedAt = performance.now();
  const timer = setInterval(() => {
    const now = performance.now();
    if (now - lookedAt > 2 * LOOK_MILLISECONDS) heldUp = true;
    lookedAt = now;
    takeEnded();
    void askServer();
  }, LOOK_MILLISECONDS);
  timer.unref();
  return () => clearInterval(timer);
}

/** Whether the server says anything at all to a new connection; a refusal is an answer too, and ends what it ends by itself. */
async function answersNow(url: string): Promise<boolean> {
  const client = new Client({ connectionString: url, application_name: 'ardoise watch' });
  client.on('error', () => undefined);
  const late = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => late.resolve(false), ANSWER_MILLISECONDS);
  const answered = client.connect().then(() => client.query('select 1')).then(() => true, () => true);
  const answers = await Promise.race([answered, late.promise]);
  clearTimeout(timer);
  client.connection.stream.destroy();
  return answers;
}
