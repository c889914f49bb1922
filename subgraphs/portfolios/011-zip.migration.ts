import { Migration } from '@mikro-orm/migrations';
import { securedTable } from '../../src/database/own-firm.js';

/**
 * The files of a zip. Lines are counted on through all of them, so that a line is one place of an import, as it is of a
 * single file; whoever shows a line looks up which file it is in. The names stay with the import, as its rejections do.
 */
export class ZipMigration extends Migration {
  override up(): void {
    this.addSql(`
      create table portfolios.import_file (
        firm_id uuid not null default current_setting('app.firm_id')::uuid,
        job_id uuid not null references portfolios.import_job,
        -- The last line before the file's first.
        line int not null,
        name text not null,
        primary key (firm_id, job_id, line)
      );
      ${securedTable('portfolios', 'import_file')}
      grant select, insert, delete on portfolios.import_file to portfolios_app;
    `);
  }
}
