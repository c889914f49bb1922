import { Migration } from '@mikro-orm/migrations';
import { securedTable } from '../../src/database/own-firm.js';

/**
 * Where a firm wants to be told of what, what there was to tell, and how each delivery of it went. Instants are real time:
 * business time has nothing to do with how long a receiver was away.
 */
export class WebhooksMigration extends Migration {
  override up(): void {
    this.addSql(`
      create table scoring.webhook_endpoint (
        firm_id uuid not null default current_setting('app.firm_id')::uuid,
        id uuid not null default uuidv7(),
        url text not null,
        description text not null,
        events text[] not null,
        -- The secret is made of the room's key and of this: there is none in the database.
        secret_id uuid not null default gen_random_uuid(),
        -- The secret before a rotation, and until when it signs beside the new one.
        former_secret_id uuid,
        former_secret_until timestamptz,
        -- Since when every attempt failed; null after one that did not.
        failing_since timestamptz,
        disabled_at timestamptz,
        disabled_because text check (disabled_because in ('ASKED', 'GONE', 'FAILING')),
        created_at timestamptz not null default clock_timestamp(),
        primary key (firm_id, id),
        check ((disabled_at is null) = (disabled_because is null)),
        check ((former_secret_id is null) = (former_secret_until is null))
      );

      -- What is told, once for all endpoints: these very bytes are signed and sent.
      create table scoring.webhook_message (
        firm_id uuid not null default current_setting('app.firm_id')::uuid,
        id uuid not null default uuidv7(),
        type text not null,
        body text not null,
        created_at timestamptz not null default clock_timestamp(),
        primary key (firm_id, id)
      );
      create index webhook_message_age on scoring.webhook_message (created_at);

      create table scoring.webhook_delivery (
        firm_id uuid not null default current_setting('app.firm_id')::uuid,
        id uuid not null default uuidv7(),
        endpoint_id uuid not null,
        message_id uuid not null,
        -- When it is sent next; while it is being sent, when it is held to have been lost with its process. Null: done with.
        due_at timestamptz default clock_timestamp(),
        -- Who sends it right now, so that nobody else notes how that went.
        claim uuid,
        -- Since it was queued or asked for again.
        attempts int not null default 0,
        delivered_at timestamptz,
        given_up_at timestamptz,
        primary key (firm_id, id),
        foreign key (firm_id, endpoint_id) references scoring.webhook_endpoint on delete cascade,
        foreign key (firm_id, message_id) references scoring.webhook_message on delete cascade,
        check ((due_at is null) = (delivered_at is not null or given_up_at is not null)),
        check (claim is null or due_at is not null)
      );
      create index webhook_delivery_due on scoring.webhook_delivery (firm_id, endpoint_id, due_at) where due_at is not null;
      create index webhook_delivery_list on scoring.webhook_delivery (firm_id, endpoint_id, id desc);
      create index webhook_delivery_message on scoring.webhook_delivery (firm_id, message_id);

      create table scoring.webhook_attempt (
        firm_id uuid not null default current_setting('app.firm_id')::uuid,
        delivery_id uuid not null,
        id uuid not null default uuidv7(),
        began_at timestamptz not null,
        milliseconds int not null,
        status int,
        failure text,
        excerpt text,
        primary key (firm_id, delivery_id, id),
        foreign key (firm_id, delivery_id) references scoring.webhook_delivery on delete cascade
      );
    `);
    for (const table of ['webhook_endpoint', 'webhook_message', 'webhook_delivery', 'webhook_attempt']) {
      this.addSql(`
        ${securedTable('scoring', table)}
        -- What is due is sent, noted and forgotten by the room itself, of every firm.
        create policy room on scoring.${table} to scoring_system using (true) with check (true);
      `);
    }
    this.addSql(`
      grant select, insert, update, delete on scoring.webhook_endpoint to scoring_app;
      grant select, insert on scoring.webhook_message to scoring_app;
      grant select, insert, update on scoring.webhook_delivery to scoring_app;
      grant select on scoring.webhook_attempt to scoring_app;
      grant select, update on scoring.webhook_endpoint to scoring_system;
      grant select, delete on scoring.webhook_message to scoring_system;
      grant select, update on scoring.webhook_delivery to scoring_system;
      grant select, insert on scoring.webhook_attempt to scoring_system;
    `);
  }
}
