import { Arg, Ctx, Field, FieldResolver, ID, InputType, Int, Mutation, ObjectType, Resolver, Root, Subscription } from 'type-graphql';
import { answer, invariant, type UserError } from '../../../src/errors.js';
import { UserErrorObject } from '../../../src/graph/user-error.graph.js';
import { Request } from '../../../src/server/request.js';
import { Conversation, Message, toConversation, toMessage } from './conversation.graph.js';
import { readConversations } from './read-conversations.js';
import type { MessageRow } from './read-messages.js';
import { receiveMessages } from './receive-messages.js';
import { sendMessage } from './send-message.js';
import { sendWithAttachments } from './send-with-attachments.js';

@InputType({ description: 'A new message.' })
class MessageSendInput {
  @Field(() => ID, { description: 'The conversation.' })
  conversationId!: string;

  @Field(() => ID, { description: 'An id that you give it, 1 to 100 characters, none of them a control character. Sent again with the same one, it is the same message.' })
  clientId!: string;

  @Field(() => String, { description: 'The text, 1 to 4,000 characters (Unicode code points), kept as it is. Of the control characters only line feed and tab are accepted.' })
  body!: string;

  @Field(() => [ID], { nullable: true, description: 'Files that it carries, at most 10: your own of this conversation, uploaded and not sent yet. Null: none.' })
  attachmentIds!: string[] | null;
}

@ObjectType({ description: 'A message, or why it was refused.' })
class MessagePayload {
  @Field(() => Message, { nullable: true, description: 'Null when refused.' })
  message!: Message | null;

  @Field(() => [UserErrorObject], { description: 'Why it was refused; empty when it was sent.' })
  userErrors!: readonly UserError[];
}

@Resolver(() => Message)
export class MessageResolver {
  @FieldResolver(() => Conversation, { description: 'The conversation it belongs to, as it is now.' })
  async conversation(@Root() { peeringId }: Message, @Ctx() request: Request): Promise<Conversation> {
    const row = await request.batch(readConversations, peeringId);
    invariant(row, 'a message has a conversation');
    return toConversation(row, request);
  }

  @Mutation(() => MessagePayload, { description: 'Sends a message. The same clientId again gives the same message, with the text and the files it was first sent with. Needs the scope chat.' })
  messageSend(@Arg('input', () => MessageSendInput, { description: 'The message.' }) input: MessageSendInput, @Ctx() request: Request): Promise<MessagePayload> {
    const { firmId } = request.demand('chat');
    const peeringId = request.room.keys.ids.decode(firmId, 'Conversation', input.conversationId);
    return answer<Pick<MessagePayload, 'message'>>({ message: null }, async () => {
      const attachmentIds = (input.attachmentIds ?? []).map((id) => request.room.keys.ids.decode(firmId, 'Attachment', id));
      const row = attachmentIds.length > 0
        ? await sendWithAttachments(request.room, firmId, peeringId, input.clientId, input.body, attachmentIds)
        : await sendMessage(request.room, firmId, peeringId, input.clientId, input.body);
      request.forget();
      return { message: toMessage(row, request) };
    });
  }

  @Subscription(() => Message, {
    description: 'First everything after `after` (without it: only what is new), then what comes, each number once and in order, whatever restarts in between. Ends when the conversation is closed. NOT_FOUND when there is no such conversation. Needs the scope chat.',
    subscribe: ({ args, context }: { args: { readonly conversationId: string; readonly after?: number | null }; context: Request }) => {
      const { firmId } = context.demand('chat');
      return receiveMessages(context.room, firmId, context.room.keys.ids.decode(firmId, 'Conversation', args.conversationId), args.after ?? undefined);
    },
  })
  messageReceived(
    @Arg('conversationId', () => ID, { description: 'The conversation.' }) _conversationId: string,
    @Arg('after', () => Int, { nullable: true, description: 'The number of the last message that you have; 0 for all. Null: only what is new.' }) _after: number | undefined,
    @Root() message: MessageRow,
    @Ctx() request: Request,
  ): Message {
    return toMessage(message, request);
  }
}
