import { Arg, Args, ArgsType, Ctx, Field, FieldResolver, ID, InputType, Int, Mutation, ObjectType, Query, registerEnumType, Resolver, Root } from 'type-graphql';
import { answer, invariant, type UserError } from '../../../src/errors.js';
import { enumOf } from '../../../src/graph/enum-of.js';
import { Money, toMoney } from '../../../src/graph/money.graph.js';
import { demandPageSize, PageInfo, toPage } from '../../../src/graph/page.graph.js';
import { DateScalar } from '../../../src/graph/scalars.js';
import { UserErrorObject } from '../../../src/graph/user-error.graph.js';
import { Request } from '../../../src/server/request.js';
import { Indicators } from '../indicators/indicators.resolver.js';
import { readDisputed, scopeOf } from '../indicators/read-sums.js';
import { Invoice, toInvoice } from '../ledger/invoice.resolver.js';
import { readInvoices } from '../ledger/read-invoice.js';
import { DISPUTE_OUTCOMES, DISPUTE_REASONS, type DisputeOutcome, type DisputeReason } from './dispute-reason.js';
import { openDispute } from './open-dispute.js';
import { disputeCursor, listDisputes, readDisputes, readInvoiceDisputes, type DisputeRecord } from './read-dispute.js';
import { resolveDispute } from './resolve-dispute.js';

export const DisputeReasonEnum = enumOf(DISPUTE_REASONS);
registerEnumType(DisputeReasonEnum, {
  name: 'DisputeReason',
  description: 'Why a customer contests an invoice.',
  valuesConfig: {
    PRICE: { description: 'Another price, discount or tax was agreed.' },
    QUANTITY: { description: 'Another quantity was ordered or came.' },
    QUALITY: { description: 'What came is not what it should be.' },
    DELIVERY: { description: 'It came late, to the wrong place, damaged or not at all.' },
    ADMINISTRATIVE: { description: 'The invoice lacks something: an order number, an address, a mention.' },
    DUPLICATE: { description: 'It was invoiced twice, or is paid already.' },
    LITIGATION: { description: 'It is before a court or in insolvency proceedings: nothing is expected of it.' },
    OTHER: { description: 'Something else.' },
  },
});

const DisputeOutcomeEnum = enumOf(DISPUTE_OUTCOMES);
registerEnumType(DisputeOutcomeEnum, {
  name: 'DisputeOutcome',
  description: 'How a dispute ended.',
  valuesConfig: {
    ACCEPTED: { description: 'The customer was right; a credit note is to follow.' },
    PARTLY_ACCEPTED: { description: 'The customer was right in part.' },
    REJECTED: { description: 'The invoice stands as it is.' },
    WITHDRAWN: { description: 'The customer gave the dispute up.' },
  },
});

@ObjectType({ description: 'A customer contests an invoice. What is owed does not change by it.' })
export class Dispute {
  @Field(() => ID, { description: 'Opaque.' })
  id!: string;

  @Field(() => DisputeReasonEnum, { description: 'Why.' })
  reason!: DisputeReason;

  @Field(() => String, { description: 'Who must act: a label of your own, such as a person or a department.' })
  responsible!: string;

  @Field(() => String, { nullable: true, description: 'What was noted when it was opened; null when nothing was.' })
  note!: string | null;

  @Field(() => Money, { description: 'What was open of the invoice on the day it was opened.' })
  amount!: Money;

  @Field(() => DateScalar, { description: 'The first day on which it was open.' })
  openedOn!: string;

  @Field(() => ID, { nullable: true, description: 'Who opened it: the id of a User of your firm.' })
  openedBy!: string | null;

  @Field(() => DateScalar, { nullable: true, description: 'The day on which it was resolved, and no longer open; null while it is open.' })
  resolvedOn!: string | null;

  @Field(() => DisputeOutcomeEnum, { nullable: true, description: 'How it ended; null while it is open.' })
  outcome!: DisputeOutcome | null;

  @Field(() => String, { nullable: true, description: 'What was noted when it was resolved; null when nothing was.' })
  resolutionNote!: string | null;

  @Field(() => ID, { nullable: true, description: 'Who resolved it: the id of a User of your firm; null while it is open.' })
  resolvedBy!: string | null;

  @Field(() => Int, { nullable: true, description: 'Days from the opening to the resolution; null while it is open.' })
  resolutionDays!: number | null;

  invoiceId!: string;
}

function toDispute({ amountMinor, currency, ...record }: DisputeRecord): Dispute {
  return { ...record, amount: toMoney(BigInt(amountMinor), currency) };
}

@InputType({ description: 'A dispute about an invoice.' })
class DisputeOpenInput {
  @Field(() => ID, { description: 'The invoice that is contested; something of it must be open.' })
  invoiceId!: string;

  @Field(() => DisputeReasonEnum, { description: 'Why.' })
  reason!: DisputeReason;

  @Field(() => String, { description: 'Who must act, 1 to 200 characters: a label of your own, such as a person or a department.' })
  responsible!: string;

  @Field(() => DateScalar, { nullable: true, description: 'When it was opened, not before the issue of the invoice and not in the future; today when left out.' })
  openedOn?: Temporal.PlainDate | null;

  @Field(() => String, { nullable: true, description: 'Anything more, at most 2,000 characters.' })
  note?: string | null;
}

@InputType({ description: 'How a dispute ended.' })
class DisputeResolveInput {
  @Field(() => ID, { description: 'The dispute.' })
  id!: string;

  @Field(() => DisputeOutcomeEnum, { description: 'How it ended.' })
  outcome!: DisputeOutcome;

  @Field(() => DateScalar, { nullable: true, description: 'When, not before it was opened and not in the future; today when left out.' })
  resolvedOn?: Temporal.PlainDate | null;

  @Field(() => String, { nullable: true, description: 'Anything more, at most 2,000 characters.' })
  note?: string | null;
}

@ObjectType({ description: 'The dispute after the change, or why there was none.' })
class DisputePayload {
  @Field(() => Dispute, { nullable: true, description: 'The dispute; null when refused.' })
  dispute!: Dispute | null;

  @Field(() => [UserErrorObject], { description: 'Why it was refused; empty when it was done.' })
  userErrors!: readonly UserError[];
}

const NO_DISPUTE: { readonly dispute: Dispute | null } = { dispute: null };

@InputType({ description: 'Which disputes; every condition must hold.' })
class DisputeFilter {
  @Field(() => ID, { nullable: true, description: 'Only those of this customer; none when your firm has no such customer.' })
  customerId?: string | null;

  @Field(() => Boolean, { nullable: true, description: 'True: only those not resolved. False: only the others.' })
  open?: boolean | null;

  @Field(() => DisputeReasonEnum, { nullable: true, description: 'Only those with this reason.' })
  reason?: DisputeReason | null;

  @Field(() => String, { nullable: true, description: 'Only those on which exactly this one must act.' })
  responsible?: string | null;
}

@ArgsType()
class DisputesArgs {
  @Field(() => Int, { nullable: true, defaultValue: 50, description: 'How many, at most 100.' })
  first!: number | null;

  @Field(() => String, { nullable: true, description: 'The endCursor of the page before.' })
  after?: string | null;

  @Field(() => DisputeFilter, { nullable: true, description: 'Which ones; all of them when left out.' })
  where?: DisputeFilter | null;
}

@ObjectType({ description: 'A page of disputes.' })
class DisputeConnection {
  @Field(() => [Dispute], { description: 'The disputes.' })
  nodes!: readonly Dispute[];

  @Field(() => PageInfo, { description: 'Where the page begins and ends.' })
  pageInfo!: PageInfo;
}

@Resolver(() => Dispute)
export class DisputeResolver {
  @Query(() => DisputeConnection, { description: 'Disputes about your invoices, the one opened first comes first. Needs the scope ledger:read.' })
  async disputes(@Args(() => DisputesArgs) { first, after, where }: DisputesArgs, @Ctx() request: Request): Promise<DisputeConnection> {
    request.demand('ledger:read');
    const size = demandPageSize(first ?? 50);
    const listing = { customerId: where?.customerId ?? null, open: where?.open ?? null, reason: where?.reason ?? null, responsible: where?.responsible?.trim().normalize('NFC') ?? null };
    // No label has a NUL, and PostgreSQL could not look for one.
    const rows = listing.responsible?.includes('\0') ? [] : await listDisputes(request, listing, size, after ?? null);
    const { nodes, pageInfo } = toPage(rows, size, after ?? undefined, disputeCursor);
    return { nodes: nodes.map(toDispute), pageInfo };
  }

  @Mutation(() => DisputePayload, { description: 'Notes that a customer contests an invoice; it has one open dispute at a time. The same again changes nothing, another content is a CONFLICT. Needs the scope ledger:write.' })
  disputeOpen(@Arg('input', () => DisputeOpenInput, { description: 'The dispute.' }) input: DisputeOpenInput, @Ctx() request: Request): Promise<DisputePayload> {
    const asker = request.demand('ledger:write');
    return answer(NO_DISPUTE, async () => {
      const contest = { invoiceId: input.invoiceId, reason: input.reason, responsible: input.responsible, note: input.note ?? null, openedOn: input.openedOn ?? undefined };
      return changed(request, await openDispute(request.db, asker, contest, request.room.clock.today()));
    });
  }

  @Mutation(() => DisputePayload, { description: 'Ends a dispute. The same again changes nothing, another outcome is a CONFLICT. What is owed does not change by it: a credit note does that. Needs the scope ledger:write.' })
  disputeResolve(@Arg('input', () => DisputeResolveInput, { description: 'How it ended.' }) input: DisputeResolveInput, @Ctx() request: Request): Promise<DisputePayload> {
    const asker = request.demand('ledger:write');
    return answer(NO_DISPUTE, async () => {
      await resolveDispute(request.db, asker, { id: input.id, outcome: input.outcome, note: input.note ?? null, resolvedOn: input.resolvedOn ?? undefined }, request.room.clock.today());
      return changed(request, input.id);
    });
  }

  @FieldResolver(() => Invoice, { description: 'The invoice that is contested.' })
  async invoice(@Root() { invoiceId }: Dispute, @Ctx() request: Request): Promise<Invoice> {
    const invoice = await request.batch(readInvoices, invoiceId);
    invariant(invoice, 'a dispute is about an invoice');
    return toInvoice(invoice);
  }
}

@Resolver(() => Invoice)
export class InvoiceDisputesResolver {
  @FieldResolver(() => [Dispute], { description: 'The disputes about it, the newest first, at most 50; at most one of them is open.' })
  async disputes(@Root() { id }: Invoice, @Ctx() request: Request): Promise<readonly Dispute[]> {
    return ((await request.batch(readInvoiceDisputes, id)) ?? []).map(toDispute);
  }
}

@Resolver(() => Indicators)
export class DisputedResolver {
  @FieldResolver(() => Money, { description: 'What is open of the invoices that are in dispute on the day. It is part of the outstanding and of the aged balance like any other.' })
  async disputed(@Root() root: Indicators, @Ctx() request: Request): Promise<Money> {
    const { currency, value } = await readDisputed(request, scopeOf(root));
    return toMoney(value, currency);
  }
}

async function changed(request: Request, id: string): Promise<{ readonly dispute: Dispute | null }> {
  request.forget();
  const record = await request.batch(readDisputes, id);
  return { dispute: record && toDispute(record) };
}
