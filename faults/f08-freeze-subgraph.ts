import type { FirmVisitor } from '../test/house.js';
import { askDoor, Unanswered } from './ask-door.js';
import { quantile, type Experiment } from './experiment.js';
import { endedAsClosed, keptOf, notesOf } from './kept.js';
import { setStage } from './stage.js';

const OF_THE_FROZEN = '{ conversations(first: 1) { totalCount } }';
const OF_OTHERS = ['{ viewer { role } }', '{ customers(first: 1) { totalCount } }'];
/** Longer than any answer may take. */
const PATIENCE = 20_000;

/** F08. The community process is frozen: it takes connections, and says nothing. */
export const freezeSubgraph: Experiment = {
  id: 'F08',
  fault: 'SIGSTOP one subgraph',
  run: async (conditions) => {
    const [times, milliseconds] = conditions.scale === 'FULL' ? [6, 15_000] : [1, 2500];
    const { house, load, memory } = await setStage(conditions);
    const asker = load.pairs[0]!.firms[0];
    const usual: number[] = [];
    const meanwhile: number[] = [];
    const refusals: number[] = [];
    const wrong: string[] = [];
    for (let time = 0; time < times; time += 1) {
      // Each time anew: the machine is not the same from one minute to the next.
      usual.push(...(await timeOthers(house.url, asker, milliseconds)));
      const { child } = house.communities[0]!;
      child.kill('SIGSTOP');
      const others = timeOthers(house.url, asker, milliseconds);
      for (const until = performance.now() + milliseconds; performance.now() < until;) {
        const from = performance.now();
        const code = await askDoor(house.url, asker.token!, OF_THE_FROZEN, {}, PATIENCE).then(() => 'answered', (error: unknown) => (error as Unanswered).code);
        refusals.push(performance.now() - from);
        if (code !== 'UNAVAILABLE') wrong.push(code);
      }
      child.kill('SIGCONT');
      meanwhile.push(...(await others));
      await load.goesOn();
    }
    const found = await load.finish();
    const [before, during] = [quantile(usual, 0.99), quantile(meanwhile, 0.99)];
    return {
      done: `the community process frozen for ${milliseconds / 1000} s each time, the chat of ${load.pairs.length} pairs going on`, times, kept: await keptOf(found, memory),
      figures: [
        { what: 'an error in place of an answer of the frozen room, longest, ms', measured: Math.round(quantile(refusals, 1)), isTime: true, limit: { atMost: 5000 } },
        { what: 'answers of the frozen room that were not UNAVAILABLE', measured: wrong.length, limit: { atMost: 0 } },
        { what: "other rooms' answers, p99 while it is frozen by p99 before", measured: during / before, isTime: true, limit: { atMost: 1.2 } },
        endedAsClosed(found),
      ],
      notes: [`Other rooms' answers: p99 ${before.toFixed(1)} ms before (${usual.length} of them), ${during.toFixed(1)} ms meanwhile (${meanwhile.length}).`, ...notesOf(found)],
    };
  },
};

/** Asks the other rooms one question after the other for so long; how long each answer took. */
async function timeOthers(url: string, { token }: FirmVisitor, milliseconds: number): Promise<readonly number[]> {
  const times: number[] = [];
  const until = performance.now() + milliseconds;
  for (let index = 0; performance.now() < until; index += 1) {
    const from = performance.now();
    await askDoor(url, token!, OF_OTHERS[index % OF_OTHERS.length]!, {}, PATIENCE);
    times.push(performance.now() - from);
  }
  return times;
}
