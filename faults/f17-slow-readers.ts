import { sendMessage } from '../test/conversation.js';
import { ChatLoad } from './chat-load.js';
import { quantile, type Experiment } from './experiment.js';
import { endedAsClosed, keptOf, notesOf } from './kept.js';
import { MemoryWatch } from './memory-watch.js';
import { openPairs } from './open-pairs.js';
import { comesTrue } from './patience.js';
import { startProbedHouse } from './probed-house.js';
import { SlowReader } from './slow-reader.js';

/** The second for who reads on only when its connection has been destroyed. */
const SLOW_CODES: readonly number[] = [1013, 1006];
/** Two looks of five seconds at who takes nothing, and the time in which a look is late. */
const STUCK_MILLISECONDS = 11_000;
/** The longest text there is, as often in one result as an operation may ask for it: the system's own buffers are soon full. */
const LETTERS = 4000;

/** F17. Readers stop reading in the middle of what they missed, are closed, and come back behind what they had. */
export const slowReaders: Experiment = {
  id: 'F17',
  fault: '200 slow readers',
  run: async (conditions) => {
    const { scale, after } = conditions;
    const readersOfEach = scale === 'FULL' ? 100 : 20;
    const messages = scale === 'FULL' ? 60 : 12;
    const house = await startProbedHouse(conditions);
    const load = await ChatLoad.start(house, { pairs: 2 });
    after(() => load.abandon());
    const [pair] = await openPairs(house, 1);
    const { firms: [writer, reader], ids } = pair!;
    for (let index = 1; index <= messages; index += 1) await sendMessage({ firm: writer, conversationId: ids[0] }, `${index} `.padEnd(LETTERS, 'x'));
    const memory = await MemoryWatch.start(() => ({ house: house.pid }));
    after(() => memory[Symbol.asyncDispose]());
    await house.buffered();

    /** So many readers that stop, each with so many subscriptions; how long it took until all were closed, and what each was told in the end. */
    const stopReading = async (subscriptions: number) => {
      const before = await house.closed();
      const readers = await Promise.all(Array.from({ length: readersOfEach }, () => SlowReader.stop(house.url, reader.token!, ids[1], subscriptions)));
      const began = performance.now();
      const gone = await comesTrue(async () => (await house.closed()) >= before + readersOfEach, 2 * STUCK_MILLISECONDS);
      const took = gone ? performance.now() - began : Number.NaN;
      const codes = await Promise.all(readers.map((one) => one.readOn()));
      const told = await Promise.all(readers.map((one) => one.resume(messages)));
      return { took, codes, told: told.flat() };
    };
    // Who follows much is soon owed a megabyte; who follows one thing never is, and is closed for taking nothing.
    const much = await stopReading(12);
    const one = scale === 'FULL' ? await stopReading(1) : undefined;
    const mostBuffered = await house.buffered();
    const found = await load.finish();
    const kept = await keptOf(found, memory);
    const all = [much, ...(one ? [one] : [])];
    const seqs = Array.from({ length: messages }, (_, index) => index + 1);
    const told = all.flatMap((each) => each.told);
    const count = (matches: (list: readonly number[]) => number): number => told.reduce((sum, list) => sum + matches(list), 0);
    return {
      done: `${all.length * readersOfEach} readers that stop reading what they missed${one ? ', half of them with twelve subscriptions each and half with one,' : ', with twelve subscriptions each,'} and come back, during the chat of ${load.pairs.length} pairs, in one process`, times: all.length * readersOfEach,
      kept: {
        ...kept,
        lost: kept.lost + count((list) => seqs.filter((seq) => !list.includes(seq)).length),
        doubled: kept.doubled + count((list) => list.length - new Set(list).size),
        disordered: kept.disordered + count((list) => list.filter((seq, index) => index > 0 && seq < list[index - 1]!).length),
      },
      figures: [
        { what: 'waiting to be sent to one of them, most, KB', measured: Math.floor(mostBuffered / 1024), limit: { atMost: 1024 } },
        { what: 'until all are closed that are owed a megabyte, ms', measured: Math.round(much.took), isTime: true, limit: { atMost: STUCK_MILLISECONDS } },
        ...(one ? [{ what: 'until all are closed that take nothing, ms', measured: Math.round(one.took), isTime: true, limit: { atMost: STUCK_MILLISECONDS } }] : []),
        { what: 'ended otherwise than with 1013 or 1006', measured: all.flatMap(({ codes }) => codes).filter((code) => !SLOW_CODES.includes(code)).length, limit: { atMost: 0 } },
        { what: 'of them with 1013', measured: all.flatMap(({ codes }) => codes).filter((code) => code === SLOW_CODES[0]).length, limit: { atLeast: 1 } },
        { what: "the chat's own messages, from acknowledged until told, p99, ms", measured: Math.round(quantile(found.lags, 0.99)) },
        endedAsClosed(found),
      ],
      notes: notesOf(found),
    };
  },
};
