import { Migration } from '@mikro-orm/migrations';
import { securedTable } from '../../src/database/own-firm.js';

/**
 * Which members were told what they are shown of an epoch. A closing makes a row for every member, whatever it may read: what
 * that is, the telling asks as the firm itself does. It stays, so that another telling of the same epoch has a higher revision.
 */
export class ToldBenchmarksMigration extends Migration {
  override up(): void {
    this.addSql(`
      create table community.publication_told (
        firm_id uuid not null,
        epoch_id uuid not null,
        due boolean not null default true,
        revision bigint not null default 1,
        primary key (firm_id, epoch_id)
      );
      create index publication_told_due on community.publication_told (firm_id, epoch_id) where due;

      -- Who is a member already is told of what came out last.
      alter table community.membership no force row level security;
      alter table community.epoch no force row level security;
      insert into community.publication_told (firm_id, epoch_id)
      select m.firm_id, latest.id
      from community.membership m cross join (select distinct on (family) id from community.epoch order by family, period_end desc) latest
      where m.joined_at is not null;
      alter table community.membership force row level security;
      alter table community.epoch force row level security;

      ${securedTable('community', 'publication_told')}
      create policy room on community.publication_told to community_system using (true) with check (true);
      grant select, update on community.publication_told to community_app;
      grant select, insert, update on community.publication_told to community_system;
    `);
  }
}
