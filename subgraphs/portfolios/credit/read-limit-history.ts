import { sql } from 'kysely';
import type { BatchRead } from '../../../src/server/request.js';

/** A change of a limit as the database gives it. */
export interface LimitChangeRecord {
  readonly changedAt: string | Date;
  readonly changedBy: string | null;
  readonly byKey: boolean;
  readonly fromMinor: string | null;
  readonly fromCurrency: string | null;
  readonly toMinor: string | null;
  readonly toCurrency: string | null;
  readonly requestId: string | null;
}

export interface LimitHistoryKey {
  readonly customerId: string;
  readonly first: number;
}

/** The latest changes of each customer's limit, the newest first. */
export const readLimitHistories: BatchRead<LimitHistoryKey, readonly LimitChangeRecord[]> = async (request, keys) => {
  const { rows } = await request.read((em) =>
    sql<LimitChangeRecord & { readonly place: number }>`
      select asked.place::int as place, c.*
      from unnest(${keys.map((key) => key.customerId)}::uuid[], ${keys.map((key) => key.first)}::int[]) with ordinality as asked (customer_id, first, place)
      cross join lateral (
        select changed_at as "changedAt", changed_by as "changedBy", by_key as "byKey", from_minor::text as "fromMinor", from_currency as "fromCurrency",
          to_minor::text as "toMinor", to_currency as "toCurrency",
          request_id as "requestId"
        from portfolios.credit_limit_change where customer_id = asked.customer_id order by id desc limit asked.first
      ) c
    `.execute(em.getKysely<unknown>()),
  );
  const byPlace = Map.groupBy(rows, (row) => row.place);
  return keys.map((_, index) => byPlace.get(index + 1) ?? []);
};
