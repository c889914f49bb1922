import { invariant } from '../../src/errors.js';
import { runInRounds, shortNumber, spreadOf, type Contender, type Sample } from '../measure.js';
import { showSpread, type Report } from '../report.js';
import type { ChatHouse } from './chat-house.js';
import { startChatHouse } from './chat-house.js';
import { startClients, type ClientProcess } from './client-process.js';
import type { Exchanged } from './exchange.js';
import { seedPairs, type SeededPair } from './seed-chat.js';

const PAIRS = [10, 128] as const;
/** Messages of a pair that may be under way at once. */
const WINDOWS = [1, 8] as const;
const SECONDS = 4;
const BODY_LENGTH = 120;

export const OURS = 'Ardoise, all in one, fsync on';

/** One server to talk through, signed in to by `Math.max(...PAIRS)` pairs. */
interface Server {
  readonly name: string;
  /** Milliseconds of CPU so far, of each of its processes. */
  cpu(): Promise<Readonly<Record<string, number>>>;
}

/** What one run cost, beside what the report compares. */
interface TalkSample extends Sample {
  readonly perSecond: number;
  /** CPU milliseconds of a message, by process. */
  readonly cpuBy: Readonly<Record<string, number>>;
  readonly latency: { readonly p50: number; readonly p99: number };
  readonly overtaken: number;
}

/** How many messages a second get through, each of them to its receiver and its answer to its sender. */
export async function measureRate(): Promise<Report> {
  await using house = await startChatHouse();
  await using clients = await startClients();
  const seeded = await seedPairs(house.owner, house.ids, Math.max(...PAIRS));
  const servers: Server[] = [];
  await clients.perform('open', { name: OURS, side: { url: house.url, pairs: seeded } });
  servers.push({ name: OURS, cpu: async () => ({ ...(await house.cpu()) }) });
  const details: string[] = [];
  for (const pairs of PAIRS) {
    for (const window of WINDOWS) {
      const title = `${pairs} pairs, ${window} under way each`;
      console.error(title);
      const samples = await runInRounds(servers.map((server) => talkOf(server, clients, pairs, window)));
      details.push(showTalk(title, samples as ReadonlyMap<string, readonly TalkSample[]>));
    }
  }
  await demandKept(house, seeded);
  return { name: 'chat-rate', about: '', comparisons: [], details };
}

function talkOf(server: Server, clients: ClientProcess, pairs: number, window: number): Contender {
  return {
    name: server.name,
    async run(): Promise<TalkSample> {
      const before = await server.cpu();
      const talked = await clients.perform('exchange', { name: server.name, exchange: { pairs, window, seconds: SECONDS, bodyLength: BODY_LENGTH } });
      const after = await server.cpu();
      const cpuBy = Object.fromEntries(Object.entries(after).map(([name, spent]) => [name, (spent - before[name]!) / talked.messages]));
      return sampleOf(talked, { ...cpuBy, clients: talked.cpuMilliseconds / talked.messages }, after['process']! - before['process']!);
    },
  };
}

function sampleOf({ messages, seconds, latencies, overtaken }: Exchanged, cpuBy: Readonly<Record<string, number>>, cpu: number): TalkSample {
  const sorted = latencies.toSorted((one, other) => one - other);
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!;
  return { milliseconds: at(0.5), perSecond: messages / seconds, cpuMilliseconds: cpu / messages, cpuBy, latency: { p50: at(0.5), p99: at(0.99) }, overtaken };
}

/** Each contender's rate, the wait of a message, and who spent what on it. */
function showTalk(title: string, samples: ReadonlyMap<string, readonly TalkSample[]>): string {
  const of = (runs: readonly TalkSample[], read: (sample: TalkSample) => number): string => showSpread(spreadOf(runs.map(read)));
  return [
    `| ${title} | messages a second | p50 ms | p99 ms | CPU ms a message: server | PostgreSQL | clients | overtaken |`, '|---|---|---|---|---|---|---|---|',
    ...[...samples].map(([name, runs]) => `| ${name} | ${of(runs, ({ perSecond }) => perSecond)} | ${of(runs, ({ latency }) => latency.p50)} | ${of(runs, ({ latency }) => latency.p99)} | ${of(runs, ({ cpuBy }) => cpuBy['process']!)} | ${runs[0]!.cpuBy['database'] === undefined ? '' : of(runs, ({ cpuBy }) => cpuBy['database']!)} | ${of(runs, ({ cpuBy }) => cpuBy['clients']!)} | ${shortNumber(runs.reduce((sum, { overtaken }) => sum + overtaken, 0))} |`),
  ].join('\n');
}

/** Each conversation holds what was said in it, by its numbers. */
async function demandKept({ owner }: ChatHouse, pairs: readonly SeededPair[]): Promise<void> {
  const { rows } = await owner.query<{ wrong: number; said: number }>(
    `select count(*) filter (where last_seq <> (select count(*) from community.message m where m.peering_id = c.peering_id))::int as wrong, sum(last_seq)::int as said from community.conversation c where peering_id = any($1::uuid[])`,
    [pairs.map(({ peeringId }) => peeringId)]);
  invariant(rows[0]!.wrong === 0 && rows[0]!.said > 0, 'every message stands in its conversation');
}
