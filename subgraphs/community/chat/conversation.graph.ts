import { Field, ID, Int, ObjectType, registerEnumType } from 'type-graphql';
import { enumOf } from '../../../src/graph/enum-of.js';
import { DateTimeScalar } from '../../../src/graph/scalars.js';
import type { Request } from '../../../src/server/request.js';
import type { ConversationRow } from './read-conversations.js';
import type { MessageRow } from './read-messages.js';

const STATES = ['OPEN', 'CLOSED'] as const;
type ConversationState = (typeof STATES)[number];
const ConversationStateEnum = enumOf(STATES);
registerEnumType(ConversationStateEnum, {
  name: 'ConversationState',
  description: 'Whether messages can be sent.',
  valuesConfig: {
    OPEN: { description: 'Both can send.' },
    CLOSED: { description: 'One of the two closed it or left the community; it can still be read.' },
  },
});

@ObjectType({ description: 'What you and one peer write to each other about one shared customer.' })
export class Conversation {
  @Field(() => ID, { description: 'Opaque; your peer knows this conversation by another id.' })
  id!: string;

  @Field(() => ConversationStateEnum, { description: 'Whether messages can be sent.' })
  state!: ConversationState;

  @Field(() => Int, { description: 'The number of the latest message; 0 when there is none.' })
  lastSeq!: number;

  @Field(() => Int, { description: 'The number of the latest edit of a message here; 0 when there was none. Follow messageEdited after it.' })
  lastEdit!: number;

  @Field(() => Int, { description: 'Up to which number your firm has read, as it said by messagesRead; 0 at first.' })
  readUpTo!: number;

  @Field(() => Int, { description: 'Up to which number your peer has read, as it said; 0 at first.' })
  peerReadUpTo!: number;

  @Field(() => Int, { description: "How many of your peer's messages lie behind readUpTo." })
  unreadCount!: number;

  @Field(() => DateTimeScalar, { description: 'When the first of you started it.' })
  openedAt!: string;

  readonly peeringId!: string;
  readonly customerId!: string;
}

@ObjectType({ description: 'One message. Its text is inert: nothing in it is markup.' })
export class Message {
  @Field(() => ID, { description: 'Opaque; your peer knows this message by another id.' })
  id!: string;

  @Field(() => Int, { description: 'Its number: from 1 in every conversation, without a gap, in the same order for both.' })
  seq!: number;

  @Field(() => Boolean, { description: 'Whether your firm sent it.' })
  mine!: boolean;

  @Field(() => String, { description: 'The text of the moment: as it was sent, or as it was edited last; empty once the message is older than twelve months.' })
  body!: string;

  @Field(() => DateTimeScalar, { description: 'When it was sent.' })
  sentAt!: string;

  @Field(() => Int, { description: 'Which text this is: 1 as it was sent, one more with each edit. Of two that you have of one message, the higher one is the later.' })
  version!: number;

  @Field(() => DateTimeScalar, { nullable: true, description: 'When it was edited last; null when it never was.' })
  editedAt!: string | null;

  @Field(() => ID, { nullable: true, description: "The id that its sender gave it; null for your peer's messages." })
  clientId!: string | null;

  readonly peeringId!: string;
  readonly attachmentCount!: number;
}

@ObjectType({ description: 'A part of a conversation.' })
export class MessageConnection {
  @Field(() => [Message], { description: 'The messages by their numbers: upwards, and downwards where they were searched for.' })
  nodes!: Message[];

  @Field(() => Boolean, { description: 'Whether there is more in the direction of reading: upwards with first, downwards with last and in a search.' })
  hasMore!: boolean;
}

/** A conversation as the asker sees it. */
export function toConversation(row: ConversationRow, request: Request): Conversation {
  return {
    id: request.room.keys.ids.encode(request.demand().firmId, 'Conversation', row.peering_id),
    state: row.closed ? 'CLOSED' : 'OPEN',
    lastSeq: row.last_seq,
    lastEdit: row.last_edit,
    readUpTo: row.read_up_to,
    peerReadUpTo: row.peer_read_up_to,
    unreadCount: row.unread_count,
    openedAt: row.opened_at,
    peeringId: row.peering_id,
    customerId: row.customer_id,
  };
}

/** A message as the asker sees it. */
export function toMessage(row: MessageRow, request: Request): Message {
  return {
    id: request.room.keys.ids.encode(request.demand().firmId, 'Message', row.id),
    seq: row.seq,
    mine: row.mine,
    body: row.body,
    sentAt: row.sent_at,
    version: row.version,
    editedAt: row.edited_at,
    clientId: row.client_id,
    peeringId: row.peering_id,
    attachmentCount: row.attachment_count,
  };
}
