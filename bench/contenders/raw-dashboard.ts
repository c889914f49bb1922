import { Pool } from 'pg';
import { listenRaw } from './raw-server.js';

/**
 * The dashboard without a framework: node:http, one prepared statement of pg, the answer made by hand. `raw-dashboard.js
 * rows URL` adds up the raw rows, `raw-dashboard.js figures URL` the tables that triggers keep. It asks as the owner of
 * the database, who is not held to row-level security, and believes the firm that the request names.
 */
const [, , from, databaseUrl] = process.argv;

/** One row for each bucket that is not empty; sales are the bucket −1. The index of open invoices answers the first part. */
const ROWS = `
  select width_bucket($2::date - due_date, $3::int[]) as bucket, sum(amount_minor - applied_minor)::text as minor, count(*)::int as count
  from portfolios.invoice
  where firm_id = $1 and currency = 'EUR' and settled_on is null and kind = 'INVOICE' and not cancelled and issue_date <= $2 group by 1
  union all
  select -1, sum(case kind when 'INVOICE' then amount_minor else -amount_minor end)::text, 0
  from portfolios.invoice where firm_id = $1 and currency = 'EUR' and not cancelled and issue_date > $2::date - $4::int and issue_date <= $2`;

const FIGURES = `
  select width_bucket($2::date - due_date, $3::int[]) as bucket, sum(minor)::text as minor, sum(count)::int as count
  from (
    select due_date, open_minor as minor, open_count as count from portfolios.due_open where firm_id = $1 and currency = 'EUR'
    union all select due_date, -open_minor, -open_count from portfolios.due_movement where firm_id = $1 and currency = 'EUR' and not fresh and day > $2
    union all select due_date, -open_minor, -open_count from portfolios.due_movement where firm_id = $1 and currency = 'EUR' and fresh and day > $2
  ) o group by 1
  union all
  select -1, sum(sales_minor)::text, 0 from portfolios.ledger_day where firm_id = $1 and currency = 'EUR' and day > $2::date - $4::int and day <= $2`;

interface Asked {
  readonly firm: string;
  readonly asOf: string;
  readonly bounds: readonly number[];
  readonly days: number;
}

interface Row {
  readonly bucket: number;
  readonly minor: string | null;
  readonly count: number;
}

const text = from === 'rows' ? ROWS : FIGURES;
const pool = new Pool({ connectionString: databaseUrl, max: 16 });

async function answer({ firm, asOf, bounds, days }: Asked): Promise<unknown> {
  const { rows } = await pool.query<Row>({ name: 'dashboard', text, values: [firm, asOf, [1, ...bounds.map((bound) => bound + 1)], days] });
  const buckets = new Map(rows.map((row) => [row.bucket, row]));
  let outstanding = 0;
  const agedBalance = Array.from({ length: bounds.length + 2 }, (_, bucket) => {
    const minor = Number(buckets.get(bucket)?.minor ?? 0);
    outstanding += minor;
    return {
      fromDay: bucket === 0 ? null : (bounds[bucket - 2] ?? 0) + 1, toDay: bucket === 0 ? 0 : (bounds[bucket - 1] ?? null),
      amount: { amount: inEuros(minor) }, invoiceCount: buckets.get(bucket)?.count ?? 0,
    };
  });
  const sales = Number(buckets.get(-1)?.minor ?? 0);
  return {
    data: {
      portfolio: {
        asOf, currency: 'EUR',
        indicators: {
          outstanding: { amount: inEuros(outstanding), currency: 'EUR' }, overdue: { amount: inEuros(outstanding - Number(buckets.get(0)?.minor ?? 0)) },
          agedBalance, dso: sales > 0 ? Math.round((outstanding / sales) * days * 1e6) / 1e6 : null,
        },
      },
    },
  };
}

function inEuros(minor: number): string {
  return (minor / 100).toFixed(2);
}

listenRaw(answer);
