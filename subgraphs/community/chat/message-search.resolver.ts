import { Arg, Ctx, FieldResolver, Int, Resolver, Root } from 'type-graphql';
import { ApiError } from '../../../src/errors.js';
import { demandPageSize } from '../../../src/graph/page.graph.js';
import { Request } from '../../../src/server/request.js';
import { Conversation, MessageConnection, toMessage } from './conversation.graph.js';
import { readFoundMessages, SEARCHED_AT_ONCE } from './read-found-messages.js';
import { LONGEST_SEARCH, searchPatterns } from './search-pattern.js';

@Resolver(() => Conversation)
export class MessageSearchResolver {
  @FieldResolver(() => MessageConnection, {
    description: `Messages in which every word of \`text\` stands somewhere, the latest first; case and accents do not count, and no character has a meaning of its own. Texts of the moment only: what was edited away or erased is not found. A search looks at ${SEARCHED_AT_ONCE} numbers below \`before\`; hasMore also says that there are older ones that it did not look at: go on with a smaller \`before\`. At most 3 searches an operation.`,
  })
  async search(
    @Root() { peeringId, lastSeq }: Conversation,
    @Arg('text', () => String, { description: `What to look for: words parted by spaces, 1 to ${LONGEST_SEARCH} characters in all.` }) text: string,
    @Arg('first', () => Int, { nullable: true, defaultValue: 50, description: 'How many, from 1 to 100.' }) first: number | null,
    @Arg('before', () => Int, { nullable: true, description: 'Only messages with a lower number: the lowest of the page before.' }) before: number | undefined,
    @Arg('after', () => Int, { nullable: true, description: 'Only messages with a higher number.' }) after: number | undefined,
    @Ctx() request: Request,
  ): Promise<MessageConnection> {
    const size = demandPageSize(first ?? 50);
    const patterns = searchPatterns(text);
    if (!patterns) throw new ApiError('BAD_USER_INPUT', `text must have 1 to ${LONGEST_SEARCH} characters, at least one of them to look for, and no control characters.`);
    const below = Math.min(before ?? lastSeq + 1, lastSeq + 1);
    const lowest = Math.max(after ?? 0, 0);
    const above = Math.max(lowest, below - 1 - SEARCHED_AT_ONCE);
    const rows = (await request.batch(readFoundMessages, { peeringId, patterns, after: above, before: below, size })) ?? [];
    return { nodes: rows.slice(0, size).map((row) => toMessage(row, request)), hasMore: rows.length > size || above > lowest };
  }
}
