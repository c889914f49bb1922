import { sql } from 'kysely';
import type { BatchRead } from '../../../src/server/request.js';

export interface PeerRow {
  readonly peering_id: string;
  readonly alias: string;
  /** Null until both revealed themselves. */
  readonly peer_firm_id: string | null;
}

/** The members matched with the asker's firm about each customer, while the asker's firm is a member and the match lasts. */
export const readPeersOfCustomers: BatchRead<string, readonly PeerRow[]> = async (request, customerIds) => {
  const rows = await request.read(async (em) => {
    const read = await sql<PeerRow & { customer_id: string }>`
      select k.customer_id, s.peering_id, s.alias, s.peer_firm_id
      from community.customer_key k
      join community.peering_side s on s.firm_id = k.firm_id and s.subject = k.subject
      join community.peering p on p.peering_id = s.peering_id and p.ended_at is null
      join community.membership m on m.firm_id = k.firm_id and m.joined_at is not null
      where k.firm_id = ${request.demand().firmId} and k.customer_id = any(${customerIds}::uuid[])
      order by s.alias, s.peering_id
    `.execute(em.getKysely<unknown>());
    return read.rows;
  });
  const byCustomer = Map.groupBy(rows, (row) => row.customer_id);
  return customerIds.map((id) => byCustomer.get(id) ?? []);
};

/** The asker's firm's side of each peering, lasting or ended; null where it has none. */
export const readPeers: BatchRead<string, PeerRow> = async (request, peeringIds) => {
  const rows = await request.read(async (em) => {
    const read = await sql<PeerRow>`
      select peering_id, alias, peer_firm_id from community.peering_side
      where firm_id = ${request.demand().firmId} and peering_id = any(${peeringIds}::uuid[])
    `.execute(em.getKysely<unknown>());
    return read.rows;
  });
  const byId = new Map(rows.map((row) => [row.peering_id, row]));
  return peeringIds.map((id) => byId.get(id) ?? null);
};

/** When the mark of the asker's firm on each customer ends, by whichever of its accounts of the legal unit it was made; null where none lives. */
export const readMarks: BatchRead<string, Date | string> = async (request, customerIds) => {
  const { rows } = await request.read((em) =>
    sql<{ customer_id: string; ends_at: Date | string }>`
      select k.customer_id, max(m.ends_at) as ends_at
      from community.customer_key k join community.peer_mark m on m.subject = k.subject and m.firm_id = k.firm_id
      where k.firm_id = ${request.demand().firmId} and k.customer_id = any(${[...customerIds]}::uuid[]) and m.ends_at > ${request.room.clock.now().toString()}
      group by k.customer_id
    `.execute(em.getKysely<unknown>()),
  );
  const byCustomer = new Map(rows.map((row) => [row.customer_id, row.ends_at]));
  return customerIds.map((id) => byCustomer.get(id) ?? null);
};
