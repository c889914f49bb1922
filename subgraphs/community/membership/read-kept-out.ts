import { sql } from 'kysely';
import type { BatchRead } from '../../../src/server/request.js';

/** Which of these customers the asker's firm keeps out, under these ids or under another account of the same legal unit. */
export const readKeptOut: BatchRead<string, boolean> = async (request, customerIds) => {
  const { rows } = await request.read((em) =>
    sql<{ customer_id: string }>`
      select kept_out.customer_id from community.sharing_exclusion as kept_out where kept_out.customer_id = any(${[...customerIds]}::uuid[])
      union
      select own.customer_id from community.customer_key as own
      join community.customer_key as other on other.subject = own.subject
      join community.sharing_exclusion as kept_out on kept_out.customer_id = other.customer_id
      where own.customer_id = any(${[...customerIds]}::uuid[])
    `.execute(em.getKysely<unknown>()),
  );
  const keptOut = new Set(rows.map((row) => row.customer_id));
  return customerIds.map((id) => keptOut.has(id));
};
