import { Arg, Args, ArgsType, Ctx, Field, FieldResolver, ID, InputType, Int, Mutation, ObjectType, Query, Resolver, Root } from 'type-graphql';
import { answer, invariant, type UserError } from '../../../src/errors.js';
import { Money, toMoney } from '../../../src/graph/money.graph.js';
import { demandPageSize, PageInfo, toPage } from '../../../src/graph/page.graph.js';
import { DateScalar } from '../../../src/graph/scalars.js';
import { UserErrorObject } from '../../../src/graph/user-error.graph.js';
import { Request } from '../../../src/server/request.js';
import { isUuid } from '../../../src/values/opaque-id.js';
import { Customer, findCustomer } from '../ledger/customer.resolver.js';
import { Invoice, toInvoice } from '../ledger/invoice.resolver.js';
import { readInvoices } from '../ledger/read-invoice.js';
import { applyReceipt } from './apply-receipt.js';
import { countReceipts, listReceipts, receiptCursor, type ReceiptListing } from './list-receipts.js';
import { readReceiptParts, readReceipts, type ReceiptPart, type ReceiptRecord } from './read-receipt.js';

@ObjectType({ description: 'A payment that came in: recorded, or found in a bank statement or an accounting file.' })
class Receipt {
  @Field(() => ID, { description: 'Opaque.' })
  id!: string;

  @Field(() => String, { description: "What it is known by: your own reference, or for a bank statement the account, the day and the bank's reference." })
  reference!: string;

  @Field(() => DateScalar, { description: 'The day it came in; of a bank statement the day of booking.' })
  receivedOn!: string;

  @Field(() => Money, { description: 'What came in.' })
  amount!: Money;

  @Field(() => Money, { description: 'What no invoice has taken of it yet.' })
  unapplied!: Money;

  @Field(() => String, { nullable: true, description: 'Who paid, as the bank says; null when it does not, or the receipt is not of a bank statement.' })
  payer!: string | null;

  @Field(() => String, { nullable: true, description: "The payer's account (IBAN, else the number that the bank gives); null when it is not known." })
  payerAccount!: string | null;

  @Field(() => String, { nullable: true, description: 'What the payer wrote, then its structured references, at most 2,000 characters; null when it is not known.' })
  remittance!: string | null;

  record!: ReceiptRecord;
}

function toReceipt(record: ReceiptRecord): Receipt {
  const { id, reference, receivedOn, payer, payerAccount, remittance, currency } = record;
  const amountMinor = BigInt(record.amountMinor);
  return { id, reference, receivedOn, payer, payerAccount, remittance, amount: toMoney(amountMinor, currency), unapplied: toMoney(amountMinor - BigInt(record.appliedMinor), currency), record };
}

@ObjectType({ description: 'What a receipt settled of one invoice.' })
class ReceiptApplication {
  @Field(() => Money, { description: 'What the invoice took.' })
  amount!: Money;

  @Field(() => DateScalar, { description: 'The day it counts from: when the receipt came in, or the issue date of the invoice when that is later.' })
  appliedOn!: string;

  part!: ReceiptPart;
}

@InputType({ description: 'Which receipts; every condition must hold.' })
class ReceiptFilter {
  @Field(() => Boolean, { nullable: true, description: 'True: only those with something that no invoice has taken. False: only the others.' })
  unapplied?: boolean | null;

  @Field(() => Boolean, { nullable: true, description: 'True: only those of which nobody has said whose they are. False: only the others.' })
  unallocated?: boolean | null;

  @Field(() => ID, { nullable: true, description: 'Only those of this customer; none when your firm has no such customer.' })
  customerId?: string | null;
}

@ArgsType()
class ReceiptsArgs {
  @Field(() => Int, { nullable: true, defaultValue: 50, description: 'How many, at most 100.' })
  first!: number | null;

  @Field(() => String, { nullable: true, description: 'The endCursor of the page before.' })
  after?: string | null;

  @Field(() => ReceiptFilter, { nullable: true, description: 'Which receipts; all of them when left out.' })
  where?: ReceiptFilter | null;
}

@ObjectType({ description: 'A receipt in a list.' })
class ReceiptEdge {
  @Field(() => Receipt, { description: 'The receipt.' })
  node!: Receipt;

  @Field(() => String, { description: 'Where it stands in the list, for `after`.' })
  cursor!: string;
}

@ObjectType({ description: 'A page of receipts, the newest first.' })
class ReceiptConnection {
  @Field(() => [ReceiptEdge], { description: 'The receipts with their cursors.' })
  edges!: readonly ReceiptEdge[];

  @Field(() => [Receipt], { description: 'The receipts.' })
  nodes!: readonly Receipt[];

  @Field(() => PageInfo, { description: 'Where the page begins and ends.' })
  pageInfo!: PageInfo;

  /** What was asked for, to count it when the total is; undefined: nothing can match. */
  listing!: ReceiptListing | undefined;
}

@InputType({ description: 'Whose a receipt is, and which invoices it settles.' })
class ReceiptApplyInput {
  @Field(() => ID, { description: 'The receipt.' })
  receiptId!: string;

  @Field(() => ID, { description: 'The customer who paid. A receipt that has settled nothing may still be given to another.' })
  customerId!: string;

  @Field(() => [String], { nullable: true, description: "Numbers of the customer's invoices, in the order in which they take what is left of it, at most 500. Without any it only becomes the customer's." })
  invoiceNumbers?: string[] | null;
}

@ObjectType({ description: 'What became of a receipt, or why it was refused.' })
class ReceiptApplyPayload {
  @Field(() => Receipt, { nullable: true, description: 'The receipt as it is now; null when refused.' })
  receipt!: Receipt | null;

  @Field(() => [Invoice], { description: 'The named invoices, in the given order; empty when refused.' })
  invoices!: readonly Invoice[];

  @Field(() => [UserErrorObject], { description: 'Why it was refused; empty when it was done.' })
  userErrors!: readonly UserError[];
}

@Resolver(() => Receipt)
export class ReceiptResolver {
  @Mutation(() => ReceiptApplyPayload, { description: 'Says whose a receipt is and lets the named invoices take what is left of it, each at most what is open. The same again changes nothing. Needs the scope ledger:write.' })
  receiptApply(@Arg('input', () => ReceiptApplyInput, { description: 'The receipt and what it settles.' }) input: ReceiptApplyInput, @Ctx() request: Request): Promise<ReceiptApplyPayload> {
    const { firmId } = request.demand('ledger:write');
    return answer<Omit<ReceiptApplyPayload, 'userErrors'>>({ receipt: null, invoices: [] }, async () => {
      const { invoiceIds } = await applyReceipt(request.db, firmId, { receiptId: input.receiptId, customerId: input.customerId, invoiceNumbers: input.invoiceNumbers ?? [] });
      request.forget();
      const record = await request.batch(readReceipts, input.receiptId);
      invariant(record, 'a receipt that was applied is there');
      return { receipt: toReceipt(record), invoices: await Promise.all(invoiceIds.map((id) => readInvoice(request, id))) };
    });
  }

  @FieldResolver(() => Customer, { nullable: true, description: 'Whose it is; null while nobody has said so.' })
  customer(@Root() { record }: Receipt, @Ctx() request: Request): Promise<Customer | null> | null {
    return record.customerId === null ? null : findCustomer(request, record.customerId);
  }

  @FieldResolver(() => [ReceiptApplication], { description: 'The invoices that it settled, in the order in which they took from it.' })
  async applications(@Root() { id, record }: Receipt, @Ctx() request: Request): Promise<readonly ReceiptApplication[]> {
    const parts = (await request.batch(readReceiptParts, id)) ?? [];
    return parts.map((part) => ({ amount: toMoney(BigInt(part.amountMinor), record.currency), appliedOn: part.appliedOn, part }));
  }
}

@Resolver(() => ReceiptApplication)
export class ReceiptApplicationResolver {
  @FieldResolver(() => Invoice, { description: 'The invoice.' })
  invoice(@Root() { part }: ReceiptApplication, @Ctx() request: Request): Promise<Invoice> {
    return readInvoice(request, part.invoiceId);
  }
}

@Resolver(() => ReceiptConnection)
export class ReceiptConnectionResolver {
  @Query(() => ReceiptConnection, { description: 'What your firm was paid, the newest first. Needs the scope ledger:read.' })
  async receipts(@Args(() => ReceiptsArgs) { first, after, where }: ReceiptsArgs, @Ctx() request: Request): Promise<ReceiptConnection> {
    request.demand('ledger:read');
    const size = demandPageSize(first ?? 50);
    const customerId = where?.customerId ?? null;
    const listing = customerId !== null && !isUuid(customerId) ? undefined : { unapplied: where?.unapplied ?? null, unallocated: where?.unallocated ?? null, customerId };
    const rows = listing ? await listReceipts(request, listing, size, after ?? undefined) : [];
    const page = toPage(rows, size, after ?? undefined, receiptCursor);
    return { nodes: page.nodes.map(toReceipt), edges: page.edges.map(({ node, cursor }) => ({ node: toReceipt(node), cursor })), pageInfo: page.pageInfo, listing };
  }

  @FieldResolver(() => Int, { description: 'How many there are in the whole list; 10,001 stands for more than 10,000.' })
  totalCount(@Root() { listing }: ReceiptConnection, @Ctx() request: Request): Promise<number> | number {
    return listing ? countReceipts(request, listing) : 0;
  }
}

async function readInvoice(request: Request, id: string): Promise<Invoice> {
  const record = await request.batch(readInvoices, id);
  invariant(record, 'an invoice that was paid is there');
  return toInvoice(record);
}
