import { Ctx, Directive, Field, FieldResolver, Float, ID, Int, ObjectType, registerEnumType, Resolver, Root } from 'type-graphql';
import { enumOf } from '../../../src/graph/enum-of.js';
import { DateTimeScalar } from '../../../src/graph/scalars.js';
import { TrendEnum } from '../../../src/graph/trend.graph.js';
import { Request } from '../../../src/server/request.js';
import type { ReferenceResolver } from '../../../src/server/subgraph.js';
import { isUuid } from '../../../src/values/opaque-id.js';
import type { Trend } from '../../../src/values/trend.js';
import { readStandings } from '../score/read-standings.js';
import { PAYMENT_BANDS, type PaymentBand } from './payment-behaviour.js';

const PaymentBandEnum = enumOf(PAYMENT_BANDS);
registerEnumType(PaymentBandEnum, {
  name: 'PaymentBand',
  description: 'How a customer pays, by its payment behaviour index.',
  valuesConfig: {
    PROMPT: { description: '78 or more: on the due date, give or take three days, or earlier.' },
    SLIGHTLY_LATE: { description: '60 to 77: up to about three weeks late.' },
    LATE: { description: '40 to 59: up to about two months late.' },
    VERY_LATE: { description: 'Below 40: more than two months late.' },
  },
});

@ObjectType({
  description:
    "How a customer pays your firm: its invoices settled in the last 24 months, and those that are past due as if they were settled today. Amounts weigh; several currencies are combined by their number of invoices.",
})
export class PaymentBehaviour {
  @Field(() => Int, { description: 'Amount-weighted, 0 to 100: 100 = thirty days early or more, 80 = on terms, 50 = thirty days late, 20 = 120 days late, 0 = 180 days late or more.' })
  index!: number;

  @Field(() => PaymentBandEnum, { description: 'The index in words.' })
  band!: PaymentBand;

  @Field(() => Float, { description: 'Amount-weighted days from the due date to the settlement; negative when early. Six decimals.' })
  averageDaysBeyondTerms!: number;

  @Field(() => Float, { description: 'Number of invoices settled on or before their due date ÷ number of invoices: 0 to 1. Six decimals.' })
  onTimeShare!: number;

  @Field(() => TrendEnum, { description: 'The index of the last 3 months against that of the last 12: STABLE within 3 points, or with fewer than 3 invoices in the last 3 months.' })
  trend!: Trend;

  @Field(() => Int, { description: 'Over how many invoices all this is computed.' })
  invoiceCount!: number;

  @Field(() => Int, { description: 'How many of these invoices are open and past due.' })
  overdueCount!: number;

  @Field(() => Float, { nullable: true, description: 'Points by which the index of the last 3 months is above that of the last 12; null with fewer than 3 invoices in the last 3 months. Six decimals.' })
  trendPoints!: number | null;

  @Field(() => DateTimeScalar, { description: 'The instant of business time at which these figures were computed; they are of its day.' })
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

@Resolver(() => Customer)
export class PaymentBehaviourResolver {
  @FieldResolver(() => PaymentBehaviour, { nullable: true, description: 'How the customer pays your firm; null below three invoices that were settled or are past due. Needs the scope ledger:read.' })
  async paymentBehaviour(@Root() customer: Customer, @Ctx() request: Request): Promise<PaymentBehaviour | null> {
    request.demand('ledger:read');
    if (!isUuid(customer.id)) return null;
    const standing = await request.batch(readStandings, customer.id);
    return standing?.behaviour ? { ...standing.behaviour, computedAt: standing.computedAt } : null;
  }
}
