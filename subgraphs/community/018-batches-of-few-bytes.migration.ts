import { Migration } from '@mikro-orm/migrations';

/** A reader is given no more than it is soon asked for, however long the texts are: what waits behind one that does not read is bounded in bytes. */
export class BatchesOfFewBytesMigration extends Migration {
  override up(): void {
    this.addSql(`
      drop function community.read_messages(uuid[], uuid[], int[], int);

      -- What lies behind a cursor, for each reader given: up to \`most\` messages, and no further one once their texts have
      -- \`most_bytes\`; none for one without a cursor. And how the conversation stood before they were read. No row for a firm
      -- that has no such conversation.
      create function community.read_messages(of_firms uuid[], of_peerings uuid[], of_seqs int[], most int, most_bytes int)
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
            select coalesce(json_agg(community.message_as_seen(next.message, own_side) order by next.seq), '[]') into messages from (
              select m as message, m.seq, sum(octet_length(m.body)) over (order by m.seq rows between unbounded preceding and 1 preceding) as bytes_before
              from community.message m where m.peering_id = of_peerings[i] and m.seq > of_seqs[i] order by m.seq limit most
            ) next where coalesce(next.bytes_before, 0) < most_bytes;
            return next;
          end loop;
          perform set_config('app.firm_id', '', true);
        end
      $$;
      revoke all on function community.read_messages(uuid[], uuid[], int[], int, int) from public;
      grant execute on function community.read_messages(uuid[], uuid[], int[], int, int) to community_app;
    `);
  }
}
