import { startSplitHouse, type HouseProxies, type SplitHouse, type SplitOptions } from '../test/split-house.js';
import type { Conditions } from './experiment.js';

/** One who wants to make only some of them bad does not mind the others. */
const EVERY_LINE: readonly (keyof HouseProxies)[] = ['doors', 'community', 'database'];

/**
 * Houses for one short experiment after the other: to start one takes longer than many of them. Each has firms of its own in it.
 * What a house has by its settings or its NATS is for one experiment alone.
 */
export class Houses implements AsyncDisposable {
  readonly #free = new Map<string, SplitHouse[]>();

  /** A house in which nobody is at work; it comes back after the experiment. */
  async lend({ scale, after }: Pick<Conditions, 'scale' | 'after'>, environment: Record<string, string>, options: SplitOptions): Promise<SplitHouse> {
    if (scale === 'FULL' || options.nats !== undefined || Object.keys(environment).length > 0) {
      const house = await startSplitHouse(environment, options);
      after(() => house[Symbol.asyncDispose]());
      return house;
    }
    const { gateways = 1, communities = 1 } = options;
    const shape = `${gateways} ${communities}`;
    const house = this.#free.get(shape)?.pop() ?? (await startSplitHouse({}, { gateways, communities, proxied: EVERY_LINE }));
    after(() => this.#takeBack(shape, house));
    return house;
  }

  /** Ends those that nobody has. */
  async [Symbol.asyncDispose](): Promise<void> {
    const houses = [...this.#free.values()].flat();
    this.#free.clear();
    await Promise.all(houses.map((house) => house[Symbol.asyncDispose]()));
  }

  async #takeBack(shape: string, house: SplitHouse): Promise<void> {
    const { community, doors = [], database } = house.proxies;
    for (const line of [community, database, ...doors]) await line?.heal();
    const isWhole = Object.values(house.processes).every(({ exitCode, signalCode }) => exitCode === null && signalCode === null);
    if (isWhole) this.#free.set(shape, [...(this.#free.get(shape) ?? []), house]);
    else await house[Symbol.asyncDispose]();
  }
}
