import { Migration } from '@mikro-orm/migrations';

/**
 * Invoices told to scoring are found by customer, also right after a firm's first ones arrived. A planner whose statistics do not
 * know the firm yet expects next to nothing of it: of two indexes that begin with the firm it then took the key, and read all of
 * the firm's invoices for a few customers. The key begins with the invoice now, and only one index begins with the firm.
 */
export class FactKeyMigration extends Migration {
  override up(): void {
    this.addSql(`
      alter table scoring.invoice_fact drop constraint invoice_fact_pkey, add primary key (invoice_id, firm_id);
    `);
  }
}
