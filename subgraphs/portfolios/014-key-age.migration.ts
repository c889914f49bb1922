import { Migration } from '@mikro-orm/migrations';

/**
 * Since when the first matching key, the secret of the process itself, is in use: later ones have their exchange to say so.
 * The file cannot tell, for it is copied from machine to machine. In a database that is older than this table nobody noted
 * it, and it counts from the day the table came.
 */
export class KeyAgeMigration extends Migration {
  override up(): void {
    this.addSql(`
      create table portfolios.first_matching_key (
        only_row boolean primary key default true check (only_row),
        in_use_since timestamptz not null default clock_timestamp()
      );
      insert into portfolios.first_matching_key default values;
      alter table portfolios.first_matching_key enable row level security, force row level security;
      create policy room on portfolios.first_matching_key for select to portfolios_system using (true);
      grant select on portfolios.first_matching_key to portfolios_system;
    `);
  }
}
