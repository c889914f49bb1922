import { openConversation } from '../test/conversation.js';
import type { FirmVisitor, TestHouse } from '../test/house.js';

/** Two firms that talk about a customer both have. */
export interface Pair {
  /** Its place, as part of every text sent in it. */
  readonly name: string;
  readonly peeringId: string;
  /** By their side. */
  readonly firms: readonly [FirmVisitor, FirmVisitor];
  /** The conversation, by the id that each of the two knows. */
  readonly ids: readonly [string, string];
}

/** Signs up two firms for each pair, and opens a conversation between them. */
export async function openPairs(house: TestHouse, count: number): Promise<readonly Pair[]> {
  const owner = await house.asOwner();
  const pairs: Pair[] = [];
  for (let place = 0; place < count; place += 1) {
    const firms = await Promise.all([house.firm(), house.firm()]);
    const sides = await openConversation(owner, firms);
    const { rows } = await owner.query<{ peering_id: string; side: number }>('select peering_id, side from community.peering_side where firm_id = $1', [firms[0].firmId]);
    const [found] = rows;
    const [first, second] = found!.side === 0 ? sides : [sides[1], sides[0]];
    pairs.push({ name: `${place}`, peeringId: found!.peering_id, firms: [first.firm, second.firm], ids: [first.conversationId, second.conversationId] });
  }
  // The database may be what is to be killed: nobody is left connected to it.
  await owner.end();
  return pairs;
}
