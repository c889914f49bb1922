import { Migration } from '@mikro-orm/migrations';
import { securedTable } from '../../src/database/own-firm.js';

/**
 * What a firm is willing to be owed and what is contested or promised of what it is owed. The changes of a limit are only
 * ever added: who set what from what to what is evidence. Disputes and promises have days of their own, like
 * applications, so that every figure made of them can be given as of any past day.
 */
export class CreditMigration extends Migration {
  override up(): void {
    this.addSql(`
      create table portfolios.credit_limit_change (
        id uuid primary key default uuidv7(),
        firm_id uuid not null default current_setting('app.firm_id')::uuid,
        customer_id uuid not null references portfolios.customer,
        changed_at timestamptz not null,
        -- The person, and whether through an API key of theirs.
        changed_by uuid,
        by_key boolean not null,
        -- Null: no limit.
        from_minor bigint,
        from_currency text,
        to_minor bigint,
        to_currency text
      );
      create index credit_limit_change_customer on portfolios.credit_limit_change (firm_id, customer_id, id);

      -- Orders that are accepted and not invoiced yet: what they will add to the outstanding. Released ones stay, so that
      -- releasing twice changes nothing.
      create table portfolios.order_exposure (
        id uuid primary key default uuidv7(),
        firm_id uuid not null default current_setting('app.firm_id')::uuid,
        customer_id uuid not null references portfolios.customer,
        order_reference text not null,
        currency text not null,
        amount_minor bigint not null check (amount_minor > 0),
        set_at timestamptz not null,
        -- Who let it go beyond the headroom; null when it was within.
        overridden_by uuid,
        released_at timestamptz,
        unique (firm_id, customer_id, order_reference)
      );
      create index order_exposure_standing on portfolios.order_exposure (firm_id, customer_id, order_reference) where released_at is null;

      create table portfolios.dispute (
        id uuid primary key default uuidv7(),
        firm_id uuid not null default current_setting('app.firm_id')::uuid,
        customer_id uuid not null references portfolios.customer,
        invoice_id uuid not null references portfolios.invoice,
        reason text not null,
        responsible text not null,
        note text,
        -- What was open of the invoice on the day it was opened.
        currency text not null,
        amount_minor bigint not null check (amount_minor > 0),
        opened_on date not null,
        opened_by uuid,
        resolved_on date,
        outcome text,
        resolution_note text,
        resolved_by uuid,
        check ((resolved_on is null) = (outcome is null)),
        check (resolved_on >= opened_on)
      );
      -- One at a time.
      create unique index dispute_standing on portfolios.dispute (firm_id, invoice_id) where resolved_on is null;
      create index dispute_invoice on portfolios.dispute (firm_id, invoice_id, opened_on);
      create index dispute_customer on portfolios.dispute (firm_id, customer_id, opened_on);
      create index dispute_opened on portfolios.dispute (firm_id, currency, opened_on);

      create table portfolios.payment_promise (
        id uuid primary key default uuidv7(),
        firm_id uuid not null default current_setting('app.firm_id')::uuid,
        customer_id uuid not null references portfolios.customer,
        made_on date not null,
        promised_on date not null check (promised_on >= made_on),
        currency text not null,
        amount_minor bigint not null check (amount_minor > 0),
        -- What may still be open of its invoices when it is kept.
        left_minor bigint not null check (left_minor >= 0),
        note text,
        recorded_by uuid,
        -- The day on which a newer promise for one of its invoices was made.
        replaced_on date
      );
      create index payment_promise_customer on portfolios.payment_promise (firm_id, customer_id, promised_on);
      create index payment_promise_day on portfolios.payment_promise (firm_id, currency, promised_on);

      create table portfolios.payment_promise_invoice (
        firm_id uuid not null default current_setting('app.firm_id')::uuid,
        promise_id uuid not null references portfolios.payment_promise,
        invoice_id uuid not null references portfolios.invoice,
        primary key (firm_id, promise_id, invoice_id)
      );
      create index payment_promise_invoice_invoice on portfolios.payment_promise_invoice (firm_id, invoice_id, promise_id);
    `);
    const rights: Readonly<Record<string, string>> = {
      credit_limit_change: 'select, insert',
      order_exposure: 'select, insert, update',
      dispute: 'select, insert, update',
      payment_promise: 'select, insert, update',
      payment_promise_invoice: 'select, insert',
    };
    for (const [table, granted] of Object.entries(rights)) this.addSql(`${securedTable('portfolios', table)} grant ${granted} on portfolios.${table} to portfolios_app;`);
  }
}
