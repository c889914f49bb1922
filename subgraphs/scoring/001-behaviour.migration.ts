import { Migration } from '@mikro-orm/migrations';
import { securedSchema, securedTable } from '../../src/database/own-firm.js';

/**
 * What scoring was told of each invoice: the newest fact only. Amounts are minor units; an amount of 0 is kept as a fact
 * that no longer counts, so that an older event which comes late cannot bring the invoice back.
 */
export class BehaviourMigration extends Migration {
  override up(): void {
    this.addSql(`
      ${securedSchema('scoring')}

      create table scoring.invoice_fact (
        firm_id uuid not null default current_setting('app.firm_id')::uuid,
        invoice_id uuid not null,
        customer_id uuid not null,
        currency text not null,
        amount_minor bigint not null check (amount_minor >= 0),
        issue_date date not null,
        due_date date not null,
        settled_on date,
        revision bigint not null,
        primary key (firm_id, invoice_id)
      );
      create index invoice_fact_customer on scoring.invoice_fact (firm_id, customer_id);
      ${securedTable('scoring', 'invoice_fact')}
      grant select, insert, update on scoring.invoice_fact to scoring_app;
    `);
  }
}
