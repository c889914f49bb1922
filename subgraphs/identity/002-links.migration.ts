import { Migration } from '@mikro-orm/migrations';
import { CURRENT_FIRM } from '../../src/database/own-firm.js';

/**
 * What links firms: marks that two of them may share, what an operator said, and the groups that follow. All of it is the
 * room's alone: no firm may learn that, with whom or by what it is linked. A mark stays once it was seen, so nobody parts
 * what belongs together by changing an address. Triggers note whose marks are to be looked at again, so that no way of
 * changing a person or an invitation can forget to.
 */
export class LinksMigration extends Migration {
  override up(): void {
    const roomAlone = (table: string, grants: string): string => `
      alter table identity.${table} enable row level security, force row level security;
      create policy room on identity.${table} to identity_system using (true) with check (true);
      grant ${grants} on identity.${table} to identity_system;
    `;
    this.addSql(`
      alter table identity.firm add column verification_revision bigint not null default 0;

      create table identity.link_mark (
        firm_id uuid not null references identity.firm,
        kind text not null check (kind in ('REGISTRATION', 'OWNER', 'DOMAIN', 'INVITED', 'ACCOUNT')),
        mark text not null,
        since timestamptz not null,
        primary key (firm_id, kind, mark)
      );
      create index link_mark_mark on identity.link_mark (mark);
      ${roomAlone('link_mark', 'select, insert')}

      -- An operator's word on two firms: linked, or not linked whatever they share. It goes before what was found.
      create table identity.operator_link (
        firm_id uuid not null references identity.firm,
        other_firm_id uuid not null references identity.firm,
        linked boolean not null,
        primary key (firm_id, other_firm_id),
        check (firm_id < other_firm_id)
      );
      create index operator_link_other on identity.operator_link (other_firm_id);
      ${roomAlone('operator_link', 'select, insert, update')}

      create table identity.firm_group (
        firm_id uuid primary key references identity.firm,
        -- The lowest id of the group; null when the firm stands alone.
        first_firm_id uuid,
        revision bigint not null default 1
      );
      create index firm_group_first on identity.firm_group (first_firm_id);
      ${roomAlone('firm_group', 'select, insert, update')}

      -- Firms that were told as separate, and are found to be one group: somebody should look whether that is so.
      create table identity.link_alarm (
        id uuid primary key default uuidv7(),
        raised_at timestamptz not null default clock_timestamp(),
        firms uuid[] not null,
        ties text not null
      );
      ${roomAlone('link_alarm', 'select, insert')}

      -- Who did what as an operator, when and why. Rows are only added.
      create table identity.operator_action (
        id uuid primary key default uuidv7(),
        at timestamptz not null default clock_timestamp(),
        operator text not null,
        action text not null,
        firm_id uuid,
        other_firm_id uuid,
        why text not null
      );
      ${roomAlone('operator_action', 'select, insert')}

      create table identity.grouping_due (
        firm_id uuid not null,
        id uuid not null default uuidv7(),
        primary key (firm_id, id)
      );
      ${roomAlone('grouping_due', 'select, delete')}
      create policy own_firm_notes on identity.grouping_due for insert to identity_app with check (firm_id = ${CURRENT_FIRM});
      grant insert on identity.grouping_due to identity_app;

      create function identity.note_grouping_due() returns trigger language plpgsql set search_path = '' as $$
        begin
          insert into identity.grouping_due (firm_id) values (new.firm_id);
          return null;
        end
      $$;
      create trigger notes_grouping_due after insert or update of email, role on identity.person for each row execute function identity.note_grouping_due();
      create trigger notes_grouping_due after insert on identity.invitation for each row execute function identity.note_grouping_due();

      -- Firms that were there before.
      alter table identity.firm no force row level security;
      alter table identity.grouping_due no force row level security;
      insert into identity.grouping_due (firm_id) select id from identity.firm;
      alter table identity.firm force row level security;
      alter table identity.grouping_due force row level security;
    `);
  }
}
