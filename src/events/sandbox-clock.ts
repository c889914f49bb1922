import { sql } from 'kysely';
import type { Room } from '../server/room.js';

/** A sandbox keeps its clock over restarts, and every process of it has the same. */
export async function followSandboxClock(room: Room): Promise<void> {
  const offset = await room.db.asSystem().transaction(async (em) => {
    const { rows } = await sql<{ offset_milliseconds: string }>`select offset_milliseconds from events.sandbox_clock`.execute(em.getKysely<unknown>());
    return rows[0]?.offset_milliseconds;
  });
  if (offset !== undefined) room.clock.shiftTo(Number(offset));
}

/**
 * Takes the clock that an event tells into the room's own database, for all its processes. The event may come late: ids of
 * deliveries grow with time, and an older one changes nothing.
 */
export async function takeSandboxClock(room: Room, deliveryId: string, offsetMilliseconds: number): Promise<void> {
  await room.db.asSystem().transaction(async (em) => {
    await sql`
      insert into events.sandbox_clock as clock (offset_milliseconds, told_by) values (${offsetMilliseconds}, ${deliveryId})
      on conflict (only_row) do update set offset_milliseconds = excluded.offset_milliseconds, told_by = excluded.told_by
      where clock.told_by < excluded.told_by
    `.execute(em.getKysely<unknown>());
  });
  await followSandboxClock(room);
}
