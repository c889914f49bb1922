import { Args, ArgsType, Ctx, Field, FieldResolver, InputType, Int, ObjectType, Query, registerEnumType, Resolver, Root } from 'type-graphql';
import { ApiError } from '../../../src/errors.js';
import { enumOf } from '../../../src/graph/enum-of.js';
import { demandPageSize, PageInfo, toPage } from '../../../src/graph/page.graph.js';
import { Request } from '../../../src/server/request.js';
import { Customer, toCustomer } from './customer.resolver.js';
import { parseLabel } from './label.js';
import { countCustomers, CUSTOMER_ORDERS, customerCursor, customerPlace, isAppliedAfter, listCustomers, type CustomerListing, type CustomerOrder } from './list-customers.js';
import { readSearch } from './read-search.js';

@InputType({ description: 'Which customers; every condition must hold.' })
export class CustomerFilter {
  @Field(() => String, { nullable: true, description: 'Beginnings of words of the name or the reference, all of them, whatever their case and accents: `ecole fau`, `42` for CUST00042. Only when no customer of yours is found so, words with a mistake or two (`schmitd`) and ends of words; only when those find none either, letters that stand anywhere. At most 200 characters; only spaces ask for nothing.' })
  search?: string | null;

  @Field(() => Boolean, { nullable: true, description: 'True: only those with an open invoice that is past due today. False: only the others.' })
  overdue?: boolean | null;
}

const CustomerOrderEnum = enumOf(CUSTOMER_ORDERS);
registerEnumType(CustomerOrderEnum, {
  name: 'CustomerOrder',
  description: 'The order of a list of customers.',
  valuesConfig: {
    NAME_ASC: { description: 'By name, from A, whatever the case and the accents.' },
    OUTSTANDING_DESC: { description: 'Who owes most today first, in the default currency of your portfolio.' },
    OVERDUE_DESC: { description: 'Who owes most that is past due today first, in the default currency of your portfolio.' },
  },
});

@ArgsType()
class CustomersArgs {
  @Field(() => Int, { nullable: true, defaultValue: 50, description: 'How many, at most 100.' })
  first!: number | null;

  @Field(() => String, { nullable: true, description: 'The endCursor of the page before.' })
  after?: string | null;

  @Field(() => CustomerFilter, { nullable: true, description: 'Which customers; all of them when left out.' })
  where?: CustomerFilter | null;

  @Field(() => CustomerOrderEnum, { nullable: true, defaultValue: 'NAME_ASC', description: 'The order.' })
  orderBy!: CustomerOrder | null;
}

@ObjectType({ description: 'A customer in a list.' })
class CustomerEdge {
  @Field(() => Customer, { description: 'The customer.' })
  node!: Customer;

  @Field(() => String, { description: 'Where it stands in the list, for `after`.' })
  cursor!: string;
}

@ObjectType({ description: 'A page of customers.' })
class CustomerConnection {
  @Field(() => [CustomerEdge], { description: 'The customers with their cursors.' })
  edges!: readonly CustomerEdge[];

  @Field(() => [Customer], { description: 'The customers.' })
  nodes!: readonly Customer[];

  @Field(() => PageInfo, { description: 'Where the page begins and ends.' })
  pageInfo!: PageInfo;

  /** What was asked for, to count it when the total is. */
  listing!: CustomerListing;
}

@Resolver(() => CustomerConnection)
export class CustomerConnectionResolver {
  @Query(() => CustomerConnection, { description: 'Your customers. Needs the scope ledger:read.' })
  async customers(@Args(() => CustomersArgs) { first, after, where, orderBy }: CustomersArgs, @Ctx() request: Request): Promise<CustomerConnection> {
    request.demand('ledger:read');
    const size = demandPageSize(first ?? 50);
    const order = orderBy ?? 'NAME_ASC';
    const text = searchedText(where?.search);
    const place = after == null ? undefined : customerPlace(after, order, text !== undefined);
    const asOf = request.room.clock.today();
    const overdue = where?.overdue ?? undefined;
    const listing: CustomerListing = {
      search: text === undefined ? undefined : await readSearch(request, text, place?.kind),
      overdue,
      order,
      asOf,
      appliedLater: overdue !== undefined && (await isAppliedAfter(request, asOf)),
    };
    const rows = await listCustomers(request, listing, size, place);
    const page = toPage(rows, size, after ?? undefined, (row) => customerCursor(listing, row));
    return {
      nodes: page.nodes.map(toCustomer),
      edges: page.edges.map(({ node, cursor }) => ({ node: toCustomer(node), cursor })),
      pageInfo: page.pageInfo,
      listing,
    };
  }

  @FieldResolver(() => Int, { description: 'How many there are in the whole list; 10,001 stands for more than 10,000.' })
  totalCount(@Root() connection: CustomerConnection, @Ctx() request: Request): Promise<number> {
    return countCustomers(request, connection.listing);
  }
}

/** Letters to look for; only spaces ask for nothing. */
export function searchedText(text: string | null | undefined): string | undefined {
  if (text === null || text === undefined || text.trim() === '') return undefined;
  const label = parseLabel(text);
  if (label === undefined) throw new ApiError('BAD_USER_INPUT', 'search must have at most 200 characters and no control characters.');
  return label;
}
