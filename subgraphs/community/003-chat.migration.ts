import { Migration } from '@mikro-orm/migrations';
import { CURRENT_FIRM, securedTable } from '../../src/database/own-firm.js';

/**
 * Marks, the matches they make, and what matched firms write to each other. What both firms share (peering, conversation,
 * message) names neither of them to the role that acts as a firm: a firm is a side, 0 or 1, and finds its own through its
 * row in `peering_side`. Which firm the other one is stands in that row only after both revealed themselves.
 * A match is made across firms, so by the system role; all else is done as the firm itself.
 */
export class ChatMigration extends Migration {
  override up(): void {
    const hasSide = (table: string): string => `exists (select from community.peering_side s where s.firm_id = ${CURRENT_FIRM} and s.peering_id = ${table}.peering_id)`;
    this.addSql(`
      -- "I agree to be found about this customer". Rows stay: they are what the monthly cap counts. Business time.
      create table community.peer_mark (
        subject text not null,
        firm_id uuid not null,
        customer_id uuid not null,
        marked_at timestamptz not null,
        ends_at timestamptz not null,
        primary key (subject, firm_id, marked_at)
      );
      create index peer_mark_month on community.peer_mark (firm_id, marked_at);
      ${securedTable('community', 'peer_mark')}
      create policy room on community.peer_mark to community_system using (true) with check (true);
      grant select, update (ends_at) on community.peer_mark to community_app;
      grant select, insert, update (ends_at) on community.peer_mark to community_system;

      -- Two firms that found each other about one subject. Side 0 is the firm with the lower id.
      create table community.peering (
        peering_id uuid primary key default gen_random_uuid(),
        subject text not null,
        firm_0 uuid not null,
        firm_1 uuid not null,
        matched_at timestamptz not null,
        ended_at timestamptz,
        check (firm_0 < firm_1)
      );
      create unique index peering_pair on community.peering (subject, firm_0, firm_1) where ended_at is null;
      alter table community.peering enable row level security, force row level security;

      -- What one of the two firms knows of it.
      create table community.peering_side (
        firm_id uuid not null,
        peering_id uuid not null references community.peering,
        side smallint not null check (side in (0, 1)),
        subject text not null,
        customer_id uuid not null,
        -- What this firm calls the other one: drawn by lot, so it joins with nothing.
        alias text not null,
        revealed_at timestamptz,
        -- Which firm the other one is; null until both revealed themselves.
        peer_firm_id uuid,
        primary key (firm_id, peering_id)
      );
      create index peering_side_subject on community.peering_side (firm_id, subject);
      create index peering_side_peering on community.peering_side (peering_id);
      ${securedTable('community', 'peering_side')}
      create policy room on community.peering_side to community_system using (true) with check (true);
      grant select on community.peering_side to community_app;
      grant select, insert, update (revealed_at, peer_firm_id) on community.peering_side to community_system;

      create policy own_side on community.peering to community_app using (${hasSide('peering')});
      create policy room on community.peering to community_system using (true) with check (true);
      -- Not the firms and not the subject: a firm that reads its peering learns nothing about the other one.
      grant select (peering_id, matched_at, ended_at), update (ended_at) on community.peering to community_app;
      grant select, insert, update (ended_at) on community.peering to community_system;

      -- At most one for a peering; it has its id.
      create table community.conversation (
        peering_id uuid primary key references community.peering,
        opened_at timestamptz not null,
        closed_at timestamptz,
        last_seq int not null default 0,
        read_up_to_0 int not null default 0,
        read_up_to_1 int not null default 0,
        -- Grows with every change, so that an open inbox sees which conversation changed.
        revision int not null default 1
      );
      alter table community.conversation enable row level security, force row level security;
      create policy own_side on community.conversation to community_app using (${hasSide('conversation')}) with check (${hasSide('conversation')});
      create policy room on community.conversation to community_system using (true) with check (true);
      grant select, insert (peering_id, opened_at), update (closed_at, last_seq, read_up_to_0, read_up_to_1, revision) on community.conversation to community_app;
      grant select, update (closed_at, revision) on community.conversation to community_system;

      create table community.message (
        peering_id uuid not null references community.conversation,
        seq int not null check (seq > 0),
        id uuid not null default gen_random_uuid(),
        side smallint not null check (side in (0, 1)),
        client_id text not null,
        -- Empty once it is older than messages are kept; its seq stays, so a conversation never has a gap.
        body text not null,
        sent_at timestamptz not null,
        erased boolean not null default false,
        primary key (peering_id, seq)
      );
      create unique index message_client on community.message (peering_id, side, client_id);
      create index message_age on community.message (sent_at) where not erased;
      alter table community.message enable row level security, force row level security;
      create policy own_side_reads on community.message for select to community_app using (${hasSide('message')});
      create policy own_side_writes on community.message for insert to community_app
        with check (exists (select from community.peering_side s where s.firm_id = ${CURRENT_FIRM} and s.peering_id = message.peering_id and s.side = message.side));
      create policy room on community.message to community_system using (true) with check (true);
      grant select, insert on community.message to community_app;
      grant select (peering_id, seq, sent_at, erased), update (body, erased) on community.message to community_system;

      -- What a firm reported, for the people who run the community. The other firm is not told.
      create table community.conversation_report (
        firm_id uuid not null,
        id uuid not null default uuidv7(),
        peering_id uuid not null,
        reason text not null,
        reported_at timestamptz not null,
        primary key (firm_id, id)
      );
      ${securedTable('community', 'conversation_report')}
      grant select, insert on community.conversation_report to community_app;
    `);
  }
}
