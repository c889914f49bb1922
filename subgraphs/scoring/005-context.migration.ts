import { Migration } from '@mikro-orm/migrations';
import { securedTable } from '../../src/database/own-firm.js';

/**
 * What a firm knows of its customers from outside its ledger: their financial statements, public insolvency notices, and
 * events that make a whole country or sector riskier. What somebody entered is evidence of how a score came to be: it is
 * added to, and ended or withdrawn with a name and a day, never removed.
 */
export class ContextMigration extends Migration {
  override up(): void {
    this.addSql(`
      -- A period of a customer, and each version of what its statement says. Version 1 is the first.
      create table scoring.statement (
        id uuid primary key default uuidv7(),
        firm_id uuid not null default current_setting('app.firm_id')::uuid,
        customer_id uuid not null,
        period_end date not null,
        unique (firm_id, customer_id, period_end)
      );
      create table scoring.statement_version (
        firm_id uuid not null default current_setting('app.firm_id')::uuid,
        statement_id uuid not null references scoring.statement,
        version int not null check (version > 0),
        months int not null check (months > 0),
        currency text not null,
        -- Minor units by the name of the figure, as texts; null: the statement was withdrawn.
        figures jsonb,
        -- The day and the instant of business time.
        recorded_on date not null,
        recorded_at timestamptz not null,
        -- The person, and whether through an API key of theirs.
        recorded_by uuid,
        by_key boolean not null,
        primary key (firm_id, statement_id, version)
      );

      create table scoring.insolvency_notice (
        id uuid primary key default uuidv7(),
        firm_id uuid not null default current_setting('app.firm_id')::uuid,
        customer_id uuid not null,
        kind text not null,
        opened_on date not null,
        source text not null,
        recorded_at timestamptz not null,
        recorded_by uuid,
        by_key boolean not null,
        -- The first day on which it no longer counts.
        withdrawn_on date,
        withdrawn_at timestamptz,
        withdrawn_by uuid,
        withdrawn_by_key boolean,
        withdrawal_reason text,
        check ((withdrawn_on is null) = (withdrawn_at is null) and (withdrawn_on is null) = (withdrawal_reason is null))
      );
      create unique index insolvency_notice_standing on scoring.insolvency_notice (firm_id, customer_id, kind, opened_on) where withdrawn_on is null;
      create index insolvency_notice_customer on scoring.insolvency_notice (firm_id, customer_id, opened_on, id);

      create table scoring.context_event (
        id uuid primary key default uuidv7(),
        firm_id uuid not null default current_setting('app.firm_id')::uuid,
        name text not null,
        kind text not null,
        -- Empty: every country, every sector.
        countries text[] not null,
        sectors text[] not null,
        -- What the codes of these sectors begin with.
        sector_prefixes text[] not null,
        starts_on date not null,
        -- The last day; null: until it is ended.
        last_on date check (last_on >= starts_on),
        shift int not null check (shift between -300 and 300 and shift <> 0),
        created_at timestamptz not null,
        created_by uuid,
        by_key boolean not null,
        -- The first day on which it no longer applies, because somebody ended it.
        ended_on date,
        ended_at timestamptz,
        ended_by uuid,
        ended_by_key boolean,
        check ((ended_on is null) = (ended_at is null))
      );
      create unique index context_event_name on scoring.context_event (firm_id, name, starts_on) where ended_on is null;
      create index context_event_start on scoring.context_event (firm_id, starts_on, id);
    `);
    const rights: Readonly<Record<string, string>> = {
      // Nothing of it is ever changed; who may not update a row may not lock it either.
      statement: 'select, insert, update (period_end)',
      statement_version: 'select, insert',
      insolvency_notice: 'select, insert, update (withdrawn_on, withdrawn_at, withdrawn_by, withdrawn_by_key, withdrawal_reason)',
      context_event: 'select, insert, update (ended_on, ended_at, ended_by, ended_by_key)',
    };
    for (const [table, granted] of Object.entries(rights)) this.addSql(`${securedTable('scoring', table)} grant ${granted} on scoring.${table} to scoring_app;`);
  }
}
