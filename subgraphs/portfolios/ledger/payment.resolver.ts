import { Arg, Ctx, Field, ID, InputType, Mutation, ObjectType, Resolver } from 'type-graphql';
import { answer, invariant, type UserError } from '../../../src/errors.js';
import { demandPositive, Money, MoneyInput, toMoney } from '../../../src/graph/money.graph.js';
import { DateScalar } from '../../../src/graph/scalars.js';
import { UserErrorObject } from '../../../src/graph/user-error.graph.js';
import { Request } from '../../../src/server/request.js';
import { Invoice, toInvoice } from './invoice.resolver.js';
import { readInvoices } from './read-invoice.js';
import { recordPayment } from './record-payment.js';

@InputType({ description: 'A payment that came in. Without invoiceNumbers it stays unapplied. The same reference again changes nothing.' })
class PaymentRecordInput {
  @Field(() => ID, { description: 'The customer who paid.' })
  customerId!: string;

  @Field(() => String, { description: 'Your own reference of the payment, 1 to 200 characters, unique for the customer.' })
  reference!: string;

  @Field(() => DateScalar, { description: 'The day it came in; the invoices are settled on this day, or on their issue date when that is later.' })
  receivedOn!: Temporal.PlainDate;

  @Field(() => MoneyInput, { description: 'What came in, above zero.' })
  amount!: MoneyInput;

  @Field(() => [String], { nullable: true, description: "Numbers of the customer's invoices, in the order in which they take from it, at most 500. What they do not take stays unapplied." })
  invoiceNumbers?: string[] | null;
}

@ObjectType({ description: 'What became of a payment, or why it was refused.' })
class PaymentRecordPayload {
  @Field(() => [Invoice], { description: 'The named invoices, in the given order; empty when refused.' })
  invoices!: readonly Invoice[];

  @Field(() => Money, { nullable: true, description: 'What of the payment no invoice has taken; null when refused.' })
  unapplied!: Money | null;

  @Field(() => [UserErrorObject], { description: 'Why it was refused; empty when it was done.' })
  userErrors!: readonly UserError[];
}

const NO_PAYMENT: Pick<PaymentRecordPayload, 'invoices' | 'unapplied'> = { invoices: [], unapplied: null };

@Resolver()
export class PaymentResolver {
  @Mutation(() => PaymentRecordPayload, { description: 'Takes a payment and applies it to the named invoices in their order. The same reference again changes nothing; with another content it is a CONFLICT. Needs the scope ledger:write.' })
  paymentRecord(@Arg('input', () => PaymentRecordInput, { description: 'The payment.' }) input: PaymentRecordInput, @Ctx() request: Request): Promise<PaymentRecordPayload> {
    const { firmId } = request.demand('ledger:write');
    return answer(NO_PAYMENT, async () => {
      const { invoiceIds, unapplied } = await recordPayment(request.db, firmId, {
        customerId: input.customerId,
        reference: input.reference,
        receivedOn: input.receivedOn,
        amount: demandPositive(input.amount, ['input', 'amount']),
        invoiceNumbers: input.invoiceNumbers ?? [],
      });
      request.forget();
      const records = await Promise.all(invoiceIds.map((id) => request.batch(readInvoices, id)));
      return {
        invoices: records.map((record) => {
          invariant(record, 'an invoice that was paid is there');
          return toInvoice(record);
        }),
        unapplied: toMoney(unapplied.minor, unapplied.currency),
      };
    });
  }
}
