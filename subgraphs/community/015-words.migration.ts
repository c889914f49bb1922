import { Migration } from '@mikro-orm/migrations';
import { CURRENT_FIRM } from '../../src/database/own-firm.js';

/**
 * What a message may be besides its text: edited, and sent with files. A message holds its text of the moment; once it is
 * edited, all its texts stand in `message_version`, and edits are numbered within their conversation, so that they can be
 * followed as messages are. Files are kept in pieces, so that no process ever holds one whole; they are the uploader's
 * alone until the message that carries them is sent.
 */
export class WordsMigration extends Migration {
  override up(): void {
    const ownSide = (table: string, more = 'true'): string =>
      `exists (select from community.peering_side s where s.firm_id = ${CURRENT_FIRM} and s.peering_id = ${table}.peering_id and (${more}))`;
    const itsFile = (more = 'true'): string =>
      `exists (select from community.attachment a where a.peering_id = attachment_chunk.peering_id and a.id = attachment_chunk.attachment_id and (${more}))`;
    this.addSql(`
      -- The number of the latest edit; taken under the row's lock, as last_seq is.
      alter table community.conversation add column last_edit int not null default 0;
      grant update (last_edit) on community.conversation to community_app;

      alter table community.message
        add column version int not null default 1,
        add column edited_at timestamptz,
        -- Known here so that a message without files costs no look for them.
        add column attachment_count smallint not null default 0;
      create policy own_side_edits on community.message for update to community_app
        using (${ownSide('message', 's.side = message.side')}) with check (${ownSide('message', 's.side = message.side')});
      grant update (body, version, edited_at) on community.message to community_app;
      grant update (attachment_count) on community.message to community_system;

      -- Every text of a message that was edited, the present one too; nothing of one that was not.
      create table community.message_version (
        peering_id uuid not null,
        seq int not null,
        version int not null check (version > 0),
        -- Which edit of the conversation wrote it, from 1 without a gap; null for the text as it was sent.
        edit_number int,
        body text not null,
        written_at timestamptz not null,
        primary key (peering_id, seq, version),
        foreign key (peering_id, seq) references community.message,
        check ((version = 1) = (edit_number is null))
      );
      create unique index message_version_edit on community.message_version (peering_id, edit_number) where edit_number is not null;
      alter table community.message_version enable row level security, force row level security;
      create policy own_side_reads on community.message_version for select to community_app using (${ownSide('message_version')});
      create policy own_side_writes on community.message_version for insert to community_app with check (exists (
        select from community.message m join community.peering_side s on s.peering_id = m.peering_id and s.side = m.side and s.firm_id = ${CURRENT_FIRM}
        where m.peering_id = message_version.peering_id and m.seq = message_version.seq
      ));
      create policy room on community.message_version to community_system using (true) with check (true);
      grant select, insert on community.message_version to community_app;
      grant select (peering_id, seq), update (body) on community.message_version to community_system;

      create table community.attachment (
        peering_id uuid not null references community.conversation,
        id uuid not null default gen_random_uuid(),
        side smallint not null check (side in (0, 1)),
        file_name text not null,
        created_at timestamptz not null,
        -- Counts uploads that began: only the pieces of the latest are kept.
        attempt int not null default 0,
        -- What its bytes are; all three null until they have come.
        content_type text,
        size_bytes int,
        sha256 text,
        -- The message that carries it and its place there; null until that is sent.
        message_seq int,
        place smallint,
        primary key (peering_id, id),
        foreign key (peering_id, message_seq) references community.message (peering_id, seq),
        check ((message_seq is null) = (place is null)),
        check (message_seq is null or content_type is not null)
      );
      create index attachment_id on community.attachment (id);
      create unique index attachment_of_message on community.attachment (peering_id, message_seq, place) where message_seq is not null;
      create index attachment_unsent on community.attachment (created_at) where message_seq is null;
      alter table community.attachment enable row level security, force row level security;
      create policy sent_or_own on community.attachment for select to community_app
        using (${ownSide('attachment', 'attachment.message_seq is not null or s.side = attachment.side')});
      create policy own_side_writes on community.attachment for insert to community_app with check (${ownSide('attachment', 's.side = attachment.side')});
      create policy own_side_sends on community.attachment for update to community_app
        using (message_seq is null and ${ownSide('attachment', 's.side = attachment.side')}) with check (${ownSide('attachment', 's.side = attachment.side')});
      create policy room on community.attachment to community_system using (true);
      grant select, insert (peering_id, side, file_name, created_at), update (attempt, file_name, content_type, size_bytes, sha256, message_seq, place)
        on community.attachment to community_app;
      -- The room removes what is old; it cannot read a file's name, and its pieces not at all: they go with it.
      grant select (peering_id, id, message_seq, created_at), delete on community.attachment to community_system;

      create table community.attachment_chunk (
        peering_id uuid not null,
        attachment_id uuid not null,
        place int not null,
        bytes bytea not null,
        primary key (peering_id, attachment_id, place),
        foreign key (peering_id, attachment_id) references community.attachment on delete cascade
      );
      -- Most of these files are compressed already: a second time is lost.
      alter table community.attachment_chunk alter column bytes set storage external;
      alter table community.attachment_chunk enable row level security, force row level security;
      -- Whoever may see the file, as the policies of its table say, which hold here too.
      create policy of_seen_file on community.attachment_chunk for select to community_app using (${itsFile()});
      create policy own_side_writes on community.attachment_chunk for insert to community_app with check (${itsFile(`a.content_type is null and ${ownSide('a', 's.side = a.side')}`)});
      create policy own_side_clears on community.attachment_chunk for delete to community_app using (${itsFile(`a.content_type is null and ${ownSide('a', 's.side = a.side')}`)});
      grant select, insert, delete on community.attachment_chunk to community_app;
    `);
  }
}
