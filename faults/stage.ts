import { startHouse, type TestHouse } from '../test/house.js';
import { startOwnHouse, type OwnHouse } from '../test/own-house.js';
import { startSplitHouse, type SplitHouse, type SplitOptions } from '../test/split-house.js';
import { ChatLoad, type LoadOptions } from './chat-load.js';
import type { Conditions } from './experiment.js';
import { MemoryWatch } from './memory-watch.js';

/** A house with a chat going on in it. */
export interface Stage<House extends TestHouse = SplitHouse> {
  readonly house: House;
  readonly load: ChatLoad;
  /** Of every process of the house. */
  readonly memory: MemoryWatch;
}

/** Sets up a house whose gateways and rooms are processes of their own; it is cleared away when the experiment is over. */
export async function setStage({ after }: Conditions, options: SplitOptions = {}, load: Partial<LoadOptions> = {}, environment: Record<string, string> = {}): Promise<Stage> {
  const house = await startSplitHouse(environment, options);
  after(() => house[Symbol.asyncDispose]());
  return { house, ...(await setTalking(after, house, () => Object.fromEntries(Object.entries(house.processes).map(([name, { pid }]) => [name, pid])), { doors: house.doors.map(({ url }) => url), ...load })) };
}

/** Sets up Ardoise as `npm start` has it: one process, with a PostgreSQL of its own. */
export async function setOwnStage({ after }: Conditions, load: Partial<LoadOptions> = {}): Promise<Stage<OwnHouse>> {
  const house = await startOwnHouse();
  after(() => house[Symbol.asyncDispose]());
  return { house, ...(await setTalking(after, house, () => ({ house: house.child.pid }), load)) };
}

/** Sets up a house in this process, so that what it works with can be reached. */
export async function setStageHere({ after }: Conditions, load: Partial<LoadOptions> = {}): Promise<Stage<TestHouse>> {
  const house = await startHouse();
  after(() => house[Symbol.asyncDispose]());
  return { house, ...(await setTalking(after, house, () => ({ here: process.pid }), load)) };
}

async function setTalking(after: Conditions['after'], house: TestHouse, pids: () => Readonly<Record<string, number | undefined>>, options: Partial<LoadOptions>): Promise<Pick<Stage, 'load' | 'memory'>> {
  const load = await ChatLoad.start(house, { pairs: 4, ...options });
  after(() => load.abandon());
  const memory = await MemoryWatch.start(pids);
  after(() => memory[Symbol.asyncDispose]());
  return { load, memory };
}
