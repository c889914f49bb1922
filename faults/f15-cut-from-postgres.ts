import type { TcpProxy } from '../test/tcp-proxy.js';
import type { Experiment } from './experiment.js';
import { firstAcknowledgedAfter } from './f05-restart-postgres.js';
import { endedAsClosed, keptOf, notesOf, toldOtherwise } from './kept.js';
import { comesTrue, pause } from './patience.js';
import { setStage } from './stage.js';

/** Nobody is told, or everybody is. */
const CUTS: readonly { readonly name: string; readonly cut: (line: TcpProxy) => void }[] = [
  { name: 'a black hole', cut: (line) => line.fallSilent() },
  { name: 'reset and refused', cut: (line) => {
    line.refuse();
    line.cut('reset');
  } },
  // What was open before the cut stays dead after it: nobody says so.
  { name: 'a black hole that forgets', cut: (line) => {
    line.fallSilent();
    line.strand();
  } },
];

/** F15. The community process cannot reach its database, and then can again. */
export const cutFromPostgres: Experiment = {
  id: 'F15',
  fault: 'subgraph cut from PostgreSQL 60 s',
  waits: true,
  run: async (conditions) => {
    const milliseconds = conditions.scale === 'FULL' ? 60_000 : 4000;
    const cuts = conditions.scale === 'FULL' ? [...CUTS, ...CUTS] : CUTS.slice(0, 2);
    const { house, load, memory } = await setStage(conditions, { proxied: ['database'] });
    const [notReady, back, talking]: [number[], number[], number[]] = [[], [], []];
    const line = house.proxies.database!;
    const ready = `${house.communities[0]!.url}/ready`;
    const statusIs = (status: number) => comesTrue(async () => (await fetch(ready, { signal: AbortSignal.timeout(6000) })).status === status, 30_000);
    for (const { cut } of cuts) {
      const began = performance.now();
      cut(line);
      await statusIs(503);
      notReady.push(performance.now() - began);
      await pause(began + milliseconds - performance.now());
      await line.heal();
      const healed = performance.now();
      await Promise.all([
        statusIs(200).then(() => back.push(performance.now() - healed)),
        firstAcknowledgedAfter(load, healed).then((at) => talking.push(at - healed)),
      ]);
      await load.isWhole();
    }
    const found = await load.finish();
    return {
      done: `for ${milliseconds / 1000} s each time (${CUTS.slice(0, cuts.length).map(({ name }) => name).join('; ')}) during the chat of ${load.pairs.length} pairs`, times: cuts.length, kept: await keptOf(found, memory),
      figures: [
        { what: 'from the cut until it says that it is not ready, longest, ms', measured: Math.round(Math.max(...notReady)), isTime: true, limit: { atMost: 5000 } },
        { what: 'from the healing until it says that it is ready, longest, ms', measured: Math.round(Math.max(...back)), isTime: true, limit: { atMost: 5000 } },
        { what: 'from the healing until a message is acknowledged, longest, ms', measured: Math.round(Math.max(...talking)), isTime: true, limit: { atMost: 5000 } },
        endedAsClosed(found), toldOtherwise(found),
      ],
      notes: notesOf(found),
    };
  },
};
