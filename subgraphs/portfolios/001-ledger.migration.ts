import { Migration } from '@mikro-orm/migrations';
import { securedSchema, securedTable } from '../../src/database/own-firm.js';

/**
 * The ledger: customers, what was invoiced to them, what came in, and which receipt or credit note settled which invoice
 * on which day. An application has a day of its own, so every figure can be given as of any past day. All amounts are
 * minor units. Every unique key leads with the firm: a key shared by two firms would tell one what the other has.
 */
export class LedgerMigration extends Migration {
  override up(): void {
    this.addSql(`
      ${securedSchema('portfolios')}

      create table portfolios.customer (
        id uuid primary key default uuidv7(),
        firm_id uuid not null default current_setting('app.firm_id')::uuid,
        reference text not null,
        name text not null,
        country text,
        registration_scheme text,
        registration_value text,
        natural_person boolean not null default false,
        terms_days int,
        terms_end_of_month text,
        terms_fixed_day int,
        credit_limit_minor bigint,
        credit_limit_currency text,
        created_at timestamptz not null default now(),
        unique (firm_id, reference)
      );
      create index customer_name on portfolios.customer (firm_id, name, id);
      create index customer_registration on portfolios.customer (firm_id, registration_scheme, registration_value);

      create table portfolios.invoice (
        id uuid primary key default uuidv7(),
        firm_id uuid not null default current_setting('app.firm_id')::uuid,
        customer_id uuid not null references portfolios.customer,
        number text not null,
        kind text not null default 'INVOICE' check (kind in ('INVOICE', 'CREDIT_NOTE')),
        issue_date date not null,
        due_date date not null,
        due_date_assumed boolean not null default false,
        currency text not null,
        amount_minor bigint not null check (amount_minor > 0),
        -- What applications have taken so far; the day on which they reached the amount, null while open.
        applied_minor bigint not null default 0 check (applied_minor >= 0 and applied_minor <= amount_minor),
        settled_on date,
        cancelled boolean not null default false,
        -- Grows with every change, so that readers of events keep the newest fact whatever the order.
        revision bigint not null default 1,
        check (due_date >= issue_date),
        check ((settled_on is not null) = (applied_minor = amount_minor)),
        unique (firm_id, customer_id, number)
      );
      create index invoice_due on portfolios.invoice (firm_id, due_date, id);
      create index invoice_issue on portfolios.invoice (firm_id, issue_date, id);
      create index invoice_customer on portfolios.invoice (firm_id, customer_id, due_date, id);
      create index invoice_settled on portfolios.invoice (firm_id, customer_id, settled_on);

      create table portfolios.receipt (
        id uuid primary key default uuidv7(),
        firm_id uuid not null default current_setting('app.firm_id')::uuid,
        customer_id uuid not null references portfolios.customer,
        reference text not null,
        received_on date not null,
        currency text not null,
        amount_minor bigint not null check (amount_minor > 0),
        applied_minor bigint not null default 0 check (applied_minor >= 0 and applied_minor <= amount_minor),
        -- The invoices it was sent for, in that order: the same reference with others contradicts it.
        named_invoices text[] not null default '{}',
        unique (firm_id, customer_id, reference)
      );
      create index receipt_received on portfolios.receipt (firm_id, customer_id, received_on);

      -- Part of an invoice settled on a day: by a receipt, by a credit note, or (both null) as an imported ledger states it.
      create table portfolios.application (
        id uuid primary key default uuidv7(),
        firm_id uuid not null default current_setting('app.firm_id')::uuid,
        customer_id uuid not null references portfolios.customer,
        invoice_id uuid not null references portfolios.invoice,
        receipt_id uuid references portfolios.receipt,
        credit_note_id uuid references portfolios.invoice,
        applied_on date not null,
        amount_minor bigint not null check (amount_minor > 0)
      );
      create index application_invoice on portfolios.application (firm_id, invoice_id, applied_on);
      create index application_credit_note on portfolios.application (firm_id, credit_note_id) where credit_note_id is not null;
      create index application_receipt on portfolios.application (firm_id, receipt_id) where receipt_id is not null;
      create index application_day on portfolios.application (firm_id, customer_id, applied_on);

      -- Customers whose ledger changed since their month-end figures were last computed.
      create table portfolios.contribution_due (
        firm_id uuid not null default current_setting('app.firm_id')::uuid,
        customer_id uuid not null,
        primary key (firm_id, customer_id)
      );
    `);
    for (const table of ['customer', 'invoice', 'receipt', 'application', 'contribution_due']) this.addSql(`${securedTable('portfolios', table)} grant select, insert, update, delete on portfolios.${table} to portfolios_app;`);
    this.addSql(`
      -- The month-end job must find which firms have something due before it works as each of them.
      create policy room_finds on portfolios.contribution_due for select to portfolios_system using (true);
      grant select on portfolios.contribution_due to portfolios_system;
    `);
  }
}
