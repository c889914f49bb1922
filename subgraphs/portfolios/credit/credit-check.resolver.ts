import { Arg, Ctx, Field, ID, ObjectType, Query, registerEnumType, Resolver } from 'type-graphql';
import { ApiError, Refusal } from '../../../src/errors.js';
import { enumOf } from '../../../src/graph/enum-of.js';
import { demandPositive, Money, MoneyInput, toMoney } from '../../../src/graph/money.graph.js';
import { Request } from '../../../src/server/request.js';
import type { Money as MinorMoney } from '../../../src/values/money.js';
import { parseLabel } from '../ledger/label.js';
import { readCustomers } from '../ledger/read-customer.js';
import { checkCredit } from './check-credit.js';
import { CREDIT_DECISIONS, CREDIT_REASON_CODES, type CreditDecision, type CreditReasonCode } from './credit-decision.js';
import { exposureOf, headroom } from './headroom.js';

const CreditDecisionEnum = enumOf(CREDIT_DECISIONS);
registerEnumType(CreditDecisionEnum, {
  name: 'CreditDecision',
  description: 'Whether more may be sold to a customer.',
  valuesConfig: {
    APPROVED: { description: 'Nothing speaks against it.' },
    REVIEW: { description: 'Somebody should look at the reasons first.' },
    BLOCKED: { description: 'It should not be sold on credit as things are.' },
  },
});

const CreditReasonCodeEnum = enumOf(CREDIT_REASON_CODES);
registerEnumType(CreditReasonCodeEnum, {
  name: 'CreditReasonCode',
  description: 'What speaks against selling more to a customer. The list may grow.',
  valuesConfig: {
    NO_LIMIT: { description: 'No credit limit was set. Leads to REVIEW.' },
    OTHER_CURRENCY: { description: 'The amount is in another currency than the limit; nothing is converted. Leads to REVIEW.' },
    LIMIT_EXCEEDED: { description: 'The amount goes beyond the headroom. Leads to BLOCKED.' },
    OVERDUE_30: { description: 'An invoice is more than 30 days past due, in any currency. Leads to REVIEW.' },
    OVERDUE_90: { description: 'An invoice is more than 90 days past due, in any currency; given instead of OVERDUE_30. Leads to BLOCKED.' },
    DISPUTED: { description: 'An open invoice is in dispute. Leads to REVIEW.' },
    LITIGATION: { description: 'An open invoice is in dispute with the reason LITIGATION; given instead of DISPUTED. Leads to BLOCKED.' },
    BROKEN_PROMISE: { description: 'A promise to pay was not kept by its day, and something of it is still open. Leads to REVIEW.' },
  },
});

@ObjectType({ description: 'One thing that speaks against selling more to a customer.' })
class CreditReason {
  @Field(() => CreditReasonCodeEnum, { description: 'Stable.' })
  code!: CreditReasonCode;

  @Field(() => String, { description: 'For a person, in English.' })
  message!: string;
}

@ObjectType({ description: 'Whether an amount more may be sold to a customer today. It reserves nothing: orderExposureSet does.' })
class CreditCheck {
  @Field(() => CreditDecisionEnum, { description: 'The decision: the strongest that a reason leads to.' })
  decision!: CreditDecision;

  @Field(() => [CreditReason], { description: 'Every reason that holds; empty when APPROVED.' })
  reasons!: readonly CreditReason[];

  @Field(() => Money, { nullable: true, description: 'The credit limit; null when none was set.' })
  limit!: Money | null;

  @Field(() => Money, { nullable: true, description: "What stands against the limit, in its currency; null without a limit. Without what the checked order already reserves." })
  exposure!: Money | null;

  @Field(() => Money, { nullable: true, description: 'What is left of the limit before the checked amount; negative when it is exceeded, null without a limit.' })
  headroom!: Money | null;
}

@Resolver()
export class CreditCheckResolver {
  @Query(() => CreditCheck, { nullable: true, description: 'Whether an amount more may be sold to a customer today; null when your firm has no such customer. Needs the scope ledger:read.' })
  async creditCheck(
    @Arg('customerId', () => ID, { description: 'The customer.' }) customerId: string,
    @Arg('amount', () => MoneyInput, { description: 'What is to be sold on credit, above zero.' }) amount: MoneyInput,
    @Arg('orderReference', () => String, { nullable: true, description: 'The order it is about: what is already reserved under this reference is not counted against it.' }) orderReference: string | null,
    @Ctx() request: Request,
  ): Promise<CreditCheck | null> {
    request.demand('ledger:read');
    const wanted = amountOf(amount);
    const customer = await request.batch(readCustomers, customerId);
    if (!customer) return null;
    const reference = orderReference === null || orderReference === undefined ? null : (parseLabel(orderReference) ?? null);
    const { decision, reasons, limit, exposure } = await checkCredit(request, customer, wanted, reference);
    return {
      decision, reasons,
      limit: limit && toMoney(limit.minor, limit.currency),
      exposure: limit && toMoney(exposureOf(exposure), limit.currency),
      headroom: limit && toMoney(headroom(limit.minor, exposure), limit.currency),
    };
  }
}

/** A query has no userErrors: what a mutation would refuse as data is an error here. */
function amountOf(input: MoneyInput): MinorMoney {
  try {
    return demandPositive(input, ['amount']);
  } catch (error) {
    if (error instanceof Refusal) throw new ApiError('BAD_USER_INPUT', error.message);
    throw error;
  }
}
