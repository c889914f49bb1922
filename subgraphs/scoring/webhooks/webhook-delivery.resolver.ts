import { Arg, Args, ArgsType, Ctx, Field, ID, InputType, Int, Mutation, ObjectType, Query, registerEnumType, Resolver } from 'type-graphql';
import { answer, type UserError } from '../../../src/errors.js';
import { enumOf } from '../../../src/graph/enum-of.js';
import { decodeCursor, demandPageSize, encodeCursor, PageInfo, toPage, wrongCursor } from '../../../src/graph/page.graph.js';
import { DateTimeScalar } from '../../../src/graph/scalars.js';
import { UserErrorObject } from '../../../src/graph/user-error.graph.js';
import { Request } from '../../../src/server/request.js';
import { isUuid } from '../../../src/values/opaque-id.js';
import { listDeliveries, type AttemptRecord, type DeliveryRecord } from './read-webhooks.js';
import { queueTest, replayDeliveries } from './replay-deliveries.js';
import { DELIVERY_STATES, WEBHOOK_FAILURES, type DeliveryState, type WebhookFailure } from './webhook-attempt.js';
import { WebhookEndpointRefInput } from './webhook-endpoint.resolver.js';

const WebhookFailureEnum = enumOf(WEBHOOK_FAILURES);
registerEnumType(WebhookFailureEnum, {
  name: 'WebhookFailure',
  description: 'Why an attempt did not deliver.',
  valuesConfig: {
    STATUS: { description: 'The status of the answer is none from 200 to 399.' },
    REDIRECT: { description: 'The receiver sent us elsewhere (300 to 399). No redirect is followed: give the endpoint its new URL.' },
    TIMEOUT: { description: 'There was no answer within 15 seconds.' },
    NO_PUBLIC_ADDRESS: { description: 'The name has no address, or one that is not public. One answer for both.' },
    CERTIFICATE: { description: 'The certificate, or the handshake of TLS, is no good.' },
    CONNECTION: { description: 'No connection came about, or it broke before the answer.' },
  },
});

const DeliveryStateEnum = enumOf(DELIVERY_STATES);
registerEnumType(DeliveryStateEnum, {
  name: 'WebhookDeliveryState',
  description: 'Where a delivery stands.',
  valuesConfig: {
    PENDING: { description: 'It is sent, or sent again, at nextAttemptAt.' },
    DELIVERED: { description: 'The receiver took it: a status from 200 to 299.' },
    GIVEN_UP: { description: 'Ten attempts failed. webhookReplay begins anew.' },
  },
});

@ObjectType({ description: 'One attempt to deliver.' })
class WebhookAttempt {
  @Field(() => DateTimeScalar, { description: 'When it began, in real time.' })
  at!: string;

  @Field(() => Int, { description: 'How long it took, in milliseconds.' })
  milliseconds!: number;

  @Field(() => Int, { nullable: true, description: 'The status of the answer; null: there was none.' })
  status!: number | null;

  @Field(() => WebhookFailureEnum, { nullable: true, description: 'Why it did not deliver; null: it did.' })
  failure!: WebhookFailure | null;

  @Field(() => String, { nullable: true, description: 'The beginning of the answer, at most 300 characters on one line; null: there was none, or it was empty.' })
  excerpt!: string | null;
}

@ObjectType({ description: 'One event on its way to one endpoint.' })
class WebhookDelivery {
  @Field(() => ID, { description: 'Opaque.' })
  id!: string;

  @Field(() => String, { description: 'The `webhook-id` that every attempt carries: the receiver knows by it what it has already dealt with.' })
  webhookId!: string;

  @Field(() => String, { description: 'What is told, as on the wire, e.g. `alert.raised`; `webhook.test` for a test.' })
  type!: string;

  @Field(() => String, { description: 'The body, exactly as it is signed and sent: JSON with `type`, `timestamp` and `data`.' })
  body!: string;

  @Field(() => DeliveryStateEnum, { description: 'Where it stands.' })
  state!: DeliveryState;

  @Field(() => DateTimeScalar, { description: 'When it was queued, in real time. Thirty days later it is forgotten.' })
  queuedAt!: string;

  @Field(() => DateTimeScalar, { nullable: true, description: 'When it is sent next, at the latest; null: not again, or not before the endpoint is enabled.' })
  nextAttemptAt!: string | null;

  @Field(() => [WebhookAttempt], { description: 'The attempts that have ended, the latest first; at most 20. One that was broken off, as by a restart, is not among them and is made again.' })
  attempts!: readonly AttemptRecord[];
}

@ObjectType({ description: 'A page of deliveries, the latest queued first.' })
class WebhookDeliveryConnection {
  @Field(() => [WebhookDelivery], { description: 'The deliveries.' })
  nodes!: readonly DeliveryRecord[];

  @Field(() => PageInfo, { description: 'Where the page begins and ends.' })
  pageInfo!: PageInfo;
}

@ArgsType()
class WebhookDeliveriesArgs {
  @Field(() => ID, { description: 'The endpoint.' })
  endpointId!: string;

  @Field(() => Int, { nullable: true, defaultValue: 50, description: 'How many, at most 100.' })
  first!: number | null;

  @Field(() => String, { nullable: true, description: 'The endCursor of the page before.' })
  after?: string | null;

  @Field(() => Boolean, { nullable: true, defaultValue: false, description: 'true: only those that were tried and have not arrived.' })
  failed!: boolean | null;
}

@ObjectType({ description: 'The test, or why there is none.' })
class WebhookTestPayload {
  @Field(() => WebhookDelivery, { nullable: true, description: 'Its delivery, which has just been queued; null when refused.' })
  delivery!: DeliveryRecord | null;

  @Field(() => [UserErrorObject], { description: 'Why it was refused; empty when it was done. LIMIT_REACHED: five tests a minute.' })
  userErrors!: readonly UserError[];
}

@InputType({ description: 'What to send again: `deliveryId` alone, whether it arrived or not; or `endpointId` and `since`, for all that has not arrived.' })
class WebhookReplayInput {
  @Field(() => ID, { nullable: true, description: 'One delivery.' })
  deliveryId?: string | null;

  @Field(() => ID, { nullable: true, description: 'An endpoint, with `since`.' })
  endpointId?: string | null;

  @Field(() => DateTimeScalar, { nullable: true, description: 'What was queued from this instant on.' })
  since?: Temporal.Instant | null;
}

@ObjectType({ description: 'The outcome of sending again.' })
class WebhookReplayPayload {
  @Field(() => Int, { description: 'How many deliveries are due by this; what is being sent this very moment is not among them.' })
  count!: number;

  @Field(() => [UserErrorObject], { description: 'Why it was refused; empty when it was done.' })
  userErrors!: readonly UserError[];
}

@Resolver(() => WebhookDelivery)
export class WebhookDeliveryResolver {
  @Query(() => WebhookDeliveryConnection, { nullable: true, description: 'What was sent to an endpoint in the last thirty days, and how that went; null when your firm has no such endpoint. Needs the scope ledger:read.' })
  async webhookDeliveries(@Args(() => WebhookDeliveriesArgs) args: WebhookDeliveriesArgs, @Ctx() request: Request): Promise<WebhookDeliveryConnection | null> {
    request.demand('ledger:read');
    const first = demandPageSize(args.first ?? 50);
    const after = args.after == null ? undefined : demandDeliveryId(args.after);
    if (!isUuid(args.endpointId)) return null;
    const rows = await request.read((em) => listDeliveries(em, args.endpointId, first + 1, { after, failed: args.failed ?? false }));
    if (!rows) return null;
    const { nodes, pageInfo } = toPage(rows, first, args.after ?? undefined, ({ id }) => encodeCursor([id]));
    return { nodes, pageInfo };
  }

  @Mutation(() => WebhookTestPayload, { description: 'Sends an event of the type `webhook.test` to an endpoint, whatever it is subscribed to; `webhookDeliveries` says how it went. Needs the scope credit:write.' })
  webhookTest(@Arg('input', () => WebhookEndpointRefInput, { description: 'Which endpoint.' }) { id }: WebhookEndpointRefInput, @Ctx() request: Request): Promise<WebhookTestPayload> {
    request.demand('credit:write');
    return answer<Omit<WebhookTestPayload, 'userErrors'>>({ delivery: null }, async () => ({ delivery: await queueTest(request.db, id) }));
  }

  @Mutation(() => WebhookReplayPayload, { description: 'Sends deliveries again, at once, with the same `webhook-id`: after an outage, or when a receiver lost what it had taken. Needs the scope credit:write.' })
  webhookReplay(@Arg('input', () => WebhookReplayInput, { description: 'What to send again.' }) input: WebhookReplayInput, @Ctx() request: Request): Promise<WebhookReplayPayload> {
    request.demand('credit:write');
    const asked = { deliveryId: input.deliveryId ?? undefined, endpointId: input.endpointId ?? undefined, since: input.since ?? undefined };
    return answer<Omit<WebhookReplayPayload, 'userErrors'>>({ count: 0 }, async () => ({ count: await replayDeliveries(request.db, asked) }));
  }
}

function demandDeliveryId(after: string): string {
  const [id] = decodeCursor(after, 1);
  if (typeof id !== 'string' || !isUuid(id)) throw wrongCursor();
  return id;
}
