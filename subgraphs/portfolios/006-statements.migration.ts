import { Migration } from '@mikro-orm/migrations';
import { securedTable } from '../../src/database/own-firm.js';

/**
 * What files say beside invoices: receipts, which receipt or credit note settles which invoice, the entries of an accounting
 * file until they are read as one account, and what a person should know of a file that was taken all the same.
 *
 * A receipt may have come in without a word of who paid: it belongs to the firm alone until somebody says whose it is.
 */
export class StatementsMigration extends Migration {
  override up(): void {
    this.addSql(`
      alter table portfolios.receipt alter column customer_id drop not null;
      -- A receipt of a bank is told by the bank's reference alone, whoever paid, and nobody's receipts must not double either.
      create index receipt_reference on portfolios.receipt (firm_id, reference);
      create unique index receipt_of_nobody on portfolios.receipt (firm_id, reference) where customer_id is null;

      -- The last day of the books that said so; null when no books did. Later books may say otherwise, a person's word stays.
      alter table portfolios.application add column said_until date;

      create table portfolios.import_receipt (
        firm_id uuid not null default current_setting('app.firm_id')::uuid,
        id uuid not null default uuidv7(),
        job_id uuid not null references portfolios.import_job,
        line int not null,
        -- The customer's own reference; null when the payer is not known.
        reference text,
        -- The customer's name, for one that the ledger does not have yet.
        name text,
        receipt_reference text not null,
        -- Whether the reference tells it from every other receipt of the firm, or only from the same customer's.
        unique_in_firm boolean not null default false,
        -- Whether the file's matches are the whole of what it settles, or only what the file adds.
        whole boolean not null default false,
        received_on date not null,
        currency text not null,
        amount_minor bigint not null,
        primary key (firm_id, id)
      );
      create index import_receipt_job on portfolios.import_receipt (firm_id, job_id);

      -- The whole of what a file settles of one invoice by one receipt or one credit note of the same customer.
      create table portfolios.import_application (
        firm_id uuid not null default current_setting('app.firm_id')::uuid,
        id uuid not null default uuidv7(),
        job_id uuid not null references portfolios.import_job,
        line int not null,
        reference text not null,
        receipt_reference text,
        credit_note_number text,
        invoice_number text not null,
        applied_on date not null,
        amount_minor bigint not null check (amount_minor > 0),
        check ((receipt_reference is null) <> (credit_note_number is null)),
        primary key (firm_id, id)
      );
      create index import_application_job on portfolios.import_application (firm_id, job_id);

      -- What an accounting file has on its customers' accounts. One amount: debit above zero, credit below.
      create table portfolios.import_entry (
        firm_id uuid not null default current_setting('app.firm_id')::uuid,
        job_id uuid not null references portfolios.import_job,
        line int not null,
        account text not null,
        name text,
        journal text not null,
        entry text not null,
        entry_day date not null,
        piece text,
        piece_day date,
        due_day date,
        minor bigint not null,
        letter text,
        letter_day date,
        primary key (firm_id, job_id, line)
      );
      create index import_entry_account on portfolios.import_entry (firm_id, job_id, account, entry_day, line);

      -- The other sides of each entry, and what its debits and credits differ by. An entry whose lines lie apart has several.
      create table portfolios.import_entry_side (
        firm_id uuid not null default current_setting('app.firm_id')::uuid,
        job_id uuid not null references portfolios.import_job,
        line int not null,
        journal text not null,
        entry text not null,
        entry_day date not null,
        -- Bits, one for each kind of account.
        sides int not null,
        balance_minor bigint not null,
        primary key (firm_id, job_id, line)
      );

      create table portfolios.import_warning (
        firm_id uuid not null default current_setting('app.firm_id')::uuid,
        id uuid not null default uuidv7(),
        job_id uuid not null references portfolios.import_job,
        line int,
        code text not null,
        message text not null,
        primary key (firm_id, id)
      );
      create index import_warning_job on portfolios.import_warning (firm_id, job_id, line);

      -- What identity told of the firm itself: an accounting file says in its name whose books it holds.
      create table portfolios.own_registration (
        firm_id uuid primary key default current_setting('app.firm_id')::uuid,
        scheme text not null,
        value text not null
      );
    `);
    for (const table of ['import_receipt', 'import_application', 'import_entry', 'import_entry_side', 'import_warning', 'own_registration']) this.addSql(`${securedTable('portfolios', table)} grant select, insert, update, delete on portfolios.${table} to portfolios_app;`);
  }
}
