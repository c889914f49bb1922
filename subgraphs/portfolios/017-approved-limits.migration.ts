import { Migration } from '@mikro-orm/migrations';

/** Which approved request a change of a limit carries out; null when it was set directly. */
export class ApprovedLimitsMigration extends Migration {
  override up(): void {
    this.addSql(`
      alter table portfolios.credit_limit_change add column request_id uuid;
      -- However often an approval is told, it is carried out once.
      create unique index credit_limit_change_request on portfolios.credit_limit_change (firm_id, request_id) where request_id is not null;
    `);
  }
}
