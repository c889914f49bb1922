import { Migration } from '@mikro-orm/migrations';
import { securedSchema, securedTable } from '../../src/database/own-firm.js';

/**
 * Who is a member, with which consent, and which blind key a customer id of a member stands for. A blind key is all that
 * community ever knows of a customer. Rooms of the network (benchmark, peers) meet by blind key, so `customer_key` is
 * led by it and is read across firms by the system role only.
 */
export class MembershipMigration extends Migration {
  override up(): void {
    this.addSql(`
      ${securedSchema('community')}

      create table community.membership (
        firm_id uuid primary key,
        verified boolean not null default false,
        -- Null: not a member. Tenure counts from the last time the firm joined. Both in business time.
        joined_at timestamptz,
        left_at timestamptz,
        metrics text[] not null default '{}',
        revision bigint not null default 1
      );
      ${securedTable('community', 'membership')}
      create policy room on community.membership to community_system using (true) with check (true);
      grant select, insert, update on community.membership to community_app, community_system;

      create table community.customer_key (
        firm_id uuid not null,
        customer_id uuid not null,
        -- Null: this customer is not matched with anybody's.
        subject text,
        seekable_until text,
        revision bigint not null,
        primary key (firm_id, customer_id)
      );
      create index customer_key_subject on community.customer_key (subject, firm_id);
      ${securedTable('community', 'customer_key')}
      create policy room on community.customer_key to community_system using (true) with check (true);
      grant select on community.customer_key to community_app;
      grant select, insert, update, delete on community.customer_key to community_system;
    `);
  }
}
