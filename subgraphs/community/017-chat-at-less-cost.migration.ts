import { Migration } from '@mikro-orm/migrations';

/**
 * A message that was not sent before is written without looking for it first: nearly every message is one, and whether it
 * was, the unique index says. What is read is told as json, for which PostgreSQL takes a third of what jsonb costs it.
 */
export class ChatAtLessCostMigration extends Migration {
  override up(): void {
    this.addSql(`
      drop function community.send_messages(uuid[], uuid[], text[], text[], timestamptz);
      drop function community.read_messages(uuid[], uuid[], int[], int);
      drop function community.message_as_seen(community.message, smallint);

      -- A message as the firm of side \`of_side\` sees it.
      create function community.message_as_seen(message community.message, of_side smallint) returns json language sql stable as $$
        select json_build_object(
          'id', message.id, 'peering_id', message.peering_id, 'seq', message.seq, 'mine', message.side = of_side, 'body', message.body, 'sent_at', message.sent_at,
          'version', message.version, 'edited_at', message.edited_at, 'attachment_count', message.attachment_count,
          'client_id', case when message.side = of_side then message.client_id end
        )
      $$;
      revoke all on function community.message_as_seen(community.message, smallint) from public;
      grant execute on function community.message_as_seen(community.message, smallint) to community_app;

      create function community.send_messages(of_firms uuid[], of_peerings uuid[], of_client_ids text[], of_bodies text[], at timestamptz)
        returns table (message json, is_new boolean, refusal text) language plpgsql set search_path = '' as $$
        declare
          own_side smallint;
          next_seq int;
          sent community.message;
        begin
          for i in 1 .. cardinality(of_firms) loop
            perform set_config('app.firm_id', of_firms[i]::text, true);
            refusal := null;
            -- From here on the conversation is held: numbers are in the order of commits.
            update community.conversation c set last_seq = c.last_seq + 1, revision = c.revision + 1
              from community.peering_side s
              where c.peering_id = of_peerings[i] and c.closed_at is null
                and s.firm_id = of_firms[i] and s.peering_id = of_peerings[i]
                and exists (select from community.membership f where f.firm_id = of_firms[i] and f.joined_at is not null)
              returning c.last_seq, s.side into next_seq, own_side;
            is_new := found;
            if is_new then
              insert into community.message as m (peering_id, seq, side, client_id, body, sent_at)
                values (of_peerings[i], next_seq, own_side, of_client_ids[i], of_bodies[i], at)
                on conflict (peering_id, side, client_id) do nothing returning m.* into sent;
              is_new := found;
              -- It was sent before: its number is given back.
              if not is_new then
                update community.conversation c set last_seq = c.last_seq - 1, revision = c.revision - 1 where c.peering_id = of_peerings[i];
              end if;
            end if;
            if not is_new then
              select s.side into own_side from community.peering_side s where s.firm_id = of_firms[i] and s.peering_id = of_peerings[i];
              select m.* into sent from community.message m where m.peering_id = of_peerings[i] and m.side = own_side and m.client_id = of_client_ids[i];
              if not found then
                refusal := case when exists (select from community.conversation c where c.peering_id = of_peerings[i]) then 'NOT_ALLOWED' else 'NOT_FOUND' end;
              end if;
            end if;
            message := case when refusal is null then community.message_as_seen(sent, own_side) end;
            return next;
          end loop;
          perform set_config('app.firm_id', '', true);
        end
      $$;
      revoke all on function community.send_messages(uuid[], uuid[], text[], text[], timestamptz) from public;
      grant execute on function community.send_messages(uuid[], uuid[], text[], text[], timestamptz) to community_app;

      -- What lies behind a cursor, for each reader given: up to \`most\` messages, none for one without a cursor; and how the
      -- conversation stood before they were read. No row for a firm that has no such conversation.
      create function community.read_messages(of_firms uuid[], of_peerings uuid[], of_seqs int[], most int)
        returns table (place int, closed boolean, last_seq int, messages json) language plpgsql set search_path = '' as $$
        declare
          own_side smallint;
        begin
          for i in 1 .. cardinality(of_firms) loop
            perform set_config('app.firm_id', of_firms[i]::text, true);
            select s.side, c.closed_at is not null, c.last_seq into own_side, closed, last_seq
              from community.peering_side s join community.conversation c on c.peering_id = s.peering_id
              where s.firm_id = of_firms[i] and s.peering_id = of_peerings[i];
            continue when not found;
            place := i - 1;
            select coalesce(json_agg(community.message_as_seen(m, own_side) order by m.seq), '[]') into messages from (
              select * from community.message where message.peering_id = of_peerings[i] and message.seq > of_seqs[i] order by message.seq limit most
            ) m;
            return next;
          end loop;
          perform set_config('app.firm_id', '', true);
        end
      $$;
      revoke all on function community.read_messages(uuid[], uuid[], int[], int) from public;
      grant execute on function community.read_messages(uuid[], uuid[], int[], int) to community_app;
    `);
  }
}
