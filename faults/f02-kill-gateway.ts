import { quantile, type Experiment } from './experiment.js';
import { endedAsClosed, keptOf, notesOf, resumeFigure, sendFigure } from './kept.js';
import { pause } from './patience.js';
import { setStage } from './stage.js';

/** Clients that come back within so many milliseconds of each other come back together. */
const TOGETHER_MILLISECONDS = 100;

/** F02. The only gateway is killed in the middle of a chat and is back at once, again and again. */
export const killGateway: Experiment = {
  id: 'F02',
  fault: 'kill −9 the gateway',
  run: async (conditions) => {
    const times = conditions.scale === 'FULL' ? 100 : 2;
    const { house: { gateways: [gateway] }, load, memory } = await setStage(conditions, {}, { readers: 2 });
    const shares: number[] = [];
    const faultsAt: number[] = [];
    for (let time = 0; time < times; time += 1) {
      const before = performance.now();
      faultsAt.push(before);
      await gateway!.kill();
      await gateway!.revive();
      await load.goesOn();
      await load.isWhole();
      await pause(Math.random() * 1000);
      shares.push(togetherShare(load.readers.flatMap(({ socket }) => socket.opens.filter((at) => at > before))));
    }
    const found = await load.finish();
    return {
      done: `killed during the chat of ${load.pairs.length} pairs with ${load.readers.length} clients, back at once`, times, kept: await keptOf(found, memory),
      figures: [
        sendFigure(found), resumeFigure(found, { share: 0.99, atMost: 5000, faultsAt }),
        { what: `clients back within the same ${TOGETHER_MILLISECONDS} ms, median share`, measured: quantile(shares, 0.5), isTime: true, limit: { atMost: 0.6 } },
        endedAsClosed(found),
      ],
      notes: notesOf(found),
    };
  },
};

/** The largest share of moments that lie that close together. */
function togetherShare(moments: readonly number[]): number {
  const most = Math.max(0, ...moments.map((from) => moments.filter((at) => at >= from && at < from + TOGETHER_MILLISECONDS).length));
  return moments.length === 0 ? Number.NaN : most / moments.length;
}
