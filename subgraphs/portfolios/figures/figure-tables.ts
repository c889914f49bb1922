/** A table of figures: rows of one key are added up. */
export interface FigureTable {
  readonly name: string;
  readonly keys: readonly string[];
  readonly sums: readonly string[];
  /**
   * What it should hold: a query with its keys and sums, whose rows of one key are added up too, of `movement` and `change`,
   * which are the views `ledger_movement` and `ledger_change` over the ledger's rows.
   */
  readonly source: string;
}

const OF_CHANGES = ['sales_minor', 'collected_minor', 'unapplied_minor', 'settled_count', 'late_count', 'settled_minor', 'settled_minor_days'];
const OF_MOVEMENTS = ['open_minor', 'open_count', 'overdue_minor', 'overdue_count'];
const zeros = (columns: readonly string[]): string => columns.map((column) => `0 as ${column}`).join(', ');

/** The tables of 004-figures.migration.ts. */
export const FIGURE_TABLES: readonly FigureTable[] = [
  {
    name: 'due_movement', keys: ['currency', 'day', 'due_date'], sums: ['open_minor', 'open_count'],
    source: 'select currency, day, due_date, open_minor, open_count from movement',
  },
  {
    name: 'due_open', keys: ['currency', 'due_date'], sums: ['open_minor', 'open_count'],
    source: 'select currency, due_date, open_minor, open_count from movement',
  },
  {
    name: 'ledger_day', keys: ['currency', 'day'], sums: [...OF_CHANGES, ...OF_MOVEMENTS],
    source: `
      select currency, day, ${OF_CHANGES.join(', ')}, ${zeros(OF_MOVEMENTS)} from change
      union all select currency, day, ${zeros(OF_CHANGES)}, open_minor, open_count, 0, 0 from movement
      union all select currency, greatest(day, due_date + 1), ${zeros(OF_CHANGES)}, 0, 0, open_minor, open_count from movement`,
  },
  {
    name: 'ledger_total', keys: ['currency'], sums: ['invoice_count', 'receipt_count', 'unapplied_minor'],
    source: 'select currency, invoice_count, receipt_count, unapplied_minor from change',
  },
  { name: 'customer_count', keys: [], sums: ['customer_count'], source: 'select 1 as customer_count from portfolios.customer' },
];
