import { Migration } from '@mikro-orm/migrations';
import { securedTable } from '../../src/database/own-firm.js';

/**
 * What the firm is shown of how members are paid by its customers, and the moves of it that a user decides about. A fact counts
 * only while it is of the epoch and the telling that `benchmark_told` names: who was left out of the latest is shown nothing any more.
 */
export class PeerSignalsMigration extends Migration {
  override up(): void {
    this.addSql(`
      -- The latest epoch of each metric that the firm was told of, and its latest telling.
      create table scoring.benchmark_told (
        firm_id uuid not null default current_setting('app.firm_id')::uuid,
        metric text not null,
        period_end date not null,
        revision bigint not null,
        primary key (firm_id, metric)
      );

      create table scoring.benchmark_fact (
        firm_id uuid not null default current_setting('app.firm_id')::uuid,
        customer_id uuid not null,
        metric text not null,
        period_end date not null,
        revision bigint not null,
        shown jsonb not null,
        primary key (firm_id, customer_id, metric)
      );
      create index benchmark_fact_metric on scoring.benchmark_fact (firm_id, metric);

      create table scoring.peer_signal (
        id uuid primary key default uuidv7(),
        firm_id uuid not null default current_setting('app.firm_id')::uuid,
        customer_id uuid not null,
        metric text not null,
        period_start date not null,
        period_end date not null,
        direction text not null check (direction in ('IMPROVING', 'STABLE', 'WORSENING')),
        before jsonb not null,
        after jsonb not null,
        raised_at timestamptz not null,
        -- Null: nobody has decided yet.
        decision text check (decision in ('INTEGRATED', 'IGNORED')),
        weight double precision check (weight between 0 and 1),
        note text,
        decided_at timestamptz,
        decided_by uuid,
        check ((decision is null) = (decided_at is null) and (decision is null) = (note is null)),
        check ((decision is not distinct from 'INTEGRATED') = (weight is not null)),
        -- A move is told once, however often its epoch is.
        unique (firm_id, customer_id, metric, period_end)
      );
      create index peer_signal_list on scoring.peer_signal (firm_id, id desc);
      create index peer_signal_undecided on scoring.peer_signal (firm_id, id desc) where decision is null;
      create index peer_signal_decided on scoring.peer_signal (firm_id, id desc) where decision is not null;
    `);
    const rights: Readonly<Record<string, string>> = { benchmark_told: 'select, insert, update', benchmark_fact: 'select, insert, update, delete', peer_signal: 'select, insert, update' };
    for (const [table, granted] of Object.entries(rights)) this.addSql(`${securedTable('scoring', table)} grant ${granted} on scoring.${table} to scoring_app;`);
  }
}
