import type { ChatLoad } from './chat-load.js';
import { quantile, type Experiment } from './experiment.js';
import { endedAsClosed, keptOf, notesOf } from './kept.js';
import { pause } from './patience.js';
import { setStage } from './stage.js';

const DELAY_MILLISECONDS = 200;
const MEGABIT = 125_000;

/** F14. The line between the gateway and community is slow, shaky and narrow. */
export const slowLine: Experiment = {
  id: 'F14',
  fault: '200 ± 100 ms and 1 Mbit/s between gateway and subgraph',
  run: async (conditions) => {
    const milliseconds = conditions.scale === 'FULL' ? 120_000 : 3000;
    const { house, load, memory } = await setStage(conditions, { proxied: ['community'] });
    const good = await timeSends(load, milliseconds / 4);
    house.proxies.community!.slowDown({ delayMilliseconds: DELAY_MILLISECONDS, jitterMilliseconds: 100, bytesPerSecond: MEGABIT });
    // What is under way when the line changes is neither.
    await load.goesOn();
    const slow = await timeSends(load, milliseconds);
    await house.proxies.community!.heal();
    const found = await load.finish();
    return {
      done: `for ${milliseconds / 1000} s, during the chat of ${load.pairs.length} pairs`, times: 1, kept: await keptOf(found, memory),
      figures: [
        { what: 'send, p99 by the delay of the line', measured: quantile(slow, 0.99) / DELAY_MILLISECONDS, isTime: true, limit: { atMost: 5 } },
        { what: 'send over the good line, p99, ms', measured: Math.round(quantile(good, 0.99)) },
        { what: 'send over the slow line, p99, ms', measured: Math.round(quantile(slow, 0.99)) },
        endedAsClosed(found),
      ],
      notes: notesOf(found),
    };
  },
};

/** How long each message took that was begun and acknowledged in the time to come. */
async function timeSends({ sendings }: ChatLoad, milliseconds: number): Promise<readonly number[]> {
  const from = sendings.length;
  await pause(milliseconds);
  return sendings.slice(from).filter(({ until }) => !Number.isNaN(until)).map(({ from: began, until }) => until - began);
}
