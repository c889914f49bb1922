import { Migration } from '@mikro-orm/migrations';
import { securedTable } from '../../src/database/own-firm.js';

/**
 * What a firm told of a customer and month becomes one row with a column for each metric, instead of a row for each: one
 * telling is one row written, and a closing reads each firm once for all metrics. Of metrics that were heard under different
 * revisions, what the highest says stays. A firm may empty its own figures, as it could delete them: what it does not share
 * is not kept.
 */
export class WideContributionsMigration extends Migration {
  override up(): void {
    this.addSql(`
      alter table community.contribution rename to contribution_by_metric;
      alter index community.contribution_pkey rename to contribution_by_metric_pkey;
      drop index community.contribution_of_epoch, community.contribution_of_firm, community.contribution_told;

      create table community.contribution (
        subject text not null,
        firm_id uuid not null,
        month text not null,
        -- The firm's own figures over the three months that end with the month: days, and a share from 0 to 1. Null: it tells or shares none.
        dso double precision,
        days_beyond_terms double precision,
        late_share double precision,
        payment_terms double precision,
        evidenced boolean not null,
        revision bigint not null
      );
      alter table community.contribution_by_metric no force row level security;
      insert into community.contribution (subject, firm_id, month, dso, days_beyond_terms, late_share, payment_terms, evidenced, revision)
      select subject, firm_id, month,
        max(figure) filter (where metric = 'DSO'), max(figure) filter (where metric = 'DAYS_BEYOND_TERMS'),
        max(figure) filter (where metric = 'LATE_SHARE'), max(figure) filter (where metric = 'PAYMENT_TERMS'),
        bool_and(evidenced), revision
      from (select *, max(revision) over (partition by subject, firm_id, month) as latest from community.contribution_by_metric) as told
      where revision = latest group by subject, firm_id, month, revision;
      drop table community.contribution_by_metric;

      -- A firm's own rows of a customer, which every read of a cell looks up.
      alter table community.contribution add primary key (subject, firm_id, month);
      -- A closing reads a month customer by customer, firm by firm, and a summary a firm's months: both from the index alone.
      create index contribution_of_epoch on community.contribution (month, subject, firm_id) include (dso, days_beyond_terms, late_share, payment_terms) where evidenced;
      create index contribution_of_firm on community.contribution (firm_id, month, subject) include (evidenced, dso, days_beyond_terms, late_share, payment_terms);
      ${securedTable('community', 'contribution')}
      create policy room on community.contribution to community_system using (true) with check (true);
      grant select, delete, update (dso, days_beyond_terms, late_share, payment_terms) on community.contribution to community_app;
      grant select, insert, update on community.contribution to community_system;
    `);
  }
}
