import { Arg, Ctx, Field, FieldResolver, ID, InputType, Int, Mutation, ObjectType, Resolver, Root } from 'type-graphql';
import { answer, type UserError } from '../../../src/errors.js';
import { demandPositive, Money, MoneyInput, toMoney } from '../../../src/graph/money.graph.js';
import { decodeCursor, demandPageSize, encodeCursor, PageInfo, toPage, wrongCursor } from '../../../src/graph/page.graph.js';
import { DateTimeScalar } from '../../../src/graph/scalars.js';
import { UserErrorObject } from '../../../src/graph/user-error.graph.js';
import { Request } from '../../../src/server/request.js';
import { Customer, toCustomer } from '../ledger/customer.resolver.js';
import { readCustomers } from '../ledger/read-customer.js';
import { readOrderExposures, readOrderPages, type OrderExposureRecord } from './read-order-exposure.js';
import { releaseOrderExposure } from './release-order-exposure.js';
import { setOrderExposure } from './set-order-exposure.js';

@ObjectType({ description: 'An accepted order that is not invoiced yet: a part of the credit limit that it keeps reserved.' })
class OrderExposure {
  @Field(() => String, { description: "Your firm's own reference of the order, unique for its customer." })
  orderReference!: string;

  @Field(() => Money, { description: 'What it reserves.' })
  amount!: Money;

  @Field(() => DateTimeScalar, { description: 'When it was last set.' })
  setAt!: string | Date;

  @Field(() => Boolean, { description: 'Whether somebody let it go beyond the limit.' })
  overridden!: boolean;

  @Field(() => DateTimeScalar, { nullable: true, description: 'When it was released; null while it stands.' })
  releasedAt!: string | Date | null;
}

function toOrder({ orderReference, amountMinor, currency, setAt, overridden, releasedAt }: OrderExposureRecord): OrderExposure {
  return { orderReference, amount: toMoney(BigInt(amountMinor), currency), setAt, overridden, releasedAt };
}

@ObjectType({ description: 'A page of orders that reserve a part of a limit.' })
class OrderExposureConnection {
  @Field(() => [OrderExposure], { description: 'The orders.' })
  nodes!: readonly OrderExposure[];

  @Field(() => PageInfo, { description: 'Where the page begins and ends.' })
  pageInfo!: PageInfo;
}

@InputType({ description: 'An accepted order that is not invoiced yet.' })
class OrderExposureSetInput {
  @Field(() => ID, { description: 'The customer who ordered.' })
  customerId!: string;

  @Field(() => String, { description: "Your firm's own reference of the order, 1 to 200 characters: the same reference again means the same order." })
  orderReference!: string;

  @Field(() => MoneyInput, { description: 'What it will add to what is owed, above zero.' })
  amount!: MoneyInput;

  @Field(() => Boolean, { nullable: true, defaultValue: false, description: 'Keep it even beyond the limit, or in another currency than the limit. Needs the scope credit:write.' })
  override!: boolean | null;
}

@InputType({ description: 'An order that was invoiced or cancelled.' })
class OrderExposureReleaseInput {
  @Field(() => ID, { description: 'The customer who ordered.' })
  customerId!: string;

  @Field(() => String, { description: "Your firm's own reference of the order." })
  orderReference!: string;
}

@ObjectType({ description: 'An order and its customer after the change, or why there was none.' })
class OrderExposurePayload {
  @Field(() => OrderExposure, { nullable: true, description: 'The order; null when refused.' })
  order!: OrderExposure | null;

  @Field(() => Customer, { nullable: true, description: 'The customer, with its headroom as it is now; null when refused.' })
  customer!: Customer | null;

  @Field(() => [UserErrorObject], { description: 'Why it was refused; empty when it was done. LIMIT_REACHED: it goes beyond the headroom.' })
  userErrors!: readonly UserError[];
}

const NO_ORDER: Pick<OrderExposurePayload, 'order' | 'customer'> = { order: null, customer: null };

@Resolver(() => Customer)
export class OrderExposureResolver {
  @Mutation(() => OrderExposurePayload, { description: 'Reserves a part of the credit limit for an order. Checking and reserving are one: two at once never both get what is there for one. The same again changes nothing; another amount under the same reference takes its place. Without a limit nothing is refused. Needs the scope ledger:write.' })
  orderExposureSet(@Arg('input', () => OrderExposureSetInput, { description: 'The order.' }) input: OrderExposureSetInput, @Ctx() request: Request): Promise<OrderExposurePayload> {
    const asker = request.demand('ledger:write');
    return answer(NO_ORDER, async () => {
      const order = { customerId: input.customerId, orderReference: input.orderReference, amount: demandPositive(input.amount, ['input', 'amount']), override: input.override ?? false };
      return payloadOf(request, input.customerId, await setOrderExposure(request.db, asker, order, request.room.clock));
    });
  }

  @Mutation(() => OrderExposurePayload, { description: 'Gives back what was reserved for an order. The same again changes nothing. Needs the scope ledger:write.' })
  orderExposureRelease(@Arg('input', () => OrderExposureReleaseInput, { description: 'The order.' }) input: OrderExposureReleaseInput, @Ctx() request: Request): Promise<OrderExposurePayload> {
    const asker = request.demand('ledger:write');
    return answer(NO_ORDER, async () => payloadOf(request, input.customerId, await releaseOrderExposure(request.db, asker, input.customerId, input.orderReference, request.room.clock)));
  }

  @FieldResolver(() => OrderExposureConnection, { description: 'Its orders that are not released, of any currency, by their references. Needs the scope ledger:read.' })
  async orderExposures(
    @Root() { id }: Customer,
    @Arg('first', () => Int, { nullable: true, defaultValue: 50, description: 'How many, at most 100.' }) first: number | null,
    @Arg('after', () => String, { nullable: true, description: 'The endCursor of the page before.' }) after: string | null,
    @Ctx() request: Request,
  ): Promise<OrderExposureConnection> {
    request.demand('ledger:read');
    const size = demandPageSize(first ?? 50);
    const start = after === null || after === undefined ? null : referenceOf(after);
    const rows = (await request.batch(readOrderPages, { customerId: id, first: size, after: start })) ?? [];
    const { nodes, pageInfo } = toPage(rows, size, after ?? undefined, (row) => encodeCursor([row.orderReference]));
    return { nodes: nodes.map(toOrder), pageInfo };
  }
}

function referenceOf(cursor: string): string {
  const [reference] = decodeCursor(cursor, 1);
  if (typeof reference !== 'string' || reference.includes('\0')) throw wrongCursor();
  return reference;
}

async function payloadOf(request: Request, customerId: string, orderId: string): Promise<Pick<OrderExposurePayload, 'order' | 'customer'>> {
  request.forget();
  const [order, customer] = await Promise.all([request.batch(readOrderExposures, orderId), request.batch(readCustomers, customerId)]);
  return { order: order && toOrder(order), customer: customer && toCustomer(customer) };
}
