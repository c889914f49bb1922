import { sql } from 'kysely';
import type { Room } from '../../../src/server/room.js';
import type { Job } from '../../../src/server/subgraph.js';
import { closeEpoch } from './close-epoch.js';
import { dueEpochs } from './epoch.js';
import { POLICY, type Family } from './policy.js';

interface Known {
  readonly family: Family;
  readonly last_end: string;
}

/**
 * Closes every epoch whose day of publication has come since the first of today's members joined, one after another in
 * the order of publication. Stopped half-way, it goes on with the one that it was at; again it changes nothing. Business
 * time that went back closes nothing that lies before what is already out.
 */
export async function closeDueEpochs(room: Room): Promise<void> {
  const { joinedOn, lastEnds } = await room.db.asSystem().transaction(async (em) => {
    const db = em.getKysely<unknown>();
    const { rows: [earliest] } = await sql<{ joined_on: string | null }>`
      select min((joined_at at time zone 'UTC')::date)::text as joined_on from community.membership where joined_at is not null
    `.execute(db);
    const { rows } = await sql<Known>`select family, max(period_end)::text as last_end from community.epoch group by family`.execute(db);
    return { joinedOn: earliest?.joined_on, lastEnds: new Map(rows.map((row) => [row.family, row.last_end])) };
  });
  if (joinedOn == null) return;
  for (const epoch of dueEpochs(Temporal.PlainDate.from(joinedOn), room.clock.today(), POLICY)) {
    if (String(epoch.periodEnd) > (lastEnds.get(epoch.family) ?? '')) await closeEpoch(room, epoch);
  }
}

/** Epochs close by themselves; in a sandbox they wait for `sandboxEpochsClose`, so that a test decides when. */
export const closeEpochsJob: Job = {
  name: 'close-epochs',
  everySeconds: 300,
  async run(room) {
    if (!room.sandbox) await closeDueEpochs(room);
  },
};
