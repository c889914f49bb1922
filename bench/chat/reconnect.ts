import { shortNumber, spreadOf, ROUNDS } from '../measure.js';
import { showSpread, type Report } from '../report.js';
import { startChatHouse } from './chat-house.js';
import { startClients } from './client-process.js';
import type { Reconnected } from './reconnect-clients.js';
import { seededText, seedMessages, seedPairs } from './seed-chat.js';

const CLIENTS = 1000;
const MISSED = 100;
const KNOWN = 50;
/** Between two rounds: what the gateway believes of a token is forgotten, as after any longer absence. */
const ABSENCE_MILLISECONDS = 3000;

/** How long it takes to serve everybody who comes back at once. */
export async function measureReconnects(environment: Readonly<Record<string, string>> = {}): Promise<Report> {
  await using house = await startChatHouse(environment);
  const pairs = await seedPairs(house.owner, house.ids, CLIENTS);
  await seedMessages(house.owner, pairs, KNOWN + MISSED);
  await house.owner.query('vacuum analyze');
  const missed = Array.from({ length: MISSED }, (_, place) => seededText(KNOWN + place + 1));
  const absent = pairs.map(({ to }) => ({ ...to, after: KNOWN, missed }));
  const runs: (Reconnected & { readonly server: number; readonly database: number })[] = [];
  await using clients = await startClients();
  for (let round = -1; round < ROUNDS; round += 1) {
    await new Promise((resolve) => setTimeout(resolve, ABSENCE_MILLISECONDS));
    const before = await house.cpu();
    const run = await clients.perform('reconnect', { url: house.url, clients: absent });
    const after = await house.cpu();
    if (round >= 0) runs.push({ ...run, server: after.process - before.process, database: after.database - before.database });
    console.error(`${round < 0 ? 'warm-up' : `round ${round + 1}`}  ${shortNumber(run.served)} s, connected after ${shortNumber(run.connected)} s; CPU ms: server ${after.process - before.process}, PostgreSQL ${after.database - before.database}, clients ${shortNumber(run.cpuMilliseconds)}; ${run.resumed} times resumed`);
  }
  const of = (read: (run: (typeof runs)[number]) => number): string => showSpread(spreadOf(runs.map(read)));
  return {
    name: 'chat-reconnect',
    about: `${CLIENTS.toLocaleString('en-US')} clients of as many firms and conversations that each missed ${MISSED} messages connect at once, say who they are with a key of their own and subscribe from where they were. The time is from the first connect until the last client has its last message; each is held to getting every message it missed once, in order, with its text. A client whose subscription ends with UNAVAILABLE resumes, in the same time.`,
    comparisons: [{ what: `${CLIENTS.toLocaleString('en-US')} clients that missed ${MISSED} messages each: seconds until all have all`, measured: spreadOf(runs.map(({ served }) => served)), target: { atMost: 2 } }],
    details: [[
      '| reconnecting | seconds until all are connected | seconds until all have all | resumed | CPU ms: server | PostgreSQL | clients |', '|---|---|---|---|---|---|---|',
      `| Ardoise, all in one | ${of(({ connected }) => connected)} | ${of(({ served }) => served)} | ${of(({ resumed }) => resumed)} | ${of(({ server }) => server)} | ${of(({ database }) => database)} | ${of(({ cpuMilliseconds }) => cpuMilliseconds)} |`,
    ].join('\n')],
  };
}
