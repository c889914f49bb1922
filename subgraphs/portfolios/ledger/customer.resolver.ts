import { Arg, Args, ArgsType, Ctx, Directive, Field, FieldResolver, ID, InputType, Int, Mutation, ObjectType, Query, registerEnumType, Resolver, Root } from 'type-graphql';
import { answer, ApiError, Refusal, type UserError } from '../../../src/errors.js';
import { enumOf } from '../../../src/graph/enum-of.js';
import { Money, MoneyInput, toMoney } from '../../../src/graph/money.graph.js';
import { demandPageSize, PageInfo, toPage } from '../../../src/graph/page.graph.js';
import { demandRegistration, Registration, RegistrationInput } from '../../../src/graph/registration.graph.js';
import { CountryCodeScalar } from '../../../src/graph/scalars.js';
import { UserErrorObject } from '../../../src/graph/user-error.graph.js';
import { Request } from '../../../src/server/request.js';
import type { ReferenceResolver } from '../../../src/server/subgraph.js';
import { parseMinor, type Money as MinorMoney } from '../../../src/values/money.js';
import { parseRegistration } from '../../../src/values/registration.js';
import { demandTerms, PaymentTerms, PaymentTermsInput } from '../terms/terms.resolver.js';
import { parseLabel } from './label.js';
import { countCustomers, CUSTOMER_ORDERS, customerCursor, listCustomers, type CustomerListing, type CustomerOrder } from './list-customers.js';
import { readPortfolioCurrencies } from './read-currency.js';
import { readCustomerByReference, readCustomerByRegistration, readCustomers, type CustomerRecord } from './read-customer.js';
import { setCreditLimit } from './set-credit-limit.js';
import { upsertCustomer } from './upsert-customer.js';

@Directive('@key(fields: "id")')
@ObjectType({ description: 'Somebody your firm invoices. It is your own record; other members that invoice the same customer have theirs.' })
export class Customer {
  @Field(() => ID, { description: 'Opaque.' })
  id!: string;

  @Field(() => String, { description: "Your firm's own customer number." })
  reference!: string;

  @Field(() => String, { description: 'The name your firm gave.' })
  name!: string;

  @Field(() => CountryCodeScalar, { nullable: true, description: 'Where it is registered; null when your firm did not say.' })
  country!: string | null;

  @Field(() => Registration, { nullable: true, description: 'How a register names it. Null: it is never matched with the community.' })
  registration!: Registration | null;

  @Field(() => PaymentTerms, { nullable: true, description: 'The terms agreed with it. Null: invoices without a due date are due 30 days after their issue.' })
  terms!: PaymentTerms | null;

  @Field(() => Money, { nullable: true, description: 'The most your firm is willing to be owed; null when no limit was set.' })
  creditLimit!: Money | null;
}

export function toCustomer(record: CustomerRecord): Customer {
  const { id, reference, name, country } = record;
  return {
    id, reference, name, country,
    registration: record.registrationScheme !== null && record.registrationValue !== null ? { scheme: record.registrationScheme, value: record.registrationValue } : null,
    terms: record.termsDays === null ? null : { days: record.termsDays, endOfMonth: record.termsEndOfMonth ?? 'NONE', fixedDay: record.termsFixedDay },
    creditLimit: record.creditLimitMinor !== null && record.creditLimitCurrency !== null ? toMoney(BigInt(record.creditLimitMinor), record.creditLimitCurrency) : null,
  };
}

/** The customer of this id as the asker's firm keeps it; null when it has none such. */
export async function findCustomer(request: Request, id: string): Promise<Customer | null> {
  request.demand('ledger:read');
  const record = await request.batch(readCustomers, id);
  return record && toCustomer(record);
}

export const customerByReference: ReferenceResolver = (reference, request) => findCustomer(request, String(reference['id']));

@Directive('@oneOf')
@InputType({ description: 'One way to name a customer; exactly one field must be given.' })
class CustomerRef {
  @Field(() => ID, { nullable: true, description: 'Its id.' })
  id?: string;

  @Field(() => String, { nullable: true, description: "Your firm's own customer number." })
  reference?: string;

  @Field(() => RegistrationInput, { nullable: true, description: 'How a register names it. When your firm keeps several accounts for it, the one it opened first.' })
  registration?: RegistrationInput;
}

@InputType({ description: 'Which customers; every condition must hold.' })
class CustomerFilter {
  @Field(() => String, { nullable: true, description: 'Letters that occur in the name or the reference, whatever their case.' })
  search?: string | null;

  @Field(() => Boolean, { nullable: true, description: 'True: only those with an open invoice that is past due today. False: only the others.' })
  overdue?: boolean | null;
}

const CustomerOrderEnum = enumOf(CUSTOMER_ORDERS);
registerEnumType(CustomerOrderEnum, {
  name: 'CustomerOrder',
  description: 'The order of a list of customers.',
  valuesConfig: {
    NAME_ASC: { description: 'By name, from A.' },
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

@InputType({ description: 'What your firm knows of a customer. A field that is left out stays as it is; null takes its value away.' })
class CustomerUpsertInput {
  @Field(() => String, { description: "Your firm's own customer number: the same number again changes the same customer." })
  reference!: string;

  @Field(() => String, { description: 'Its name, 1 to 200 characters.' })
  name!: string;

  @Field(() => CountryCodeScalar, { nullable: true, description: 'Where it is registered.' })
  country?: string | null;

  @Field(() => RegistrationInput, { nullable: true, description: 'How a register names it; check digits are verified.' })
  registration?: RegistrationInput | null;

  @Field(() => PaymentTermsInput, { nullable: true, description: 'The terms agreed with it. They hold for invoices to come.' })
  terms?: PaymentTermsInput | null;
}

@InputType({ description: 'A credit limit.' })
class CreditLimitSetInput {
  @Field(() => ID, { description: 'The customer.' })
  customerId!: string;

  @Field(() => MoneyInput, { nullable: true, description: 'The most your firm is willing to be owed, zero or more; null takes the limit away.' })
  limit?: MoneyInput | null;
}

@ObjectType({ description: 'The customer after the change, or why there was none.' })
class CustomerUpsertPayload {
  @Field(() => Customer, { nullable: true, description: 'The customer; null when refused.' })
  customer!: Customer | null;

  @Field(() => [UserErrorObject], { description: 'Why it was refused; empty when it was done.' })
  userErrors!: readonly UserError[];
}

const NO_CUSTOMER: { readonly customer: Customer | null } = { customer: null };

@Resolver(() => Customer)
export class CustomerResolver {
  @Query(() => Customer, { nullable: true, description: 'A customer of your firm; null when it has none such. Needs the scope ledger:read.' })
  customer(@Arg('id', () => ID, { description: 'Its id.' }) id: string, @Ctx() request: Request): Promise<Customer | null> {
    return findCustomer(request, id);
  }

  @Query(() => Customer, { nullable: true, description: 'A customer of your firm by whatever you know it; null when it has none such. Needs the scope ledger:read.' })
  async customerBy(@Arg('ref', () => CustomerRef, { description: 'How you know it.' }) ref: CustomerRef, @Ctx() request: Request): Promise<Customer | null> {
    request.demand('ledger:read');
    if (ref.id !== undefined) return findCustomer(request, ref.id);
    const reference = ref.reference === undefined ? undefined : parseLabel(ref.reference);
    const registration = ref.registration && parseRegistration(ref.registration.scheme, ref.registration.value);
    const record = reference !== undefined ? await readCustomerByReference(request, reference) : registration ? await readCustomerByRegistration(request, registration) : null;
    return record && toCustomer(record);
  }

  @Query(() => CustomerConnection, { description: 'Your customers. Needs the scope ledger:read.' })
  async customers(@Args(() => CustomersArgs) { first, after, where, orderBy }: CustomersArgs, @Ctx() request: Request): Promise<CustomerConnection> {
    request.demand('ledger:read');
    const size = demandPageSize(first ?? 50);
    const order = orderBy ?? 'NAME_ASC';
    const listing: CustomerListing = {
      search: searched(where?.search),
      overdue: where?.overdue ?? undefined,
      order,
      asOf: request.room.clock.today(),
      currency: order === 'NAME_ASC' ? undefined : (await readPortfolioCurrencies(request)).preferred,
    };
    const rows = await listCustomers(request, listing, size, after ?? undefined);
    const page = toPage(rows, size, after ?? undefined, (row) => customerCursor(order, row));
    return {
      nodes: page.nodes.map(toCustomer),
      edges: page.edges.map(({ node, cursor }) => ({ node: toCustomer(node), cursor })),
      pageInfo: page.pageInfo,
      listing,
    };
  }

  @Mutation(() => CustomerUpsertPayload, { description: "Takes a customer by your firm's own number, new or known. The same again changes nothing. Needs the scope ledger:write." })
  customerUpsert(@Arg('input', () => CustomerUpsertInput, { description: 'The customer.' }) input: CustomerUpsertInput, @Ctx() request: Request): Promise<CustomerUpsertPayload> {
    request.demand('ledger:write');
    return answer(NO_CUSTOMER, async () => {
      const id = await upsertCustomer(request.db, {
        reference: input.reference,
        name: input.name,
        ...(input.country !== undefined && { country: input.country }),
        ...(input.registration !== undefined && { registration: input.registration && demandRegistration(input.registration, ['input', 'registration']) }),
        ...(input.terms !== undefined && { terms: input.terms && demandTerms(input.terms, ['input', 'terms']) }),
      });
      return { customer: await this.#changed(request, id) };
    });
  }

  @Mutation(() => CustomerUpsertPayload, { description: 'Sets or takes away the credit limit of a customer. Needs the scope credit:write.' })
  creditLimitSet(@Arg('input', () => CreditLimitSetInput, { description: 'The limit.' }) input: CreditLimitSetInput, @Ctx() request: Request): Promise<CustomerUpsertPayload> {
    request.demand('credit:write');
    return answer(NO_CUSTOMER, async () => {
      await setCreditLimit(request.db, input.customerId, input.limit ? demandLimit(input.limit) : null);
      return { customer: await this.#changed(request, input.customerId) };
    });
  }

  /** The customer as it is after a change; who may write a ledger sees what was written. */
  async #changed(request: Request, id: string): Promise<Customer | null> {
    request.forget();
    const record = await request.batch(readCustomers, id);
    return record && toCustomer(record);
  }
}

@Resolver(() => CustomerConnection)
export class CustomerConnectionResolver {
  @FieldResolver(() => Int, { description: 'How many there are in the whole list; 10,001 stands for more than 10,000.' })
  totalCount(@Root() connection: CustomerConnection, @Ctx() request: Request): Promise<number> {
    return countCustomers(request, connection.listing);
  }
}

/** Letters to look for; only spaces ask for nothing. */
function searched(text: string | null | undefined): string | undefined {
  if (text === null || text === undefined || text.trim() === '') return undefined;
  const label = parseLabel(text);
  if (label === undefined) throw new ApiError('BAD_USER_INPUT', 'search must have at most 200 characters and no control characters.');
  return label;
}

function demandLimit(input: MoneyInput): MinorMoney {
  const minor = parseMinor(input.amount, input.currency);
  if (minor === undefined || minor < 0n) throw new Refusal('INVALID', `The limit must be zero or more, with no more digits than ${input.currency} has.`, ['input', 'limit', 'amount']);
  return { minor, currency: input.currency };
}
