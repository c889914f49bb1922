import { sql } from 'kysely';
import type { Asker } from '../../src/server/asker.js';
import type { House } from '../../subgraphs/house.js';
import { makeDemoNetwork } from './demo-network.js';
import { readDemoState, writeDemoState } from './demo-state.js';
import { hearAll, joinAll, openConversation, publishBenchmarks } from './load-community.js';
import { loadClaims } from './load-claims.js';
import { loadFirm, loadLedger, loadPayments } from './load-firm.js';
import { loadKnowledge } from './load-knowledge.js';
import { MEMBER_FIRMS, SHOWN_FIRMS } from './member-firms.js';
import { Progress } from './progress.js';

type Rooms = House['rooms'];

/** Firms at once: one's rows are read here while another's are merged in the database. */
const FIRMS_AT_ONCE = 2;

/** What each stage weighs in the bar, a firm or a whole stage. */
const WEIGHT = { firm: 4, hearing: 24, benchmarks: 8, conversation: 2 } as const;

/**
 * Loads the demo network at the first start, where nobody has signed up yet. A load that was cut short is completed at the
 * next start: each of its steps, done again, changes nothing. To be called before the rooms begin to work by themselves.
 * `stopping` cuts it short between two steps.
 */
export async function loadDemoNetwork(rooms: Rooms, settings: { readonly demo: boolean; readonly dataDir: string }, stopping: AbortSignal): Promise<void> {
  if (!settings.demo) return;
  const state = await readDemoState(settings.dataDir);
  if ((await anybodySignedUp(rooms)) && state?.complete !== false) return;
  const today = state?.complete === false ? Temporal.PlainDate.from(state.madeFor) : rooms.identity.room.clock.today();
  await writeDemoState(settings.dataDir, { madeFor: today.toString(), complete: false });
  const progress = new Progress('Loading the demo network', MEMBER_FIRMS.length * WEIGHT.firm + WEIGHT.hearing + WEIGHT.benchmarks + WEIGHT.conversation);
  try {
    await load(rooms, today, progress, stopping);
  } finally {
    progress.end();
  }
  await writeDemoState(settings.dataDir, { madeFor: today.toString(), complete: true });
}

async function load(rooms: Rooms, today: Temporal.PlainDate, progress: Progress, stopping: AbortSignal): Promise<void> {
  const network = makeDemoNetwork(today);
  progress.stage('14 firms and their ledgers');
  const askers = new Map<string, Asker>();
  await forEach(network.firms, FIRMS_AT_ONCE, async (firm) => {
    stopping.throwIfAborted();
    const asker = await loadFirm(rooms.identity, firm);
    askers.set(firm.name, asker);
    stopping.throwIfAborted();
    await loadLedger(rooms.portfolios, asker, firm);
    await loadPayments(rooms.portfolios, asker, firm, stopping);
    await loadClaims(rooms.portfolios, asker, firm, today, stopping);
    progress.advance(WEIGHT.firm);
  });
  progress.stage('what the rooms tell one another');
  await joinAll(rooms, [...askers.values()]);
  stopping.throwIfAborted();
  await hearAll(rooms);
  for (const firm of network.firms.filter(({ name }) => SHOWN_FIRMS.some((shown) => shown === name))) await loadKnowledge(rooms, askers.get(firm.name)!, firm, today, stopping);
  progress.advance(WEIGHT.hearing);
  progress.stage('benchmarks of the past months');
  stopping.throwIfAborted();
  await publishBenchmarks(rooms);
  progress.advance(WEIGHT.benchmarks);
  progress.stage('a conversation');
  stopping.throwIfAborted();
  await openConversation(rooms, network, askers);
  progress.advance(WEIGHT.conversation);
}

async function anybodySignedUp({ identity }: Rooms): Promise<boolean> {
  return identity.room.db.asSystem().transaction(async (em) => {
    const { rows } = await sql<{ any: boolean }>`select exists (select from identity.firm) as any`.execute(em.getKysely<unknown>());
    return rows[0]!.any;
  });
}

/** Works on all items in their order, at most `lanes` at once. The first failure ends it. */
async function forEach<T>(items: readonly T[], lanes: number, work: (item: T) => Promise<void>): Promise<void> {
  const rest = items.values();
  await Promise.all(
    Array.from({ length: lanes }, async () => {
      for (const item of rest) await work(item);
    }),
  );
}
