import type { Clock } from '../clock.js';
import { migrate } from '../database/migrate.js';
import { RoomDatabase } from '../database/room-database.js';
import { Dispatcher } from '../events/dispatch.js';
import type { Wires } from '../events/open-hints.js';
import { followSandboxClock } from '../events/sandbox-clock.js';
import { KEYS_BY_PROCESS, readKeySet, readSecret } from '../keys.js';
import type { Log } from '../log.js';
import type { KeyFiles, Settings } from '../settings.js';
import { OpaqueIds } from '../values/opaque-id.js';
import type { RunningSubgraph } from './execute.js';
import { federate } from './federate.js';
import { RoomKeys, type Room } from './room.js';
import type { Job, Subgraph } from './subgraph.js';

/** A subgraph with its room open: it can be asked at once, and works by itself between `start` and `stop`. */
export interface OpenRoom extends RunningSubgraph {
  readonly subgraph: Subgraph;
  /** Takes over the clock of a sandbox that several processes serve. */
  followClock(): Promise<void>;
  /** Begins to react to events and to run its jobs. */
  start(): void;
  /** Lets what runs end, then closes the database. */
  stop(): Promise<void>;
}

export interface Surroundings {
  readonly settings: Settings;
  readonly keyFiles: KeyFiles;
  /** The URL of the database's owner: it migrates, then the room's own login takes over. */
  readonly databaseUrl: string;
  readonly clock: Clock;
  readonly wires: Wires;
  /** Whether other processes serve this sandbox too: then its clock is read from the database before anything is done. */
  readonly replicated: boolean;
  readonly log: Log;
}

export async function openRoom(subgraph: Subgraph, { settings, keyFiles, databaseUrl, clock, wires, replicated, log }: Surroundings): Promise<OpenRoom> {
  const loginUrl = await migrate(databaseUrl, subgraph.name, subgraph.migrations);
  const [db, keys, { schema }] = await Promise.all([
    RoomDatabase.open(subgraph.name, loginUrl, subgraph.tables, wires.hints, { connections: settings.databaseConnections, log }),
    readRoomKeys(subgraph, keyFiles),
    federate(subgraph),
  ]);
  const room: Room = { name: subgraph.name, db, clock, hints: wires.hints, nats: wires.nats, keys, log, sandbox: settings.sandbox, uploadSilenceSeconds: settings.uploadSilenceSeconds, matchingKeyByHand: settings.matchingKeyByHand, webhookPrivateTargets: settings.webhookPrivateTargets };
  if (settings.sandbox) await followSandboxClock(room);
  const followClock = settings.sandbox && replicated ? () => followSandboxClock(room) : async () => undefined;
  const dispatcher = new Dispatcher(room, subgraph.reactions, followClock);
  const jobs = subgraph.jobs.map((job) => new RunningJob(room, job, followClock));
  return {
    room,
    schema,
    subgraph,
    followClock,
    start() {
      dispatcher.start();
      for (const job of jobs) job.start();
    },
    async stop() {
      await Promise.all([dispatcher.stop(), ...jobs.map((job) => job.stop())]);
      await db.close();
    },
  };
}

async function readRoomKeys(subgraph: Subgraph, files: KeyFiles): Promise<RoomKeys> {
  const held: readonly (keyof KeyFiles)[] = KEYS_BY_PROCESS[subgraph.name];
  return new RoomKeys({
    ...(held.includes('sessionKey') && { sessionKeys: await readKeySet(files.sessionKey) }),
    ...(held.includes('matchingKey') && { matchingKey: await readSecret(files.matchingKey) }),
    ...(held.includes('identifierKey') && { ids: new OpaqueIds(await readSecret(files.identifierKey)) }),
    ...(held.includes('webhookKey') && { webhookKey: await readSecret(files.webhookKey) }),
  });
}

/** A hinted job rests at least this long between two runs, in milliseconds, and at least as long as its last run took. */
const LEAST_REST_MILLISECONDS = 25;

/**
 * One job at its interval, or soon after a hint; a run that takes longer than the interval delays the next, it is not
 * overtaken by it.
 */
class RunningJob {
  readonly #room: Room;
  readonly #job: Job;
  readonly #beforeRun: () => Promise<void>;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;
  #stopped = false;
  #hinted = false;
  /** Whether no run is under way or in its rest: then a hint starts one at once. */
  #idle = false;
  readonly #unsubscribe: () => void;

  constructor(room: Room, job: Job, beforeRun: () => Promise<void>) {
    this.#room = room;
    this.#job = job;
    this.#beforeRun = beforeRun;
    this.#unsubscribe = job.hint === undefined ? () => undefined : room.hints.subscribe(job.hint, () => {
      this.#hinted = true;
      if (this.#idle) this.start();
    });
  }

  start(): void {
    if (this.#stopped) return;
    clearTimeout(this.#timer);
    this.#idle = false;
    this.#running = this.#run();
  }

  async #run(): Promise<void> {
    const began = performance.now();
    this.#hinted = false;
    try {
      await this.#beforeRun();
      await this.#job.run(this.#room);
    } catch (error) {
      this.#room.log.error({ error, job: this.#job.name }, 'a job failed; it runs again at its time');
    }
    if (this.#stopped) return;
    const interval = this.#job.everySeconds * 1000;
    const rest = Math.min(Math.max(performance.now() - began, LEAST_REST_MILLISECONDS), interval);
    this.#timer = setTimeout(() => {
      if (this.#hinted) return this.start();
      this.#idle = true;
      this.#timer = setTimeout(() => this.start(), interval - rest);
    }, rest);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#unsubscribe();
    clearTimeout(this.#timer);
    await this.#running;
    await this.#job.end?.(this.#room);
  }
}
