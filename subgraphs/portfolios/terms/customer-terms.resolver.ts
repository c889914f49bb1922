import { Arg, Ctx, Field, ID, InputType, Mutation, ObjectType, Resolver } from 'type-graphql';
import { answer, type UserError } from '../../../src/errors.js';
import { UserErrorObject } from '../../../src/graph/user-error.graph.js';
import { Request } from '../../../src/server/request.js';
import { Customer, toCustomer } from '../ledger/customer.resolver.js';
import { readCustomers } from '../ledger/read-customer.js';
import { legalWarnings } from './due-date.js';
import { setPaymentTerms } from './set-payment-terms.js';
import { demandTerms, LegalWarning, PaymentTermsInput } from './terms.resolver.js';

@InputType({ description: 'The payment terms agreed with a customer.' })
class PaymentTermsSetInput {
  @Field(() => ID, { description: 'The customer.' })
  customerId!: string;

  @Field(() => PaymentTermsInput, { nullable: true, description: 'The terms, for invoices to come; null takes them away.' })
  terms?: PaymentTermsInput | null;
}

@ObjectType({ description: 'The customer after the change, or why there was none.' })
class PaymentTermsSetPayload {
  @Field(() => Customer, { nullable: true, description: 'The customer; null when refused.' })
  customer!: Customer | null;

  @Field(() => [LegalWarning], { description: 'What French law (C. com. L441-10) holds against these terms, for an invoice of today; empty when nothing. It is never refused.' })
  warnings!: readonly LegalWarning[];

  @Field(() => [UserErrorObject], { description: 'Why it was refused; empty when it was done.' })
  userErrors!: readonly UserError[];
}

const NOTHING_SET: Pick<PaymentTermsSetPayload, 'customer' | 'warnings'> = { customer: null, warnings: [] };

@Resolver()
export class CustomerTermsResolver {
  @Mutation(() => PaymentTermsSetPayload, { description: 'Sets or takes away the payment terms of a customer. Invoices that are there keep their due dates. The same again changes nothing. Needs the scope ledger:write.' })
  paymentTermsSet(@Arg('input', () => PaymentTermsSetInput, { description: 'The terms.' }) input: PaymentTermsSetInput, @Ctx() request: Request): Promise<PaymentTermsSetPayload> {
    request.demand('ledger:write');
    return answer(NOTHING_SET, async () => {
      const terms = input.terms ? demandTerms(input.terms, ['input', 'terms']) : null;
      await setPaymentTerms(request.db, input.customerId, terms);
      request.forget();
      const record = await request.batch(readCustomers, input.customerId);
      return { customer: record && toCustomer(record), warnings: terms ? legalWarnings(terms, request.room.clock.today()) : [] };
    });
  }
}
