import { Migration } from '@mikro-orm/migrations';

/**
 * What the ledger's tables do without, so that a million invoices come in about as fast as PostgreSQL can write them
 * (docs/adr/0011-references-of-a-ledger-are-not-checked-row-by-row.md).
 *
 * **References.** PostgreSQL checks a foreign key row by row: three looks a row cost more than the row itself. A reference
 * dangles if its target was never there or goes. It was there: whoever writes an invoice, an application or a staged row
 * has found, locked or written its target in the same transaction. And it never goes: nobody may delete a customer or an
 * invoice any more, whatever their role; a cancelled invoice stays. References to receipts and credit notes are few, and
 * stay checked.
 *
 * **Indexes.** Lists in the order of a day end with the id, but a ledger has a thousand invoices a day, not a million:
 * they are sorted when read. Without the id all of a day share one entry, an eighth of the size, and inserting a ledger in
 * the order of its customers costs half as much.
 */
export class ImportSpeedMigration extends Migration {
  override up(): void {
    this.addSql(`
      revoke delete on portfolios.customer, portfolios.invoice from portfolios_app;
      alter table portfolios.invoice drop constraint invoice_customer_id_fkey;
      alter table portfolios.application drop constraint application_customer_id_fkey, drop constraint application_invoice_id_fkey;
      alter table portfolios.import_row drop constraint import_row_job_id_fkey;

      drop index portfolios.invoice_due, portfolios.invoice_issue;
      create index invoice_due on portfolios.invoice (firm_id, due_date);
      create index invoice_issue on portfolios.invoice (firm_id, issue_date);
    `);
  }
}
