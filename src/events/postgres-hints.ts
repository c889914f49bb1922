import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import type { Log } from '../log.js';
import { MemoryHints, type Hints } from './hints.js';

const CHANNEL = 'ardoise_hint';
/** PostgreSQL takes less than 8000 bytes in one notification. */
const LARGEST_PAYLOAD = 7000;
const SHORTEST_BACKOFF_MILLISECONDS = 100;
const LONGEST_BACKOFF_MILLISECONDS = 5000;
/** How often the connection is tried, and how long it may take: a connection can be lost without a word. */
const BEAT_MILLISECONDS = 10_000;
const BEAT_LIMIT_MILLISECONDS = 5000;

/**
 * Hints between processes that share a database: LISTEN and NOTIFY on a connection of their own. Never inside a business
 * transaction: a notifying transaction takes a lock on the whole cluster at its commit, which costs most of the write
 * throughput.
 */
export class PostgresHints implements Hints {
  readonly #url: string;
  readonly #log: Log;
  readonly #origin = randomUUID();
  readonly #local = new MemoryHints();
  readonly #waiting = new Set<string>();
  #client: Client | undefined;
  #closed = false;
  /** What is being said: the connection takes one statement at a time. */
  #saying: Promise<void> = Promise.resolve();
  #beat: NodeJS.Timeout | undefined;
  #retry: NodeJS.Timeout | undefined;

  private constructor(url: string, log: Log) {
    this.#url = url;
    this.#log = log;
  }

  /** Begins to listen; when PostgreSQL is not there yet, later. */
  static async open(url: string, log: Log): Promise<PostgresHints> {
    const hints = new PostgresHints(url, log);
    await hints.#connect(SHORTEST_BACKOFF_MILLISECONDS);
    hints.#beat = setInterval(() => void hints.#say(() => hints.#send('select 1', [])), BEAT_MILLISECONDS);
    return hints;
  }

  publish(topic: string): void {
    this.#local.publish(topic);
    // Many of one tick, and those that come while another is under way, are one notification.
    if (this.#waiting.size === 0) setImmediate(() => void this.#say(() => this.#flush()));
    this.#waiting.add(topic);
  }

  subscribe(topic: string, listener: () => void): () => void {
    return this.#local.subscribe(topic, listener);
  }

  async close(): Promise<void> {
    await this.#say(() => this.#flush());
    this.#closed = true;
    clearInterval(this.#beat);
    clearTimeout(this.#retry);
    await this.#client?.end().catch(() => undefined);
    await this.#local.close();
  }

  async #connect(backoff: number): Promise<void> {
    const client = new Client({ connectionString: this.#url, keepAlive: true, application_name: 'ardoise hints', connectionTimeoutMillis: BEAT_LIMIT_MILLISECONDS, query_timeout: BEAT_LIMIT_MILLISECONDS });
    let lost = false;
    const lose = (error?: Error): void => {
      if (lost || this.#closed) return;
      lost = true;
      if (this.#client === client) this.#client = undefined;
      this.#log.warn({ error, again: backoff }, 'hints are lost for a moment; connecting again');
      void client.end().catch(() => undefined);
      this.#retry = setTimeout(() => void this.#connect(Math.min(backoff * 2, LONGEST_BACKOFF_MILLISECONDS)), backoff);
    };
    client.on('error', lose);
    client.on('end', lose);
    client.on('notification', ({ payload }) => this.#hear(payload ?? ''));
    try {
      await client.connect();
      await client.query(`listen ${CHANNEL}`);
    } catch (error) {
      return lose(error instanceof Error ? error : new Error(String(error)));
    }
    if (this.#closed) return void client.end().catch(() => undefined);
    this.#client = client;
    backoff = SHORTEST_BACKOFF_MILLISECONDS;
    // What was told in between is not known: everybody looks again.
    this.#local.publishAll();
  }

  #hear(payload: string): void {
    const [origin, ...topics] = payload.split('\n');
    // This process has told its own listeners already.
    if (origin !== this.#origin) for (const topic of topics) this.#local.publish(topic);
  }

  /** Once everything before it was said. */
  #say(something: () => Promise<void>): Promise<void> {
    return (this.#saying = this.#saying.then(something, something));
  }

  async #flush(): Promise<void> {
    const topics = [...this.#waiting];
    this.#waiting.clear();
    let payload = this.#origin;
    const payloads: string[] = [];
    for (const topic of topics) {
      if (Buffer.byteLength(payload) + Buffer.byteLength(topic) > LARGEST_PAYLOAD) {
        payloads.push(payload);
        payload = this.#origin;
      }
      payload += `\n${topic}`;
    }
    if (topics.length > 0) payloads.push(payload);
    for (const one of payloads) await this.#send('select pg_notify($1, $2)', [CHANNEL, one]);
  }

  async #send(statement: string, values: readonly string[]): Promise<void> {
    const client = this.#client;
    // A query that fails or takes too long says that the connection is gone.
    await client?.query(statement, [...values]).catch((error: Error) => client.emit('error', error));
  }
}
