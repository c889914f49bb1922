import { Client } from 'pg';
import type { ChatLoad } from './chat-load.js';
import type { Experiment } from './experiment.js';
import { endedAsClosed, keptOf, notesOf, toldOtherwise } from './kept.js';
import { comesTrue, pause } from './patience.js';
import { setOwnStage } from './stage.js';

/** F05. PostgreSQL is restarted in order, every 20 seconds, under a chat. */
export const restartPostgres: Experiment = {
  id: 'F05',
  fault: 'restart PostgreSQL every 20 s for 10 min',
  waits: true,
  run: async (conditions) => {
    const [times, every] = conditions.scale === 'FULL' ? [30, 20_000] : [2, 2500];
    const { house, load, memory } = await setOwnStage(conditions);
    const [backs, outages]: [number[], number[]] = [[], []];
    for (let time = 0; time < times; time += 1) {
      const began = performance.now();
      await house.signalDatabase('SIGINT');
      const ready = await readyAgain(house.databaseUrl);
      outages.push(ready - began);
      backs.push((await firstAcknowledgedAfter(load, ready)) - ready);
      await pause(began + every - performance.now());
    }
    const found = await load.finish();
    return {
      done: `fast shutdowns and starts of the embedded server during the chat of ${load.pairs.length} pairs, one every ${every / 1000} s`, times, kept: await keptOf(found, memory),
      figures: [
        { what: 'from the readiness of PostgreSQL until a message is acknowledged, longest, ms', measured: Math.round(Math.max(...backs)), isTime: true, limit: { atMost: 2000 } },
        { what: 'PostgreSQL away, longest, ms', measured: Math.round(Math.max(...outages)) },
        endedAsClosed(found), toldOtherwise(found),
      ],
      notes: notesOf(found),
    };
  },
};

/** When PostgreSQL took a connection, once it had refused some: it goes away a moment after it was told. */
export async function readyAgain(url: string): Promise<number> {
  const isReady = async (): Promise<boolean> => {
    const client = new Client({ connectionString: url, connectionTimeoutMillis: 5000 });
    client.on('error', () => undefined);
    try {
      await client.connect();
      await client.query('select 1');
      return true;
    } finally {
      await client.end().catch(() => undefined);
    }
  };
  await comesTrue(() => isReady().then((is) => !is, () => true), 10_000, 10);
  if (!(await comesTrue(isReady, 60_000, 10))) throw new Error('PostgreSQL did not come back');
  return performance.now();
}

/** When the first message was acknowledged after an instant; half a minute later when none was. */
export async function firstAcknowledgedAfter(load: ChatLoad, instant: number): Promise<number> {
  const first = (): number | undefined => load.acknowledgedAt.find((at) => at >= instant);
  await comesTrue(() => first() !== undefined, 30_000, 10);
  return first() ?? instant + 30_000;
}
