import { Migration } from '@mikro-orm/migrations';
import { CURRENT_FIRM } from '../../src/database/own-firm.js';

/**
 * What an epoch took of a cell's contributors becomes one row a cell instead of one a firm: a network of a thousand firms
 * and customers closes millions of figures at once, and a row of its own for each costs more than all the rest. And the
 * ledger of releases: each epoch that closed, what it published and took, chained by hashes, so that whoever can get
 * past every grant and trigger still cannot change the past without its showing.
 */
export class ReleasesMigration extends Migration {
  override up(): void {
    this.addSql(`
      create table community.intake (
        subject text not null,
        metric text not null,
        epoch_id uuid not null references community.epoch,
        -- Everybody that counted; the first ones are the panel, the others waited to be taken in.
        firm_ids uuid[] not null,
        panel_size int not null check (panel_size between 0 and cardinality(firm_ids)),
        -- As told, unrounded; null when an earlier figure stood in.
        figures double precision[] not null,
        -- Clipped, and held to the movement allowed since the epoch before.
        inputs double precision[] not null,
        primary key (subject, metric, epoch_id),
        check (cardinality(figures) = cardinality(firm_ids) and cardinality(inputs) = cardinality(firm_ids))
      );
      -- Keys and measurements do not shrink; trying costs more than writing them.
      alter table community.intake alter firm_ids set storage external, alter figures set storage external, alter inputs set storage external;

      alter table community.cell_input no force row level security;
      alter table community.panel no force row level security;
      alter table community.epoch no force row level security;
      insert into community.intake (subject, metric, epoch_id, firm_ids, panel_size, figures, inputs)
      select subject, metric, epoch_id, array_agg(firm_id order by sits desc, firm_id), count(*) filter (where sits),
        array_agg(figure order by sits desc, firm_id), array_agg(input order by sits desc, firm_id)
      from (
        select taken.*, coalesce(taken.firm_id = any(panel.members), false) as sits
        from community.cell_input taken join community.epoch on epoch.id = taken.epoch_id
        left join community.panel on panel.subject = taken.subject and panel.metric = taken.metric and panel.quarter = to_char(epoch.period_end, 'YYYY-"Q"Q')
      ) taken
      group by subject, metric, epoch_id;
      alter table community.panel force row level security;
      alter table community.epoch force row level security;
      drop table community.cell_input;

      alter table community.intake enable row level security, force row level security;
      create policy room_reads on community.intake for select to community_system using (true);
      create policy room_publishes on community.intake for insert to community_system with check (true);
      create policy own_figure on community.intake for select to current_user using (true);
      grant select, insert on community.intake to community_system;

      -- A firm's own figure out of a row that holds those of all.
      create function community.own_figure(of_subject text, of_metric text, of_epoch uuid) returns double precision
        language sql stable security definer set search_path = '' as $$
          select intake.figures[array_position(intake.firm_ids, ${CURRENT_FIRM})] from community.intake
          where intake.subject = of_subject and intake.metric = of_metric and intake.epoch_id = of_epoch
        $$;
      revoke all on function community.own_figure(text, text, uuid) from public;
      grant execute on function community.own_figure(text, text, uuid) to community_app;

      -- One entry for each epoch that closed. Each names the hash of the one before, once: a chain cannot fork.
      create table community.release (
        epoch_id uuid primary key references community.epoch,
        number int not null unique check (number > 0),
        policy_version int not null,
        policy_digest text not null,
        cell_count int not null,
        cells_digest text not null,
        intake_digest text not null,
        previous_hash text unique nulls not distinct references community.release (hash),
        hash text not null unique
      );
      alter table community.release enable row level security, force row level security;
      create policy room_reads on community.release for select to community_system using (true);
      create policy room_enters on community.release for insert to community_system with check (true);
      grant select, insert on community.release to community_system;
    `);
    for (const table of ['intake', 'release']) {
      this.addSql(`
        create trigger published_stays before update or delete on community.${table} for each row execute function community.refuse_change();
        create trigger published_stays_whole before truncate on community.${table} for each statement execute function community.refuse_change();
      `);
    }
  }
}
