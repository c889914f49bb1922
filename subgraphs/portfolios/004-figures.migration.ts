import { Migration } from '@mikro-orm/migrations';
import { securedTable } from '../../src/database/own-firm.js';

/**
 * The firm's figures by day, kept in the transaction that changes the ledger by whoever changes it: statement-level
 * triggers group what a statement changed once and append the difference. Writers only insert, under no unique key, so two
 * of one firm never wait for one another here; whoever reads adds up; a job compacts rows of one key
 * (docs/adr/0006-figures-are-appended-and-added-up.md).
 *
 * | table | by | holds |
 * |---|---|---|
 * | `due_movement` | day and due date | how the open amount and number of invoices change on the day |
 * | `due_open` | due date | the sum of these: what is open once everything known has happened |
 * | `ledger_day` | day | sales, what becomes open, overdue, settled and unapplied |
 * | `ledger_total` | currency | number of documents, what is unapplied once everything known has happened |
 * | `customer_count` | | number of customers |
 *
 * A figure of a day is what is there now less what moves later. An invoice that is not cancelled opens on its issue date
 * under its due date; an application takes from it on its own day, not before the issue date; it stops being counted on the
 * day that settles it. It is overdue from the day after its due date, so `ledger_day` needs no due dates to know what was
 * overdue. What is unapplied grows with receipts and credit notes on their day and falls with their applications.
 *
 * Two rules for writers: a statement changes invoices or applications, never both, because both triggers would see both
 * changes; and an invoice or a receipt is locked before an application of it is written, as `recordPayment` and the merge
 * of an import do, so that nobody moves its dates meanwhile.
 */
export class FiguresMigration extends Migration {
  override up(): void {
    this.addSql(`
      create table portfolios.due_movement (
        firm_id uuid not null default current_setting('app.firm_id')::uuid,
        currency text not null,
        day date not null,
        due_date date not null,
        open_minor numeric not null,
        open_count bigint not null,
        -- Not compacted yet. Several rows of one key are as good as one.
        fresh boolean not null default true
      );
      -- A large import appends a hundred thousand rows here: until they are compacted they are in the index of fresh rows alone.
      create index due_movement_day on portfolios.due_movement (firm_id, currency, day, due_date) where not fresh;

      create table portfolios.due_open (
        firm_id uuid not null default current_setting('app.firm_id')::uuid,
        currency text not null,
        due_date date not null,
        open_minor numeric not null,
        open_count bigint not null,
        fresh boolean not null default true
      );
      create index due_open_day on portfolios.due_open (firm_id, currency, due_date);

      create table portfolios.ledger_day (
        firm_id uuid not null default current_setting('app.firm_id')::uuid,
        currency text not null,
        day date not null,
        -- Invoices less credit notes issued on the day.
        sales_minor numeric not null,
        -- What receipts and imported ledgers settled of invoices; credit notes bring nothing in.
        collected_minor numeric not null,
        -- Changes of what is open, and of the part of it that is past due.
        open_minor numeric not null,
        open_count bigint not null,
        overdue_minor numeric not null,
        overdue_count bigint not null,
        unapplied_minor numeric not null,
        -- Invoices settled on the day: their number, how many late, amount, amount × days beyond terms.
        settled_count bigint not null,
        late_count bigint not null,
        settled_minor numeric not null,
        settled_minor_days numeric not null,
        fresh boolean not null default true
      );
      create index ledger_day_day on portfolios.ledger_day (firm_id, currency, day);

      create table portfolios.ledger_total (
        firm_id uuid not null default current_setting('app.firm_id')::uuid,
        currency text not null,
        -- Invoices and credit notes, cancelled ones too; receipts.
        invoice_count bigint not null,
        receipt_count bigint not null,
        unapplied_minor numeric not null,
        fresh boolean not null default true
      );
      create index ledger_total_currency on portfolios.ledger_total (firm_id, currency);

      create table portfolios.customer_count (
        firm_id uuid not null default current_setting('app.firm_id')::uuid,
        customer_count bigint not null,
        fresh boolean not null default true
      );
      create index customer_count_firm on portfolios.customer_count (firm_id);

      -- When the firm's figures were last counted anew from its rows.
      create table portfolios.figure_check (
        firm_id uuid primary key default current_setting('app.firm_id')::uuid,
        checked_at timestamptz not null default clock_timestamp()
      );
      ${securedTable('portfolios', 'figure_check')} grant select, insert, update on portfolios.figure_check to portfolios_app;
      create policy room_finds on portfolios.figure_check for select to portfolios_system using (true);
      grant select on portfolios.figure_check to portfolios_system;

      -- A customer's figures are read from its own rows, of one currency; both ends of the index tell its only currency.
      drop index portfolios.invoice_settled;
      create index invoice_settled on portfolios.invoice (firm_id, customer_id, currency, settled_on);
      create index invoice_credit_note on portfolios.invoice (firm_id, customer_id, issue_date) where kind = 'CREDIT_NOTE';
      drop index portfolios.receipt_received;
      create index receipt_received on portfolios.receipt (firm_id, customer_id, currency, received_on);
      -- Who owes what today: what is open is a small part of a ledger.
      create index invoice_open on portfolios.invoice (firm_id, currency, customer_id) include (id, due_date, issue_date, amount_minor, applied_minor)
        where settled_on is null and kind = 'INVOICE' and not cancelled;
      -- What was applied since a day, whoever it was from; one customer's applications are found by their invoices.
      drop index portfolios.application_day;
      create index application_day on portfolios.application (firm_id, applied_on);
    `);
    for (const table of ['due_movement', 'due_open', 'ledger_day', 'ledger_total', 'customer_count']) {
      this.addSql(`
        create index ${table}_fresh on portfolios.${table} (firm_id) where fresh;
        ${securedTable('portfolios', table)} grant select, insert, delete on portfolios.${table} to portfolios_app;
        -- The job must find which firms have something to compact before it works as each of them.
        create policy room_finds on portfolios.${table} for select to portfolios_system using (fresh);
        grant select (firm_id, fresh) on portfolios.${table} to portfolios_system;
      `);
    }
    const everything = all([
      ofInvoices('portfolios.invoice', ALL),
      ofApplications('portfolios.application', ALL, 'portfolios.invoice', ALL),
      ofReceipts('portfolios.receipt', ALL),
      ofTaken('portfolios.application', ALL, 'portfolios.receipt', ALL),
    ]);
    this.addSql(`
      -- What the tables above are kept from: every change of a figure that the ledger makes, from the rows themselves.
      create view portfolios.ledger_movement with (security_invoker = true) as with ${everything.parts} ${everything.movements};
      create view portfolios.ledger_change with (security_invoker = true) as with ${everything.parts} ${everything.changes};
      grant select on portfolios.ledger_movement, portfolios.ledger_change to portfolios_app;

      -- What there is already. The owner does this, for every firm.
      with ${keep('select * from portfolios.ledger_movement', 'select * from portfolios.ledger_change')};
      insert into portfolios.customer_count (firm_id, customer_count, fresh) select firm_id, count(*), false from portfolios.customer group by firm_id;
      insert into portfolios.figure_check (firm_id) select firm_id from portfolios.customer_count;

      ${trigger('invoice', ['currency', 'kind', 'cancelled', 'issue_date', 'due_date'], all([ofInvoices('changed', SIGNED), ofApplications('portfolios.application', ALL, 'moved', SIGNED)]))}
      ${trigger('application', [], all([ofApplications('changed', SIGNED, 'portfolios.invoice', ALL), ofTaken('changed', SIGNED, 'portfolios.receipt', ALL)]))}
      ${trigger('receipt', ['currency', 'received_on'], all([ofReceipts('changed', SIGNED), ofTaken('portfolios.application', ALL, 'moved', SIGNED)]))}

      create function portfolios.keep_customer_count() returns trigger language plpgsql set search_path = '' as $keep$
      begin
        if tg_op = 'INSERT' then
          insert into portfolios.customer_count (firm_id, customer_count) select firm_id, count(*) from after group by firm_id;
        else
          insert into portfolios.customer_count (firm_id, customer_count) select firm_id, -count(*) from before group by firm_id;
        end if;
        return null;
      end $keep$;
      create trigger keep_count_of_new after insert on portfolios.customer referencing new table as after for each statement execute function portfolios.keep_customer_count();
      create trigger keep_count_of_gone after delete on portfolios.customer referencing old table as before for each statement execute function portfolios.keep_customer_count();
    `);
  }
}

/** How often a row counts: all rows of a table once, those of a change +1 as they are and -1 as they were. */
type Sign = (alias: string) => string;
const ALL: Sign = () => '1';
const SIGNED: Sign = (alias) => `${alias}.sign`;

/** SQL that makes figures of rows. */
interface Facts {
  /** Named subqueries, each a group of rows that the others are made of. */
  readonly parts: string;
  /** Changes of what is open: firm, currency, day, due date, amount, number. */
  readonly movements: string | undefined;
  /** Every other change of a day, with the columns of `CHANGES`. */
  readonly changes: string;
}

const CHANGES = ['sales_minor', 'collected_minor', 'unapplied_minor', 'settled_count', 'late_count', 'settled_minor', 'settled_minor_days', 'invoice_count', 'receipt_count'] as const;

/** Receipts open nothing. */
const NO_MOVEMENTS = `select null::uuid as firm_id, null::text as currency, null::date as day, null::date as due_date, 0 as open_minor, 0 as open_count where false`;

function all(facts: readonly Facts[]): Facts & { readonly movements: string } {
  return {
    parts: facts.map(({ parts }) => parts).join(', '),
    movements: facts.flatMap(({ movements }) => movements ?? []).join(' union all ') || NO_MOVEMENTS,
    changes: facts.map(({ changes }) => changes).join(' union all '),
  };
}

function change(day: string, measures: Partial<Record<(typeof CHANGES)[number], string>>, from: string): string {
  return `select firm_id, currency, ${day} as day, ${CHANGES.map((name) => `${measures[name] ?? '0'}::numeric as ${name}`).join(', ')} from ${from}`;
}

const IS_OPEN = `kind = 'INVOICE' and not cancelled`;
const IS_CREDIT = `kind = 'CREDIT_NOTE' and not cancelled`;

/** Rows are grouped before they are told apart: PostgreSQL knows nothing of what a change holds and would guess too few. */
function ofInvoices(source: string, sign: Sign): Facts {
  const sums = `sum(${sign('i')} * i.amount_minor) as minor, sum(${sign('i')}) as count`;
  return {
    parts: `
      issued as materialized (
        select firm_id, currency, kind, cancelled, issue_date, due_date, ${sums} from ${source} i group by firm_id, currency, kind, cancelled, issue_date, due_date
      ), settled as materialized (
        select firm_id, currency, kind, cancelled, settled_on, greatest(settled_on, issue_date) as day, due_date, ${sums} from ${source} i
        where settled_on is not null group by firm_id, currency, kind, cancelled, settled_on, greatest(settled_on, issue_date), due_date
      )`,
    movements: `
      select firm_id, currency, issue_date as day, due_date, minor as open_minor, count as open_count from issued where ${IS_OPEN}
      union all select firm_id, currency, day, due_date, 0 as open_minor, -count as open_count from settled where ${IS_OPEN}`,
    changes: `
      ${change('issue_date', { sales_minor: `case when ${IS_OPEN} then minor when ${IS_CREDIT} then -minor else 0 end`, unapplied_minor: `case when ${IS_CREDIT} then minor else 0 end`, invoice_count: 'count' }, 'issued')}
      union all
      ${change('settled_on', {
        settled_count: 'sum(count)', late_count: 'coalesce(sum(count) filter (where settled_on > due_date), 0)', settled_minor: 'sum(minor)', settled_minor_days: 'sum(minor * (settled_on - due_date))',
      }, `settled where ${IS_OPEN} group by firm_id, currency, settled_on`)}`,
  };
}

/** What applications take from invoices and credit notes. */
function ofApplications(applications: string, sign: Sign, invoices: string, invoiceSign: Sign): Facts {
  const minor = `sum(${sign('a')} * ${invoiceSign('i')} * a.amount_minor) as minor`;
  return {
    parts: `
      applied as materialized (
        select i.firm_id, i.currency, i.kind, i.cancelled, greatest(a.applied_on, i.issue_date) as day, i.due_date, a.credit_note_id is null as collected, ${minor}
        from ${applications} a join ${invoices} i on i.id = a.invoice_id
        group by i.firm_id, i.currency, i.kind, i.cancelled, greatest(a.applied_on, i.issue_date), i.due_date, a.credit_note_id is null
      ), credited as materialized (
        select i.firm_id, i.currency, i.kind, i.cancelled, greatest(a.applied_on, i.issue_date) as day, ${minor}
        from ${applications} a join ${invoices} i on i.id = a.credit_note_id where a.credit_note_id is not null
        group by i.firm_id, i.currency, i.kind, i.cancelled, greatest(a.applied_on, i.issue_date)
      )`,
    movements: `select firm_id, currency, day, due_date, -minor as open_minor, 0 as open_count from applied where ${IS_OPEN}`,
    changes: `
      ${change('day', { collected_minor: `coalesce(sum(minor) filter (where ${IS_OPEN} and collected), 0)`, unapplied_minor: `coalesce(-sum(minor) filter (where ${IS_CREDIT}), 0)` }, 'applied group by firm_id, currency, day')}
      union all ${change('day', { unapplied_minor: '-minor' }, `credited where ${IS_CREDIT}`)}`,
  };
}

function ofReceipts(source: string, sign: Sign): Facts {
  return {
    parts: `received as materialized (
      select firm_id, currency, received_on as day, sum(${sign('r')} * r.amount_minor) as minor, sum(${sign('r')}) as count from ${source} r group by firm_id, currency, received_on
    )`,
    movements: undefined,
    changes: change('day', { unapplied_minor: 'minor', receipt_count: 'count' }, 'received'),
  };
}

/** What applications take from receipts. */
function ofTaken(applications: string, sign: Sign, receipts: string, receiptSign: Sign): Facts {
  return {
    parts: `taken as materialized (
      select r.firm_id, r.currency, greatest(a.applied_on, r.received_on) as day, sum(${sign('a')} * ${receiptSign('r')} * a.amount_minor) as minor
      from ${applications} a join ${receipts} r on r.id = a.receipt_id where a.receipt_id is not null group by r.firm_id, r.currency, greatest(a.applied_on, r.received_on)
    )`,
    movements: undefined,
    changes: change('day', { unapplied_minor: '-minor' }, 'taken'),
  };
}

/** Appends movements and changes to the tables, as the end of a `with`. What adds up to nothing is not written. */
function keep(movements: string, changes: string): string {
  const sums = (columns: readonly string[]): string => columns.map((column) => `sum(${column}) as ${column}`).join(', ');
  const unlessZero = (columns: readonly string[]): string => `having ${columns.map((column) => `sum(${column}) <> 0`).join(' or ')}`;
  const open = ['open_minor', 'open_count'];
  const ofTotals = ['invoice_count', 'receipt_count', 'unapplied_minor'];
  const ofDays = [...open, 'overdue_minor', 'overdue_count', ...CHANGES.filter((name) => name !== 'invoice_count' && name !== 'receipt_count')];
  const byDay = (from: string, given: Readonly<Record<string, string>>, day = 'day', more = ''): string => `select firm_id, currency, ${day} as day, ${ofDays.map((name) => `${given[name] ?? 0} as ${name}`).join(', ')} from ${from} ${more}`;
  return `
    movement as materialized (
      select firm_id, currency, day, due_date, ${sums(open)} from (${movements}) m group by firm_id, currency, day, due_date ${unlessZero(open)}
    ), change as materialized (
      ${changes}
    ), moving as (
      insert into portfolios.due_movement (firm_id, currency, day, due_date, open_minor, open_count) select firm_id, currency, day, due_date, open_minor, open_count from movement
    ), opening as (
      insert into portfolios.due_open (firm_id, currency, due_date, open_minor, open_count)
      select firm_id, currency, due_date, ${sums(open)} from movement group by firm_id, currency, due_date ${unlessZero(open)}
    ), totalling as (
      insert into portfolios.ledger_total (firm_id, currency, ${ofTotals.join(', ')}) select firm_id, currency, ${sums(ofTotals)} from change group by firm_id, currency ${unlessZero(ofTotals)}
    )
    insert into portfolios.ledger_day (firm_id, currency, day, ${ofDays.join(', ')})
    select firm_id, currency, day, ${sums(ofDays)} from (
      ${byDay('change', Object.fromEntries(CHANGES.map((name) => [name, name])))}
      union all ${byDay('movement', { open_minor: 'sum(open_minor)', open_count: 'sum(open_count)' }, 'day', 'group by firm_id, currency, day')}
      union all ${byDay('movement', { overdue_minor: 'sum(open_minor)', overdue_count: 'sum(open_count)' }, 'greatest(day, due_date + 1)', 'group by firm_id, currency, greatest(day, due_date + 1)')}
    ) d group by firm_id, currency, day ${unlessZero(ofDays)}`;
}

/**
 * Keeps the figures when rows of a table change: facts are made of `changed`, the rows as they were with sign -1 and as
 * they are with sign 1, and of `moved`, those of them that differ in the columns on which facts of other tables depend. The
 * statement is planned anew each time: it may have one row before it or a million. It groups by hashing: PostgreSQL expects
 * few rows of a change, and would sort them all.
 */
function trigger(table: string, dependedOn: readonly string[], { parts, movements, changes }: Facts & { readonly movements: string }): string {
  const columns = ['firm_id', 'id', ...dependedOn];
  const of = (alias: string): string => columns.map((column) => `${alias}.${column}`).join(', ');
  const moved = `
    select v.* from before b join after a on a.id = b.id cross join lateral (values (-1, ${of('b')}), (1, ${of('a')})) v (sign, ${columns.join(', ')})
    where (${of('b')}) is distinct from (${of('a')})`;
  const changed = { insert: 'select 1 as sign, a.* from after a', update: 'select -1 as sign, b.* from before b union all select 1, a.* from after a', delete: 'select -1 as sign, b.* from before b' };
  return `
    create function portfolios.keep_${table}_figures() returns trigger language plpgsql set search_path = '' set enable_sort = off as $keep$
    begin
      execute format($statement$
        with changed as not materialized (%s), moved as materialized (%s), ${parts}, ${keep(movements, changes)}
      $statement$, case tg_op when 'INSERT' then '${changed.insert}' when 'UPDATE' then '${changed.update}' else '${changed.delete}' end,
        case tg_op when 'UPDATE' then '${moved}' else 'select 1 as sign, n.* from portfolios.${table} n where false' end);
      return null;
    end $keep$;
    create trigger keep_figures_of_new after insert on portfolios.${table} referencing new table as after for each statement execute function portfolios.keep_${table}_figures();
    create trigger keep_figures_of_changed after update on portfolios.${table} referencing old table as before new table as after for each statement execute function portfolios.keep_${table}_figures();
    create trigger keep_figures_of_gone after delete on portfolios.${table} referencing old table as before for each statement execute function portfolios.keep_${table}_figures();
  `;
}
