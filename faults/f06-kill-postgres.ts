import type { Experiment } from './experiment.js';
import { firstAcknowledgedAfter, readyAgain } from './f05-restart-postgres.js';
import { endedAsClosed, keptOf, notesOf, toldOtherwise } from './kept.js';
import { pause } from './patience.js';
import { setOwnStage } from './stage.js';

/** F06. The first process of the embedded PostgreSQL is killed; who started it starts it again. */
export const killPostgres: Experiment = {
  id: 'F06',
  fault: 'kill −9 the postmaster',
  run: async (conditions) => {
    const times = conditions.scale === 'FULL' ? 30 : 1;
    const { house, load, memory } = await setOwnStage(conditions);
    const backs: number[] = [];
    for (let time = 0; time < times; time += 1) {
      const killed = performance.now();
      await house.signalDatabase('SIGKILL');
      backs.push((await firstAcknowledgedAfter(load, await readyAgain(house.databaseUrl))) - killed);
      await load.isWhole();
      await pause(Math.random() * 1000);
    }
    const found = await load.finish();
    return {
      done: `killed during the chat of ${load.pairs.length} pairs, never started by hand`, times, kept: await keptOf(found, memory),
      figures: [{ what: 'from the kill until a message is acknowledged, longest, ms', measured: Math.round(Math.max(...backs)), isTime: true, limit: { atMost: 10_000 } }, endedAsClosed(found), toldOtherwise(found)],
      notes: notesOf(found),
    };
  },
};
