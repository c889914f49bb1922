import { chmod, mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { invariant } from '../../src/errors.js';
import { firstMatch, startProgram, stopProgram } from '../bench-house.js';
import { cpuOf, memoryOf, ROUNDS, shortNumber, spreadOf } from '../measure.js';
import { showSpread, type Report } from '../report.js';
import { RECEIVE } from './ardoise-client.js';
import { removeHouse, startChatHouse } from './chat-house.js';
import { startClients, type ClientProcess } from './client-process.js';
import type { IdleSocket } from './idle-sockets.js';
import { seedMessages, seedPairs, type SeededPair } from './seed-chat.js';

const SOCKETS = 10_000;
/** Opened and closed before, so that what a server loads or grows at its first ones is not counted. */
const FIRST_SOCKETS = 500;
const CONVERSATIONS = 250;

const OURS = 'Ardoise, messageReceived';
const STOCK = 'graphql-ws on ws and graphql-js, one subscription';

/** What sockets that wait cost a server. */
interface Waiting {
  readonly kilobytesEach: number;
  readonly cpuMillisecondsASecond: number;
}

interface Server extends AsyncDisposable {
  readonly url: string;
  readonly pid: number;
}

/** How much memory a socket takes that waits on its subscription. */
export async function measureMemory(): Promise<Report> {
  await demandFiles(SOCKETS + 1000);
  const directory = await mkdtemp(join(tmpdir(), 'ardoise-bench-memory-'));
  await chmod(directory, 0o755);
  const collecting = { NODE_OPTIONS: `--import=${join(import.meta.dirname, 'collect-on-signal.js')}` };
  const waiting = new Map<string, Waiting[]>([[OURS, []], [STOCK, []]]);
  try {
    const ours = waitingOn(await seed(directory), SOCKETS);
    const stock: readonly IdleSocket[] = Array.from({ length: SOCKETS }, () => ({ token: undefined, query: 'subscription { waiting }', variables: {} }));
    const contenders: readonly { readonly name: string; readonly sockets: readonly IdleSocket[]; readonly start: () => Promise<Server> }[] = [
      { name: OURS, sockets: ours, start: () => startChatHouse(collecting, directory) },
      { name: STOCK, sockets: stock, start: () => startStock(collecting) },
    ];
    for (let round = 0; round < ROUNDS; round += 1) {
      for (let turn = 0; turn < contenders.length; turn += 1) {
        const { name, sockets, start } = contenders[(turn + round) % contenders.length]!;
        await using server = await start();
        await using clients = await startClients();
        const found = await measureWaiting(server, clients, sockets);
        waiting.get(name)!.push(found);
        console.error(`round ${round + 1}  ${name}: ${shortNumber(found.kilobytesEach)} KB a socket, ${shortNumber(found.cpuMillisecondsASecond)} ms CPU a second while they wait`);
      }
    }
  } finally {
    await removeHouse(directory);
  }
  const [ours, stock] = [waiting.get(OURS)!, waiting.get(STOCK)!];
  return {
    name: 'chat-memory',
    about: `${SOCKETS.toLocaleString('en-US')} WebSockets, each signed in and with one subscription that has said one thing and waits; growth of the process in RAM, collected before and after, from where it stood when ${FIRST_SOCKETS} others had come and gone. Ours wait for the messages of ${CONVERSATIONS} conversations, as their firms; the other server knows nobody and has one field. Each round begins with new processes.`,
    comparisons: [{ what: `memory of a waiting socket: ours ÷ ${STOCK}`, measured: spreadOf(ours.map(({ kilobytesEach }, round) => kilobytesEach / stock[round]!.kilobytesEach)), target: { atMost: 0.6 } }],
    details: [[
      `| ${SOCKETS.toLocaleString('en-US')} waiting sockets | KB each | CPU ms a second while they wait |`, '|---|---|---|',
      ...[...waiting].map(([name, found]) => `| ${name} | ${showSpread(spreadOf(found.map(({ kilobytesEach }) => kilobytesEach)))} | ${showSpread(spreadOf(found.map(({ cpuMillisecondsASecond }) => cpuMillisecondsASecond)))} |`),
    ].join('\n')],
  };
}

async function seed(directory: string): Promise<readonly SeededPair[]> {
  await using house = await startChatHouse({}, directory);
  const pairs = await seedPairs(house.owner, house.ids, CONVERSATIONS);
  await seedMessages(house.owner, pairs, 1);
  return pairs;
}

/** Subscriptions of both sides of each conversation, in turn; each has one message to hear. */
export function waitingOn(pairs: readonly SeededPair[], count: number): readonly IdleSocket[] {
  const seats = pairs.flatMap(({ from, to }) => [from, to]);
  return Array.from({ length: count }, (_, index) => {
    const { token, conversationId } = seats[index % seats.length]!;
    return { token, query: RECEIVE, variables: { conversationId, after: 0 } };
  });
}

async function startStock(environment: Readonly<Record<string, string>>): Promise<Server> {
  const child = startProgram(join(import.meta.dirname, '..', 'contenders', 'stock-sockets.js'), [], { NODE_ENV: 'production', ...environment });
  return { url: await firstMatch(child, /listening at (\S+)/), pid: child.pid!, [Symbol.asyncDispose]: () => stopProgram(child) };
}

async function measureWaiting({ url, pid }: Server, clients: ClientProcess, sockets: readonly IdleSocket[]): Promise<Waiting> {
  await clients.perform('openIdle', { name: 'first', url, sockets: sockets.slice(0, FIRST_SOCKETS) });
  await clients.perform('closeIdle', { name: 'first' });
  const before = await settledMemory(pid);
  await clients.perform('openIdle', { name: 'all', url, sockets });
  const after = await settledMemory(pid);
  const cpu = await cpuOf(pid);
  await pause(5000);
  return { kilobytesEach: ((after - before) * 1024) / sockets.length, cpuMillisecondsASecond: ((await cpuOf(pid)) - cpu) / 5 };
}

/** Megabytes in RAM once they no longer fall: pages that were collected go back to the system a little later. */
async function settledMemory(pid: number): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let same = 0; same < 3; ) {
    process.kill(pid, 'SIGUSR2');
    await pause(1000);
    const { now } = await memoryOf(pid);
    if (now < least - 0.5) same = 0;
    else same += 1;
    least = Math.min(least, now);
  }
  return least;
}

/** Each end of a socket is an open file of its process. */
export async function demandFiles(count: number): Promise<void> {
  const limits = await readFile('/proc/self/limits', 'utf8');
  const soft = Number(/^Max open files\s+(\d+)/m.exec(limits)?.[1]);
  invariant(soft >= count, `a process may have ${count} files open, not ${soft}: raise it with ulimit -n`);
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
