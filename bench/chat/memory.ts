import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
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
/** Longer than a heartbeat of either. */
const WATCHED_MILLISECONDS = 13_000;

const OURS = 'Ardoise, messageReceived';
const STOCK = 'graphql-ws on ws and graphql-js, one subscription';

/** What sockets that wait cost a server. */
interface Waiting {
  /** Of the process in RAM, and of that what its program holds. */
  readonly kilobytesEach: number;
  readonly heldEach: number;
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
  const heldFile = join(directory, 'held');
  const collecting = { NODE_OPTIONS: `--import=${new URL(`collect-on-signal.js?${encodeURIComponent(heldFile)}`, import.meta.url).href}` };
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
        const found = await measureWaiting(server, clients, sockets, heldFile);
        waiting.get(name)!.push(found);
        console.error(`round ${round + 1}  ${name}: ${shortNumber(found.kilobytesEach)} KB a socket, ${shortNumber(found.heldEach)} KB held, ${shortNumber(found.cpuMillisecondsASecond)} ms CPU a second while they wait`);
      }
    }
  } finally {
    await removeHouse(directory);
  }
  const [ours, stock] = [waiting.get(OURS)!, waiting.get(STOCK)!];
  return {
    name: 'chat-memory',
    about: `${SOCKETS.toLocaleString('en-US')} WebSockets, each signed in and with one subscription that has said one thing and waits; growth of the process in RAM (and, beside it, of what its program holds), collected before and after, from where it stood when ${FIRST_SOCKETS} others had come and gone. Ours wait for the messages of ${CONVERSATIONS} conversations, as their firms; the other server knows nobody and has one field. Each round begins with new processes.`,
    comparisons: [{ what: `memory of a waiting socket: ours ÷ ${STOCK}`, measured: spreadOf(ours.map(({ kilobytesEach }, round) => kilobytesEach / stock[round]!.kilobytesEach)), target: { atMost: 0.6 } }],
    details: [[
      `| ${SOCKETS.toLocaleString('en-US')} waiting sockets | KB each | of it held by the program | CPU ms a second while they wait |`, '|---|---|---|---|',
      ...[...waiting].map(([name, found]) => `| ${name} | ${showSpread(spreadOf(found.map(({ kilobytesEach }) => kilobytesEach)))} | ${showSpread(spreadOf(found.map(({ heldEach }) => heldEach)))} | ${showSpread(spreadOf(found.map(({ cpuMillisecondsASecond }) => cpuMillisecondsASecond)))} |`),
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

async function measureWaiting({ url, pid }: Server, clients: ClientProcess, sockets: readonly IdleSocket[], heldFile: string): Promise<Waiting> {
  await clients.perform('openIdle', { name: 'first', url, sockets: sockets.slice(0, FIRST_SOCKETS) });
  await clients.perform('closeIdle', { name: 'first' });
  const before = await settledMemory(pid, heldFile);
  await clients.perform('openIdle', { name: 'all', url, sockets });
  const after = await settledMemory(pid, heldFile);
  const cpu = await cpuOf(pid);
  await pause(WATCHED_MILLISECONDS);
  const cpuMillisecondsASecond = ((await cpuOf(pid)) - cpu) / (WATCHED_MILLISECONDS / 1000);
  return { kilobytesEach: ((after.inRam - before.inRam) * 1024) / sockets.length, heldEach: (after.held - before.held) / 1024 / sockets.length, cpuMillisecondsASecond };
}

/** Megabytes in RAM and bytes held, once they no longer fall: pages that were collected go back to the system a little later. */
async function settledMemory(pid: number, heldFile: string): Promise<{ readonly inRam: number; readonly held: number }> {
  let inRam = Number.POSITIVE_INFINITY;
  let held = Number.POSITIVE_INFINITY;
  for (let same = 0; same < 3; ) {
    await rm(heldFile, { force: true });
    process.kill(pid, 'SIGUSR2');
    await pause(1000);
    held = Math.min(held, await readHeld(heldFile));
    const { now } = await memoryOf(pid);
    if (now < inRam - 0.5) same = 0;
    else same += 1;
    inRam = Math.min(inRam, now);
  }
  return { inRam, held };
}

/** What a collecting process wrote, once it did: with a busy machine a collection takes its time. */
async function readHeld(heldFile: string): Promise<number> {
  for (let attempt = 0; attempt < 300; attempt += 1) {
    const text = await readFile(heldFile, 'utf8').catch(() => '');
    if (text !== '') return Number(text);
    await pause(100);
  }
  throw new Error('the server did not collect');
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
