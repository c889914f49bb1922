import { Migration } from '@mikro-orm/migrations';

/**
 * Which firms count as one, and what the people who run the community are to look at. A firm reads neither: that it is
 * linked, with whom or why, is told to nobody. `verified_revision` lets a verification that was taken back win over an
 * older one that comes late.
 */
export class ClustersMigration extends Migration {
  override up(): void {
    this.addSql(`
      alter table community.membership add column verified_revision bigint not null default 0;

      create table community.firm_group (
        firm_id uuid primary key,
        -- Shared by all firms of the group, and by nobody else. Null: the firm stands alone.
        group_mark text,
        revision bigint not null
      );
      alter table community.firm_group enable row level security, force row level security;
      create policy room on community.firm_group to community_system using (true) with check (true);
      grant select, insert, update on community.firm_group to community_system;

      -- Cells of which a group, or newcomers, hold all seats but one. One row a cell, kind and quarter.
      create table community.seat_alarm (
        subject text not null,
        kind text not null check (kind in ('GROUP', 'NEWCOMERS')),
        quarter text not null,
        -- Who holds them, and how many seats there are.
        firms uuid[] not null,
        seats int not null,
        raised_at timestamptz not null default clock_timestamp(),
        primary key (subject, kind, quarter)
      );
      alter table community.seat_alarm enable row level security, force row level security;
      create policy room on community.seat_alarm to community_system using (true) with check (true);
      grant select, insert on community.seat_alarm to community_system;
    `);
  }
}
