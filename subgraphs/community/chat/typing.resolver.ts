import { Arg, Ctx, Field, ID, InputType, Mutation, ObjectType, Resolver, Root, Subscription } from 'type-graphql';
import { answer, type UserError } from '../../../src/errors.js';
import { UserErrorObject } from '../../../src/graph/user-error.graph.js';
import { Request } from '../../../src/server/request.js';
import { receiveTyping, tellTyping } from './tell-typing.js';

@InputType({ description: 'Whether somebody of your firm is typing.' })
class TypingSetInput {
  @Field(() => ID, { description: 'The conversation.' })
  conversationId!: string;

  @Field(() => Boolean, { description: 'True while somebody types, to be said again every few seconds; false when the field is left or emptied.' })
  typing!: boolean;
}

@ObjectType({ description: 'The outcome of saying that somebody types.' })
class TypingSetPayload {
  @Field(() => [UserErrorObject], { description: 'Why it was refused; empty when it was told.' })
  userErrors!: readonly UserError[];
}

@ObjectType({ description: 'Whether your peer is typing.' })
class PeerTyping {
  @Field(() => Boolean, { description: 'True: it types. False: it stopped, or nothing was heard of it for six seconds.' })
  typing!: boolean;
}

@Resolver()
export class TypingResolver {
  @Mutation(() => TypingSetPayload, { description: 'Tells your peer that you are typing, or that you stopped. Only after both of you have revealed yourselves, in an open conversation; before that it is NOT_ALLOWED, whatever your peer did. It ends by itself after six seconds, is told at most once a second, and is kept nowhere. Needs the scope chat.' })
  typingSet(@Arg('input', () => TypingSetInput, { description: 'Whether, and in which conversation.' }) { conversationId, typing }: TypingSetInput, @Ctx() request: Request): Promise<TypingSetPayload> {
    const { firmId } = request.demand('chat');
    return answer({}, async () => {
      await tellTyping(request.room, firmId, request.room.keys.ids.decode(firmId, 'Conversation', conversationId), typing);
      return {};
    });
  }

  @Subscription(() => PeerTyping, {
    description: 'Whether your peer is typing, each time that it changes; at first it is not. Ends when the conversation is closed. FORBIDDEN until both of you have revealed yourselves, NOT_FOUND when there is no such conversation. Needs the scope chat.',
    subscribe: ({ args, context }: { args: { readonly conversationId: string }; context: Request }) => {
      const { firmId } = context.demand('chat');
      return receiveTyping(context.room, firmId, context.room.keys.ids.decode(firmId, 'Conversation', args.conversationId));
    },
  })
  peerTyping(@Arg('conversationId', () => ID, { description: 'The conversation.' }) _conversationId: string, @Root() typing: boolean): PeerTyping {
    return { typing };
  }
}
