import { Migration } from '@mikro-orm/migrations';
import { securedTable } from '../../src/database/own-firm.js';

/** What scoring knows of customers beside their invoices, how each of them stands, and how that came to be. */
export class StandingMigration extends Migration {
  override up(): void {
    this.addSql(`
      -- What is still open of the invoice; null when it was not told, and then all of an unsettled one.
      alter table scoring.invoice_fact add column open_minor bigint;
      -- What a credit note takes off the sales of its day; 0 of an invoice, and of a credit note that was told without it.
      alter table scoring.invoice_fact add column credited_minor bigint not null default 0;

      create table scoring.customer_fact (
        firm_id uuid not null default current_setting('app.firm_id')::uuid,
        customer_id uuid not null,
        country text,
        sector text,
        limit_currency text,
        limit_minor bigint,
        reserved_minor bigint not null,
        open_disputes int not null,
        broken_on date[] not null,
        revision bigint not null,
        primary key (firm_id, customer_id)
      );
      ${securedTable('scoring', 'customer_fact')}
      grant select, insert, update on scoring.customer_fact to scoring_app;

      -- How a customer stands on a day, and all that it was computed from. A row of an earlier day, or of a customer that is due,
      -- is not what counts: then it is computed when it is asked for.
      create table scoring.standing (
        firm_id uuid not null default current_setting('app.firm_id')::uuid,
        customer_id uuid not null,
        as_of date not null,
        behaviour jsonb,
        features jsonb not null,
        score jsonb not null,
        value int not null,
        band text not null,
        model_version text not null,
        -- How likely its next invoice is late; null while too little is known.
        lateness jsonb,
        computed_at timestamptz not null,
        primary key (firm_id, customer_id)
      );
      ${securedTable('scoring', 'standing')}
      grant select, insert, update on scoring.standing to scoring_app;

      -- Every value that a customer's score ever had, from when on; only ever added to.
      create table scoring.score_point (
        firm_id uuid not null default current_setting('app.firm_id')::uuid,
        customer_id uuid not null,
        at timestamptz not null,
        value int not null,
        band text not null,
        model_version text not null,
        features jsonb not null,
        primary key (firm_id, customer_id, at)
      );
      ${securedTable('scoring', 'score_point')}
      grant select, insert on scoring.score_point to scoring_app;

      -- Customers that must be scored again: something of theirs changed.
      create table scoring.rescore_due (
        firm_id uuid not null default current_setting('app.firm_id')::uuid,
        customer_id uuid not null,
        primary key (firm_id, customer_id)
      );
      ${securedTable('scoring', 'rescore_due')}
      grant select, insert, update, delete on scoring.rescore_due to scoring_app;

      -- The job finds out for which firms there is work.
      create policy room_finds on scoring.rescore_due for select to scoring_system using (true);
      create policy room_finds on scoring.standing for select to scoring_system using (true);
      grant select on scoring.rescore_due to scoring_system;
      grant select (firm_id, as_of) on scoring.standing to scoring_system;
      create index standing_day on scoring.standing (firm_id, as_of);

      -- Whoever was there before is scored for the first time. The owner may not see rows of firms otherwise.
      alter table scoring.invoice_fact no force row level security;
      alter table scoring.rescore_due no force row level security;
      insert into scoring.rescore_due (firm_id, customer_id) select distinct firm_id, customer_id from scoring.invoice_fact;
      alter table scoring.invoice_fact force row level security;
      alter table scoring.rescore_due force row level security;
    `);
  }
}
