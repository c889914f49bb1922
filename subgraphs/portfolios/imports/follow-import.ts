import { PulledEvents, watchTopic, type Look } from '../../../src/events/pulled-events.js';
import type { Room } from '../../../src/server/room.js';
import { importTopic } from './claim-import.js';
import { readJob, type JobState } from './import-job.table.js';

/** A hint may be lost: the job is looked at again after this long, in milliseconds. */
const LOOK_AGAIN_MILLISECONDS = 1000;

/**
 * Gives a job as it is, then at each change until it has ended. A slow reader skips what lay between; it never misses
 * the end. It gives nothing for a job that is not the firm's.
 */
export function followImport(room: Room, firmId: string, id: string): AsyncIterableIterator<JobState> {
  let shown = '';
  const look = async (): Promise<Look<JobState>> => {
    const job = await room.db.forFirm(firmId).transaction((em) => readJob(em, id));
    if (!job) return { events: [], ended: true };
    const before = shown;
    shown = JSON.stringify(job);
    return { events: shown === before ? [] : [job], ended: job.status === 'COMPLETED' || job.status === 'FAILED' };
  };
  return new PulledEvents(look, watchTopic(room.hints, importTopic(id), LOOK_AGAIN_MILLISECONDS), room.log);
}
