import { Migration } from '@mikro-orm/migrations';
import { securedTable } from '../../src/database/own-firm.js';

/**
 * Conduct: who wants to meet whom no more, what was reported and with which texts, and the log of all of it. A block and a
 * report's texts name or quote another firm, so no firm reads them. The log is one chain of hashes for the whole room: each
 * entry is numbered and hashed as it is written, under the lock of the chain's head, in the transaction that it tells of.
 */
export class ConductMigration extends Migration {
  override up(): void {
    this.addSql(`
      -- Firms that meet no more about a customer. Rows stay. Business time.
      create table community.peer_block (
        subject text not null,
        -- Who blocked whom.
        firm_id uuid not null,
        blocked_firm_id uuid not null,
        blocked_at timestamptz not null,
        primary key (subject, firm_id, blocked_firm_id)
      );
      alter table community.peer_block enable row level security, force row level security;
      create policy room on community.peer_block to community_system using (true) with check (true);
      grant select, insert on community.peer_block to community_system;

      -- What a report holds beyond its being made: the reason and the texts as its firm saw them. A row of its own, since it is
      -- erased one day and the report is not.
      create table community.report_text (
        firm_id uuid not null,
        report_id uuid not null,
        -- JSON, by docs/MODERATION.md. A text, so that its digest is of these very bytes.
        content text not null,
        primary key (firm_id, report_id),
        foreign key (firm_id, report_id) references community.conversation_report
      );
      alter table community.report_text enable row level security;
      alter table community.conversation_report no force row level security;
      insert into community.report_text (firm_id, report_id, content)
        select firm_id, id, json_build_object('reason', reason, 'conversation', null, 'messagesLeftOut', 0, 'messages', '[]'::json)::text from community.conversation_report;
      alter table community.conversation_report add column digest text;
      update community.conversation_report r set digest = encode(sha256(convert_to(t.content, 'UTF8')), 'hex') from community.report_text t where t.report_id = r.id;
      alter table community.conversation_report alter digest set not null, drop column reason;
      alter table community.conversation_report force row level security;
      create index conversation_report_day on community.conversation_report (firm_id, reported_at);
      create policy room_reads on community.conversation_report for select to community_system using (true);
      grant select on community.conversation_report to community_system;
      ${securedTable('community', 'report_text')}
      create policy room on community.report_text to community_system using (true);
      -- Whoever reported has the conversation itself to read.
      grant insert on community.report_text to community_app;
      grant select, delete on community.report_text to community_system;

      -- What the people who run the community said of a report, once.
      create table community.report_handled (
        report_id uuid primary key,
        operator text not null,
        note text not null,
        handled_at timestamptz not null
      );
      alter table community.report_handled enable row level security, force row level security;
      create policy room on community.report_handled to community_system using (true) with check (true);
      grant select, insert on community.report_handled to community_system;

      create table community.audit_entry (
        number bigint primary key,
        id uuid not null,
        -- Whose log it is in; null: that of the network alone.
        firm_id uuid,
        -- Business time.
        entered_at timestamptz not null,
        action text not null,
        -- Who did it: a person, or the maker of the API key that did; an operator; nobody, where the room itself did.
        person_id uuid,
        by_key boolean not null default false,
        operator text,
        object_id uuid,
        detail text,
        previous_hash text unique nulls not distinct,
        hash text not null unique
      );
      create index audit_entry_firm on community.audit_entry (firm_id, number);
      create index audit_entry_id on community.audit_entry (firm_id, id);
      ${securedTable('community', 'audit_entry')}
      create policy room on community.audit_entry to community_system using (true) with check (true);
      -- Not the hashes: nothing of the chain tells a firm how much others do.
      grant select (number, id, firm_id, entered_at, action, person_id, by_key, object_id),
        insert (firm_id, entered_at, action, person_id, by_key, object_id, detail) on community.audit_entry to community_app;
      grant select, insert (firm_id, entered_at, action, person_id, by_key, operator, object_id, detail) on community.audit_entry to community_system;

      -- The last entry's number and hash: whoever cuts off a tail must forge this row too.
      create table community.audit_head (
        one boolean primary key default true check (one),
        number bigint not null,
        hash text
      );
      alter table community.audit_head enable row level security, force row level security;
      create policy chain on community.audit_head to current_user using (true) with check (true);
      create policy room_reads on community.audit_head for select to community_system using (true);
      grant select on community.audit_head to community_system;
      insert into community.audit_head (number) values (0);

      -- Numbers and hashes an entry, and holds the head until the transaction ends. Who enters one says nothing of the chain.
      create function community.chain_audit_entry() returns trigger language plpgsql security definer set search_path = '' as $$
        begin
          update community.audit_head set number = audit_head.number + 1 returning audit_head.number, audit_head.hash into new.number, new.previous_hash;
          new.id := gen_random_uuid();
          new.hash := encode(sha256(array_send(array[
            new.number::text, new.id::text, coalesce(new.firm_id::text, ''), to_char(new.entered_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), new.action,
            coalesce(new.person_id::text, ''), new.by_key::text, coalesce(new.operator, ''), coalesce(new.object_id::text, ''), coalesce(new.detail, ''), coalesce(new.previous_hash, '')
          ])), 'hex');
          update community.audit_head set hash = new.hash;
          return new;
        end
      $$;
      revoke all on function community.chain_audit_entry() from public;
      create trigger chained before insert on community.audit_entry for each row execute function community.chain_audit_entry();

      create function community.refuse_rewriting() returns trigger language plpgsql set search_path = '' as $$
        begin raise exception 'what was written down stays'; end
      $$;
    `);
    for (const table of ['peer_block', 'conversation_report', 'report_handled', 'audit_entry']) {
      this.addSql(`
        create trigger written_stays before update or delete on community.${table} for each row execute function community.refuse_rewriting();
        create trigger written_stays_whole before truncate on community.${table} for each statement execute function community.refuse_rewriting();
      `);
    }
    this.addSql('create trigger written_stays before update on community.report_text for each row execute function community.refuse_rewriting();');
  }
}
