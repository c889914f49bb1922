import { Migration } from '@mikro-orm/migrations';
import { securedTable } from '../../src/database/own-firm.js';

/** What a firm asked to download: not the rows themselves, which are read from the ledger while they are sent. */
export class ExportsMigration extends Migration {
  override up(): void {
    this.addSql(`
      create table portfolios.export (
        id uuid primary key default uuidv7(),
        firm_id uuid not null default current_setting('app.firm_id')::uuid,
        content text not null check (content in ('INVOICES', 'CUSTOMERS')),
        format text not null check (format in ('CSV', 'JSON_LINES')),
        -- The conditions of the list, as it was asked for.
        filter jsonb not null,
        created_at timestamptz not null default clock_timestamp(),
        -- Real time, not business time: it is about who may still hold the URL.
        expires_at timestamptz not null default clock_timestamp() + interval '24 hours'
      );
      create index export_expired on portfolios.export (firm_id, expires_at);
      ${securedTable('portfolios', 'export')}
      grant select, insert, delete on portfolios.export to portfolios_app;
    `);
  }
}
