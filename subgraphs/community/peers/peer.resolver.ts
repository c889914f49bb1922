import { Arg, Ctx, Directive, Field, FieldResolver, ID, InputType, Mutation, ObjectType, Resolver, Root } from 'type-graphql';
import { answer, type UserError } from '../../../src/errors.js';
import { DateTimeScalar } from '../../../src/graph/scalars.js';
import { UserErrorObject } from '../../../src/graph/user-error.graph.js';
import { Request } from '../../../src/server/request.js';
import { isUuid } from '../../../src/values/opaque-id.js';
import { Conversation, toConversation } from '../chat/conversation.graph.js';
import { readConversations } from '../chat/read-conversations.js';
import { Customer } from '../customer.graph.js';
import { Peer, toPeer } from './peer.graph.js';
import { readMarks, readPeersOfCustomers } from './read-peers.js';
import { withLedgerKnown } from '../membership/ask-ledger.js';
import { seekPeers, unseekPeers } from './seek-peers.js';

@Directive('@key(fields: "id", resolvable: false)')
@ObjectType('Firm', { description: 'A member firm. You see your own, and one that revealed itself to you in a conversation; never any other.' })
class FirmReference {
  @Field(() => ID, { description: 'Opaque; another firm knows this firm by another id.' })
  id!: string;
}

@InputType({ description: 'About which customer.' })
class PeerSeekInput {
  @Field(() => ID, { description: 'A customer of your firm.' })
  customerId!: string;
}

@ObjectType({ description: 'The customer, or why it was refused.' })
class PeerSeekPayload {
  @Field(() => Customer, { nullable: true, description: 'Null when refused.' })
  customer!: Customer | null;

  @Field(() => [UserErrorObject], { description: 'Why it was refused; empty when it was done. It depends on your own firm and ledger alone.' })
  userErrors!: readonly UserError[];
}

@Resolver(() => Customer)
export class CustomerPeersResolver {
  @FieldResolver(() => [Peer], { description: 'Members that share this customer and agreed, as you did, to be found about it. Empty when there are none, when you did not agree and when you are no member. Needs the scope community:read.' })
  async peers(@Root() { id }: Customer, @Ctx() request: Request): Promise<readonly Peer[]> {
    request.demand('community:read');
    const rows = isUuid(id) ? await request.batch(readPeersOfCustomers, id) : null;
    return (rows ?? []).map((row) => toPeer(row, request));
  }

  @FieldResolver(() => DateTimeScalar, { nullable: true, description: 'Until when, in business time, your firm agrees to be found about this customer: what peerSeek began, or peerUnseek ends; null: it does not. Whether others agree shows only in peers. Needs the scope community:read.' })
  async seekingUntil(@Root() { id }: Customer, @Ctx() request: Request): Promise<Date | string | null> {
    request.demand('community:read');
    return isUuid(id) ? request.batch(readMarks, id) : null;
  }
}

@Resolver(() => Peer)
export class PeerResolver {
  @FieldResolver(() => FirmReference, { nullable: true, description: 'The firm itself; null until both of you revealed yourselves in the conversation.' })
  firm(@Root() { firmId }: Peer, @Ctx() request: Request): FirmReference | null {
    return firmId === null ? null : { id: request.room.keys.ids.encode(request.demand().firmId, 'Firm', firmId) };
  }

  @FieldResolver(() => Conversation, { nullable: true, description: 'Your conversation with this peer about this customer; null until one of you started it. Needs the scope chat.' })
  async conversation(@Root() { peeringId }: Peer, @Ctx() request: Request): Promise<Conversation | null> {
    request.demand('chat');
    const row = await request.batch(readConversations, peeringId);
    return row && toConversation(row, request);
  }

  @Mutation(() => PeerSeekPayload, { description: 'Agrees to be found about a customer by members that agree as well: for 90 days, at least 30, at most 20 new ones a calendar month. Whoever already agreed is your peer at once, and you theirs; until then nobody learns of it. Needs a verified firm that is a member, at least three invoices to that customer in the last twelve months, and the scope community:write. Again it changes nothing.' })
  peerSeek(@Arg('input', () => PeerSeekInput, { description: 'About which customer.' }) input: PeerSeekInput, @Ctx() request: Request): Promise<PeerSeekPayload> {
    return this.#change(input, request, seekPeers);
  }

  @Mutation(() => PeerSeekPayload, { description: 'Takes that back. Before its thirtieth day it is noted, and takes effect on that day; peerSeek before then undoes it. Peers you already have stay: conversationClose ends a conversation, communityLeave all of it. Needs the scope community:write. Again it changes nothing.' })
  peerUnseek(@Arg('input', () => PeerSeekInput, { description: 'About which customer.' }) input: PeerSeekInput, @Ctx() request: Request): Promise<PeerSeekPayload> {
    return this.#change(input, request, unseekPeers);
  }

  #change({ customerId }: PeerSeekInput, request: Request, change: typeof seekPeers): Promise<PeerSeekPayload> {
    const asker = request.demand('community:write');
    return answer<Pick<PeerSeekPayload, 'customer'>>({ customer: null }, async () => {
      await withLedgerKnown(request.room, asker.firmId, customerId, () => change(request.room, asker, customerId));
      request.forget();
      return { customer: { id: customerId } };
    });
  }
}
