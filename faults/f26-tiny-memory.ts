import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';
import type { HouseProcess } from '../test/split-house.js';
import { askDoor } from './ask-door.js';
import type { Experiment } from './experiment.js';
import { endedAsClosed, keptOf, notesOf, resumeFigure, sendFigure, startFigure } from './kept.js';
import type { Pair } from './open-pairs.js';
import { pause } from './patience.js';
import { setStage } from './stage.js';

const PAGE = 'query ($id: ID!) { conversation(id: $id) { messages(first: 100) { nodes { id seq mine body sentAt clientId } } } }';
/** How long an answer may take while the machine starts or ends a process. */
const PATIENCE = 4000;
/** A process that has no memory left must be gone within so many milliseconds: one that lingers on would be worse. */
const DEATH_MILLISECONDS = 30_000;

/** F26. The community process may take no more memory from one moment to the next; it is started again when it has died of it. */
export const tinyMemory: Experiment = {
  id: 'F26',
  fault: 'tiny memory limit',
  run: async (conditions) => {
    const times = conditions.scale === 'FULL' ? 20 : 1;
    const { house, load, memory } = await setStage(conditions);
    const [community] = house.communities;
    const [asker] = load.pairs[0]!.firms;
    const before = pidsOf(house.processes);
    let [survived, unanswered] = [0, 0];
    const faultsAt: number[] = [];
    const starts: number[] = [];
    for (let time = 0; time < times; time += 1) {
      if (!(await starve(community!, () => burst(house.url, load.pairs)))) {
        survived += 1;
        await community!.kill();
      }
      // With the room gone the others are at work.
      await askDoor(house.url, asker.token!, '{ viewer { role } customers(first: 1) { totalCount } }', {}, PATIENCE).catch(() => (unanswered += 1));
      // From its death on: until then it was only short of memory.
      faultsAt.push(performance.now());
      const starting = performance.now();
      await community!.revive();
      starts.push(performance.now() - starting);
      await load.goesOn();
      await load.isWhole();
      await pause(Math.random() * 500);
    }
    const after = pidsOf(house.processes);
    const dragged = Object.keys(before).filter((name) => name !== 'community' && before[name] !== after[name]);
    const found = await load.finish();
    return {
      done: `no more memory for the community process during the chat of ${load.pairs.length} pairs, back at once after its death`, times, kept: await keptOf(found, memory),
      figures: [
        { what: 'did not die of it, but lingered on', measured: survived, limit: { atMost: 0 } },
        { what: 'other processes that died with it', measured: dragged.length, limit: { atMost: 0 } },
        { what: 'questions to other rooms that were not answered', measured: unanswered, limit: { atMost: 0 } },
        sendFigure(found), resumeFigure(found, { faultsAt }), startFigure(starts), endedAsClosed(found),
      ],
      notes: ['Linux only: the limit is set by `prlimit`, on the data that the process may have.', ...notesOf(found)],
    };
  },
};

/** How many ask at once. */
const BURST = 160;

/** Lets a process have no more memory than it has, and has it asked for what needs some; whether it died. */
async function starve({ child }: HouseProcess, burst: () => Promise<unknown>): Promise<boolean> {
  const ended = once(child, 'exit');
  await promisify(execFile)('prlimit', ['--pid', String(child.pid), '--as=1', '--data=1']);
  const isDead = (): boolean => child.exitCode !== null || child.signalCode !== null;
  for (const until = performance.now() + DEATH_MILLISECONDS; !isDead() && performance.now() < until;) await Promise.race([ended, burst()]);
  return isDead();
}

/** Everybody reads everything at once. */
function burst(url: string, pairs: readonly Pair[]): Promise<unknown> {
  return Promise.allSettled(pairs.flatMap(({ firms, ids }) => firms.flatMap(({ token }, side) => Array.from({ length: BURST / (2 * pairs.length) }, () => askDoor(url, token!, PAGE, { id: ids[side] })))));
}

/** Of those that run. */
function pidsOf(processes: Readonly<Record<string, { readonly pid?: number | undefined; readonly exitCode: number | null; readonly signalCode: string | null }>>): Record<string, number | undefined> {
  return Object.fromEntries(Object.entries(processes).map(([name, { pid, exitCode, signalCode }]) => [name, exitCode === null && signalCode === null ? pid : undefined]));
}
