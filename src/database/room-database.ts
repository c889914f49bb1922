import { MikroORM, type EntityManager, type Options } from '@mikro-orm/postgresql';
import type { Pool, PoolClient } from 'pg';
import { isUuid } from '../values/opaque-id.js';
import { invariant } from '../errors.js';
import type { Hints } from '../events/hints.js';
import type { Log } from '../log.js';
import type { RoomName } from '../rooms.js';
import { FirmReads, type Reader } from './firm-reads.js';
import { nameIfAway, retryAborted } from './passing-faults.js';
import { limitWaiting, watchConnections } from './watch-connections.js';

/** Unless the settings say otherwise. Rooms share a server that takes 200; a relay and its reaction need two at once, and reads must not wait for them. */
const CONNECTIONS_PER_ROOM = 16;
/**
 * How long anybody waits for a connection, a new one or one that others use, in milliseconds. Who waits longer is refused:
 * below two seconds a refusal is still an answer, and a queue that only grows helps nobody.
 */
const WAIT_MILLISECONDS = 1400;
/** How long a connection may take to be made, for whoever waits next, in milliseconds. */
const CONNECTING_MILLISECONDS = 5000;
/** After so long without a byte the network is asked whether the server is still there, in milliseconds. */
const KEEP_ALIVE_MILLISECONDS = 10_000;

/** What `defineEntity` makes. */
export type Table = NonNullable<Options['entities']>[number];

type AfterCommit = (hints: Hints) => void;
const pending = new WeakMap<EntityManager, AfterCommit[]>();

/** Has `action` run once the transaction of `em` has committed, and never if it does not. */
export function afterCommit(em: EntityManager, action: AfterCommit): void {
  const actions = pending.get(em);
  if (actions) actions.push(action);
  else pending.set(em, [action]);
}

/**
 * A room's database. There is no way to its rows but `forFirm` and `asSystem`: the login behind it may do nothing until
 * one of them has given the transaction a role, and row-level security is forced on every table.
 */
export class RoomDatabase {
  readonly #room: RoomName;
  readonly #orm: MikroORM;
  readonly #pool: Pool;
  readonly #hints: Hints;
  readonly #unwatch: () => void;

  private constructor(room: RoomName, orm: MikroORM, pool: Pool, hints: Hints, unwatch: () => void) {
    this.#room = room;
    this.#orm = orm;
    this.#pool = pool;
    this.#hints = hints;
    this.#unwatch = unwatch;
  }

  /** `loginUrl` is what `migrate` returned. */
  static async open(room: RoomName, loginUrl: string, tables: readonly Table[], hints: Hints, { connections = CONNECTIONS_PER_ROOM, log }: { readonly connections?: number; readonly log?: Log } = {}): Promise<RoomDatabase> {
    const orm = await MikroORM.init({
      clientUrl: loginUrl,
      entities: [...tables],
      discovery: { warnWhenNoEntities: false },
      pool: { min: 0, max: connections },
      driverOptions: { connectionTimeoutMillis: CONNECTING_MILLISECONDS, keepAlive: true, keepAliveInitialDelayMillis: KEEP_ALIVE_MILLISECONDS },
      // Every unit of work opens its own transaction through the guard below; nothing may run outside one.
      implicitTransactions: true,
      allowGlobalContext: false,
      ignoreUndefinedInQuery: true,
    });
    const pool = (await orm.em.getConnection().getNativeClient()) as Pool;
    limitWaiting(pool, WAIT_MILLISECONDS);
    return new RoomDatabase(room, orm, pool, hints, watchConnections(pool, loginUrl, log));
  }

  /** The database as one firm may see it. */
  forFirm(firmId: string): FirmDatabase {
    invariant(isUuid(firmId), 'a firm id is a uuid');
    return new FirmDatabase(this.#orm, this.#pool, this.#hints, { role: `${this.#room}_app`, 'app.firm_id': firmId });
  }

  /**
   * For a function of the database that acts for many firms in one trip, and sets the firm itself for each of them in turn.
   * Until it does there is none: nothing is shown, nothing taken.
   */
  forFirmsInTurn(): FirmDatabase {
    return new FirmDatabase(this.#orm, this.#pool, this.#hints, { role: `${this.#room}_app`, 'app.firm_id': '' });
  }

  /** The database as the room itself sees it: only tables whose policy names the system role. */
  asSystem(): FirmDatabase {
    return new FirmDatabase(this.#orm, this.#pool, this.#hints, { role: `${this.#room}_system` });
  }

  async close(): Promise<void> {
    this.#unwatch();
    await this.#orm.close(true);
  }
}

/** Transactions under one identity. `role` is a setting like any other to `set_config`, so one statement sets it all. */
export class FirmDatabase {
  readonly #orm: MikroORM;
  readonly #pool: Pool;
  readonly #hints: Hints;
  readonly #variables: Readonly<Record<string, string>>;

  constructor(orm: MikroORM, pool: Pool, hints: Hints, variables: Readonly<Record<string, string>>) {
    this.#orm = orm;
    this.#pool = pool;
    this.#hints = hints;
    this.#variables = variables;
  }

  /** For reads alone: several together cost one trip to the database, without the transaction's own three. */
  reads(): FirmReads {
    return new FirmReads(this.#pool, this.#variables);
  }

  /**
   * Writes in one trip to the database: what `work` asks for in its first turn is one transaction, and it may ask for nothing
   * after that. One plan serves all values.
   */
  async inOneTrip<T>(work: (em: Reader) => Promise<T>): Promise<T> {
    return retryAborted(() => work(new FirmReads(this.#pool, this.#variables, true).plannedOnce()));
  }

  /**
   * Runs `work` in one transaction; what it throws rolls everything back. Wherever it is called, also inside another one of
   * any room, it is a transaction of its own: its own connection, role and firm, and it commits by itself. So it sees
   * nothing that the outer one has not committed, and must not wait for a row that the outer one holds.
   *
   * When PostgreSQL ends it for the sake of another one, `work` is called again: what it changes outside the database it
   * must change after this has returned. When the database is away that is said, and whether a commit under way took
   * place is not known: the same request again is safe.
   */
  transaction<T>(work: (em: EntityManager) => Promise<T>): Promise<T> {
    return retryAborted(() => this.transactionOnce(work));
  }

  /** The same for `work` that cannot be called again, because it uses up what it is given. */
  async transactionOnce<T>(work: (em: EntityManager) => Promise<T>): Promise<T> {
    // Else the ORM would begin with whatever transaction this call stands in, of another room too, and use its database.
    const em = this.#orm.em.fork({ disableContextResolution: true, session: { variables: { ...this.#variables } } });
    let actions: readonly AfterCommit[] = [];
    const result = await em.transactional(async (inner) => {
      const value = await work(inner);
      actions = pending.get(inner) ?? [];
      return value;
    }).catch((error: unknown) => {
      throw nameIfAway(error);
    });
    for (const action of actions) action(this.#hints);
    return result;
  }

  /** The same on the driver's own connection, for what only it can do: COPY. */
  async driverTransaction<T>(work: (client: PoolClient) => Promise<T>): Promise<T> {
    const client = await this.#pool.connect().catch((error: unknown) => {
      throw nameIfAway(error);
    });
    try {
      await client.query('begin');
      const names = Object.keys(this.#variables);
      await client.query(
        `select ${names.map((_, index) => `set_config($${index * 2 + 1}, $${index * 2 + 2}, true)`).join(', ')}`,
        names.flatMap((name) => [name, this.#variables[name]]),
      );
      const result = await work(client);
      await client.query('commit');
      client.release();
      return result;
    } catch (error) {
      // A connection whose state is unknown is not given to anybody else.
      await client.query('rollback').then(() => client.release(), () => client.release(true));
      throw nameIfAway(error);
    }
  }
}
