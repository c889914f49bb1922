import { Migration } from '@mikro-orm/migrations';
import { securedTable } from '../../src/database/own-firm.js';

/**
 * Imports: the job, the rows of its file that wait to be merged, and what was refused of it. Staged rows lie in a table
 * of their own so that a crash between the upload and the merge loses nothing; they go in the transaction that merges
 * them. The room finds running jobs across firms to resume them, and works on each as its firm.
 */
export class ImportsMigration extends Migration {
  override up(): void {
    this.addSql(`
      create table portfolios.import_job (
        id uuid primary key default uuidv7(),
        firm_id uuid not null default current_setting('app.firm_id')::uuid,
        format text not null,
        mode text not null check (mode in ('DELTA', 'SNAPSHOT')),
        dry_run boolean not null,
        status text not null default 'AWAITING_UPLOAD' check (status in ('AWAITING_UPLOAD', 'RUNNING', 'COMPLETED', 'FAILED')),
        currency text not null,
        terms_days int,
        terms_end_of_month text,
        terms_fixed_day int,
        mapping jsonb,
        date_format text not null,
        delimiter text,
        file_name text,
        -- Which upload of the file counts: an older one that still writes finds that it no longer does.
        attempt int not null default 0,
        heartbeat_at timestamptz,
        -- Set once the whole file is staged: from then on the job ends by itself, whatever crashes.
        staged_at timestamptz,
        business_day date,
        -- The fields that the file has a column for, and how many refused rows do not even say which invoice they mean.
        fields text[],
        unreadable_rows int not null default 0,
        merge_attempts int not null default 0,
        rows_read int not null default 0,
        rows_accepted int not null default 0,
        rows_unchanged int not null default 0,
        rows_rejected int not null default 0,
        failure_code text,
        failure_message text,
        failure_path text[],
        created_at timestamptz not null default clock_timestamp(),
        started_at timestamptz,
        finished_at timestamptz
      );
      create index import_job_running on portfolios.import_job (firm_id, staged_at) where status = 'RUNNING';

      create table portfolios.import_row (
        firm_id uuid not null default current_setting('app.firm_id')::uuid,
        job_id uuid not null references portfolios.import_job,
        line int not null,
        -- Of a refused row only the invoice it means is kept: a snapshot must not close it as missing.
        accepted boolean not null,
        reference text not null,
        number text not null,
        name text,
        country text,
        registration_scheme text,
        registration_value text,
        kind text,
        issue_date date,
        due_date date,
        currency text,
        amount_minor bigint,
        settled_on date,
        open_minor bigint,
        primary key (firm_id, job_id, line)
      );

      create table portfolios.import_rejection (
        firm_id uuid not null default current_setting('app.firm_id')::uuid,
        job_id uuid not null references portfolios.import_job,
        line int not null,
        position int not null,
        column_name text,
        value text,
        code text not null,
        message text not null,
        primary key (firm_id, job_id, line, position)
      );
    `);
    for (const table of ['import_job', 'import_row', 'import_rejection']) this.addSql(`${securedTable('portfolios', table)} grant select, insert, update, delete on portfolios.${table} to portfolios_app;`);
    this.addSql(`
      create policy room_finds on portfolios.import_job for select to portfolios_system using (status = 'RUNNING');
      grant select on portfolios.import_job to portfolios_system;

      -- A large import refreshes the statistics of what it changed.
      grant maintain on portfolios.customer, portfolios.invoice, portfolios.application to portfolios_app;
    `);
  }
}
