import type { Experiment } from './experiment.js';
import { endedAsClosed, keptOf, notesOf, resumeFigure, sendFigure, startFigure } from './kept.js';
import { pause } from './patience.js';
import { setStage } from './stage.js';

/** F01. The community process is killed in the middle of a chat and is back at once, again and again. */
export const killCommunity: Experiment = {
  id: 'F01',
  fault: 'kill −9 the community process, during chat',
  run: async (conditions) => {
    const times = conditions.scale === 'FULL' ? 200 : 2;
    const { house: { communities: [community] }, load, memory } = await setStage(conditions);
    const faultsAt: number[] = [];
    const starts: number[] = [];
    for (let time = 0; time < times; time += 1) {
      faultsAt.push(performance.now());
      await community!.kill();
      const starting = performance.now();
      await community!.revive();
      starts.push(performance.now() - starting);
      // In the middle of a chat: once it goes on, and at another moment of it each time; now and then while some are still coming back.
      await load.goesOn();
      if (time % 4 < 3) await load.isWhole();
      await pause(Math.random() * 1000);
    }
    const found = await load.finish();
    return {
      done: `killed during the chat of ${load.pairs.length} pairs, back at once`, times, kept: await keptOf(found, memory),
      figures: [sendFigure(found), resumeFigure(found, { faultsAt }), startFigure(starts), endedAsClosed(found)], notes: notesOf(found),
    };
  },
};
