import { Migration } from '@mikro-orm/migrations';

/**
 * What scoring keeps of a customer is found by the customer, also right after a firm's first customers arrived. A planner whose
 * statistics do not know the firm yet expects next to nothing of it: of two indexes that begin with the firm it takes the one that
 * asks for nothing else, and reads all that the firm has for a few customers. Of each of these tables one index begins with it now.
 */
export class OneIndexOfAFirmMigration extends Migration {
  override up(): void {
    this.addSql(`
      alter table scoring.invoice_fact drop constraint invoice_fact_pkey, add primary key (invoice_id, firm_id);
      drop index scoring.standing_day;
      create index standing_day on scoring.standing (as_of, firm_id);
      -- A firm has four metrics of a customer at most: its key finds those of one metric nearly as fast.
      drop index scoring.benchmark_fact_metric;
    `);
  }
}
