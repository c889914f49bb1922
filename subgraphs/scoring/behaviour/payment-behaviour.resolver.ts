import { Ctx, Directive, Field, FieldResolver, Float, ID, Int, ObjectType, Resolver, Root } from 'type-graphql';
import { DateTimeScalar } from '../../../src/graph/scalars.js';
import { TrendEnum } from '../../../src/graph/trend.graph.js';
import { Request, type BatchRead } from '../../../src/server/request.js';
import type { ReferenceResolver } from '../../../src/server/subgraph.js';
import { isUuid } from '../../../src/values/opaque-id.js';
import type { Trend } from '../../../src/values/trend.js';
import { paymentBehaviour, type PaymentBehaviour as Behaviour } from './payment-behaviour.js';
import { readPaidInvoices } from './read-paid-invoices.js';

@ObjectType({
  description:
    "How a customer pays your firm: its invoices settled in the last 24 months, and those that are past due as if they were settled today. Amounts weigh; several currencies are combined by their number of invoices.",
})
export class PaymentBehaviour {
  @Field(() => Int, { description: 'Amount-weighted, 0 to 100: 100 = thirty days early or more, 80 = on terms, 50 = thirty days late, 20 = 120 days late, 0 = 180 days late or more.' })
  index!: number;

  @Field(() => Float, { description: 'Amount-weighted days from the due date to the settlement; negative when early. Six decimals.' })
  averageDaysBeyondTerms!: number;

  @Field(() => Float, { description: 'Number of invoices settled on or before their due date ÷ number of invoices: 0 to 1. Six decimals.' })
  onTimeShare!: number;

  @Field(() => TrendEnum, { description: 'The index of the last 3 months against that of the last 12: STABLE within 3 points, or with fewer than 3 invoices in the last 3 months.' })
  trend!: Trend;

  @Field(() => Int, { description: 'Over how many invoices all this is computed.' })
  invoiceCount!: number;

  @Field(() => DateTimeScalar, { description: 'The instant of business time whose day these figures are of.' })
  computedAt!: Temporal.Instant;
}

@Directive('@key(fields: "id")')
@ObjectType({ description: 'Somebody your firm invoices. It is your own record; other members that invoice the same customer have theirs.' })
export class Customer {
  @Field(() => ID, { description: 'Opaque.' })
  id!: string;
}

/** Any id: what is not a customer of the asker's firm has no invoices here, and so no behaviour. */
export const customerByReference: ReferenceResolver = async ({ id }) => ({ id });

const behaviourOfCustomers: BatchRead<string, Behaviour> = async (request, customerIds) => {
  const today = request.room.clock.today();
  const paid = await request.read((em) => readPaidInvoices(em, customerIds, today));
  return customerIds.map((customerId) => paymentBehaviour(paid.get(customerId) ?? []));
};

@Resolver(() => Customer)
export class PaymentBehaviourResolver {
  @FieldResolver(() => PaymentBehaviour, { nullable: true, description: 'How the customer pays your firm; null below three invoices that were settled or are past due. Needs the scope ledger:read.' })
  async paymentBehaviour(@Root() customer: Customer, @Ctx() request: Request): Promise<PaymentBehaviour | null> {
    request.demand('ledger:read');
    if (!isUuid(customer.id)) return null;
    const behaviour = await request.batch(behaviourOfCustomers, customer.id);
    return behaviour && { ...behaviour, computedAt: request.room.clock.now() };
  }
}
