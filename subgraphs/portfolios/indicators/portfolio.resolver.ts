import { Arg, Ctx, Field, FieldResolver, Int, ObjectType, Query, Resolver, Root } from 'type-graphql';
import { CurrencyCodeScalar, DateScalar } from '../../../src/graph/scalars.js';
import { Request } from '../../../src/server/request.js';
import { Indicators } from './indicators.resolver.js';
import { readBalance, readCurrencies, readCurrency, readCustomerCount, scopeOf } from './read-sums.js';

@ObjectType({ description: 'All that your firm is owed, on one day and in one currency.' })
export class Portfolio {
  @Field(() => DateScalar, { description: 'The day.' })
  asOf!: Temporal.PlainDate;

  customerId!: null;

  /** Null: its default, which is known once its figures are read. */
  askedCurrency!: string | null;
}

@Resolver(() => Portfolio)
export class PortfolioResolver {
  @Query(() => Portfolio, { description: "The whole portfolio of your firm. Needs the scope ledger:read." })
  portfolio(
    @Arg('asOf', () => DateScalar, { nullable: true, description: 'The day; today when left out.' }) asOf: Temporal.PlainDate | null,
    @Arg('currency', () => CurrencyCodeScalar, { nullable: true, description: 'The currency; when left out the only one, else the one of most invoices, EUR when the ledger is empty.' }) currency: string | null,
    @Ctx() request: Request,
  ): Portfolio {
    request.demand('ledger:read');
    return { customerId: null, asOf: asOf ?? request.room.clock.today(), askedCurrency: currency ?? null };
  }

  @FieldResolver(() => CurrencyCodeScalar, { description: 'The currency of its figures.' })
  currency(@Root() portfolio: Portfolio, @Ctx() request: Request): Promise<string> {
    return readCurrency(request, scopeOf(portfolio));
  }

  @FieldResolver(() => [CurrencyCodeScalar], { description: 'Every currency of your ledger, in alphabetical order.' })
  currencies(@Root() portfolio: Portfolio, @Ctx() request: Request): Promise<readonly string[]> {
    return readCurrencies(request, scopeOf(portfolio));
  }

  @FieldResolver(() => Int, { description: 'How many customers your firm has, whatever the day and the currency.' })
  customerCount(@Root() portfolio: Portfolio, @Ctx() request: Request): Promise<number> {
    return readCustomerCount(request, scopeOf(portfolio));
  }

  @FieldResolver(() => Int, { description: 'How many invoices are open on the day, in the currency.' })
  async openInvoiceCount(@Root() portfolio: Portfolio, @Ctx() request: Request): Promise<number> {
    return (await readBalance(request, scopeOf(portfolio))).value.invoiceCount;
  }

  @FieldResolver(() => Indicators, { description: 'Its figures.' })
  indicators(@Root() { asOf, askedCurrency }: Portfolio): Indicators {
    return { customerId: null, asOf, askedCurrency };
  }
}
