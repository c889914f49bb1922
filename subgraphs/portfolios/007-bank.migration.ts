import { Migration } from '@mikro-orm/migrations';
import { securedTable } from '../../src/database/own-firm.js';

/**
 * Bank statements: the credits of a file until the merge asks the ledger whose they are, the statements that were refused
 * with theirs, and what a bank says of who paid and what for. That stays with the receipt: who later says whose money it
 * is has nothing else to go by.
 */
export class BankMigration extends Migration {
  override up(): void {
    this.addSql(`
      alter table portfolios.receipt add column payer text, add column payer_account text, add column remittance text;
      alter table portfolios.import_receipt add column payer text, add column payer_account text, add column remittance text;

      create table portfolios.import_credit (
        firm_id uuid not null default current_setting('app.firm_id')::uuid,
        job_id uuid not null references portfolios.import_job,
        line int not null,
        -- Its place in the file: several may stand in one line.
        position int not null,
        statement int not null,
        -- Shared by those that a statement cannot tell apart; their order does.
        receipt_reference text not null,
        booked_on date not null,
        currency text not null,
        amount_minor bigint not null check (amount_minor > 0),
        -- Names and legal units, the likeliest payer first.
        payers jsonb not null,
        payer_account text,
        -- For each structured reference the keys of the invoice numbers that it may stand for.
        reference_keys jsonb not null,
        remittance text,
        returned boolean not null,
        primary key (firm_id, job_id, position)
      );

      create table portfolios.import_statement (
        firm_id uuid not null default current_setting('app.firm_id')::uuid,
        job_id uuid not null references portfolios.import_job,
        line int not null,
        position int not null,
        -- Why none of its credits is taken; null when they are.
        refusal text,
        primary key (firm_id, job_id, position)
      );

      -- Receipts are listed by day. Those that wait for somebody are few among many.
      create index receipt_day on portfolios.receipt (firm_id, received_on, id);
      create index receipt_unapplied on portfolios.receipt (firm_id, received_on, id) where applied_minor < amount_minor;
      create index receipt_unallocated on portfolios.receipt (firm_id, received_on, id) where customer_id is null;
    `);
    for (const table of ['import_credit', 'import_statement']) this.addSql(`${securedTable('portfolios', table)} grant select, insert, update, delete on portfolios.${table} to portfolios_app;`);
  }
}
