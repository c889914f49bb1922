import { sql } from 'kysely';
import { settle } from '../../../src/events/dispatch.js';
import { record } from '../../../src/events/record.js';
import type { Room } from '../../../src/server/room.js';

/** Moves business time in every room, and returns once everything that became due is done. */
export async function setClock(room: Room, at: Temporal.Instant): Promise<void> {
  const offsetMilliseconds = at.epochMilliseconds - Date.now();
  await room.db.asSystem().transaction(async (em) => {
    await sql`
      insert into events.sandbox_clock (offset_milliseconds) values (${offsetMilliseconds})
      on conflict (only_row) do update set offset_milliseconds = excluded.offset_milliseconds, told_by = excluded.told_by
    `.execute(em.getKysely<unknown>());
    await record(em, null, 'sandbox.clock-moved', { offsetMilliseconds });
  });
  // Not before it is committed: whoever reads the row meanwhile would move this process back.
  room.clock.shiftTo(offsetMilliseconds);
  await settle(room);
}
