import { DefaultQueryExecutor, PostgresAdapter, PostgresQueryCompiler, type CompiledQuery, type DatabaseConnection, type QueryExecutorProvider, type QueryResult } from 'kysely';
import type { Pool } from 'pg';
import { invariant } from '../errors.js';
import { GuardedTrip, type Reading } from './guarded-trip.js';
import { nameIfAway } from './passing-faults.js';

/** What a read is given: SQL runs on it, nothing else. An EntityManager is one too, so a named read serves both. */
export interface Reader {
  getKysely<_Database>(): QueryExecutorProvider;
}

const guards = new Map<number, string>();

/** A statement that sets so many settings for its transaction. `role` is a setting like any other to `set_config`. */
function guardOf(settings: number): string {
  let text = guards.get(settings);
  if (text === undefined) guards.set(settings, (text = `select ${Array.from({ length: settings }, (_, index) => `set_config($${index * 2 + 1}, $${index * 2 + 2}, true)`).join(', ')}`));
  return text;
}

const compiler = new PostgresQueryCompiler();
const adapter = new PostgresAdapter();

/**
 * Reads as one firm. What is asked in one turn goes to PostgreSQL in one trip: the guard, then each statement, in a
 * transaction that may not write. Every statement sees what is committed when it runs.
 *
 * `mayWrite`: the transaction may; and there is one trip and no other, so that nobody takes two for one transaction.
 */
export class FirmReads implements Reader, QueryExecutorProvider {
  readonly #pool: Pool;
  /** Names and values of what is set for each trip, in turns, and the statement that sets them. */
  readonly #variables: readonly string[];
  readonly #guard: string;
  readonly #executor = this.#executorFor(false);
  readonly #mayWrite: boolean;
  #waiting: Reading[] = [];
  #isSent = false;

  constructor(pool: Pool, variables: Readonly<Record<string, string>>, mayWrite = false) {
    this.#pool = pool;
    this.#mayWrite = mayWrite;
    this.#variables = Object.entries(variables).flat();
    this.#guard = guardOf(2 + this.#variables.length / 2);
  }

  getKysely(): QueryExecutorProvider {
    return this;
  }

  getExecutor(): DefaultQueryExecutor {
    return this.#executor;
  }

  /** The same reads, for statements of which one plan is good for all values. */
  plannedOnce(): Reader {
    const executor = this.#executorFor(true);
    const provider = { getExecutor: () => executor };
    return { getKysely: () => provider };
  }

  #executorFor(plannedOnce: boolean): DefaultQueryExecutor {
    const connection: DatabaseConnection = {
      executeQuery: async <Row>({ sql, parameters }: CompiledQuery): Promise<QueryResult<Row>> => ({ rows: (await this.#read(sql, parameters, plannedOnce)) as Row[] }),
      streamQuery: () => {
        throw new Error('Invariant broken: a read is not a stream');
      },
    };
    return new DefaultQueryExecutor(compiler, adapter, { provideConnection: (consume) => consume(connection) });
  }

  #read(text: string, values: readonly unknown[], plannedOnce: boolean): Promise<Record<string, unknown>[]> {
    invariant(!this.#mayWrite || !this.#isSent, 'what is written in one trip is asked for in one turn');
    return new Promise((resolve, reject) => {
      this.#waiting.push({ text, values, plannedOnce, resolve, reject });
      // After every batch of this turn: they are sent in the same way, before this was.
      if (this.#waiting.length === 1) void Promise.resolve().then(() => process.nextTick(() => this.#send()));
    });
  }

  #send(): void {
    const readings = this.#waiting;
    this.#waiting = [];
    this.#isSent = true;
    this.#pool.connect((error, client, release) => {
      if (error || !client) return readings.forEach((reading) => reading.reject(nameIfAway(error)));
      // After an error the connection is given to nobody else: its state would have to be believed.
      client.query(new GuardedTrip(client, this.#guardFor(readings), readings, release));
    });
  }

  #guardFor(readings: readonly Reading[]): { readonly text: string; readonly values: readonly string[] } {
    const plan = readings.every(({ plannedOnce }) => plannedOnce) ? 'force_generic_plan' : 'auto';
    return { text: this.#guard, values: ['transaction_read_only', this.#mayWrite ? 'off' : 'on', 'plan_cache_mode', plan, ...this.#variables] };
  }
}
