import { Migration } from '@mikro-orm/migrations';
import { CURRENT_FIRM, securedTable } from '../../src/database/own-firm.js';

/**
 * What members told of their months, what an epoch took of it, and what it published. Everything that is matched across
 * firms is led by the blind key. A firm sees its own figures and the published cells of its own customers; panels and the
 * figures of others are the room's alone. Published rows cannot be changed by anybody, the owner included: a correction
 * belongs into the next epoch, and an answer once given must stay what it was.
 */
export class BenchmarkMigration extends Migration {
  override up(): void {
    const own = `firm_id = ${CURRENT_FIRM}`;
    this.addSql(`
      -- Customers that a member keeps out, by its own customer id.
      create table community.sharing_exclusion (
        firm_id uuid not null,
        customer_id uuid not null,
        primary key (firm_id, customer_id)
      );
      ${securedTable('community', 'sharing_exclusion')}
      create policy room on community.sharing_exclusion for select to community_system using (true);
      grant select, insert, delete on community.sharing_exclusion to community_app;
      grant select on community.sharing_exclusion to community_system;

      -- One firm's own figure for one customer over the three months that end with the month; in days, or a share.
      create table community.contribution (
        subject text not null,
        firm_id uuid not null,
        month text not null,
        metric text not null,
        -- Null: nothing to tell. The row stays, so that an older telling that comes late does not bring a figure back.
        figure double precision,
        evidenced boolean not null,
        revision bigint not null,
        primary key (subject, month, metric, firm_id)
      );
      create index contribution_of_month on community.contribution (month, subject);
      create index contribution_of_firm on community.contribution (firm_id, month);
      ${securedTable('community', 'contribution')}
      create policy room on community.contribution to community_system using (true) with check (true);
      grant select, delete on community.contribution to community_app;
      grant select, insert, update on community.contribution to community_system;

      create table community.epoch (
        id uuid primary key default uuidv7(),
        family text not null check (family in ('PAYMENT', 'TERMS')),
        period_start date not null,
        period_end date not null,
        published_on date not null,
        policy_version int not null,
        closed_at timestamptz not null default clock_timestamp(),
        unique (family, period_end)
      );
      alter table community.epoch enable row level security, force row level security;
      create policy everybody_reads on community.epoch for select to community_app using (true);
      create policy room_reads on community.epoch for select to community_system using (true);
      create policy room_publishes on community.epoch for insert to community_system with check (true);
      grant select on community.epoch to community_app;
      grant select, insert on community.epoch to community_system;

      -- What an epoch says of one customer. It holds what is shown and nothing that is not: no count, no member.
      create table community.cell (
        subject text not null,
        metric text not null,
        epoch_id uuid not null references community.epoch,
        tier text not null check (tier in ('T1', 'T2', 'T3')),
        -- T1: the band. T2 and T3: the value, and how coarse it is.
        band_from double precision,
        band_to double precision,
        value double precision,
        rounded_to double precision,
        direction text check (direction in ('IMPROVING', 'STABLE', 'WORSENING')),
        lower_quartile double precision,
        upper_quartile double precision,
        policy_version int not null,
        primary key (subject, metric, epoch_id),
        check (case tier when 'T1' then band_from is not null and band_to is not null and value is null and rounded_to is null
          else band_from is null and band_to is null and value is not null and rounded_to is not null end),
        check (tier = 'T3' or (lower_quartile is null and upper_quartile is null))
      );
      alter table community.cell enable row level security, force row level security;
      create policy own_customers on community.cell for select to community_app
        using (exists (select from community.customer_key as key where key.firm_id = ${CURRENT_FIRM} and key.subject = cell.subject));
      create policy room_reads on community.cell for select to community_system using (true);
      create policy room_publishes on community.cell for insert to community_system with check (true);
      grant select on community.cell to community_app;
      grant select, insert on community.cell to community_system;

      -- What an epoch took from each admitted contributor of a cell, as it was on that day.
      create table community.cell_input (
        subject text not null,
        metric text not null,
        epoch_id uuid not null references community.epoch,
        firm_id uuid not null,
        -- As told, unrounded; null when an earlier figure stood in.
        figure double precision,
        -- Clipped, and held to the movement allowed since the epoch before.
        input double precision not null,
        primary key (subject, metric, epoch_id, firm_id)
      );
      alter table community.cell_input enable row level security, force row level security;
      create policy own_firm on community.cell_input for select to community_app using (${own});
      create policy room_reads on community.cell_input for select to community_system using (true);
      create policy room_publishes on community.cell_input for insert to community_system with check (true);
      grant select on community.cell_input to community_app;
      grant select, insert on community.cell_input to community_system;

      -- Whose figures a cell is made of, frozen for a quarter. Withheld: somebody left, and nothing is said until the next one.
      create table community.panel (
        subject text not null,
        metric text not null,
        quarter text not null,
        members uuid[] not null,
        withheld boolean not null,
        primary key (subject, metric, quarter)
      );
      alter table community.panel enable row level security, force row level security;
      create policy room on community.panel to community_system using (true) with check (true);
      grant select, insert, update on community.panel to community_system;

      create function community.refuse_change() returns trigger language plpgsql set search_path = '' as $$
        begin raise exception 'what was published is not changed'; end
      $$;
      create trigger published_stays before update or delete on community.cell for each row execute function community.refuse_change();
      create trigger published_stays before update or delete on community.epoch for each row execute function community.refuse_change();
      create trigger published_stays before update or delete on community.cell_input for each row execute function community.refuse_change();
      create trigger published_stays_whole before truncate on community.cell for each statement execute function community.refuse_change();
      create trigger published_stays_whole before truncate on community.epoch for each statement execute function community.refuse_change();
      create trigger published_stays_whole before truncate on community.cell_input for each statement execute function community.refuse_change();
    `);
  }
}
