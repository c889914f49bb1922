import { Migration } from '@mikro-orm/migrations';

/** An event lives for seconds: to compress it costs more than to write it as it is, for a large import nearly half of telling it. */
export class DeliveryStorageMigration extends Migration {
  override up(): void {
    this.addSql(`alter table events.delivery alter column data set storage external`);
  }
}
