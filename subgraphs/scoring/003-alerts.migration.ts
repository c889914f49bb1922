import { Migration } from '@mikro-orm/migrations';
import { securedTable } from '../../src/database/own-firm.js';

/**
 * Rules about figures of customers, what each figure was last, where each rule stands with each customer, and the alerts.
 * The figures are kept here so that a rule starts from what was so when it was made, and so that a figure which has not
 * changed is seen to have not: whatever is computed again, twice or at once, raises nothing.
 */
export class AlertsMigration extends Migration {
  override up(): void {
    this.addSql(`
      create table scoring.alert_rule (
        id uuid primary key default uuidv7(),
        firm_id uuid not null default current_setting('app.firm_id')::uuid,
        metric text not null,
        direction text not null check (direction in ('UP', 'DOWN', 'BOTH')),
        delta double precision check (delta > 0),
        threshold double precision,
        -- Null: every customer.
        customer_id uuid,
        created_at timestamptz not null,
        -- Who made it; null when nobody is known.
        created_by uuid,
        -- A rule that is deleted stays, for its alerts.
        deleted_at timestamptz,
        check (delta is not null or threshold is not null)
      );
      create index alert_rule_standing on scoring.alert_rule (firm_id, id) where deleted_at is null;

      -- The last known figures of a customer by metric, as texts. Its row is what two who compute the same customer wait at.
      create table scoring.alert_measure (
        firm_id uuid not null default current_setting('app.firm_id')::uuid,
        customer_id uuid not null,
        measures jsonb not null,
        primary key (firm_id, customer_id)
      );

      -- Where a rule stands with a customer that has moved since it was made; without a row it stands as at the last figure.
      create table scoring.alert_standing (
        firm_id uuid not null default current_setting('app.firm_id')::uuid,
        rule_id uuid not null references scoring.alert_rule,
        customer_id uuid not null,
        -- What a delta is compared with; null without a delta.
        reference numeric,
        -- From where on the next rise and the next fall are alerts; null: not before the figure has gone back.
        up_at numeric,
        down_at numeric,
        primary key (firm_id, rule_id, customer_id)
      );

      create table scoring.alert (
        id uuid primary key default uuidv7(),
        firm_id uuid not null default current_setting('app.firm_id')::uuid,
        -- 1, 2, 3, …: in the order in which they were committed, so that whoever reads on behind a number misses none.
        number bigint not null,
        rule_id uuid not null references scoring.alert_rule,
        customer_id uuid not null,
        metric text not null,
        direction text not null check (direction in ('UP', 'DOWN')),
        value_before text not null,
        value_after text not null,
        raised_at timestamptz not null,
        acknowledged_at timestamptz,
        -- Who did; null when nobody is known.
        acknowledged_by uuid,
        unique (firm_id, number)
      );
      create index alert_open on scoring.alert (firm_id, number) where acknowledged_at is null;
      create index alert_raised on scoring.alert (firm_id, raised_at);

      -- Of each firm the number of its last alert. Who raises alerts, or makes a rule, holds it until the commit.
      create table scoring.alert_book (
        firm_id uuid primary key default current_setting('app.firm_id')::uuid,
        last_number bigint not null
      );
    `);
    const rights: Readonly<Record<string, string>> = {
      alert_rule: 'select, insert, update',
      alert_measure: 'select, insert, update',
      alert_standing: 'select, insert, update, delete',
      alert: 'select, insert, update',
      alert_book: 'select, insert, update',
    };
    for (const [table, granted] of Object.entries(rights)) this.addSql(`${securedTable('scoring', table)} grant ${granted} on scoring.${table} to scoring_app;`);
  }
}
