import { Migration } from '@mikro-orm/migrations';

/** A firm's imports, the latest first: their ids are in the order of their creation. */
export class ImportListMigration extends Migration {
  override up(): void {
    this.addSql('create index import_job_list on portfolios.import_job (firm_id, id desc)');
  }
}
