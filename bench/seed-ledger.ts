import type { Client } from 'pg';

/** A year's ledger of one firm. */
export interface SeededLedger {
  readonly firmId: string;
  readonly invoices: number;
}

/**
 * Writes a ledger as its owner, straight into the tables; the triggers keep the figures as for every writer. One currency,
 * a customer for each hundred invoices, invoices issued evenly over the last 365 days and due 30 to 60 days later, each
 * settled between 10 days early and 34 days late, so that those of the last weeks are open; every twentieth of them in part.
 */
export async function seedLedger(owner: Client, { firmId, invoices }: SeededLedger): Promise<void> {
  const customers = Math.ceil(invoices / 100);
  await owner.query('begin');
  await owner.query(`select set_config('app.firm_id', $1, true)`, [firmId]);
  await owner.query(`insert into portfolios.customer (reference, name, country) select 'C' || n, 'Customer ' || n, 'FR' from generate_series(1, $1::int) n`, [customers]);
  await owner.query(
    `insert into portfolios.invoice (customer_id, number, issue_date, due_date, currency, amount_minor, applied_minor, settled_on)
     select c.id, 'F' || i.n, i.issued, i.due, 'EUR', i.minor, case when i.settled <= current_date then i.minor when i.n % 20 = 0 then i.minor / 3 else 0 end,
       case when i.settled <= current_date then i.settled end
     from (
       select n, n % $2::int as place, issued, issued + terms as due, issued + terms - 10 + n % 45 as settled, 1000 + (n * 104729::bigint) % 900000 as minor
       from generate_series(1, $1::int) n cross join lateral (select current_date - (n * 7919::bigint % 365)::int as issued, 30 + n % 31 as terms) o
     ) i join (select id, row_number() over (order by id) - 1 as place from portfolios.customer where firm_id = $3) c on c.place = i.place`,
    [invoices, customers, firmId],
  );
  await owner.query(
    `insert into portfolios.application (customer_id, invoice_id, applied_on, amount_minor)
     select customer_id, id, coalesce(settled_on, issue_date), applied_minor from portfolios.invoice where firm_id = $1 and applied_minor > 0`,
    [firmId],
  );
  await owner.query('commit');
}
