import { Migration } from '@mikro-orm/migrations';
import { securedTable } from '../../src/database/own-firm.js';

/**
 * What community was told: for which metrics a firm consented, which blind key stands for a customer, and each month's
 * figures. It is kept so that only changes are told again, with a revision that grows; the rows therefore outlive what
 * they tell of, with nothing in them.
 *
 * `contribution_due` becomes a list to which every change appends. With one row a customer, a writer would find the row
 * already there and write nothing, while the run that is just deleting it does not see that writer's change yet: the
 * change would never be told. Appending needs no lock between writers either.
 */
export class ContributionsMigration extends Migration {
  override up(): void {
    this.addSql(`
      alter table portfolios.contribution_due drop constraint contribution_due_pkey;
      alter table portfolios.contribution_due add column id uuid not null default uuidv7();
      alter table portfolios.contribution_due add primary key (firm_id, id);

      create table portfolios.contribution_consent (
        firm_id uuid primary key default current_setting('app.firm_id')::uuid,
        metrics text[] not null,
        revision bigint not null,
        -- First day of the last month that was told. Null: everything is to be told anew.
        told_month date
      );

      create table portfolios.contribution_key (
        firm_id uuid not null default current_setting('app.firm_id')::uuid,
        customer_id uuid not null,
        subject text,
        seekable_until text,
        revision bigint not null default 1,
        primary key (firm_id, customer_id)
      );
      create index contribution_key_subject on portfolios.contribution_key (firm_id, subject) where subject is not null;

      create table portfolios.contribution (
        firm_id uuid not null default current_setting('app.firm_id')::uuid,
        subject text not null,
        -- First day of the month that ends the window.
        month date not null,
        evidenced boolean not null,
        -- By metric. Null since the consent changed: whatever community still holds, it is to be told anew.
        figures jsonb,
        revision bigint not null default 1,
        primary key (firm_id, subject, month)
      );
    `);
    for (const table of ['contribution_consent', 'contribution_key', 'contribution']) this.addSql(`${securedTable('portfolios', table)} grant select, insert, update on portfolios.${table} to portfolios_app;`);
    this.addSql(`
      -- Which members have a month to tell, before the room works as each of them.
      create policy room_finds on portfolios.contribution_consent for select to portfolios_system using (true);
      grant select on portfolios.contribution_consent to portfolios_system;
    `);
  }
}
