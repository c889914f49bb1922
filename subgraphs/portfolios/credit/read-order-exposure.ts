import { sql } from 'kysely';
import type { BatchRead } from '../../../src/server/request.js';

/** A reserved order as the database gives it. */
export interface OrderExposureRecord {
  readonly id: string;
  readonly orderReference: string;
  readonly currency: string;
  readonly amountMinor: string;
  readonly setAt: string | Date;
  readonly overridden: boolean;
  readonly releasedAt: string | Date | null;
}

const orderColumns = sql`
  o.id, o.order_reference as "orderReference", o.currency, o.amount_minor::text as "amountMinor", o.set_at as "setAt",
  o.overridden_by is not null as overridden, o.released_at as "releasedAt"
`;

/** Orders by id. */
export const readOrderExposures: BatchRead<string, OrderExposureRecord> = async (request, ids) => {
  const { rows } = await request.read((em) =>
    sql<OrderExposureRecord>`select ${orderColumns} from portfolios.order_exposure o where o.id = any(${[...ids]}::uuid[])`.execute(em.getKysely<unknown>()),
  );
  const byId = new Map(rows.map((row) => [row.id, row]));
  return ids.map((id) => byId.get(id) ?? null);
};

export interface OrderPage {
  readonly customerId: string;
  readonly first: number;
  /** The reference of the last order of the page before; null: from the start. */
  readonly after: string | null;
}

/** Pages of the orders that stand, by their references; each has one row more if there is more. */
export const readOrderPages: BatchRead<OrderPage, readonly OrderExposureRecord[]> = async (request, pages) => {
  const { rows } = await request.read((em) =>
    sql<OrderExposureRecord & { readonly place: number }>`
      select asked.place::int as place, found.*
      from unnest(${pages.map((page) => page.customerId)}::uuid[], ${pages.map((page) => page.after ?? '')}::text[], ${pages.map((page) => page.first)}::int[])
        with ordinality as asked (customer_id, after, first, place)
      cross join lateral (
        select ${orderColumns} from portfolios.order_exposure o
        where o.customer_id = asked.customer_id and o.released_at is null and o.order_reference > asked.after
        order by o.order_reference limit asked.first + 1
      ) found
    `.execute(em.getKysely<unknown>()),
  );
  const byPlace = Map.groupBy(rows, (row) => row.place);
  return pages.map((_, index) => byPlace.get(index + 1) ?? []);
};

export interface OrderKey {
  readonly customerId: string;
  readonly orderReference: string;
}

/** The orders that stand under these references. */
export const readStandingOrders: BatchRead<OrderKey, OrderExposureRecord> = async (request, keys) => {
  const { rows } = await request.read((em) =>
    sql<OrderExposureRecord & { readonly customerId: string }>`
      select o.customer_id as "customerId", ${orderColumns}
      from unnest(${keys.map((key) => key.customerId)}::uuid[], ${keys.map((key) => key.orderReference)}::text[]) as asked (customer_id, order_reference)
      join portfolios.order_exposure o on o.customer_id = asked.customer_id and o.order_reference = asked.order_reference and o.released_at is null
    `.execute(em.getKysely<unknown>()),
  );
  const nameOf = (key: OrderKey): string => JSON.stringify([key.customerId, key.orderReference]);
  const byName = new Map(rows.map((row) => [nameOf(row), row]));
  return keys.map((key) => byName.get(nameOf(key)) ?? null);
};
