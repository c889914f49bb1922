import { Arg, Ctx, Field, FieldResolver, ID, InputType, Int, Mutation, ObjectType, registerEnumType, Resolver, Root } from 'type-graphql';
import { answer, invariant, type UserError } from '../../../src/errors.js';
import { enumOf } from '../../../src/graph/enum-of.js';
import { demandPositive, Money, MoneyInput, toMoney } from '../../../src/graph/money.graph.js';
import { demandPageSize } from '../../../src/graph/page.graph.js';
import { DateScalar } from '../../../src/graph/scalars.js';
import { UserErrorObject } from '../../../src/graph/user-error.graph.js';
import { Request } from '../../../src/server/request.js';
import { Customer } from '../ledger/customer.resolver.js';
import { Invoice, toInvoice } from '../ledger/invoice.resolver.js';
import { readInvoices } from '../ledger/read-invoice.js';
import { PROMISE_STATUSES, promiseStatus, type PromiseStatus } from './promise-status.js';
import { readPromisedOpen, readPromises, readPromisesOf, type PromiseRecord } from './read-promise.js';
import { recordPromise } from './record-promise.js';

const PromiseStatusEnum = enumOf(PROMISE_STATUSES);
registerEnumType(PromiseStatusEnum, {
  name: 'PromiseStatus',
  description: 'What became of a promise to pay.',
  valuesConfig: {
    PENDING: { description: 'Its day is not over and it is not kept yet.' },
    KEPT: { description: 'What was promised was settled by its day.' },
    BROKEN: { description: 'It was not settled by its day; what is settled later does not mend it.' },
    REPLACED: { description: 'While it was pending a newer promise about one of its invoices took its place.' },
  },
});

@ObjectType({ description: 'A customer said that it will pay invoices by a day. Whether it did follows from what was settled.' })
class PaymentPromise {
  @Field(() => ID, { description: 'Opaque.' })
  id!: string;

  @Field(() => DateScalar, { description: 'When it was made.' })
  madeOn!: string;

  @Field(() => DateScalar, { description: 'The last day on which paying keeps it.' })
  promisedOn!: string;

  @Field(() => Money, { description: 'What was promised.' })
  amount!: Money;

  @Field(() => String, { nullable: true, description: 'What was noted; null when nothing was.' })
  note!: string | null;

  @Field(() => ID, { nullable: true, description: 'Who recorded it: the id of a User of your firm.' })
  recordedBy!: string | null;

  record!: PromiseRecord;
}

function toPromise(record: PromiseRecord): PaymentPromise {
  const { id, madeOn, promisedOn, note, recordedBy } = record;
  return { id, madeOn, promisedOn, note, recordedBy, amount: toMoney(BigInt(record.amountMinor), record.currency), record };
}

@InputType({ description: 'A promise to pay.' })
class PromiseRecordInput {
  @Field(() => [ID], { description: 'The invoices it is about, 1 to 100 of one customer and in one currency; something of each must be open.' })
  invoiceIds!: string[];

  @Field(() => DateScalar, { description: 'The last day on which paying keeps it, not before the day on which it was made.' })
  promisedOn!: Temporal.PlainDate;

  @Field(() => MoneyInput, { nullable: true, description: 'What was promised, at most what is open of the invoices; all of that when left out.' })
  amount?: MoneyInput | null;

  @Field(() => DateScalar, { nullable: true, description: 'When it was made, not in the future; today when left out.' })
  madeOn?: Temporal.PlainDate | null;

  @Field(() => String, { nullable: true, description: 'Anything more, at most 2,000 characters.' })
  note?: string | null;
}

@ObjectType({ description: 'The promise, or why it was refused.' })
class PaymentPromisePayload {
  @Field(() => PaymentPromise, { nullable: true, description: 'The promise; null when refused.' })
  promise!: PaymentPromise | null;

  @Field(() => [UserErrorObject], { description: 'Why it was refused; empty when it was done.' })
  userErrors!: readonly UserError[];
}

const NO_PROMISE: { readonly promise: PaymentPromise | null } = { promise: null };

@Resolver(() => PaymentPromise)
export class PaymentPromiseResolver {
  @Mutation(() => PaymentPromisePayload, { description: 'Notes that a customer promised to pay invoices by a day. The same again changes nothing; a newer promise about one of the invoices takes the place of one that is pending. Needs the scope ledger:write.' })
  promiseRecord(@Arg('input', () => PromiseRecordInput, { description: 'The promise.' }) input: PromiseRecordInput, @Ctx() request: Request): Promise<PaymentPromisePayload> {
    const asker = request.demand('ledger:write');
    return answer(NO_PROMISE, async () => {
      const promised = {
        invoiceIds: input.invoiceIds, promisedOn: input.promisedOn, note: input.note ?? null, madeOn: input.madeOn ?? undefined,
        amount: input.amount ? demandPositive(input.amount, ['input', 'amount']) : undefined,
      };
      const id = await recordPromise(request.db, asker, promised, request.room.clock.today());
      request.forget();
      const record = await request.batch(readPromises, id);
      return { promise: record && toPromise(record) };
    });
  }

  @FieldResolver(() => [Invoice], { description: 'The invoices it is about.' })
  invoices(@Root() { record }: PaymentPromise, @Ctx() request: Request): Promise<readonly Invoice[]> {
    return Promise.all(
      record.invoiceIds.map(async (id) => {
        const invoice = await request.batch(readInvoices, id);
        invariant(invoice, 'a promise is about invoices');
        return toInvoice(invoice);
      }),
    );
  }

  @FieldResolver(() => PromiseStatusEnum, { description: 'What became of it by a day.' })
  async status(
    @Root() { record }: PaymentPromise,
    @Arg('asOf', () => DateScalar, { nullable: true, description: 'The day; today when left out.' }) asOf: Temporal.PlainDate | null,
    @Ctx() request: Request,
  ): Promise<PromiseStatus> {
    const day = asOf ?? request.room.clock.today();
    const openMinor = await request.batch(readPromisedOpen, { promiseId: record.id, day: day.toString() });
    invariant(openMinor !== null, 'a promise is about invoices');
    const facts = { promisedOn: Temporal.PlainDate.from(record.promisedOn), replacedOn: record.replacedOn === null ? null : Temporal.PlainDate.from(record.replacedOn), leftMinor: BigInt(record.leftMinor), openMinor };
    return promiseStatus(facts, day);
  }
}

@Resolver(() => Customer)
export class CustomerPromisesResolver {
  @FieldResolver(() => [PaymentPromise], { description: 'What it promised to pay, the newest promise first. Needs the scope ledger:read.' })
  async promises(
    @Root() { id }: Customer,
    @Arg('first', () => Int, { nullable: true, defaultValue: 50, description: 'How many of the newest, at most 100.' }) first: number | null,
    @Ctx() request: Request,
  ): Promise<readonly PaymentPromise[]> {
    request.demand('ledger:read');
    return ((await request.batch(readPromisesOf, { customerId: id, invoiceId: null, first: demandPageSize(first ?? 50) })) ?? []).map(toPromise);
  }
}

@Resolver(() => Invoice)
export class InvoicePromisesResolver {
  @FieldResolver(() => [PaymentPromise], { description: 'What its customer promised about it, the newest promise first.' })
  async promises(
    @Root() { id }: Invoice,
    @Arg('first', () => Int, { nullable: true, defaultValue: 50, description: 'How many of the newest, at most 100.' }) first: number | null,
    @Ctx() request: Request,
  ): Promise<readonly PaymentPromise[]> {
    return ((await request.batch(readPromisesOf, { customerId: null, invoiceId: id, first: demandPageSize(first ?? 50) })) ?? []).map(toPromise);
  }
}
