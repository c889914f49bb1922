import { DefaultQueryExecutor, PostgresAdapter, PostgresQueryCompiler, type CompiledQuery, type DatabaseConnection, type QueryExecutorProvider, type QueryResult } from 'kysely';
import type { Pool } from 'pg';
import { GuardedTrip, type Reading } from './guarded-trip.js';

/** What a read is given: SQL runs on it, nothing else. An EntityManager is one too, so a named read serves both. */
export interface Reader {
  getKysely<_Database>(): QueryExecutorProvider;
}

const compiler = new PostgresQueryCompiler();
const adapter = new PostgresAdapter();

/**
 * Reads as one firm. What is asked in one turn goes to PostgreSQL in one trip: the guard, then each statement, in a
 * transaction that may not write. Every statement sees what is committed when it runs.
 */
export class FirmReads implements Reader, QueryExecutorProvider {
  readonly #pool: Pool;
  readonly #guard: { readonly text: string; readonly values: readonly string[] };
  readonly #executor: DefaultQueryExecutor;
  #waiting: Reading[] = [];

  constructor(pool: Pool, variables: Readonly<Record<string, string>>) {
    this.#pool = pool;
    const settings = Object.entries({ transaction_read_only: 'on', ...variables });
    this.#guard = { text: `select ${settings.map((_, index) => `set_config($${index * 2 + 1}, $${index * 2 + 2}, true)`).join(', ')}`, values: settings.flat() };
    const connection: DatabaseConnection = {
      executeQuery: async <Row>({ sql, parameters }: CompiledQuery): Promise<QueryResult<Row>> => ({ rows: (await this.#read(sql, parameters)) as Row[] }),
      streamQuery: () => {
        throw new Error('Invariant broken: a read is not a stream');
      },
    };
    this.#executor = new DefaultQueryExecutor(compiler, adapter, { provideConnection: (consume) => consume(connection) });
  }

  getKysely(): QueryExecutorProvider {
    return this;
  }

  getExecutor(): DefaultQueryExecutor {
    return this.#executor;
  }

  #read(text: string, values: readonly unknown[]): Promise<Record<string, unknown>[]> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ text, values, resolve, reject });
      // After every batch of this turn: they are sent in the same way, before this was.
      if (this.#waiting.length === 1) void Promise.resolve().then(() => process.nextTick(() => this.#send()));
    });
  }

  #send(): void {
    const readings = this.#waiting;
    this.#waiting = [];
    this.#pool.connect((error, client, release) => {
      if (error || !client) return readings.forEach((reading) => reading.reject(error));
      // After an error the connection is given to nobody else: its state would have to be believed.
      client.query(new GuardedTrip(client, this.#guard, readings, release));
    });
  }
}
