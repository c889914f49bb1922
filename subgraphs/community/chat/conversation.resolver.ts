import { Arg, Ctx, Field, FieldResolver, ID, InputType, Int, Mutation, ObjectType, Query, Resolver, Root, Subscription } from 'type-graphql';
import { answer, ApiError, invariant, type UserError } from '../../../src/errors.js';
import { decodeCursor, demandPageSize, encodeCursor, PageInfo, toPage, wrongCursor } from '../../../src/graph/page.graph.js';
import { UserErrorObject } from '../../../src/graph/user-error.graph.js';
import type { Asker } from '../../../src/server/asker.js';
import { Request } from '../../../src/server/request.js';
import { parseInstant } from '../../../src/values/instant.js';
import { Customer } from '../customer.graph.js';
import { Peer, toPeer } from '../peers/peer.graph.js';
import { readPeers } from '../peers/read-peers.js';
import { bannerFor } from './banner.js';
import { closeConversation } from './close-conversation.js';
import { Conversation, MessageConnection, toConversation, toMessage } from './conversation.graph.js';
import { noteRead } from './note-read.js';
import { countConversations, readConversationPage, readConversations } from './read-conversations.js';
import { readMessageRanges } from './read-messages.js';
import { receiveInboxChanges } from './receive-inbox-changes.js';
import { reportConversation } from './report-conversation.js';
import { revealIdentity } from './reveal-identity.js';
import { startConversation } from './start-conversation.js';

@ObjectType({ description: 'A page of your conversations.' })
class ConversationConnection {
  @Field(() => [Conversation], { description: 'The conversations, the latest started first.' })
  nodes!: Conversation[];

  @Field(() => PageInfo, { description: 'Where the page begins and ends.' })
  pageInfo!: PageInfo;

  @Field(() => Int, { description: 'How many there are in all; 10,001 when there are more than 10,000.' })
  totalCount!: number;
}

@ObjectType({ description: 'A conversation, or why it was refused.' })
class ConversationPayload {
  @Field(() => Conversation, { nullable: true, description: 'The conversation as it is now; null when refused.' })
  conversation!: Conversation | null;

  @Field(() => [UserErrorObject], { description: 'Why it was refused; empty when it was done.' })
  userErrors!: readonly UserError[];
}

@InputType({ description: 'With whom to start a conversation.' })
class ConversationStartInput {
  @Field(() => ID, { description: 'A peer of one of your customers.' })
  peerId!: string;
}

@InputType({ description: 'Which conversation.' })
class ConversationInput {
  @Field(() => ID, { description: 'The conversation.' })
  conversationId!: string;
}

@InputType({ description: 'What to report.' })
class ConversationReportInput {
  @Field(() => ID, { description: 'The conversation.' })
  conversationId!: string;

  @Field(() => String, { description: 'What is wrong, in 1 to 4,000 characters.' })
  reason!: string;
}

@InputType({ description: 'How far you have read.' })
class MessagesReadInput {
  @Field(() => ID, { description: 'The conversation.' })
  conversationId!: string;

  @Field(() => Int, { description: 'The number of the last message you have read.' })
  upTo!: number;
}

type Change = (asker: Asker, peeringId: string) => Promise<void>;

@Resolver(() => Conversation)
export class ConversationResolver {
  @Query(() => Conversation, { nullable: true, description: 'One of your conversations; null when there is no such. Needs the scope chat.' })
  async conversation(@Arg('id', () => ID, { description: 'The conversation.' }) id: string, @Ctx() request: Request): Promise<Conversation | null> {
    const { firmId } = request.demand('chat');
    const row = await request.batch(readConversations, request.room.keys.ids.decode(firmId, 'Conversation', id));
    return row && toConversation(row, request);
  }

  @Query(() => ConversationConnection, { description: 'Your conversations, the latest started first. Needs the scope chat.' })
  async conversations(
    @Arg('first', () => Int, { nullable: true, defaultValue: 50, description: 'How many, from 1 to 100.' }) first: number | null,
    @Arg('after', () => String, { nullable: true, description: 'The endCursor of the page before.' }) after: string | undefined,
    @Ctx() request: Request,
  ): Promise<ConversationConnection> {
    const { ids } = request.room.keys;
    const { firmId } = request.demand('chat');
    const size = demandPageSize(first ?? 50);
    const rows = await readConversationPage(request, size, after == null ? undefined : this.#decode(after, firmId, request));
    // The firm's own id of a conversation: a cursor must not be the same for two firms either.
    const page = toPage(rows, size, after ?? undefined, (row) => encodeCursor([row.opened_at, ids.encode(firmId, 'Conversation', row.peering_id)]));
    return { nodes: page.nodes.map((row) => toConversation(row, request)), pageInfo: page.pageInfo, totalCount: await countConversations(request) };
  }

  #decode(after: string, firmId: string, request: Request): { openedAt: string; peeringId: string } {
    const [at, id] = decodeCursor(after, 2);
    const openedAt = parseInstant(String(at));
    if (!openedAt) throw wrongCursor();
    return { openedAt: openedAt.toString(), peeringId: request.room.keys.ids.decode(firmId, 'Conversation', String(id)) };
  }

  @FieldResolver(() => Customer, { description: 'The shared customer, as your own ledger has it.' })
  customer(@Root() { customerId }: Conversation): Customer {
    return { id: customerId };
  }

  @FieldResolver(() => String, { description: 'What may be spoken about. A client must show it above the conversation, in its reader\'s language.' })
  banner(@Arg('locale', () => String, { nullable: true, description: 'The reader\'s language as a BCP 47 tag, e.g. fr-FR: French and English are there. English when it is another one or left out.' }) locale?: string): string {
    return bannerFor(locale);
  }

  @FieldResolver(() => Peer, { description: 'The other firm.' })
  async peer(@Root() { peeringId }: Conversation, @Ctx() request: Request): Promise<Peer> {
    const row = await request.batch(readPeers, peeringId);
    invariant(row, 'a conversation has a peer');
    return toPeer(row, request);
  }

  @FieldResolver(() => MessageConnection, { description: 'Messages by number: the first ones after `after`, or, with `last`, the last ones before `before`.' })
  async messages(
    @Root() { peeringId }: Conversation,
    @Arg('first', () => Int, { nullable: true, defaultValue: 50, description: 'How many from the front, from 1 to 100. Ignored when last is given.' }) first: number | null,
    @Arg('after', () => Int, { nullable: true, description: 'Only messages with a higher number.' }) after: number | undefined,
    @Arg('last', () => Int, { nullable: true, description: 'How many from the end, from 1 to 100.' }) last: number | undefined,
    @Arg('before', () => Int, { nullable: true, description: 'Only messages with a lower number.' }) before: number | undefined,
    @Ctx() request: Request,
  ): Promise<MessageConnection> {
    const fromEnd = last != null;
    if (fromEnd && (last < 1 || last > 100)) throw new ApiError('BAD_USER_INPUT', 'last must be from 1 to 100.');
    const size = fromEnd ? last : demandPageSize(first ?? 50);
    const rows = (await request.batch(readMessageRanges, { peeringId, after: after ?? 0, before: before ?? 2_147_483_647, size, fromEnd })) ?? [];
    const nodes = rows.slice(0, size).map((row) => toMessage(row, request));
    return { nodes: fromEnd ? nodes.toReversed() : nodes, hasMore: rows.length > size };
  }

  @Mutation(() => ConversationPayload, { description: 'Starts the conversation with a peer. Started again, or by both of you, it is the same one. Needs the scope chat.' })
  conversationStart(@Arg('input', () => ConversationStartInput, { description: 'With whom.' }) input: ConversationStartInput, @Ctx() request: Request): Promise<ConversationPayload> {
    const asker = request.demand('chat');
    const peeringId = request.room.keys.ids.decode(asker.firmId, 'Peer', input.peerId);
    return this.#change(request, peeringId, () => startConversation(request.room, asker, peeringId));
  }

  @Mutation(() => ConversationPayload, { description: 'Notes how far your firm has read; it never goes back. Your peer sees it. Needs the scope chat.' })
  messagesRead(@Arg('input', () => MessagesReadInput, { description: 'How far.' }) input: MessagesReadInput, @Ctx() request: Request): Promise<ConversationPayload> {
    return this.#changeById(request, input, ({ firmId }, peeringId) => noteRead(request.room, firmId, peeringId, input.upTo));
  }

  @Mutation(() => ConversationPayload, { description: 'Reveals your firm to this peer once the peer does the same; until both did, neither learns anything. It cannot be taken back. Needs the scope chat.' })
  identityReveal(@Arg('input', () => ConversationInput, { description: 'In which conversation.' }) input: ConversationInput, @Ctx() request: Request): Promise<ConversationPayload> {
    return this.#changeById(request, input, (asker, peeringId) => revealIdentity(request.room, asker, peeringId));
  }

  @Mutation(() => ConversationPayload, { description: 'Closes a conversation for both, for good; it can still be read. Needs the scope chat.' })
  conversationClose(@Arg('input', () => ConversationInput, { description: 'Which one.' }) input: ConversationInput, @Ctx() request: Request): Promise<ConversationPayload> {
    return this.#changeById(request, input, (asker, peeringId) => closeConversation(request.room, asker, peeringId));
  }

  @Mutation(() => ConversationPayload, { description: 'Reports a conversation to those who run the community. They read its last 500 messages as your firm sees them now. Your peer is not told, and the conversation stays as it is. At most ten reports a day; it can be reported again. Needs the scope chat.' })
  conversationReport(@Arg('input', () => ConversationReportInput, { description: 'What to report.' }) input: ConversationReportInput, @Ctx() request: Request): Promise<ConversationPayload> {
    return this.#changeById(request, input, (asker, peeringId) => reportConversation(request.room, asker, peeringId, input.reason));
  }

  @Subscription(() => Conversation, {
    description: 'Your conversations, each time one of them changes: started, a message, read, revealed, closed. Changes close to one another are told as one. Needs the scope chat.',
    subscribe: ({ context }: { context: Request }) => receiveInboxChanges(context.room, context.demand('chat').firmId),
  })
  async inboxChanged(@Root() peeringId: string, @Ctx() request: Request): Promise<Conversation> {
    const row = await request.batch(readConversations, peeringId);
    invariant(row, 'a conversation that changed is there');
    return toConversation(row, request);
  }

  #changeById(request: Request, { conversationId }: { readonly conversationId: string }, change: Change): Promise<ConversationPayload> {
    const asker = request.demand('chat');
    const peeringId = request.room.keys.ids.decode(asker.firmId, 'Conversation', conversationId);
    return this.#change(request, peeringId, () => change(asker, peeringId));
  }

  #change(request: Request, peeringId: string, change: () => Promise<void>): Promise<ConversationPayload> {
    return answer<Pick<ConversationPayload, 'conversation'>>({ conversation: null }, async () => {
      await change();
      request.forget();
      const row = await request.batch(readConversations, peeringId);
      return { conversation: row && toConversation(row, request) };
    });
  }
}
