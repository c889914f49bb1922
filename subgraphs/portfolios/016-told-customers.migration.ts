import { Migration } from '@mikro-orm/migrations';
import { securedTable } from '../../src/database/own-firm.js';

/**
 * What a customer's business is, and what scoring was told of each customer, so that only changes are told, with a revision that
 * grows. `customer_due` is a list to which writers append, as `contribution_due` is. Everybody who is there already is told once, and
 * so are invoices of which more is told now than was: part-paid ones and credit notes.
 */
export class ToldCustomersMigration extends Migration {
  override up(): void {
    this.addSql(`
      -- NACE Rev. 2; null: not known.
      alter table portfolios.customer add column sector text;

      create table portfolios.customer_told (
        firm_id uuid not null default current_setting('app.firm_id')::uuid,
        customer_id uuid not null,
        -- As it was told last; null: not yet.
        facts jsonb,
        -- The next day on which time alone changes it: a promise breaks.
        due_on date,
        revision bigint not null default 1,
        primary key (firm_id, customer_id)
      );
      create index customer_told_due on portfolios.customer_told (due_on, firm_id, customer_id) where due_on is not null;
      ${securedTable('portfolios', 'customer_told')}
      grant select, insert, update on portfolios.customer_told to portfolios_app;

      create table portfolios.customer_due (
        firm_id uuid not null default current_setting('app.firm_id')::uuid,
        id uuid not null default uuidv7(),
        customer_id uuid not null,
        -- Whether what is open of its invoices, and its credit notes, are told with it: they were not before.
        with_invoices boolean not null default false,
        primary key (firm_id, id)
      );
      alter table portfolios.customer no force row level security;
      insert into portfolios.customer_due (firm_id, customer_id, with_invoices) select firm_id, id, true from portfolios.customer;
      alter table portfolios.customer force row level security;
      ${securedTable('portfolios', 'customer_due')}
      grant select, insert, update, delete on portfolios.customer_due to portfolios_app;

      -- The job must find which firms have something to tell before it works as each of them.
      create policy room_finds on portfolios.customer_due for select to portfolios_system using (true);
      create policy room_finds on portfolios.customer_told for select to portfolios_system using (due_on is not null);
      grant select (firm_id) on portfolios.customer_due to portfolios_system;
      grant select (firm_id, due_on) on portfolios.customer_told to portfolios_system;
    `);
  }
}
