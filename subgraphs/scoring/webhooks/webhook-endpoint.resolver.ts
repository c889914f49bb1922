import { Arg, Ctx, Field, FieldResolver, ID, InputType, Mutation, ObjectType, Query, registerEnumType, Resolver, Root } from 'type-graphql';
import { answer, type UserError } from '../../../src/errors.js';
import { enumOf } from '../../../src/graph/enum-of.js';
import { DateTimeScalar } from '../../../src/graph/scalars.js';
import { UserErrorObject } from '../../../src/graph/user-error.graph.js';
import { Request } from '../../../src/server/request.js';
import { createEndpoint } from './create-endpoint.js';
import { readEndpoints, type EndpointState } from './read-webhooks.js';
import { rotateSecret } from './rotate-secret.js';
import { deleteEndpoint, turnEndpoint } from './turn-endpoint.js';
import { DISABLED_REASONS, type DisabledReason } from './webhook-attempt.js';
import { WEBHOOK_EVENTS, type WebhookType } from './webhook-event.js';

registerEnumType(WEBHOOK_EVENTS, {
  name: 'WebhookEvent',
  description: 'What an endpoint can be told of. The list may grow.',
  valuesConfig: {
    ALERT_RAISED: { description: 'An alert was raised. On the wire: `alert.raised`.' },
  },
});

const DisabledReasonEnum = enumOf(DISABLED_REASONS);
registerEnumType(DisabledReasonEnum, {
  name: 'WebhookDisabledReason',
  description: 'Why an endpoint is told nothing.',
  valuesConfig: {
    ASKED: { description: 'Your firm disabled it.' },
    GONE: { description: 'It answered with the status 410: it wants nothing any more.' },
    FAILING: { description: 'Every attempt of more than five days failed.' },
  },
});

@ObjectType({ description: "Where your firm's own program is told of events. docs/WEBHOOKS.md is the page for whoever writes it." })
export class WebhookEndpoint {
  @Field(() => ID, { description: 'Opaque.' })
  id!: string;

  @Field(() => String, { description: 'Where to: https, a public address, port 443 or one from 1024 on. Everybody of your firm with the scope ledger:read sees it.' })
  url!: string;

  @Field(() => String, { description: 'What it is for; may be empty.' })
  description!: string;

  @Field(() => [WEBHOOK_EVENTS], { description: 'What it is told of.' })
  events!: readonly WebhookType[];

  @Field(() => DisabledReasonEnum, { nullable: true, description: 'Why it is told nothing; null: it is enabled.' })
  disabledBecause!: DisabledReason | null;

  @Field(() => DateTimeScalar, { nullable: true, description: 'Since when it is told nothing; null: it is enabled.' })
  disabledAt!: string | null;

  @Field(() => DateTimeScalar, { nullable: true, description: 'Since when every attempt failed; null: the last one did not. After five days it is disabled.' })
  failingSince!: string | null;

  @Field(() => DateTimeScalar, { nullable: true, description: 'Until when the secret before the last rotation signs too; null: one secret signs.' })
  formerSecretUntil!: string | null;

  @Field(() => DateTimeScalar, { description: 'When it was made.' })
  createdAt!: string;
}

@InputType({ description: 'A new endpoint.' })
class WebhookEndpointCreateInput {
  @Field(() => String, { description: 'Where to: https, a public address, port 443 or one from 1024 on, without a user, at most 2,000 characters.' })
  url!: string;

  @Field(() => String, { nullable: true, defaultValue: '', description: 'What it is for: at most 200 characters.' })
  description!: string | null;

  @Field(() => [WEBHOOK_EVENTS], { description: 'What it is told of: at least one.' })
  events!: WebhookType[];
}

@InputType({ description: 'Which endpoint.' })
export class WebhookEndpointRefInput {
  @Field(() => ID, { description: 'The endpoint.' })
  id!: string;
}

@ObjectType({ description: 'An endpoint and its secret, or why there is none.' })
class WebhookSecretPayload {
  @Field(() => WebhookEndpoint, { nullable: true, description: 'The endpoint; null when refused.' })
  endpoint!: EndpointState | null;

  @Field(() => String, { nullable: true, description: 'What its webhooks are signed with, `whsec_…` of Standard Webhooks, 32 bytes; shown here and never again. Null when refused.' })
  secret!: string | null;

  @Field(() => [UserErrorObject], { description: 'Why it was refused; empty when it was done.' })
  userErrors!: readonly UserError[];
}

@ObjectType({ description: 'The endpoint as it is now, or why nothing was done.' })
class WebhookEndpointPayload {
  @Field(() => WebhookEndpoint, { nullable: true, description: 'The endpoint; null when refused.' })
  endpoint!: EndpointState | null;

  @Field(() => [UserErrorObject], { description: 'Why it was refused; empty when it was done.' })
  userErrors!: readonly UserError[];
}

@ObjectType({ description: 'The outcome of taking an endpoint away.' })
class WebhookEndpointDeletePayload {
  @Field(() => [UserErrorObject], { description: 'Why it was refused; empty when it was done.' })
  userErrors!: readonly UserError[];
}

const ENDPOINT = { description: 'Which endpoint.' };

@Resolver(() => WebhookEndpoint)
export class WebhookEndpointResolver {
  @Query(() => [WebhookEndpoint], { description: 'Every endpoint of your firm, the oldest first; at most 10. Needs the scope ledger:read.' })
  webhookEndpoints(@Ctx() request: Request): Promise<readonly EndpointState[]> {
    request.demand('ledger:read');
    return request.read(readEndpoints);
  }

  @FieldResolver(() => Boolean, { description: 'Whether it is told of events. While it is not, nothing is queued for it, and what was queued waits.' })
  enabled(@Root() endpoint: EndpointState): boolean {
    return endpoint.disabledBecause === null;
  }

  @Mutation(() => WebhookSecretPayload, { description: 'Makes an endpoint, enabled. Needs the scope credit:write and a person: an API key cannot. LIMIT_REACHED beyond 10.' })
  webhookEndpointCreate(@Arg('input', () => WebhookEndpointCreateInput, { description: 'The endpoint.' }) input: WebhookEndpointCreateInput, @Ctx() request: Request): Promise<WebhookSecretPayload> {
    const asker = request.demand('credit:write');
    return answer<Omit<WebhookSecretPayload, 'userErrors'>>({ endpoint: null, secret: null }, () => createEndpoint(request.room, asker, { ...input, description: input.description ?? '' }));
  }

  @Mutation(() => WebhookSecretPayload, { description: 'Gives an endpoint another secret. For a day the one before signs too, so that the receiver can be changed meanwhile. Needs the scope credit:write and a person: an API key cannot.' })
  webhookSecretRotate(@Arg('input', () => WebhookEndpointRefInput, ENDPOINT) { id }: WebhookEndpointRefInput, @Ctx() request: Request): Promise<WebhookSecretPayload> {
    const asker = request.demand('credit:write');
    return answer<Omit<WebhookSecretPayload, 'userErrors'>>({ endpoint: null, secret: null }, () => rotateSecret(request.room, asker, id));
  }

  @Mutation(() => WebhookEndpointPayload, { description: 'Enables an endpoint, as if it had never failed; what waited for it is sent. Needs the scope credit:write. Again it changes nothing.' })
  webhookEndpointEnable(@Arg('input', () => WebhookEndpointRefInput, ENDPOINT) { id }: WebhookEndpointRefInput, @Ctx() request: Request): Promise<WebhookEndpointPayload> {
    return turn(request, id, true);
  }

  @Mutation(() => WebhookEndpointPayload, { description: 'Disables an endpoint: nothing is sent or queued for it until it is enabled. Needs the scope credit:write. Again it changes nothing.' })
  webhookEndpointDisable(@Arg('input', () => WebhookEndpointRefInput, ENDPOINT) { id }: WebhookEndpointRefInput, @Ctx() request: Request): Promise<WebhookEndpointPayload> {
    return turn(request, id, false);
  }

  @Mutation(() => WebhookEndpointDeletePayload, { description: 'Takes an endpoint away, with what waits for it and with its log. Needs the scope credit:write.' })
  webhookEndpointDelete(@Arg('input', () => WebhookEndpointRefInput, ENDPOINT) { id }: WebhookEndpointRefInput, @Ctx() request: Request): Promise<WebhookEndpointDeletePayload> {
    request.demand('credit:write');
    return answer({}, async () => {
      await deleteEndpoint(request.db, id);
      return {};
    });
  }
}

function turn(request: Request, id: string, isOn: boolean): Promise<WebhookEndpointPayload> {
  request.demand('credit:write');
  return answer<Omit<WebhookEndpointPayload, 'userErrors'>>({ endpoint: null }, async () => ({ endpoint: await turnEndpoint(request.db, id, isOn) }));
}
