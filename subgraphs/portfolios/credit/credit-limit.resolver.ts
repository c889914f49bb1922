import { Arg, Ctx, Field, FieldResolver, Float, ID, Int, ObjectType, Resolver, Root } from 'type-graphql';
import { Money, toMoney } from '../../../src/graph/money.graph.js';
import { demandPageSize } from '../../../src/graph/page.graph.js';
import { DateTimeScalar } from '../../../src/graph/scalars.js';
import { Request } from '../../../src/server/request.js';
import { Customer } from '../ledger/customer.resolver.js';
import { readCustomers } from '../ledger/read-customer.js';
import { limitOf } from './check-credit.js';
import { exposureOf, headroom, utilisation, type Exposure } from './headroom.js';
import { readExposures } from './read-exposure.js';
import { readLimitHistories, type LimitChangeRecord } from './read-limit-history.js';

@ObjectType({ description: "A change of a customer's credit limit. It is kept for ever." })
class CreditLimitChange {
  @Field(() => DateTimeScalar, { description: 'When.' })
  changedAt!: string | Date;

  @Field(() => ID, { nullable: true, description: 'Who: the id of a User of your firm; for an API key, the one who made it. Null when nobody is known.' })
  changedBy!: string | null;

  @Field(() => Boolean, { description: 'Whether it was done through an API key.' })
  byKey!: boolean;

  @Field(() => Money, { nullable: true, description: 'The limit before; null when there was none.' })
  from!: Money | null;

  @Field(() => Money, { nullable: true, description: 'The limit after; null when it was taken away.' })
  to!: Money | null;

  @Field(() => ID, { nullable: true, description: 'The CreditLimitRequest that it carries out: somebody else asked for it. Null when it was set directly.' })
  requestId!: string | null;
}

function toChange({ changedAt, changedBy, byKey, fromMinor, fromCurrency, toMinor, toCurrency, requestId }: LimitChangeRecord): CreditLimitChange {
  const moneyOf = (minor: string | null, currency: string | null): Money | null => (minor !== null && currency !== null ? toMoney(BigInt(minor), currency) : null);
  return { changedAt, changedBy, byKey, from: moneyOf(fromMinor, fromCurrency), to: moneyOf(toMinor, toCurrency), requestId };
}

/** A limit, and what stands against it today. */
interface Use {
  readonly limitMinor: bigint;
  readonly currency: string;
  readonly exposure: Exposure;
}

/** Null when the customer has no limit. */
async function useOf(request: Request, customerId: string): Promise<Use | null> {
  request.demand('ledger:read');
  const customer = await request.batch(readCustomers, customerId);
  const limit = customer && limitOf(customer);
  if (!limit) return null;
  const exposure = await request.batch(readExposures, customerId);
  return exposure && { limitMinor: limit.minor, currency: limit.currency, exposure };
}

@Resolver(() => Customer)
export class CustomerCreditResolver {
  @FieldResolver(() => Money, { nullable: true, description: "What stands against the limit today: open invoices and orders not released, in the limit's currency; amounts of other currencies are left out, never converted. Null without a limit. Needs the scope ledger:read." })
  async creditExposure(@Root() { id }: Customer, @Ctx() request: Request): Promise<Money | null> {
    const use = await useOf(request, id);
    return use && toMoney(exposureOf(use.exposure), use.currency);
  }

  @FieldResolver(() => Float, { nullable: true, description: 'Exposure ÷ limit today, above 1 when the limit is exceeded. Null without a limit and for a limit of zero. Needs the scope ledger:read.' })
  async creditUtilisation(@Root() { id }: Customer, @Ctx() request: Request): Promise<number | null> {
    const use = await useOf(request, id);
    return use && utilisation(use.limitMinor, use.exposure);
  }

  @FieldResolver(() => Money, { nullable: true, description: 'Limit − exposure today: what may still be sold; negative when the limit is exceeded. Null without a limit. Needs the scope ledger:read.' })
  async creditHeadroom(@Root() { id }: Customer, @Ctx() request: Request): Promise<Money | null> {
    const use = await useOf(request, id);
    return use && toMoney(headroom(use.limitMinor, use.exposure), use.currency);
  }

  @FieldResolver(() => [CreditLimitChange], { description: 'How its limit came to be what it is, the newest change first. Needs the scope ledger:read.' })
  async creditLimitHistory(
    @Root() { id }: Customer,
    @Arg('first', () => Int, { nullable: true, defaultValue: 50, description: 'How many of the newest changes, at most 100.' }) first: number | null,
    @Ctx() request: Request,
  ): Promise<readonly CreditLimitChange[]> {
    request.demand('ledger:read');
    return ((await request.batch(readLimitHistories, { customerId: id, first: demandPageSize(first ?? 50) })) ?? []).map(toChange);
  }
}
