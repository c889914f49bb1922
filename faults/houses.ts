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

  /** A split house in which nobody is at work, until the experiment is over. */
  async lend({ scale, after }: Borrower, environment: Record<string, string>, options: SplitOptions): Promise<SplitHouse> {
    const { gateways = 1, communities = 1, nats } = options;
    if (scale === 'FULL' || nats !== undefined || Object.keys(environment).length > 0) {
      const house = await startSplitHouse(environment, options);
      after(() => house[Symbol.asyncDispose]());
      return house;
    }
    const free = this.#split.getOrInsertComputed(`${gateways} ${communities}`, () => []);
    const house = free.pop() ?? (await startSplitHouse({}, { gateways, communities, proxied: EVERY_LINE }));
    after(async () => {
      const { community, database, doors = [] } = house.proxies;
      for (const line of [community, database, ...doors]) await line?.heal();
      if (Object.values(house.processes).every(isRunning)) free.push(house);
      else await house[Symbol.asyncDispose]();
    });
    return house;
  }

  /** The same for a house of one process with a database server of its own. */
  async lendOwn({ scale, after }: Borrower): Promise<OwnHouse> {
    const house = this.#own.pop() ?? (await startOwnHouse());
    after(async () => {
      if (scale === 'SHORT' && isRunning(house.child)) this.#own.push(house);
      else await house[Symbol.asyncDispose]();
    });
    return house;
  }

  /** Ends those that nobody has. */
  async [Symbol.asyncDispose](): Promise<void> {
    const houses: AsyncDisposable[] = [...[...this.#split.values()].flat(), ...this.#own.splice(0)];
    this.#split.clear();
    await Promise.all(houses.map((house) => house[Symbol.asyncDispose]()));
  }
}

function isRunning({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode === null && signalCode === null;
}
