import { once } from 'node:events';
import { quantile, type Experiment } from './experiment.js';
import { endedAsClosed, keptOf, notesOf, resumeFigure, sendFigure } from './kept.js';
import { setStage } from './stage.js';

/** F24. Two gateways and two community processes are stopped in order and started anew, one after the other, while firms talk. */
export const rollingRestart: Experiment = {
  id: 'F24',
  fault: 'rolling restart under load',
  run: async (conditions) => {
    const rounds = conditions.scale === 'FULL' ? 10 : 1;
    const { house, load, memory } = await setStage(conditions, { gateways: 2, communities: 2 });
    const all = [...house.communities, ...house.gateways];
    const drained: number[] = [];
    let killed = 0;
    for (let round = 0; round < rounds; round += 1) {
      for (const one of all) {
        const { child } = one;
        const from = performance.now();
        const ended = once(child, 'exit') as Promise<[number | null]>;
        child.kill('SIGTERM');
        const [code] = await ended;
        drained.push(performance.now() - from);
        if (code !== 0) killed += 1;
        await one.revive();
        await load.goesOn(2 * load.pairs.length);
      }
    }
    const found = await load.finish();
    return {
      done: `2 gateways and 2 community processes, one after the other, ${rounds} times round, during the chat of ${load.pairs.length} pairs`, times: all.length * rounds, kept: await keptOf(found, memory),
      figures: [
        { what: 'sends that were not acknowledged in the end', measured: found.sendings.filter(({ until }) => Number.isNaN(until)).length, limit: { atMost: 0 } },
        { what: 'from SIGTERM until it has ended, longest, ms', measured: Math.round(quantile(drained, 1)), isTime: true, limit: { atMost: 10_000 } },
        { what: 'ended otherwise than in order', measured: killed, limit: { atMost: 0 } },
        sendFigure(found), resumeFigure(found, { share: 0.99, atMost: 5000 }), endedAsClosed(found),
      ],
      notes: notesOf(found),
    };
  },
};
