import { sql } from 'kysely';
import { Refusal } from '../../../src/errors.js';
import type { Room } from '../../../src/server/room.js';
import type { Job } from '../../../src/server/subgraph.js';
import { failImport, releaseImport } from './claim-import.js';
import { mergeNextImport } from './merge-import.js';
import { LedgerMoved } from './write-plan.js';

/** Merges of different firms run side by side, but so few that the room's connections last for everybody else. */
const MERGES_AT_ONCE = 4;

/** An import whose merge failed so often fails for good. */
const MOST_ATTEMPTS = 3;

/** An upload that gave no sign for so long has died with its process. Uploads give one every five seconds. */
const STALE_SECONDS = 30;

/** The firms whose imports this process merges right now. */
const merging = new WeakMap<Room, Set<string>>();

/**
 * Merges the firm's oldest staged import, unless this process is at it already; `resumeImports` sees to the next. It never
 * throws: what fails is logged and tried again later.
 */
export async function mergeDueImport(room: Room, firmId: string): Promise<void> {
  let firms = merging.get(room);
  if (!firms) merging.set(room, (firms = new Set()));
  if (firms.has(firmId) || firms.size >= MERGES_AT_ONCE) return;
  firms.add(firmId);
  try {
    await mergeNextImport(room.db.forFirm(firmId), firmId, room.keys.matchingKey);
  } catch (error) {
    if (!(error instanceof LedgerMoved)) room.log.error({ error }, 'an import could not be merged; it is tried again');
    await countFailure(room, firmId).catch((failure: unknown) => room.log.error({ error: failure }, 'a failed merge could not be counted'));
  } finally {
    firms.delete(firmId);
  }
}

/** Counts a failed merge of the firm's oldest staged import, and ends it when it failed too often. */
async function countFailure(room: Room, firmId: string): Promise<void> {
  const firm = room.db.forFirm(firmId);
  const { rows } = await firm.transaction((em) =>
    sql<{ id: string; attempt: number; merge_attempts: number }>`
      update portfolios.import_job set merge_attempts = merge_attempts + 1
      where id = (select id from portfolios.import_job where status = 'RUNNING' and staged_at is not null order by staged_at, id limit 1)
      returning id, attempt, merge_attempts
    `.execute(em.getKysely<unknown>()),
  );
  const job = rows[0];
  if (job && job.merge_attempts >= MOST_ATTEMPTS) {
    await failImport(firm, job, new Refusal('CONFLICT', 'The file could not be merged into the ledger. Nothing of it was taken; send it again with another import.', []));
  }
}

interface RunningImport {
  readonly id: string;
  readonly firm_id: string;
  readonly attempt: number;
  readonly staged: boolean;
  readonly stale: boolean;
}

/** Takes up what waits its turn and what a crash left: staged imports are merged, uploads that died are given back to be sent again. */
export const resumeImports: Job = {
  name: 'resume imports',
  everySeconds: 0.5,
  async run(room) {
    const { rows } = await room.db.asSystem().transaction((em) =>
      sql<RunningImport>`
        select id, firm_id, attempt, staged_at is not null as staged, heartbeat_at < clock_timestamp() - make_interval(secs => ${STALE_SECONDS}) as stale
        from portfolios.import_job where status = 'RUNNING' order by staged_at
      `.execute(em.getKysely<unknown>()),
    );
    for (const job of rows) if (!job.staged && job.stale) await releaseImport(room.db.forFirm(job.firm_id), job);
    const firmIds = new Set(rows.filter(({ staged }) => staged).map((job) => job.firm_id));
    // Not awaited: a long merge of one firm must not keep the others waiting.
    for (const firmId of firmIds) void mergeDueImport(room, firmId);
  },
};
