import { once } from 'node:events';
import { startSplitHouse } from '../test/split-house.js';
import { ChatLoad } from './chat-load.js';
import type { Experiment } from './experiment.js';
import { endedAsClosed, keptOf, notesOf, resumeFigure, sendFigure } from './kept.js';
import { MemoryWatch } from './memory-watch.js';
import { pause } from './patience.js';

/** F01. The community process is killed in the middle of a chat, again and again, each time it has been back for a moment. */
export const killCommunity: Experiment = {
  id: 'F01',
  fault: 'kill −9 the community process, during chat',
  run: async ({ scale, after }) => {
    const times = scale === 'FULL' ? 200 : 4;
    const house = await startSplitHouse();
    after(() => house[Symbol.asyncDispose]());
    const load = await ChatLoad.start(house, { pairs: 4 });
    after(() => load.abandon());
    await using memory = await MemoryWatch.start(() => Object.fromEntries(Object.entries(house.processes).map(([name, { pid }]) => [name, pid])));
    for (let time = 0; time < times; time += 1) {
      const child = house.processes['community']!;
      child.kill('SIGKILL');
      await once(child, 'exit');
      await house.revive('community');
      // In the middle of a chat: once it goes on, and at another moment of it each time.
      await load.goesOn();
      await pause(Math.random() * 1000);
    }
    const found = await load.finish();
    return {
      done: `killed during the chat of ${load.pairs.length} pairs, back at once, ${(found.acknowledged).toLocaleString('en')} messages`, times, kept: await keptOf(found, memory),
      figures: [sendFigure(found), resumeFigure(found), endedAsClosed(found)],
      notes: notesOf(found),
    };
  },
};
