import { Migration } from '@mikro-orm/migrations';
import { securedTable } from '../../src/database/own-firm.js';

/**
 * Comparisons of two members. What a firm asked for is its own row. The figures that are compared, and the outcome, are the
 * room's alone and cannot be changed by anybody: a firm that edits its ledger and asks again must get the same word.
 *
 * A figure is frozen for the customer and the quarter, not for the pair: with one figure for each peer, a firm could
 * place its own differently for each and read off the differences.
 */
export class PairsMigration extends Migration {
  override up(): void {
    this.addSql(`
      -- What a firm agrees to compare with a peer, since when; in business time.
      create table community.pair_ask (
        firm_id uuid not null,
        peering_id uuid not null references community.peering,
        metric text not null,
        asked_at timestamptz not null,
        primary key (firm_id, peering_id, metric)
      );
      create index pair_ask_peering on community.pair_ask (peering_id);
      ${securedTable('community', 'pair_ask')}
      create policy room on community.pair_ask to community_system using (true) with check (true);
      grant select on community.pair_ask to community_app;
      grant select, insert, update (asked_at), delete on community.pair_ask to community_system;

      -- A firm's figure of a quarter as it was when it first agreed to compare it with anybody.
      create table community.pair_figure (
        subject text not null,
        metric text not null,
        quarter text not null,
        firm_id uuid not null,
        figure double precision not null,
        primary key (subject, metric, quarter, firm_id)
      );
      alter table community.pair_figure enable row level security, force row level security;
      create policy room_reads on community.pair_figure for select to community_system using (true);
      create policy room_freezes on community.pair_figure for insert to community_system with check (true);
      grant select, insert on community.pair_figure to community_system;

      -- How side 0 lies against side 1.
      create table community.pair_outcome (
        peering_id uuid not null references community.peering,
        metric text not null,
        quarter text not null,
        side_0 text not null check (side_0 in ('BELOW', 'SIMILAR', 'ABOVE')),
        policy_version int not null,
        primary key (peering_id, metric, quarter)
      );
      alter table community.pair_outcome enable row level security, force row level security;
      create policy room_reads on community.pair_outcome for select to community_system using (true);
      create policy room_compares on community.pair_outcome for insert to community_system with check (true);
      grant select, insert on community.pair_outcome to community_system;

      create trigger frozen_stays before update or delete on community.pair_figure for each row execute function community.refuse_change();
      create trigger frozen_stays before update or delete on community.pair_outcome for each row execute function community.refuse_change();
      create trigger frozen_stays_whole before truncate on community.pair_figure for each statement execute function community.refuse_change();
      create trigger frozen_stays_whole before truncate on community.pair_outcome for each statement execute function community.refuse_change();
    `);
  }
}
