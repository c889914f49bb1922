import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SplitHouse } from '../test/split-house.js';
import type { ChatLoad } from './chat-load.js';
import type { Experiment } from './experiment.js';
import { endedAsClosed, keptOf, notesOf, toldOtherwise } from './kept.js';
import { pause } from './patience.js';
import { setStage } from './stage.js';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
/** For so long a wrong clock is watched, in milliseconds, once what was under way has come. */
const WATCHED_MILLISECONDS = 1000;
const UNDER_WAY_MILLISECONDS = 500;

/** Clocks of all processes, or of community's alone, and whether messages may be sent then. */
const SHIFTS: readonly { readonly whose: 'all' | 'community'; readonly by: number; readonly goesOn: boolean }[] = [
  { whose: 'all', by: 10 * MINUTE, goesOn: true }, { whose: 'all', by: -10 * MINUTE, goesOn: true },
  { whose: 'community', by: 10 * SECOND, goesOn: true }, { whose: 'community', by: -10 * SECOND, goesOn: true },
  // More than 60 seconds apart no process believes another one.
  { whose: 'community', by: 10 * MINUTE, goesOn: false }, { whose: 'community', by: -10 * MINUTE, goesOn: false },
];
const STEPS_BACK = `
  select count(*)::int as count from (select sent_at - lag(sent_at) over (partition by peering_id order by seq) as later from community.message) each
  where later < interval '-5 minutes'
`;

/** F21. Clocks jump by ten minutes, forwards and backwards, together or one alone; at last business time goes 90 days forward. */
export const wrongClocks: Experiment = {
  id: 'F21',
  fault: 'clock ± 10 min, + 90 days',
  run: async (conditions) => {
    const rounds = conditions.scale === 'FULL' ? 10 : 1;
    const directory = await mkdtemp(join(tmpdir(), 'ardoise-clock-'));
    conditions.after(() => rm(directory, { recursive: true }));
    const file = join(directory, 'shift');
    const loader = new URL('shifted-clock.js', import.meta.url);
    loader.searchParams.set('shift', file);
    const { house, load, memory } = await setStage(conditions, {}, { pairs: 3 }, { NODE_OPTIONS: `--import=${loader.href}` });
    let [stood, believed] = [0, 0];
    for (let round = 0; round < rounds; round += 1) {
      for (const { whose, by, goesOn } of SHIFTS) {
        await shift(house, file, whose, by);
        if (goesOn) stood += (await load.goesOn()) ? 0 : 1;
        else believed += await countBelieved(load);
        await shift(house, file, whose, 0);
        if (!(await load.goesOn())) stood += 1;
      }
    }
    await load.pairs[0]!.firms[0].get('mutation ($at: DateTime!) { sandboxClockSet(at: $at) }', { at: Temporal.Now.instant().add({ hours: 24 * 90 }).toString() });
    if (!(await load.goesOn())) stood += 1;
    const found = await load.finish();
    const { rows: [back] } = await (await house.asOwner()).query<{ count: number }>(STEPS_BACK);
    return {
      done: `the clocks of all processes by ± 10 min, that of community alone by ± 10 s and ± 10 min, and business time by 90 days, during the chat of ${load.pairs.length} pairs`, times: rounds * SHIFTS.length + 1, kept: await keptOf(found, memory),
      figures: [
        { what: 'times at which the chat stood still', measured: stood, limit: { atMost: 0 } },
        { what: 'messages taken while the clocks of gateway and community were 10 min apart', measured: believed, limit: { atMost: 0 } },
        { what: 'messages that say to be sent before the one ahead of them', measured: back!.count, limit: { atLeast: 1 } },
        endedAsClosed(found), toldOtherwise(found),
      ],
      notes: notesOf(found),
    };
  },
};

/** Sets the clocks wrong by so many milliseconds. PostgreSQL keeps the right time. */
async function shift({ processes }: SplitHouse, file: string, whose: 'all' | 'community', by: number): Promise<void> {
  await writeFile(file, String(by));
  for (const [name, child] of Object.entries(processes)) if (whose === 'all' || name === whose) child.kill('SIGUSR2');
}

async function countBelieved(load: ChatLoad): Promise<number> {
  await pause(UNDER_WAY_MILLISECONDS);
  const before = load.acknowledged;
  await pause(WATCHED_MILLISECONDS);
  return load.acknowledged - before;
}
