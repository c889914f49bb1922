import { Migration } from '@mikro-orm/migrations';

/** The release gate looks back on what was shown, and has to know which means were shifted before they were rounded. Members cannot read it. */
export class ShiftedEdgesMigration extends Migration {
  override up(): void {
    this.addSql('alter table community.intake add column is_shifted boolean not null default false');
  }
}
