import { Migration } from '@mikro-orm/migrations';

/** The release gate looks back on what was shown, and has to know by how much means were shifted at most before they were rounded. Members cannot read it. */
export class ShiftedEdgesMigration extends Migration {
  override up(): void {
    this.addSql('alter table community.intake add column shifted_by double precision not null default 0');
  }
}
