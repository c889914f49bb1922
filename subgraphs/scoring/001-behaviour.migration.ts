import { Migration } from '@mikro-orm/migrations';

/**
 * What scoring was told of each invoice: the newest fact only. Amounts are minor units; an amount of 0 is kept as a fact
 * that no longer counts, so that an older event which comes late cannot bring the invoice back.
 */
export class BehaviourMigration extends Migration {
  override up(): void {
    const own = `firm_id = nullif(current_setting('app.firm_id', true), '')::uuid`;
    this.addSql(`
      grant usage on schema scoring to scoring_app, scoring_system;
      alter table scoring.migration enable row level security, force row level security;
      create policy owner_only on scoring.migration using (pg_has_role(current_user, (select relowner from pg_class where oid = 'scoring.migration'::regclass), 'member'));

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
      alter table scoring.invoice_fact enable row level security, force row level security;
      create policy own_firm on scoring.invoice_fact to scoring_app using (${own}) with check (${own});
      grant select, insert, update on scoring.invoice_fact to scoring_app;
    `);
  }
}
