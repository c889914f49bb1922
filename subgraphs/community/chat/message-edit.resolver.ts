import { Arg, Ctx, Field, FieldResolver, ID, InputType, Int, Mutation, ObjectType, Resolver, Root, Subscription } from 'type-graphql';
import { answer, type UserError } from '../../../src/errors.js';
import { DateTimeScalar } from '../../../src/graph/scalars.js';
import { UserErrorObject } from '../../../src/graph/user-error.graph.js';
import { Request } from '../../../src/server/request.js';
import { Message, toMessage } from './conversation.graph.js';
import { editMessage } from './edit-message.js';
import { readVersions, type EditRow } from './read-edits.js';
import { receiveEdits } from './receive-edits.js';

@InputType({ description: 'Another text for a message.' })
class MessageEditInput {
  @Field(() => ID, { description: 'The conversation.' })
  conversationId!: string;

  @Field(() => Int, { description: 'The number of the message.' })
  seq!: number;

  @Field(() => Int, { description: 'The version whose text you saw when you changed it.' })
  version!: number;

  @Field(() => String, { description: 'The text that it gets, by the same rules as that of a new message.' })
  body!: string;
}

@ObjectType({ description: 'A message that was edited, or why it was refused.' })
class MessageEditPayload {
  @Field(() => Message, { nullable: true, description: 'The message as it is now; null when refused.' })
  message!: Message | null;

  @Field(() => [UserErrorObject], { description: 'Why it was refused; empty when it was done.' })
  userErrors!: readonly UserError[];
}

@ObjectType({ description: 'One text of a message.' })
class MessageVersion {
  @Field(() => Int, { description: '1 is the text as it was sent.' })
  version!: number;

  @Field(() => String, { description: 'The text; empty once the message is older than twelve months.' })
  body!: string;

  @Field(() => DateTimeScalar, { description: 'When the message got this text.' })
  writtenAt!: string;
}

@ObjectType({ description: 'One edit of a message.' })
class MessageEdit {
  @Field(() => Int, { description: 'Its number: from 1 in every conversation, without a gap, in the same order for both. Resume after it.' })
  number!: number;

  @Field(() => Int, { description: 'The version that it made of its message; from 2.' })
  version!: number;

  @Field(() => String, { description: 'The text of that version; empty once the message is older than twelve months.' })
  body!: string;

  @Field(() => DateTimeScalar, { description: 'When it was made.' })
  editedAt!: string;

  @Field(() => Message, { description: 'The message as it is now; a later edit may have changed it again and is told next.' })
  message!: Message;
}

@Resolver(() => Message)
export class MessageEditResolver {
  @FieldResolver(() => [MessageVersion], { description: 'All its texts, the first one first; both of you can read them. At most 20.' })
  async versions(@Root() { peeringId, seq, version, body, sentAt }: Message, @Ctx() request: Request): Promise<MessageVersion[]> {
    if (version === 1) return [{ version, body, writtenAt: sentAt }];
    const rows = (await request.batch(readVersions, { peeringId, seq })) ?? [];
    return rows.map((row) => ({ version: row.version, body: row.body, writtenAt: row.written_at }));
  }

  @Mutation(() => MessageEditPayload, {
    description: 'Gives one of your messages another text, within five minutes after it was sent and while the conversation is open. Its number and its place stay, and both of you can read what it said before. The same edit again changes nothing; CONFLICT when it has another version by now than the one you saw. At most 20 versions a message. Needs the scope chat.',
  })
  messageEdit(@Arg('input', () => MessageEditInput, { description: 'The edit.' }) input: MessageEditInput, @Ctx() request: Request): Promise<MessageEditPayload> {
    const { firmId } = request.demand('chat');
    const peeringId = request.room.keys.ids.decode(firmId, 'Conversation', input.conversationId);
    return answer<Pick<MessageEditPayload, 'message'>>({ message: null }, async () => {
      const row = await editMessage(request.room, firmId, peeringId, input.seq, input.version, input.body);
      request.forget();
      return { message: toMessage(row, request) };
    });
  }

  @Subscription(() => MessageEdit, {
    description: 'First every edit after `after` (without it: only what is new), then those to come, each number once and in order, whatever restarts in between. Ends when the conversation is closed. NOT_FOUND when there is no such conversation. Needs the scope chat.',
    subscribe: ({ args, context }: { args: { readonly conversationId: string; readonly after?: number | null }; context: Request }) => {
      const { firmId } = context.demand('chat');
      return receiveEdits(context.room, firmId, context.room.keys.ids.decode(firmId, 'Conversation', args.conversationId), args.after ?? undefined);
    },
  })
  messageEdited(
    @Arg('conversationId', () => ID, { description: 'The conversation.' }) _conversationId: string,
    @Arg('after', () => Int, { nullable: true, description: "The number of the last edit that you have: at first the conversation's lastEdit, read before its messages. 0 for all; null: only what is new." }) _after: number | undefined,
    @Root() edit: EditRow,
    @Ctx() request: Request,
  ): MessageEdit {
    return { number: edit.number, version: edit.version, body: edit.body, editedAt: edit.edited_at, message: toMessage(edit.message, request) };
  }
}
