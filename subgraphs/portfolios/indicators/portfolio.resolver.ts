import { Arg, Ctx, Field, FieldResolver, Int, ObjectType, Query, Resolver, Root } from 'type-graphql';
import { CurrencyCodeScalar, DateScalar } from '../../../src/graph/scalars.js';
import { Request } from '../../../src/server/request.js';
import { readPortfolioCurrencies } from '../ledger/read-currency.js';
import { countAllCustomers } from '../ledger/read-customer.js';
import { Indicators, readBalance } from './indicators.resolver.js';

@ObjectType({ description: 'All that your firm is owed, on one day and in one currency.' })
export class Portfolio {
  @Field(() => DateScalar, { description: 'The day.' })
  asOf!: Temporal.PlainDate;

  @Field(() => CurrencyCodeScalar, { description: 'The currency of its figures.' })
  currency!: string;

  @Field(() => [CurrencyCodeScalar], { description: 'Every currency of your ledger, in alphabetical order.' })
  currencies!: readonly string[];
}

@Resolver(() => Portfolio)
export class PortfolioResolver {
  @Query(() => Portfolio, { description: "The whole portfolio of your firm. Needs the scope ledger:read." })
  async portfolio(
    @Arg('asOf', () => DateScalar, { nullable: true, description: 'The day; today when left out.' }) asOf: Temporal.PlainDate | null,
    @Arg('currency', () => CurrencyCodeScalar, { nullable: true, description: 'The currency; when left out the only one, else the one of most invoices, EUR when the ledger is empty.' }) currency: string | null,
    @Ctx() request: Request,
  ): Promise<Portfolio> {
    request.demand('ledger:read');
    const { all, preferred } = await readPortfolioCurrencies(request);
    return { asOf: asOf ?? request.room.clock.today(), currency: currency ?? preferred, currencies: all };
  }

  @FieldResolver(() => Int, { description: 'How many customers your firm has, whatever the day and the currency.' })
  customerCount(@Ctx() request: Request): Promise<number> {
    return countAllCustomers(request);
  }

  @FieldResolver(() => Int, { description: 'How many invoices are open on the day, in the currency.' })
  async openInvoiceCount(@Root() { asOf, currency }: Portfolio, @Ctx() request: Request): Promise<number> {
    return (await readBalance(request, { customerId: null, asOf, currency })).invoiceCount;
  }

  @FieldResolver(() => Indicators, { description: 'Its figures.' })
  indicators(@Root() { asOf, currency }: Portfolio): Indicators {
    return { customerId: null, asOf, currency };
  }
}
