import { Args, ArgsType, Ctx, Field, FieldResolver, ID, InputType, Int, ObjectType, Query, registerEnumType, Resolver, Root } from 'type-graphql';
import { enumOf } from '../../../src/graph/enum-of.js';
import { demandPageSize, PageInfo, toPage } from '../../../src/graph/page.graph.js';
import { DateScalar } from '../../../src/graph/scalars.js';
import { Request } from '../../../src/server/request.js';
import { Customer } from './customer.resolver.js';
import { Invoice, toInvoice } from './invoice.resolver.js';
import { countInvoices, INVOICE_ORDERS, invoiceCursor, readInvoicePages, type InvoiceListing, type InvoiceOrder } from './list-invoices.js';

@InputType({ description: 'Which invoices and credit notes; every condition must hold.' })
export class InvoiceFilter {
  @Field(() => ID, { nullable: true, description: 'Only those of this customer; none when your firm has no such customer.' })
  customerId?: string | null;

  @Field(() => Boolean, { nullable: true, description: 'True: only invoices that are open today. False: only the others, credit notes among them.' })
  open?: boolean | null;

  @Field(() => Boolean, { nullable: true, description: 'True: only invoices that are open and past due today. False: only the others.' })
  overdue?: boolean | null;

  @Field(() => DateScalar, { nullable: true, description: 'Only those due on this day or later.' })
  dueFrom?: Temporal.PlainDate | null;

  @Field(() => DateScalar, { nullable: true, description: 'Only those due on this day or earlier.' })
  dueTo?: Temporal.PlainDate | null;
}

const InvoiceOrderEnum = enumOf(INVOICE_ORDERS);
registerEnumType(InvoiceOrderEnum, {
  name: 'InvoiceOrder',
  description: 'The order of a list of invoices.',
  valuesConfig: {
    DUE_DATE_ASC: { description: 'What is due first comes first.' },
    ISSUE_DATE_DESC: { description: 'The newest first.' },
    AMOUNT_DESC: { description: 'The largest number of whole units first, whatever the currency: 100 JPY before 99.99 EUR. Nothing is converted.' },
  },
});

@ArgsType()
class InvoicesArgs {
  @Field(() => Int, { nullable: true, defaultValue: 50, description: 'How many, at most 100.' })
  first!: number | null;

  @Field(() => String, { nullable: true, description: 'The endCursor of the page before.' })
  after?: string | null;

  @Field(() => InvoiceFilter, { nullable: true, description: 'Which ones; all of them when left out.' })
  where?: InvoiceFilter | null;

  @Field(() => InvoiceOrderEnum, { nullable: true, defaultValue: 'DUE_DATE_ASC', description: 'The order.' })
  orderBy!: InvoiceOrder | null;
}

@ObjectType({ description: 'An invoice in a list.' })
class InvoiceEdge {
  @Field(() => Invoice, { description: 'The invoice.' })
  node!: Invoice;

  @Field(() => String, { description: 'Where it stands in the list, for `after`.' })
  cursor!: string;
}

@ObjectType({ description: 'A page of invoices and credit notes.' })
class InvoiceConnection {
  @Field(() => [InvoiceEdge], { description: 'The invoices with their cursors.' })
  edges!: readonly InvoiceEdge[];

  @Field(() => [Invoice], { description: 'The invoices.' })
  nodes!: readonly Invoice[];

  @Field(() => PageInfo, { description: 'Where the page begins and ends.' })
  pageInfo!: PageInfo;

  /** What was asked for, to count it when the total is; undefined: nothing can match. */
  listing!: InvoiceListing | undefined;
}

/** A page of one customer's invoices, or of everybody's (null). */
async function pageOf(request: Request, customerId: string | null, { first, after, where, orderBy }: InvoicesArgs): Promise<InvoiceConnection> {
  request.demand('ledger:read');
  const size = demandPageSize(first ?? 50);
  const order = orderBy ?? 'DUE_DATE_ASC';
  const wanted = where?.customerId ?? null;
  const listing: InvoiceListing = {
    customerId: customerId ?? wanted,
    open: where?.open ?? null,
    overdue: where?.overdue ?? null,
    dueFrom: where?.dueFrom?.toString() ?? null,
    dueTo: where?.dueTo?.toString() ?? null,
    order,
    asOf: request.room.clock.today().toString(),
  };
  // A customer's list that is asked for another customer's invoices has none.
  const possible = wanted === null || wanted === listing.customerId;
  const rows = possible ? ((await request.batch(readInvoicePages, { ...listing, first: size, after: after ?? null })) ?? []) : [];
  const page = toPage(rows, size, after ?? undefined, (row) => invoiceCursor(order, row));
  return {
    nodes: page.nodes.map(toInvoice),
    edges: page.edges.map(({ node, cursor }) => ({ node: toInvoice(node), cursor })),
    pageInfo: page.pageInfo,
    listing: possible ? listing : undefined,
  };
}

@Resolver(() => Customer)
export class CustomerInvoicesResolver {
  @FieldResolver(() => InvoiceConnection, { description: 'Its invoices and credit notes. Needs the scope ledger:read.' })
  invoices(@Root() { id }: Customer, @Args(() => InvoicesArgs) page: InvoicesArgs, @Ctx() request: Request): Promise<InvoiceConnection> {
    return pageOf(request, id, page);
  }
}

@Resolver(() => InvoiceConnection)
export class InvoiceConnectionResolver {
  @Query(() => InvoiceConnection, { description: 'Your invoices and credit notes. Needs the scope ledger:read.' })
  invoices(@Args(() => InvoicesArgs) page: InvoicesArgs, @Ctx() request: Request): Promise<InvoiceConnection> {
    return pageOf(request, null, page);
  }

  @FieldResolver(() => Int, { description: 'How many there are in the whole list; 10,001 stands for more than 10,000.' })
  async totalCount(@Root() { listing }: InvoiceConnection, @Ctx() request: Request): Promise<number> {
    return listing ? ((await request.batch(countInvoices, listing)) ?? 0) : 0;
  }
}
