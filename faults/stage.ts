import { startHouse, type TestHouse } from '../test/house.js';
import type { OwnHouse } from '../test/own-house.js';
import type { SplitHouse, SplitOptions } from '../test/split-house.js';
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

/** Sets up a house whose gateways and rooms are processes of their own; the chat ends, and the house goes back, when the experiment is over. */
export async function setStage(conditions: Conditions, options: SplitOptions = {}, load: Partial<LoadOptions> = {}, environment: Record<string, string> = {}): Promise<Stage> {
  const house = await conditions.houses.lend(conditions, environment, options);
  return { house, ...(await setTalking(conditions, house, () => Object.fromEntries(Object.entries(house.processes).map(([name, { pid }]) => [name, pid])), { doors: house.doors.map(({ url }) => url), ...load })) };
}

/** Sets up Ardoise as `npm start` has it: one process, with a PostgreSQL of its own. */
export async function setOwnStage(conditions: Conditions, load: Partial<LoadOptions> = {}): Promise<Stage<OwnHouse>> {
  const house = await conditions.houses.lendOwn(conditions);
  return { house, ...(await setTalking(conditions, house, () => ({ house: house.child.pid }), load)) };
}

/** Sets up a house in this process, so that what it works with can be reached. */
export async function setStageHere(conditions: Conditions, load: Partial<LoadOptions> = {}): Promise<Stage<TestHouse>> {
  const house = await startHouse();
  conditions.after(() => house[Symbol.asyncDispose]());
  return { house, ...(await setTalking(conditions, house, () => ({ here: process.pid }), load)) };
}

async function setTalking({ scale, after }: Conditions, house: TestHouse, pids: () => Readonly<Record<string, number | undefined>>, options: Partial<LoadOptions>): Promise<Pick<Stage, 'load' | 'memory'>> {
  const load = await ChatLoad.start(house, { ...(scale === 'FULL' ? { pairs: 4 } : { pairs: 2, everyMilliseconds: 300 }), ...options });
  after(() => load.abandon());
  const memory = await MemoryWatch.start(pids);
  after(() => memory[Symbol.asyncDispose]());
  return { load, memory };
}
