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
  run: async (conditions) => {
    const [cuts, holes] = conditions.scale === 'FULL' ? [20, 4] : [2, 1];
    const { house, load, memory } = await setStage(conditions, { gateways: 2, proxied: ['doors', 'community'] });
    const doors = house.proxies.doors!;
    const room = house.proxies.community!;
    const noticed: number[] = [];
    for (const how of ['reset', 'end'] as const) {
      for (let time = 0; time < cuts; time += 1) {
        for (const line of [doors[time % 2]!, room]) {
          line.cut(how);
          await load.goesOn(2 * load.pairs.length);
          await pause(Math.random() * 300);
        }
      }
    }
    for (let time = 0; time < holes; time += 1) noticed.push(...(await fallSilent(load, doors, room)));
    const found = await load.finish();
    return {
      done: `a door and the line to community reset and closed ${cuts} times each, and silent ${holes} times, during the chat of ${load.pairs.length} pairs over two gateways`, times: 4 * cuts + 2 * holes, kept: await keptOf(found, memory),
      figures: [
        { what: 'a silent line, until its clients took it as dead, longest, ms', measured: Math.round(Math.max(...noticed)), isTime: true, limit: { atMost: SILENCE_MILLISECONDS + LATE_MILLISECONDS } },
        endedAsClosed(found),
      ],
      notes: notesOf(found),
    };
  },
};

/**
 * Makes one gateway's door and the line to community silent at the same time, until everybody has given up what went by them; how long each
 * reader took. Readers of that door have only their own patience, those of the other are told by their gateway.
 */
async function fallSilent(load: ChatLoad, doors: readonly TcpProxy[], room: TcpProxy): Promise<readonly number[]> {
  await load.isWhole();
  const readersOf = (door: TcpProxy): typeof load.readers => load.readers.filter(({ doors: { url } }) => url === door.urlOf());
  const [door] = doors.toSorted((one, other) => readersOf(other).length - readersOf(one).length);
  const behind = readersOf(door!);
  const from = performance.now();
  const noticed = new Map<(typeof load.readers)[number], number>();
  const haveNoticed = (readers: typeof load.readers): Promise<boolean> => comesTrue(() => {
    for (const reader of readers) {
      const first = reader.socket.breaks.find((each) => each.from > from);
      if (first && !noticed.has(reader)) noticed.set(reader, first.from - from);
    }
    return readers.every((reader) => noticed.has(reader));
  }, 2 * SILENCE_MILLISECONDS);
  door!.fallSilent();
  room.fallSilent();
  const all = [await haveNoticed(load.readers.filter((reader) => !behind.includes(reader)))];
  // What was held is lost with its connection.
  room.cut();
  await room.heal();
  all.push(await haveNoticed(behind));
  door!.cut();
  await door!.heal();
  await load.isWhole();
  return all.every(Boolean) ? [...noticed.values()] : [Number.NaN];
}
