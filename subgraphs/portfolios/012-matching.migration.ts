import { Migration } from '@mikro-orm/migrations';
import { securedTable } from '../../src/database/own-firm.js';

/**
 * The exchanges of the matching key, with how far each has come, and marks of the bank accounts of which a firm sent
 * statements. A key is derived from the secret of the process and the salt here, so that neither the file nor the database
 * alone gives it away. The salt of a key that is no longer in use is erased: nobody can make it again.
 */
export class MatchingMigration extends Migration {
  override up(): void {
    this.addSql(`
      create table portfolios.matching_key (
        -- Blind keys of the time before the first exchange are version 0 and have no row.
        version int primary key check (version > 0),
        salt bytea check (length(salt) = 32),
        operator text not null,
        why text not null,
        started_at timestamptz not null default clock_timestamp(),
        -- Every blind key that is in use has been told with its former one.
        paired_at timestamptz,
        -- Community has heard of all of them, and was told to forget the former ones.
        retired_at timestamptz
      );
      -- Of exchanges that are under way there is one.
      create unique index matching_key_under_way on portfolios.matching_key ((true)) where retired_at is null;
      alter table portfolios.matching_key enable row level security, force row level security;
      create policy room on portfolios.matching_key to portfolios_system using (true) with check (true);
      create policy room_as_firm on portfolios.matching_key for select to portfolios_app using (true);
      grant select on portfolios.matching_key to portfolios_app;
      grant select, insert, update on portfolios.matching_key to portfolios_system;

      -- Whose blind keys have been told in pairs.
      create table portfolios.matching_key_told (
        firm_id uuid not null default current_setting('app.firm_id')::uuid,
        version int not null,
        primary key (firm_id, version)
      );
      ${securedTable('portfolios', 'matching_key_told')}
      create policy room_finds on portfolios.matching_key_told for select to portfolios_system using (true);
      grant select, insert on portfolios.matching_key_told to portfolios_app;
      grant select on portfolios.matching_key_told to portfolios_system;

      -- A keyed hash of each account of which the firm sent a statement; the number itself is not kept.
      create table portfolios.own_account (
        firm_id uuid not null default current_setting('app.firm_id')::uuid,
        mark text not null,
        primary key (firm_id, mark)
      );
      ${securedTable('portfolios', 'own_account')}
      grant select, insert on portfolios.own_account to portfolios_app;
      alter table portfolios.import_statement add column account text;
    `);
  }
}
