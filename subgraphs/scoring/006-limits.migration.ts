import { Migration } from '@mikro-orm/migrations';
import { securedTable } from '../../src/database/own-firm.js';

/**
 * Who asked for which credit limit, who decided, and up to which amount a role may decide. Steps and policies are only ever added:
 * they are evidence.
 */
export class LimitsMigration extends Migration {
  override up(): void {
    this.addSql(`
      create table scoring.credit_limit_request (
        -- Made by this database, in the order of real time: portfolios tells by it which changes of the limit came after it.
        id uuid primary key default uuidv7(),
        firm_id uuid not null default current_setting('app.firm_id')::uuid,
        customer_id uuid not null,
        limit_minor bigint not null check (limit_minor >= 0),
        currency text not null,
        reason text not null,
        state text not null check (state in ('REQUESTED', 'APPROVED', 'APPLIED', 'OVERTAKEN', 'REJECTED', 'WITHDRAWN', 'EXPIRED')),
        requested_by uuid not null,
        requested_by_key boolean not null,
        requested_at timestamptz not null,
        -- The last day on which it may be decided.
        expires_on date not null,
        decided_by uuid,
        decided_by_key boolean,
        decided_at timestamptz,
        note text,
        check (decided_by is distinct from requested_by),
        check ((state in ('APPROVED', 'APPLIED', 'OVERTAKEN', 'REJECTED')) = (decided_by is not null)),
        check ((decided_by is null) = (decided_at is null) and (decided_by is null) = (decided_by_key is null))
      );
      -- One at a time: until it is decided, and until what was decided is set.
      create unique index credit_limit_request_open on scoring.credit_limit_request (firm_id, customer_id) where state in ('REQUESTED', 'APPROVED');
      create index credit_limit_request_newest on scoring.credit_limit_request (firm_id, id);
      create index credit_limit_request_customer on scoring.credit_limit_request (firm_id, customer_id, id);
      ${securedTable('scoring', 'credit_limit_request')}
      grant select, insert, update on scoring.credit_limit_request to scoring_app;

      create table scoring.credit_limit_request_step (
        id uuid primary key default uuidv7(),
        firm_id uuid not null default current_setting('app.firm_id')::uuid,
        request_id uuid not null references scoring.credit_limit_request,
        state text not null,
        at timestamptz not null,
        -- Nobody: the ledger's answer.
        taken_by uuid,
        by_key boolean not null,
        note text
      );
      create index credit_limit_request_step_request on scoring.credit_limit_request_step (firm_id, request_id, id);
      ${securedTable('scoring', 'credit_limit_request_step')}
      grant select, insert on scoring.credit_limit_request_step to scoring_app;

      -- The newest of a role is what counts.
      create table scoring.credit_limit_policy (
        id uuid primary key default uuidv7(),
        firm_id uuid not null default current_setting('app.firm_id')::uuid,
        role text not null,
        -- Null: any amount.
        up_to_minor bigint check (up_to_minor >= 0),
        currency text,
        set_by uuid not null,
        by_key boolean not null,
        set_at timestamptz not null,
        check ((up_to_minor is null) = (currency is null))
      );
      create index credit_limit_policy_role on scoring.credit_limit_policy (firm_id, role, id);
      ${securedTable('scoring', 'credit_limit_policy')}
      grant select, insert on scoring.credit_limit_policy to scoring_app;
    `);
  }
}
