import { startSplitHouse, type SplitHouse, type SplitOptions } from '../test/split-house.js';
import { ChatLoad, type LoadOptions } from './chat-load.js';
import type { Conditions } from './experiment.js';
import { MemoryWatch } from './memory-watch.js';

/** A house whose gateways and rooms are processes of their own, with a chat going on in it. */
export interface Stage {
  readonly house: SplitHouse;
  readonly load: ChatLoad;
  /** Of every process of the house. */
  readonly memory: MemoryWatch;
}

/** Sets it up; it is cleared away when the experiment is over. */
export async function setStage({ after }: Conditions, options: SplitOptions = {}, load: Partial<LoadOptions> = {}): Promise<Stage> {
  const house = await startSplitHouse({}, options);
  after(() => house[Symbol.asyncDispose]());
  const talking = await ChatLoad.start(house, { pairs: 4, doors: house.doors.map(({ url }) => url), ...load });
  after(() => talking.abandon());
  const memory = await MemoryWatch.start(() => Object.fromEntries(Object.entries(house.processes).map(([name, { pid }]) => [name, pid])));
  after(() => memory[Symbol.asyncDispose]());
  return { house, load: talking, memory };
}
