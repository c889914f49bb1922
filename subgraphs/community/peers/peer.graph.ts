import { Field, ID, ObjectType } from 'type-graphql';
import type { Request } from '../../../src/server/request.js';
import type { PeerRow } from './read-peers.js';

@ObjectType({ description: 'Another member that shares one customer with you. The same firm is another peer, with another alias, for every other customer.' })
export class Peer {
  @Field(() => ID, { description: 'Opaque; your peer knows this match by another id.' })
  id!: string;

  @Field(() => String, { description: 'What you call this peer, for this pair and this customer only. Your peer calls you by another one.' })
  alias!: string;

  readonly peeringId!: string;
  /** Null until both revealed themselves. */
  readonly firmId!: string | null;
}

/** A peer as the asker sees it. */
export function toPeer(row: PeerRow, request: Request): Peer {
  const id = request.room.keys.ids.encode(request.demand().firmId, 'Peer', row.peering_id);
  return { id, alias: row.alias, peeringId: row.peering_id, firmId: row.peer_firm_id };
}
