import type { ChildProcess } from 'node:child_process';
import { startOwnHouse, type OwnHouse } from '../test/own-house.js';
import { startSplitHouse, type HouseProxies, type SplitHouse, type SplitOptions } from '../test/split-house.js';
import type { Conditions } from './experiment.js';

/** Who makes only some of them bad does not mind the others. */
const EVERY_LINE: readonly (keyof HouseProxies)[] = ['doors', 'community', 'database'];

type Borrower = Pick<Conditions, 'scale' | 'after'>;

/**
 * Houses for one short experiment after the other: to start one takes longer than many of them. Each has firms of its own in it.
 * A house with settings or with a NATS is made for one experiment alone, as every house of a full run is.
 */
export class Houses implements AsyncDisposable {
  readonly #split = new Map<string, SplitHouse[]>();
  readonly #own: OwnHouse[] = [];
  /** Lent or not. */
  readonly #all = new Set<AsyncDisposable>();

  /** A split house in which nobody is at work, until the experiment is over. */
  async lend({ scale, after }: Borrower, environment: Record<string, string>, options: SplitOptions): Promise<SplitHouse> {
    const { gateways = 1, communities = 1, nats } = options;
    const together = scale === 'SHORT';
    if (!together || nats !== undefined || Object.keys(environment).length > 0) {
      const house = this.#note(await startSplitHouse(environment, { ...options, together }));
      after(() => this.#end(house));
      return house;
    }
    const free = this.#split.getOrInsertComputed(`${gateways} ${communities}`, () => []);
    const house = free.pop() ?? this.#note(await startSplitHouse({}, { gateways, communities, proxied: EVERY_LINE, together }));
    after(async () => {
      const { community, database, doors = [] } = house.proxies;
      for (const line of [community, database, ...doors]) await line?.heal();
      if (Object.values(house.processes).every(isRunning)) free.push(house);
      else await this.#end(house);
    });
    return house;
  }

  /** The same for a house of one process with a database server of its own. */
  async lendOwn({ scale, after }: Borrower): Promise<OwnHouse> {
    const house = this.#own.pop() ?? this.#note(await startOwnHouse());
    after(async () => {
      if (scale === 'SHORT' && isRunning(house.child)) this.#own.push(house);
      else await this.#end(house);
    });
    return house;
  }

  /** Ends all of them, also those that an experiment has whose end nobody waits for. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#split.clear();
    this.#own.length = 0;
    await Promise.all([...this.#all].map((house) => this.#end(house)));
  }

  #note<House extends AsyncDisposable>(house: House): House {
    this.#all.add(house);
    return house;
  }

  async #end(house: AsyncDisposable): Promise<void> {
    this.#all.delete(house);
    await house[Symbol.asyncDispose]();
  }
}

function isRunning({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode === null && signalCode === null;
}
