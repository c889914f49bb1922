import { randomBytes, randomUUID } from 'node:crypto';
import type { FirmVisitor, TestHouse } from '../test/house.js';

/** Two firms that talk about a customer both have. */
export interface Pair {
  /** Its place, as part of every text sent in it. */
  readonly name: string;
  readonly peeringId: string;
  readonly firms: readonly [FirmVisitor, FirmVisitor];
  /** The conversation, by the id that each of the two knows. */
  readonly ids: readonly [string, string];
}

const SEEK = 'mutation ($id: ID!) { peerSeek(input: { customerId: $id }) { customer { peers { id } } userErrors { code message } } }';
const START = 'mutation ($id: ID!) { conversationStart(input: { peerId: $id }) { conversation { id } userErrors { code message } } }';

interface Sought { readonly peerSeek: { readonly customer: { readonly peers: readonly { readonly id: string }[] } } }
interface Started { readonly conversationStart: { readonly conversation: { readonly id: string } } }

/** Signs up two firms for each pair, and opens a conversation between them; community hears of their customer as by portfolios' events. */
export async function openPairs(house: TestHouse, count: number): Promise<readonly Pair[]> {
  const owner = await house.asOwner();
  const pairs: Pair[] = [];
  for (let place = 0; place < count; place += 1) {
    const firms = await Promise.all([house.firm(), house.firm()]);
    const customers = [randomUUID(), randomUUID()] as const;
    const subject = randomBytes(32).toString('hex');
    for (const side of [0, 1] as const) {
      await owner.query(`insert into community.membership (firm_id, verified, joined_at, metrics) values ($1, true, now(), '{DSO}') on conflict (firm_id) do update set verified = true, joined_at = now()`, [firms[side].firmId]);
      await owner.query(`insert into community.customer_key (firm_id, customer_id, subject, seekable_until, revision) values ($1, $2, $3, '2999-12', 1)`, [firms[side].firmId, customers[side], subject]);
    }
    // The mutation may always be repeated: the second time it shows the match.
    for (const side of [0, 1] as const) await firms[side].get(SEEK, { id: customers[side] });
    const open = async (side: 0 | 1): Promise<string> => {
      const { peerSeek } = await firms[side].get<Sought>(SEEK, { id: customers[side] });
      const { conversationStart } = await firms[side].get<Started>(START, { id: peerSeek.customer.peers[0]!.id });
      return conversationStart.conversation.id;
    };
    const ids = [await open(0), await open(1)] as const;
    const { rows } = await owner.query<{ peering_id: string; side: number }>('select peering_id, side from community.peering_side where firm_id = $1', [firms[0].firmId]);
    const [found] = rows;
    // Sides are by the firms' ids: the first of the pair is always side 0.
    const isTurned = found!.side === 1;
    pairs.push({
      name: `${place}`, peeringId: found!.peering_id,
      firms: isTurned ? [firms[1], firms[0]] : [firms[0], firms[1]], ids: isTurned ? [ids[1], ids[0]] : ids,
    });
  }
  return pairs;
}
