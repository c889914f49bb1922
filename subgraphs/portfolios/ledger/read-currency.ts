import { sql } from 'kysely';
import type { BatchRead, Request } from '../../../src/server/request.js';

/** What an empty ledger is in. */
const FIRST_CURRENCY = 'EUR';

export interface Currencies {
  /** In alphabetical order. */
  readonly all: readonly string[];
  /** The one meant when none is named: the only one, else the one of most invoices; EUR when there is none. */
  readonly preferred: string;
}

interface CurrencyRow {
  readonly currency: string;
  readonly invoices: string;
}

/** The currencies of the whole ledger. */
export async function readPortfolioCurrencies(request: Request): Promise<Currencies> {
  return (await request.batch(readWhole, 'whole'))!;
}

const readWhole: BatchRead<'whole', Currencies> = async (request, keys) => {
  const { rows } = await request.read((em) =>
    sql<CurrencyRow>`
      select currency, sum(invoices)::text as invoices
      from (
        select currency, count(*) as invoices from portfolios.invoice group by currency
        union all select distinct currency, 0 from portfolios.receipt
      ) seen group by currency order by currency
    `.execute(em.getKysely<unknown>()),
  );
  const most = rows.reduce<CurrencyRow | undefined>((best, row) => (best && BigInt(best.invoices) >= BigInt(row.invoices) ? best : row), undefined);
  const whole = { all: rows.map((row) => row.currency), preferred: most?.currency ?? FIRST_CURRENCY };
  return keys.map(() => whole);
};

/** The currency meant for a customer when none is named: its only one, else that of its portfolio. */
export async function preferredCurrency(request: Request, customerId: string): Promise<string> {
  return (await request.batch(readOnlyCurrencies, customerId)) ?? (await readPortfolioCurrencies(request)).preferred;
}

const readOnlyCurrencies: BatchRead<string, string> = async (request, customerIds) => {
  const { rows } = await request.read((em) =>
    sql<{ customer_id: string; only: string }>`
      select customer_id, min(currency) as only
      from (
        select customer_id, currency from portfolios.invoice where customer_id = any(${[...customerIds]}::uuid[])
        union all select customer_id, currency from portfolios.receipt where customer_id = any(${[...customerIds]}::uuid[])
      ) seen group by customer_id having min(currency) = max(currency)
    `.execute(em.getKysely<unknown>()),
  );
  const byCustomer = new Map(rows.map((row) => [row.customer_id, row.only]));
  return customerIds.map((id) => byCustomer.get(id) ?? null);
};
