import { Migration } from '@mikro-orm/migrations';
import { securedTable } from '../../src/database/own-firm.js';

/** What a firm's own ledger was asked about one of its customers, and what it answered. A row lasts as long as its question. */
export class QuestionsMigration extends Migration {
  override up(): void {
    this.addSql(`
      create table community.customer_question (
        firm_id uuid not null,
        id uuid not null default gen_random_uuid(),
        customer_id uuid not null,
        asked_at timestamptz not null default clock_timestamp(),
        answered boolean not null default false,
        -- Of what the ledger has told of the customer; 0: it told nothing yet. Null: it has no such customer.
        revision bigint,
        primary key (firm_id, id)
      );
      ${securedTable('community', 'customer_question')}
      create policy room on community.customer_question to community_system using (true) with check (true);
      grant select, insert, delete on community.customer_question to community_app;
      grant select, update (answered, revision) on community.customer_question to community_system;
    `);
  }
}
