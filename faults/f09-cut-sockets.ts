import type { TcpProxy } from '../test/tcp-proxy.js';
import type { ChatLoad } from './chat-load.js';
import { SILENCE_MILLISECONDS } from './chat-socket.js';
import type { Experiment } from './experiment.js';
import { endedAsClosed, keptOf, notesOf } from './kept.js';
import { comesTrue, pause } from './patience.js';
import { setStage } from './stage.js';

/** Silence is looked for now and then, and a timer may be late. */
const LATE_MILLISECONDS = 1000;

/** F09. Connections are reset, closed or fall silent, between clients and their gateway and between the gateway and community. */
export const cutSockets: Experiment = {
  id: 'F09',
  fault: 'cut sockets: RST, FIN, black hole',
  waits: true,
  run: async (conditions) => {
    const [cuts, holes] = conditions.scale === 'FULL' ? [20, 4] : [2, 1];
    const { house, load, memory } = await setStage(conditions, { gateways: 2, proxied: ['doors', 'community'] });
    const doors = house.proxies.doors!;
    const room = house.proxies.community!;
    const atGateway: number[] = [];
    const atClient: number[] = [];
    for (const how of ['reset', 'end'] as const) {
      for (let time = 0; time < cuts; time += 1) {
        for (const line of [doors[time % 2]!, room]) {
          line.cut(how);
          await load.goesOn(2 * load.pairs.length);
          await pause(Math.random() * 300);
        }
      }
    }
    for (let time = 0; time < holes; time += 1) {
      // Clients hear from their gateway all the while: it has to tell them.
      atGateway.push(...(await fallSilent(load, room, () => true)));
      await load.isWhole();
      const [fullest] = doors.toSorted((one, other) => other.open - one.open);
      atClient.push(...(await fallSilent(load, fullest!, ({ doors: { url } }) => url === fullest!.urlOf())));
    }
    const found = await load.finish();
    return {
      done: `a door and the line to community reset and closed ${cuts} times each, and silent ${holes} times, during the chat of ${load.pairs.length} pairs over two gateways`, times: 4 * cuts + 2 * holes, kept: await keptOf(found, memory),
      figures: [
        { what: 'a silent line to community, until all subscriptions over it were ended, longest, ms', measured: Math.round(Math.max(...atGateway)), isTime: true, limit: { atMost: SILENCE_MILLISECONDS + LATE_MILLISECONDS } },
        { what: 'a silent line to the gateway, until its clients took it as dead, longest, ms', measured: Math.round(Math.max(...atClient)), isTime: true, limit: { atMost: SILENCE_MILLISECONDS + LATE_MILLISECONDS } },
        endedAsClosed(found),
      ],
      notes: notesOf(found),
    };
  },
};

/** Makes a line silent until every subscription that goes by it was given up, by its client or by its gateway; how long each reader took. */
async function fallSilent(load: ChatLoad, line: TcpProxy, concerned: (reader: ChatLoad['readers'][number]) => boolean): Promise<readonly number[]> {
  await load.isWhole();
  const readers = load.readers.filter(concerned);
  const from = performance.now();
  const noticed = (): readonly number[] => readers.flatMap(({ socket }) => socket.breaks.find((each) => each.from > from)?.from ?? []).map((at) => at - from);
  line.fallSilent();
  const all = await comesTrue(() => noticed().length === readers.length, 2 * SILENCE_MILLISECONDS);
  // What was held is lost with its connection.
  line.cut();
  await line.heal();
  return all && readers.length > 0 ? noticed() : [Number.NaN];
}
