import { Arg, Ctx, Field, ID, Int, ObjectType, Query, registerEnumType, Resolver } from 'type-graphql';
import { enumOf } from '../../../src/graph/enum-of.js';
import { demandPageSize, decodeCursor, encodeCursor, PageInfo, toPage, wrongCursor } from '../../../src/graph/page.graph.js';
import { DateTimeScalar } from '../../../src/graph/scalars.js';
import { Request } from '../../../src/server/request.js';
import { isUuid } from '../../../src/values/opaque-id.js';
import { AUDIT_ACTIONS, type AuditAction } from './audit-entry.js';
import { readAuditPage, type AuditRow } from './read-audit.js';

const AuditActionEnum = enumOf(AUDIT_ACTIONS);
registerEnumType(AuditActionEnum, {
  name: 'AuditAction',
  description: 'What your firm did among peers, or was shown there.',
  valuesConfig: {
    MARK_MADE: { description: 'It agreed to be found about a customer, or took back that it would not any more. Object: the customer.' },
    MARK_TAKEN_BACK: { description: 'It took that back, by peerUnseek or by leaving the community. Object: the customer.' },
    MATCH_SHOWN: { description: 'A peer was shown to it, and it to the peer. Nobody did it: two marks met. Object: the peer.' },
    PEER_BLOCKED: { description: 'It blocked a peer. Object: the peer.' },
    CONVERSATION_STARTED: { description: 'It started a conversation. Object: the conversation.' },
    IDENTITY_REVEAL_ASKED: { description: 'It agreed to reveal itself, once the peer does too. Object: the conversation.' },
    IDENTITIES_REVEALED: { description: 'Both had agreed: the two were shown to each other. Object: the conversation.' },
    CONVERSATION_CLOSED: { description: 'It closed a conversation, by conversationClose, by a block or by leaving the community. Object: the conversation.' },
    CONVERSATION_REPORTED: { description: 'It reported a conversation. Object: the conversation.' },
  },
});

@ObjectType('AuditEntry', { description: 'One entry of the audit log of your firm. Entries are never changed or removed; the people who run the network can prove that of the whole log.' })
class AuditEntryObject {
  @Field(() => ID, { description: 'Opaque.' })
  id!: string;

  @Field(() => DateTimeScalar, { description: 'When, in business time.' })
  at!: string;

  @Field(() => AuditActionEnum, { description: 'What was done.' })
  action!: AuditAction;

  @Field(() => ID, { nullable: true, description: 'The user who did it, or who made the API key that did; null where nobody of your firm did it.' })
  userId!: string | null;

  @Field(() => Boolean, { description: 'Whether an API key did it.' })
  byApiKey!: boolean;

  @Field(() => ID, { description: 'The id, as your firm knows it, of the customer, peer or conversation that it is about; which of them, the action says.' })
  objectId!: string;
}

@ObjectType({ description: 'A page of the audit log.' })
class AuditConnection {
  @Field(() => [AuditEntryObject], { description: 'The entries, the latest first.' })
  nodes!: AuditEntryObject[];

  @Field(() => PageInfo, { description: 'Where the page begins and ends.' })
  pageInfo!: PageInfo;

  @Field(() => Int, { description: 'How many there are in all; 10,001 when there are more than 10,000.' })
  totalCount!: number;
}

@Resolver(() => AuditEntryObject)
export class AuditResolver {
  @Query(() => AuditConnection, { description: 'What your firm did among peers, and was shown there, the latest first: marks, matches, conversations, revealing, blocks, reports. Nothing of it says what others did and your firm was not shown. Needs the scope members:manage.' })
  async auditLog(
    @Arg('first', () => Int, { nullable: true, defaultValue: 50, description: 'How many, from 1 to 100.' }) first: number | null,
    @Arg('after', () => String, { nullable: true, description: 'The endCursor of the page before.' }) after: string | undefined,
    @Ctx() request: Request,
  ): Promise<AuditConnection> {
    request.demand('members:manage');
    const size = demandPageSize(first ?? 50);
    const { rows, total } = await readAuditPage(request, size, after == null ? undefined : demandEntryId(after));
    const { nodes, pageInfo } = toPage(rows, size, after ?? undefined, ({ id }) => encodeCursor([id]));
    return { nodes: nodes.map((row) => toEntry(row, request)), pageInfo, totalCount: total };
  }
}

function demandEntryId(after: string): string {
  const [id] = decodeCursor(after, 1);
  if (typeof id !== 'string' || !isUuid(id)) throw wrongCursor();
  return id;
}

function toEntry(row: AuditRow, request: Request): AuditEntryObject {
  return { id: row.id, at: row.entered_at, action: row.action, userId: row.person_id, byApiKey: row.by_key, objectId: objectIdOf(row, request) };
}

/** What an entry is about, by the id that the firm knows. */
function objectIdOf({ action, object_id: id }: AuditRow, request: Request): string {
  const { firmId } = request.demand();
  switch (action) {
    case 'MARK_MADE':
    case 'MARK_TAKEN_BACK':
      return id;
    case 'MATCH_SHOWN':
    case 'PEER_BLOCKED':
      return request.room.keys.ids.encode(firmId, 'Peer', id);
    default:
      return request.room.keys.ids.encode(firmId, 'Conversation', id);
  }
}
