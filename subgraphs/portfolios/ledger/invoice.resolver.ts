import { Arg, Ctx, Directive, Field, FieldResolver, ID, InputType, Int, Mutation, ObjectType, Query, registerEnumType, Resolver, Root } from 'type-graphql';
import { answer, invariant, type UserError } from '../../../src/errors.js';
import { enumOf } from '../../../src/graph/enum-of.js';
import { demandPositive, Money, MoneyInput, toMoney } from '../../../src/graph/money.graph.js';
import { DateScalar } from '../../../src/graph/scalars.js';
import { UserErrorObject } from '../../../src/graph/user-error.graph.js';
import { Request } from '../../../src/server/request.js';
import type { ReferenceResolver } from '../../../src/server/subgraph.js';
import { daysBetween } from '../../../src/values/day.js';
import { Customer, toCustomer } from './customer.resolver.js';
import { readCustomers } from './read-customer.js';
import { INVOICE_KINDS, readAppliedLater, readInvoices, type InvoiceKind, type InvoiceRecord } from './read-invoice.js';
import { upsertInvoice } from './upsert-invoice.js';

const InvoiceKindEnum = enumOf(INVOICE_KINDS);
registerEnumType(InvoiceKindEnum, {
  name: 'InvoiceKind',
  description: 'What a document does to what is owed.',
  valuesConfig: {
    INVOICE: { description: 'It adds to what is owed.' },
    CREDIT_NOTE: { description: 'It takes off what is owed. Its amount is positive.' },
  },
});

const INVOICE_STATUSES = ['OPEN', 'PARTLY_PAID', 'PAID', 'CANCELLED'] as const;
type InvoiceStatus = (typeof INVOICE_STATUSES)[number];
const InvoiceStatusEnum = enumOf(INVOICE_STATUSES);
registerEnumType(InvoiceStatusEnum, {
  name: 'InvoiceStatus',
  description: 'How far a document is settled by all that is known.',
  valuesConfig: {
    OPEN: { description: 'Nothing was applied to it.' },
    PARTLY_PAID: { description: 'A part of its amount was applied.' },
    PAID: { description: 'Its whole amount was applied.' },
    CANCELLED: { description: 'It no longer counts.' },
  },
});

@Directive('@key(fields: "id")')
@ObjectType({ description: 'An invoice or a credit note of your firm.' })
export class Invoice {
  @Field(() => ID, { description: 'Opaque.' })
  id!: string;

  @Field(() => String, { description: 'Its number, unique for its customer.' })
  number!: string;

  @Field(() => InvoiceKindEnum, { description: 'Invoice or credit note.' })
  kind!: InvoiceKind;

  @Field(() => InvoiceStatusEnum, { description: 'How far it is settled by all that is known, whatever the day.' })
  status!: InvoiceStatus;

  @Field(() => DateScalar, { description: 'When it was issued.' })
  issueDate!: string;

  @Field(() => DateScalar, { description: 'When it is to be paid; on this day itself it is not past due.' })
  dueDate!: string;

  @Field(() => Boolean, { description: "Whether the due date was not given but follows from the customer's terms, else from those of its import, else from 30 days." })
  dueDateAssumed!: boolean;

  @Field(() => Money, { description: 'Its whole amount, tax included; positive for a credit note too.' })
  amount!: Money;

  @Field(() => DateScalar, { nullable: true, description: 'The day on which what was applied to it reached its amount; null while it is open.' })
  settledOn!: string | null;

  record!: InvoiceRecord;
}

export function toInvoice(record: InvoiceRecord): Invoice {
  const { id, number, kind, issueDate, dueDate, dueDateAssumed, settledOn } = record;
  return { id, number, kind, issueDate, dueDate, dueDateAssumed, settledOn, status: statusOf(record), amount: toMoney(BigInt(record.amountMinor), record.currency), record };
}

function statusOf(record: InvoiceRecord): InvoiceStatus {
  if (record.cancelled) return 'CANCELLED';
  if (record.settledOn !== null) return 'PAID';
  return record.appliedMinor === '0' ? 'OPEN' : 'PARTLY_PAID';
}

/** The invoice of this id as the asker's firm keeps it; null when it has none such. */
async function findInvoice(request: Request, id: string): Promise<Invoice | null> {
  request.demand('ledger:read');
  const record = await request.batch(readInvoices, id);
  return record && toInvoice(record);
}

export const invoiceByReference: ReferenceResolver = (reference, request) => findInvoice(request, String(reference['id']));

@InputType({ description: 'An invoice or a credit note.' })
class InvoiceUpsertInput {
  @Field(() => ID, { description: 'The customer it went to.' })
  customerId!: string;

  @Field(() => String, { description: 'Its number, 1 to 200 characters: the same number of the same customer again means the same document.' })
  number!: string;

  @Field(() => InvoiceKindEnum, { nullable: true, defaultValue: 'INVOICE', description: 'Invoice or credit note.' })
  kind!: InvoiceKind | null;

  @Field(() => DateScalar, { description: 'When it was issued.' })
  issueDate!: Temporal.PlainDate;

  @Field(() => DateScalar, { nullable: true, description: "When it is to be paid, not before the issue date. Left out: the customer's terms, else 30 days, and dueDateAssumed." })
  dueDate?: Temporal.PlainDate | null;

  @Field(() => MoneyInput, { description: 'Its whole amount, above zero; a credit note has a positive amount too.' })
  amount!: MoneyInput;
}

@ObjectType({ description: 'The document after the change, or why there was none.' })
class InvoiceUpsertPayload {
  @Field(() => Invoice, { nullable: true, description: 'The document; null when refused.' })
  invoice!: Invoice | null;

  @Field(() => [UserErrorObject], { description: 'Why it was refused; empty when it was done.' })
  userErrors!: readonly UserError[];
}

const NO_INVOICE: { readonly invoice: Invoice | null } = { invoice: null };

@Resolver(() => Invoice)
export class InvoiceResolver {
  @Query(() => Invoice, { nullable: true, description: 'An invoice or a credit note of your firm; null when it has none such. Needs the scope ledger:read.' })
  invoice(@Arg('id', () => ID, { description: 'Its id.' }) id: string, @Ctx() request: Request): Promise<Invoice | null> {
    return findInvoice(request, id);
  }

  @Mutation(() => InvoiceUpsertPayload, { description: 'Takes an invoice or a credit note by its number. The same again changes nothing; other dates or another amount correct it, as long as what was already applied still fits. Needs the scope ledger:write.' })
  invoiceUpsert(@Arg('input', () => InvoiceUpsertInput, { description: 'The document.' }) input: InvoiceUpsertInput, @Ctx() request: Request): Promise<InvoiceUpsertPayload> {
    const { firmId } = request.demand('ledger:write');
    return answer(NO_INVOICE, async () => {
      const id = await upsertInvoice(request.db, firmId, {
        customerId: input.customerId,
        number: input.number,
        kind: input.kind ?? 'INVOICE',
        issueDate: input.issueDate,
        dueDate: input.dueDate ?? undefined,
        amount: demandPositive(input.amount, ['input', 'amount']),
      });
      request.forget();
      const record = await request.batch(readInvoices, id);
      return { invoice: record && toInvoice(record) };
    });
  }

  @FieldResolver(() => Customer, { description: 'Who it went to.' })
  async customer(@Root() { record }: Invoice, @Ctx() request: Request): Promise<Customer> {
    const customer = await request.batch(readCustomers, record.customerId);
    invariant(customer, 'an invoice has a customer');
    return toCustomer(customer);
  }

  @FieldResolver(() => Money, { description: 'What is not yet applied to it on a day; zero before its issue and when it is cancelled. Of a credit note: what no invoice has taken yet.' })
  async openAmount(
    @Root() { record }: Invoice,
    @Arg('asOf', () => DateScalar, { nullable: true, description: 'The day; today when left out.' }) asOf: Temporal.PlainDate | null,
    @Ctx() request: Request,
  ): Promise<Money> {
    const day = (asOf ?? request.room.clock.today()).toString();
    if (record.cancelled || day < record.issueDate) return toMoney(0n, record.currency);
    const later = record.appliedMinor === '0' ? 0n : await request.batch(readAppliedLater, { invoiceId: record.id, day });
    return toMoney(BigInt(record.amountMinor) - BigInt(record.appliedMinor) + (later ?? 0n), record.currency);
  }

  @FieldResolver(() => Int, { description: 'Days from the due date to the day, when it is open and past due on that day; 0 otherwise, and for a credit note.' })
  daysPastDue(
    @Root() { record }: Invoice,
    @Arg('asOf', () => DateScalar, { nullable: true, description: 'The day; today when left out.' }) asOf: Temporal.PlainDate | null,
    @Ctx() request: Request,
  ): number {
    const day = asOf ?? request.room.clock.today();
    const text = day.toString();
    const open = record.kind === 'INVOICE' && !record.cancelled && record.issueDate <= text && (record.settledOn === null || record.settledOn > text);
    return open ? Math.max(0, daysBetween(Temporal.PlainDate.from(record.dueDate), day)) : 0;
  }

  @FieldResolver(() => Int, { nullable: true, description: 'Days from the due date to the settlement, negative when early; null while it is open, when it is cancelled, and for a credit note.' })
  daysBeyondTerms(@Root() { record }: Invoice): number | null {
    if (record.settledOn === null || record.cancelled || record.kind !== 'INVOICE') return null;
    return daysBetween(Temporal.PlainDate.from(record.dueDate), Temporal.PlainDate.from(record.settledOn));
  }
}
