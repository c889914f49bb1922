import { Migration } from '@mikro-orm/migrations';

/**
 * Who is a member, with which consent, and which blind key a customer id of a member stands for. A blind key is all that
 * community ever knows of a customer. Rooms of the network (benchmark, peers) meet by blind key, so `customer_key` is
 * led by it and is read across firms by the system role only.
 */
export class MembershipMigration extends Migration {
  override up(): void {
    const own = `firm_id = nullif(current_setting('app.firm_id', true), '')::uuid`;
    this.addSql(`
      grant usage on schema community to community_app, community_system;
      alter table community.migration enable row level security, force row level security;
      create policy owner_only on community.migration using (pg_has_role(current_user, (select relowner from pg_class where oid = 'community.migration'::regclass), 'member'));

      create table community.membership (
        firm_id uuid primary key,
        verified boolean not null default false,
        -- Null: not a member. Tenure counts from the last time the firm joined. Both in business time.
        joined_at timestamptz,
        left_at timestamptz,
        metrics text[] not null default '{}',
        revision bigint not null default 1
      );
      alter table community.membership enable row level security, force row level security;
      create policy own_firm on community.membership to community_app using (${own}) with check (${own});
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
      alter table community.customer_key enable row level security, force row level security;
      create policy own_firm on community.customer_key to community_app using (${own}) with check (${own});
      create policy room on community.customer_key to community_system using (true) with check (true);
      grant select on community.customer_key to community_app;
      grant select, insert, update, delete on community.customer_key to community_system;
    `);
  }
}
