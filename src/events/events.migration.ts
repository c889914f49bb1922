import { Migration } from '@mikro-orm/migrations';
import { CURRENT_FIRM } from '../database/own-firm.js';
import { ROOMS } from '../rooms.js';

/**
 * The outbox: one row for each event and reader, written in the transaction that caused the event, deleted when the
 * reader has reacted. Rooms that share a database share this table; row-level security shows each room only what it
 * tells or reads. `sandbox_clock` holds the one row by which processes of a sandbox agree on business time; `told_by` grows
 * with each change, so that an event that comes late does not undo a later one.
 */
export class EventsMigration extends Migration {
  override up(): void {
    this.addSql(`
      create table events.delivery (
        id uuid primary key default uuidv7(),
        event_id uuid not null,
        name text not null,
        version int not null,
        producer text not null,
        consumer text not null,
        firm_id uuid,
        data jsonb not null,
        recorded_at timestamptz not null default clock_timestamp(),
        attempts int not null default 0,
        due_at timestamptz not null default clock_timestamp(),
        set_aside boolean not null default false
      );
      create index delivery_due on events.delivery (consumer, due_at, id) where not set_aside;
      alter table events.delivery enable row level security, force row level security;

      create table events.sandbox_clock (
        only_row boolean primary key default true check (only_row),
        offset_milliseconds bigint not null,
        told_by uuid not null default uuidv7()
      );
      alter table events.sandbox_clock enable row level security, force row level security;
      create policy everybody_reads on events.sandbox_clock for select using (true);

      alter table events.migration enable row level security, force row level security;
      create policy owner_only on events.migration using (current_user = (select tableowner from pg_tables where schemaname = 'events' and tablename = 'migration'));
    `);
    for (const room of ROOMS) {
      this.addSql(`
        grant usage on schema events to ${room}_app, ${room}_system;
        grant insert on events.delivery to ${room}_app, ${room}_system;
        grant select, update, delete on events.delivery to ${room}_system;
        grant select, insert, update on events.sandbox_clock to ${room}_system;
        create policy ${room}_follows on events.sandbox_clock for all to ${room}_system using (true) with check (true);
        create policy ${room}_tells on events.delivery for insert to ${room}_app
          with check (producer = '${room}' and firm_id = ${CURRENT_FIRM});
        create policy ${room}_tells_as_room on events.delivery for insert to ${room}_system with check (producer = '${room}');
        create policy ${room}_takes on events.delivery for select to ${room}_system using (consumer = '${room}' or producer = '${room}');
        create policy ${room}_marks on events.delivery for update to ${room}_system using (consumer = '${room}' or producer = '${room}');
        create policy ${room}_removes on events.delivery for delete to ${room}_system using (consumer = '${room}' or producer = '${room}');
      `);
    }
    this.addSql(`
      -- How many events are still on their way: a count tells nobody anything, and a sandbox waits for zero.
      create function events.pending() returns bigint language sql stable security definer set search_path = ''
        as 'select count(*) from events.delivery where not set_aside';
      revoke all on function events.pending() from public;
      grant execute on function events.pending() to ${ROOMS.map((room) => `${room}_system`).join(', ')};
    `);
  }
}
