import type { Room } from '../../../src/server/room.js';
import { importTopic } from './claim-import.js';
import { readJob, type JobState } from './import-job.table.js';

/** A hint may be lost: the job is looked at again after this long, in milliseconds. */
const LOOK_AGAIN_MILLISECONDS = 1_000;

/**
 * Gives a job as it is, then at each change until it has ended. A slow reader skips what lay between; it never misses
 * the end. It gives nothing for a job that is not the firm's.
 */
export async function* followImport(room: Room, firmId: string, id: string): AsyncGenerator<JobState, void, void> {
  let wake: () => void = () => undefined;
  let hinted = false;
  const unsubscribe = room.hints.subscribe(importTopic(id), () => {
    hinted = true;
    wake();
  });
  let shown = '';
  try {
    for (;;) {
      hinted = false;
      const job = await room.db.forFirm(firmId).transaction((em) => readJob(em, id));
      if (!job) return;
      const state = JSON.stringify(job);
      if (state !== shown) {
        shown = state;
        yield job;
      }
      if (job.status === 'COMPLETED' || job.status === 'FAILED') return;
      if (hinted) continue;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, LOOK_AGAIN_MILLISECONDS);
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  } finally {
    unsubscribe();
  }
}
