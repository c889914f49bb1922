import { ChatLoad } from './chat-load.js';
import { Crowd } from './crowd.js';
import { quantile, type Experiment } from './experiment.js';
import { endedAsClosed, keptOf, notesOf } from './kept.js';
import { MemoryWatch } from './memory-watch.js';
import { startProbedHouse } from './probed-house.js';

/** Each has some 28,000 ports towards a server, and each connection keeps its own for a minute after its end. */
const ADDRESSES = Array.from({ length: 8 }, (_, index) => `127.0.0.${index + 2}`);

/** F18. Clients come and go, thousands a second, while firms talk: the server goes on turning. */
export const connectStorm: Experiment = {
  id: 'F18',
  fault: '2,000 connects a second',
  run: async (conditions) => {
    const { scale, after } = conditions;
    const [perSecond, seconds, processes] = scale === 'FULL' ? [2000, 30, 2] : [300, 2, 1];
    const house = await startProbedHouse(conditions);
    const load = await ChatLoad.start(house, { pairs: 2 });
    after(() => load.abandon());
    const memory = await MemoryWatch.start(() => ({ house: house.pid }));
    after(() => memory[Symbol.asyncDispose]());
    const crowds = await Promise.all(Array.from({ length: processes }, () => Crowd.start()));
    for (const crowd of crowds) after(() => crowd[Symbol.asyncDispose]());
    await house.lags();
    const from = load.acknowledged;
    const stormed = await Promise.all(crowds.map((crowd) => crowd.perform('storm', { url: house.url, token: load.pairs[0]!.firms[0].token!, perSecond: perSecond / processes, seconds, from: ADDRESSES })));
    const lags = await house.lags();
    const talked = load.acknowledged - from;
    const found = await load.finish();
    const entered = stormed.reduce((sum, one) => sum + one.entered, 0);
    const waits = stormed.flatMap(({ milliseconds }) => milliseconds);
    return {
      done: `${entered.toLocaleString('en')} clients connected, were let in and left again, within ${seconds} s, during the chat of ${load.pairs.length} pairs, in one process`, times: entered, kept: await keptOf(found, memory),
      figures: [
        { what: "event loop's lag, p99, ms", measured: Math.round(10 * lags.p99) / 10, isTime: true, limit: { atMost: 500 } },
        { what: "event loop's lag, longest, ms", measured: Math.round(lags.most) },
        { what: 'connects a second', measured: Math.round((perSecond * seconds) / Math.max(...stormed.map((one) => one.comingSeconds))), limit: { atLeast: scale === 'FULL' ? 0.95 * perSecond : 1 } },
        { what: 'clients let in a second', measured: Math.round(entered / Math.max(...stormed.map((one) => one.seconds))), limit: { atLeast: scale === 'FULL' ? 0.95 * perSecond : 1 } },
        { what: 'clients that were not let in', measured: stormed.reduce((sum, { failed }) => sum + failed, 0), limit: { atMost: 0 } },
        { what: 'from the connect until it is let in, p99, ms', measured: Math.round(quantile(waits, 0.99)) },
        { what: 'messages acknowledged meanwhile', measured: talked, limit: { atLeast: 1 } },
        endedAsClosed(found),
      ],
      notes: [...notesOf(found), ...new Set(stormed.flatMap(({ why }) => why))],
    };
  },
};
