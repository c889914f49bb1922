import { sql } from 'kysely';
import type { BatchRead } from '../../../src/server/request.js';
import type { Room } from '../../../src/server/room.js';

/** With fewer customers than these a firm is concentrated whatever it does. */
const LEAST_CUSTOMERS = 10;
/** From so many invoices on, what they add up to is remembered for a while: a few more of them change nothing that anybody would see. */
const REMEMBERED_INVOICES = 10_000;
const REMEMBERED_MILLISECONDS = 60_000;
const MOST_REMEMBERED = 1000;

type Sales = ReadonlyMap<string, bigint>;

const remembered = new WeakMap<Room, Map<string, { readonly sales: Sales; readonly until: number }>>();

/**
 * What the asker's firm invoiced in the last 12 months in each currency in which it invoiced at least ten customers; in a ledger of
 * more than 10,000 invoices it may be a minute old.
 */
export const readPortfolioSales: BatchRead<Temporal.PlainDate, Sales> = async (request, days) => Promise.all(days.map(async (today) => {
  const { firmId } = request.demand();
  const name = `${firmId} ${today.toString()}`;
  const kept = remembered.get(request.room)?.get(name);
  if (kept && kept.until > performance.now()) return kept.sales;
  const { rows } = await request.read((em) => sql<{ currency: string; sales: string; customers: number; invoices: number }>`
    select currency, sum(sales)::text as sales, count(*)::int as customers, sum(invoices)::int as invoices
    from (
      select currency, customer_id, sum(amount_minor) as sales, count(*) as invoices from scoring.invoice_fact
      where amount_minor > 0 and issue_date <= ${today.toString()}::date and issue_date > ${today.subtract({ months: 12 }).toString()}::date
      group by currency, customer_id
    ) by_customer
    group by currency
  `.execute(em.getKysely<unknown>()));
  const sales = new Map(rows.filter(({ customers }) => customers >= LEAST_CUSTOMERS).map(({ currency, sales: minor }) => [currency, BigInt(minor)]));
  if (rows.reduce((sum, { invoices }) => sum + invoices, 0) >= REMEMBERED_INVOICES) remember(request.room, name, sales);
  return sales;
}));

function remember(room: Room, name: string, sales: Sales): void {
  let kept = remembered.get(room);
  if (!kept) remembered.set(room, (kept = new Map()));
  kept.delete(name);
  if (kept.size >= MOST_REMEMBERED) kept.delete(kept.keys().next().value!);
  kept.set(name, { sales, until: performance.now() + REMEMBERED_MILLISECONDS });
}
