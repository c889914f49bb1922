import { Arg, Args, ArgsType, Ctx, Field, FieldResolver, ID, InputType, Int, Mutation, ObjectType, Query, registerEnumType, Resolver, Root } from 'type-graphql';
import { answer, Refusal, type UserError } from '../../../src/errors.js';
import { enumOf } from '../../../src/graph/enum-of.js';
import { Money, MoneyInput, toMoney } from '../../../src/graph/money.graph.js';
import { demandPageSize, PageInfo, toPage } from '../../../src/graph/page.graph.js';
import { RoleEnum } from '../../../src/graph/role.graph.js';
import { DateScalar, DateTimeScalar } from '../../../src/graph/scalars.js';
import { UserErrorObject } from '../../../src/graph/user-error.graph.js';
import type { Role } from '../../../src/server/asker.js';
import { Request } from '../../../src/server/request.js';
import { isUuid } from '../../../src/values/opaque-id.js';
import { Customer } from '../behaviour/payment-behaviour.resolver.js';
import { addLimitRequest } from './add-limit-request.js';
import { answerLimitRequest } from './answer-limit-request.js';
import { cancelLimitRequest } from './cancel-limit-request.js';
import { parseLimit } from './limit-amount.js';
import { countLimitRequests, limitRequestCursor, listLimitRequests, readLimitRequests, readRequestSteps, type LimitRequestRecord, type RequestListing } from './list-limit-requests.js';
import { readPolicies, type Policy } from './read-limit-policies.js';
import { parseNote, parseReason } from './reason.js';
import { REQUEST_STATES, type Decision, type RequestState } from './request-state.js';
import { setLimitPolicy } from './set-limit-policy.js';

const CreditLimitRequestStateEnum = enumOf(REQUEST_STATES);
registerEnumType(CreditLimitRequestStateEnum, {
  name: 'CreditLimitRequestState',
  description: 'What became of a request for a credit limit.',
  valuesConfig: {
    REQUESTED: { description: 'Nobody has decided yet.' },
    APPROVED: { description: 'Another person approved it; the ledger is about to set it, within a second.' },
    APPLIED: { description: 'It is set: Customer.creditLimitHistory has the change, with its id as requestId.' },
    OVERTAKEN: { description: 'It was approved, but the limit had been changed after the request was made: that change stands, and nothing was set.' },
    REJECTED: { description: 'Another person rejected it.' },
    WITHDRAWN: { description: 'Who made it took it back.' },
    EXPIRED: { description: 'Nobody decided in time.' },
  },
});

@ObjectType({ description: 'What somebody did to a request, or the ledger answered. It is kept for ever.' })
class CreditLimitRequestStep {
  @Field(() => CreditLimitRequestStateEnum, { description: 'What it became by it.' })
  state!: RequestState;

  @Field(() => DateTimeScalar, { description: 'When, in business time.' })
  at!: string | Date;

  @Field(() => ID, { nullable: true, description: 'Who: the id of a User of your firm; for an API key, the one who made it. Null: the ledger, which set the limit or did not.' })
  takenBy!: string | null;

  @Field(() => Boolean, { description: 'Whether it was done through an API key.' })
  byKey!: boolean;

  @Field(() => String, { nullable: true, description: 'The reason of the request or the note of the decision; null when there was none.' })
  note!: string | null;
}

@ObjectType({ description: 'Somebody of your firm asks for another credit limit of a customer; another person decides. It is kept for ever.' })
export class CreditLimitRequest {
  @Field(() => ID, { description: 'Opaque.' })
  id!: string;

  @Field(() => Customer, { description: 'Whose limit it is about.' })
  customer!: Customer;

  @Field(() => Money, { description: 'The limit that is asked for.' })
  limit!: Money;

  @Field(() => String, { description: 'Why.' })
  reason!: string;

  @Field(() => CreditLimitRequestStateEnum, { description: 'What became of it.' })
  state!: RequestState;

  @Field(() => ID, { description: 'Who asks: the id of a User of your firm; for an API key, the one who made it. This person never decides about it.' })
  requestedBy!: string;

  @Field(() => Boolean, { description: 'Whether it was made through an API key.' })
  requestedByKey!: boolean;

  @Field(() => DateTimeScalar, { description: 'When, in business time.' })
  requestedAt!: string | Date;

  @Field(() => DateScalar, { description: 'The last day on which it may be decided: 30 days after it was made.' })
  expiresOn!: string;

  @Field(() => ID, { nullable: true, description: 'Who approved or rejected it, as requestedBy; null while nobody has.' })
  decidedBy!: string | null;

  @Field(() => Boolean, { nullable: true, description: 'Whether that was done through an API key; null while nobody has decided.' })
  decidedByKey!: boolean | null;

  @Field(() => DateTimeScalar, { nullable: true, description: 'When, in business time; null while nobody has decided.' })
  decidedAt!: string | Date | null;

  @Field(() => String, { nullable: true, description: 'What who decided wrote; null when nothing.' })
  note!: string | null;
}

function toRequest({ customerId, limitMinor, currency, ...record }: LimitRequestRecord): CreditLimitRequest {
  return { ...record, customer: { id: customerId }, limit: toMoney(BigInt(limitMinor), currency) };
}

@ObjectType({ description: 'Up to which amount a role may approve requests.' })
class CreditLimitPolicy {
  @Field(() => RoleEnum, { description: 'The role, one with the scope credit:write; the others approve nothing.' })
  role!: Role;

  @Field(() => Money, { nullable: true, description: 'It may approve limits up to this amount, and none in another currency: nothing is converted. Null: any amount of any currency.' })
  upTo!: Money | null;

  @Field(() => ID, { nullable: true, description: 'Who set it, the id of a User of your firm; null: it is the default.' })
  setBy!: string | null;

  @Field(() => Boolean, { description: 'Whether it was set through an API key.' })
  byKey!: boolean;

  @Field(() => DateTimeScalar, { nullable: true, description: 'When, in business time; null: it is the default.' })
  setAt!: string | Date | null;
}

function toPolicy({ upTo, ...policy }: Policy): CreditLimitPolicy {
  return { ...policy, upTo: upTo && toMoney(upTo.minor, upTo.currency) };
}

@ArgsType()
class CreditLimitRequestsArgs {
  @Field(() => Int, { nullable: true, defaultValue: 50, description: 'How many, at most 100.' })
  first!: number | null;

  @Field(() => String, { nullable: true, description: 'The endCursor of the page before.' })
  after?: string | null;

  @Field(() => CreditLimitRequestStateEnum, { nullable: true, description: 'Only those in this state; all of them when left out.' })
  state?: RequestState | null;

  @Field(() => ID, { nullable: true, description: 'Only those about this customer; none when your firm has no such customer.' })
  customerId?: string | null;
}

@ObjectType({ description: 'A page of requests for credit limits, the newest first.' })
class CreditLimitRequestConnection {
  @Field(() => [CreditLimitRequest], { description: 'The requests.' })
  nodes!: readonly CreditLimitRequest[];

  @Field(() => PageInfo, { description: 'Where the page begins and ends.' })
  pageInfo!: PageInfo;

  /** What was asked for, to count it when the total is; undefined: nothing can match. */
  listing!: RequestListing | undefined;
}

@InputType({ description: 'Which limit a customer should have, and why.' })
class CreditLimitRequestInput {
  @Field(() => ID, { description: 'The customer.' })
  customerId!: string;

  @Field(() => MoneyInput, { description: 'The limit, from zero up to ten billion; in a currency in which the customer owes something, if it owes anything.' })
  limit!: MoneyInput;

  @Field(() => String, { description: 'Why, for whoever decides: 1 to 2,000 characters.' })
  reason!: string;
}

@InputType({ description: 'A request, and what to say about the decision.' })
class CreditLimitDecisionInput {
  @Field(() => ID, { description: 'The request.' })
  id!: string;

  @Field(() => String, { nullable: true, description: 'For who asked, and for the record: at most 2,000 characters.' })
  note?: string | null;
}

@InputType({ description: 'A request to take back.' })
class CreditLimitWithdrawInput {
  @Field(() => ID, { description: 'The request.' })
  id!: string;
}

@InputType({ description: 'Up to which amount a role may approve.' })
class CreditLimitPolicySetInput {
  @Field(() => RoleEnum, { description: 'A role that has the scope credit:write: OWNER or CREDIT_MANAGER.' })
  role!: Role;

  @Field(() => MoneyInput, { nullable: true, description: 'Up to this amount, from zero, and nothing in another currency. Null, which must be said: any amount of any currency.' })
  upTo?: MoneyInput | null;
}

@ObjectType({ description: 'A request as it is now, or why nothing was done.' })
class CreditLimitRequestPayload {
  @Field(() => CreditLimitRequest, { nullable: true, description: 'The request; null when refused.' })
  request!: CreditLimitRequest | null;

  @Field(() => [UserErrorObject], { description: 'Why it was refused; empty when it was done. CONFLICT: another request is open, or it was decided otherwise. EXPIRED: nobody decided in time. NOT_ALLOWED: it is your own, or beyond what your role may approve.' })
  userErrors!: readonly UserError[];
}

@ObjectType({ description: 'What a role may approve now, or why nothing was set.' })
class CreditLimitPolicyPayload {
  @Field(() => CreditLimitPolicy, { nullable: true, description: 'What holds from now on; null when refused.' })
  policy!: CreditLimitPolicy | null;

  @Field(() => [UserErrorObject], { description: 'Why it was refused; empty when it was done.' })
  userErrors!: readonly UserError[];
}

const NO_REQUEST: Pick<CreditLimitRequestPayload, 'request'> = { request: null };

@Resolver(() => CreditLimitRequest)
export class CreditLimitRequestResolver {
  @Mutation(() => CreditLimitRequestPayload, { description: 'Asks for another credit limit of a customer. One request of a customer is open at a time; the same again is the same request. Needs the scope credit:request.' })
  creditLimitRequest(@Arg('input', () => CreditLimitRequestInput, { description: 'The customer, the limit and the reason.' }) input: CreditLimitRequestInput, @Ctx() request: Request): Promise<CreditLimitRequestPayload> {
    const asker = request.demand('credit:request');
    return answer(NO_REQUEST, async () => {
      const wish = { customerId: input.customerId, limit: parseLimit(input.limit, ['input', 'limit']), reason: parseReason(input.reason, ['input', 'reason']) };
      return payloadOf(request, await addLimitRequest(request.room, asker, wish));
    });
  }

  @Mutation(() => CreditLimitRequestPayload, { description: "Approves a request, as another person than who made it, up to the amount of your role: the limit is set within a second, with you as its author, unless it was changed after the request was made. The same again changes nothing. Needs the scope credit:write." })
  creditLimitApprove(@Arg('input', () => CreditLimitDecisionInput, { description: 'The request.' }) input: CreditLimitDecisionInput, @Ctx() request: Request): Promise<CreditLimitRequestPayload> {
    return decide(request, input, 'APPROVED');
  }

  @Mutation(() => CreditLimitRequestPayload, { description: 'Rejects a request, as another person than who made it. The same again changes nothing. Needs the scope credit:write.' })
  creditLimitReject(@Arg('input', () => CreditLimitDecisionInput, { description: 'The request.' }) input: CreditLimitDecisionInput, @Ctx() request: Request): Promise<CreditLimitRequestPayload> {
    return decide(request, input, 'REJECTED');
  }

  @Mutation(() => CreditLimitRequestPayload, { description: 'Takes back a request of your own that nobody has decided. The same again changes nothing. Needs the scope credit:request.' })
  creditLimitWithdraw(@Arg('input', () => CreditLimitWithdrawInput, { description: 'The request.' }) input: CreditLimitWithdrawInput, @Ctx() request: Request): Promise<CreditLimitRequestPayload> {
    const asker = request.demand('credit:request');
    return answer(NO_REQUEST, async () => {
      await cancelLimitRequest(request.room, asker, input.id);
      return payloadOf(request, input.id);
    });
  }

  @Query(() => CreditLimitRequest, { name: 'creditLimitRequest', nullable: true, description: 'A request for a credit limit; null when your firm has none such. Needs the scope ledger:read.' })
  async requestById(@Arg('id', () => ID, { description: 'The request.' }) id: string, @Ctx() request: Request): Promise<CreditLimitRequest | null> {
    request.demand('ledger:read');
    const record = await request.batch(readLimitRequests, id);
    return record && toRequest(record);
  }

  @Query(() => CreditLimitRequestConnection, { description: 'Requests for credit limits, the newest first. Needs the scope ledger:read.' })
  async creditLimitRequests(@Args(() => CreditLimitRequestsArgs) { first, after, state, customerId }: CreditLimitRequestsArgs, @Ctx() request: Request): Promise<CreditLimitRequestConnection> {
    request.demand('ledger:read');
    const size = demandPageSize(first ?? 50);
    const cursor = after ?? undefined;
    const listing = customerId == null || isUuid(customerId) ? { state: state ?? null, customerId: customerId ?? null } : undefined;
    const rows = listing ? await listLimitRequests(request, listing, size, cursor) : [];
    const { nodes, pageInfo } = toPage(rows, size, cursor, limitRequestCursor);
    return { nodes: nodes.map(toRequest), pageInfo, listing };
  }

  @FieldResolver(() => [CreditLimitRequestStep], { description: 'How it came to be what it is, the first step first. That its last day passed is no step: nobody did anything.' })
  async history(@Root() { id }: CreditLimitRequest, @Ctx() request: Request): Promise<readonly CreditLimitRequestStep[]> {
    return (await request.batch(readRequestSteps, id)) ?? [];
  }
}

@Resolver(() => CreditLimitRequestConnection)
export class CreditLimitRequestConnectionResolver {
  @FieldResolver(() => Int, { description: 'How many there are in all; 10,001 stands for more than 10,000.' })
  totalCount(@Root() { listing }: CreditLimitRequestConnection, @Ctx() request: Request): Promise<number> | number {
    return listing ? countLimitRequests(request, listing) : 0;
  }
}

@Resolver(() => CreditLimitPolicy)
export class CreditLimitPolicyResolver {
  @Query(() => [CreditLimitPolicy], { description: 'Up to which amount each role may approve requests, of the roles that have the scope credit:write. By default an OWNER any amount and a CREDIT_MANAGER 50,000.00 EUR. Needs the scope ledger:read.' })
  async creditLimitPolicies(@Ctx() request: Request): Promise<readonly CreditLimitPolicy[]> {
    request.demand('ledger:read');
    return (await request.read(readPolicies)).map(toPolicy);
  }

  @Mutation(() => CreditLimitPolicyPayload, { description: 'Says up to which amount a role may approve requests from now on. It does not bound creditLimitSet. Needs the scope members:manage, which is the owner\'s.' })
  creditLimitPolicySet(@Arg('input', () => CreditLimitPolicySetInput, { description: 'The role and the amount.' }) input: CreditLimitPolicySetInput, @Ctx() request: Request): Promise<CreditLimitPolicyPayload> {
    const asker = request.demand('members:manage');
    return answer<Pick<CreditLimitPolicyPayload, 'policy'>>({ policy: null }, async () => {
      if (input.upTo === undefined) throw new Refusal('REQUIRED', 'Say an amount, or null for any.', ['input', 'upTo']);
      await setLimitPolicy(request.room, asker, input.role, input.upTo && parseLimit(input.upTo, ['input', 'upTo']));
      const policy = (await request.read(readPolicies)).find(({ role }) => role === input.role);
      return { policy: policy ? toPolicy(policy) : null };
    });
  }
}

function decide(request: Request, { id, note }: CreditLimitDecisionInput, decision: Decision): Promise<CreditLimitRequestPayload> {
  const asker = request.demand('credit:write');
  return answer(NO_REQUEST, async () => {
    await answerLimitRequest(request.room, asker, { id, decision, note: parseNote(note, ['input', 'note']) });
    return payloadOf(request, id);
  });
}

async function payloadOf(request: Request, id: string): Promise<Pick<CreditLimitRequestPayload, 'request'>> {
  request.forget();
  const record = await request.batch(readLimitRequests, id);
  return { request: record && toRequest(record) };
}
