import { Arg, Ctx, Directive, Field, ID, InputType, Mutation, ObjectType, Resolver } from 'type-graphql';
import { answer, type UserError } from '../../../src/errors.js';
import { UserErrorObject } from '../../../src/graph/user-error.graph.js';
import { Request } from '../../../src/server/request.js';
import { blockPeer } from './block-peer.js';
import { Conversation, toConversation } from './conversation.graph.js';
import { readConversations } from './read-conversations.js';

@Directive('@oneOf')
@InputType({ description: 'Whom to block; exactly one field must be given.' })
class PeerBlockInput {
  @Field(() => ID, { nullable: true, description: 'A peer of one of your customers.' })
  peerId?: string;

  @Field(() => ID, { nullable: true, description: 'A conversation: its peer is blocked.' })
  conversationId?: string;
}

@ObjectType({ description: 'The outcome of a block.' })
class PeerBlockPayload {
  @Field(() => Conversation, { nullable: true, description: 'The conversation with the blocked peer, closed; null when there was none, or when refused.' })
  conversation!: Conversation | null;

  @Field(() => [UserErrorObject], { description: 'Why it was refused; empty when it was done.' })
  userErrors!: readonly UserError[];
}

@Resolver()
export class BlockResolver {
  @Mutation(() => PeerBlockPayload, { description: 'Blocks a peer: the match ends, the conversation is closed for both, and you are never matched again about that customer, whatever either of you marks. The peer is not told: to it you are gone, as if you had left the community. It cannot be taken back, and is about this peer and customer alone. Needs the scope chat. Again it changes nothing.' })
  peerBlock(@Arg('input', () => PeerBlockInput, { description: 'Whom.' }) { peerId, conversationId }: PeerBlockInput, @Ctx() request: Request): Promise<PeerBlockPayload> {
    const asker = request.demand('chat');
    const { ids } = request.room.keys;
    const peeringId = peerId == null ? ids.decode(asker.firmId, 'Conversation', conversationId ?? '') : ids.decode(asker.firmId, 'Peer', peerId);
    return answer<Pick<PeerBlockPayload, 'conversation'>>({ conversation: null }, async () => {
      await blockPeer(request.room, asker, peeringId, ['input', peerId == null ? 'conversationId' : 'peerId']);
      request.forget();
      const row = await request.batch(readConversations, peeringId);
      return { conversation: row && toConversation(row, request) };
    });
  }
}
