import { sql } from 'kysely';
import type { BatchRead } from '../../../src/server/request.js';
import { openMinorOn } from '../forecast/read-open-invoice.js';

/** A promise as the database gives it. */
export interface PromiseRecord {
  readonly id: string;
  readonly invoiceIds: readonly string[];
  readonly madeOn: string;
  readonly promisedOn: string;
  readonly currency: string;
  readonly amountMinor: string;
  readonly leftMinor: string;
  readonly note: string | null;
  readonly recordedBy: string | null;
  readonly replacedOn: string | null;
}

const promiseColumns = sql`
  p.id, p.made_on::text as "madeOn", p.promised_on::text as "promisedOn", p.currency, p.amount_minor::text as "amountMinor", p.left_minor::text as "leftMinor",
  p.note, p.recorded_by as "recordedBy", p.replaced_on::text as "replacedOn",
  (select array_agg(n.invoice_id::text order by n.invoice_id) from portfolios.payment_promise_invoice n where n.promise_id = p.id) as "invoiceIds"
`;

/** Promises by id. */
export const readPromises: BatchRead<string, PromiseRecord> = async (request, ids) => {
  const { rows } = await request.read((em) =>
    sql<PromiseRecord>`select ${promiseColumns} from portfolios.payment_promise p where p.id = any(${[...ids]}::uuid[])`.execute(em.getKysely<unknown>()),
  );
  const byId = new Map(rows.map((row) => [row.id, row]));
  return ids.map((id) => byId.get(id) ?? null);
};

/** Whose promises: those of a customer, or those about an invoice. */
export interface PromisesKey {
  readonly customerId: string | null;
  readonly invoiceId: string | null;
  readonly first: number;
}

/** The newest promises of each customer or about each invoice, the newest first. */
export const readPromisesOf: BatchRead<PromisesKey, readonly PromiseRecord[]> = async (request, keys) => {
  const { rows } = await request.read((em) =>
    sql<PromiseRecord & { readonly place: number }>`
      select asked.place::int as place, found.*
      from unnest(${keys.map((key) => key.customerId)}::uuid[], ${keys.map((key) => key.invoiceId)}::uuid[], ${keys.map((key) => key.first)}::int[])
        with ordinality as asked (customer_id, invoice_id, first, place)
      cross join lateral (
        select ${promiseColumns}
        from (
          select * from portfolios.payment_promise where customer_id = asked.customer_id
          union all
          select * from portfolios.payment_promise where id in (select promise_id from portfolios.payment_promise_invoice where invoice_id = asked.invoice_id)
        ) p order by p.made_on desc, p.id desc limit asked.first
      ) found
    `.execute(em.getKysely<unknown>()),
  );
  const byPlace = Map.groupBy(rows, (row) => row.place);
  return keys.map((_, index) => byPlace.get(index + 1) ?? []);
};

export interface PromiseDayKey {
  readonly promiseId: string;
  /** `yyyy-MM-dd`. */
  readonly day: string;
}

/** What is open of the invoices of each promise on a day, or on the promised day when that is earlier. */
export const readPromisedOpen: BatchRead<PromiseDayKey, bigint> = async (request, keys) => {
  const { rows } = await request.read((em) =>
    sql<{ place: number; minor: string }>`
      select asked.place::int as place, sum(${openMinorOn(sql`least(asked.day, p.promised_on)`)})::text as minor
      from unnest(${keys.map((key) => key.promiseId)}::uuid[], ${keys.map((key) => key.day)}::date[]) with ordinality as asked (promise_id, day, place)
      join portfolios.payment_promise p on p.id = asked.promise_id
      join portfolios.payment_promise_invoice n on n.promise_id = p.id
      join portfolios.invoice i on i.id = n.invoice_id
      group by asked.place
    `.execute(em.getKysely<unknown>()),
  );
  const byPlace = new Map(rows.map((row) => [row.place, BigInt(row.minor)]));
  return keys.map((_, index) => byPlace.get(index + 1) ?? null);
};
