import { Arg, Ctx, Field, FieldResolver, Float, Int, ObjectType, registerEnumType, Resolver, Root } from 'type-graphql';
import { enumOf } from '../../../src/graph/enum-of.js';
import { Money, toMoney } from '../../../src/graph/money.graph.js';
import { demandPageSize } from '../../../src/graph/page.graph.js';
import { Request } from '../../../src/server/request.js';
import { Customer, findCustomer } from '../ledger/customer.resolver.js';
import { PaymentTerms } from '../terms/terms.resolver.js';
import { groupName, parseTermsKey, type BreakdownBy } from './group-name.js';
import { Portfolio } from './portfolio.resolver.js';
import { ratio } from './ratio.js';
import { concentration, without } from './share.js';
import { readGroups, scopeOf, type BreakdownKey, type Group, type OpenOfGroup } from './read-sums.js';

const BY = ['COUNTRY', 'TERMS', 'CURRENCY', 'CUSTOMER'] as const;
const KEYS: Readonly<Record<BreakdownBy, BreakdownKey>> = { COUNTRY: 'byCountry', TERMS: 'byTerms', CURRENCY: 'byCurrency', CUSTOMER: 'byCustomer' };
const BreakdownByEnum = enumOf(BY);
registerEnumType(BreakdownByEnum, {
  name: 'BreakdownBy',
  description: 'What a portfolio is broken down by.',
  valuesConfig: {
    COUNTRY: { description: 'Where the customer is registered.' },
    TERMS: { description: 'The terms agreed with the customer.' },
    CURRENCY: { description: 'The currency of the invoice, whatever the currency of the portfolio. Amounts are never converted.' },
    CUSTOMER: { description: 'The customer.' },
  },
});

@ObjectType({ description: 'What is open of one group, on the day of the portfolio.' })
class BreakdownGroup {
  @Field(() => String, { nullable: true, description: 'What its invoices have in common: a country code, terms as `days end-of-month fixed-day`, a currency or the id of a customer. Null when it is not known of them, and for the remainder.' })
  key!: string | null;

  @Field(() => String, { description: 'The key in words, in English: a name, a country, terms.' })
  label!: string;

  @Field(() => Money, { description: 'What is open.' })
  outstanding!: Money;

  @Field(() => Money, { description: 'What is open and past due.' })
  overdue!: Money;

  @Field(() => Float, { nullable: true, description: 'Overdue ÷ outstanding, from 0 to 1; null when nothing is outstanding.' })
  overdueRatio!: number | null;

  @Field(() => Float, { nullable: true, description: 'Its part of what is outstanding in the portfolio, from 0 to 1. Null when broken down by currency: currencies have no common sum.' })
  share!: number | null;

  @Field(() => Int, { description: 'How many invoices are open.' })
  invoiceCount!: number;

  @Field(() => Int, { description: 'How many customers they are of.' })
  customerCount!: number;

  by!: BreakdownBy | null;
}

@ObjectType({ description: 'What is outstanding in a portfolio, by groups. The groups and the remainder add up to the portfolio.' })
class Breakdown {
  @Field(() => BreakdownByEnum, { description: 'What the groups have in common.' })
  by!: BreakdownBy;

  @Field(() => [BreakdownGroup], { description: 'The groups in which something is open, the largest first; currencies by their number of open invoices.' })
  groups!: readonly BreakdownGroup[];

  @Field(() => BreakdownGroup, { nullable: true, description: 'All that is in no group of the list; null when nothing is left out, and when broken down by currency.' })
  remainder!: BreakdownGroup | null;
}

@Resolver(() => BreakdownGroup)
export class BreakdownGroupResolver {
  @FieldResolver(() => Customer, { nullable: true, description: 'The customer; null when not broken down by customer.' })
  async customer(@Root() { by, key }: BreakdownGroup, @Ctx() request: Request): Promise<Customer | null> {
    return by === 'CUSTOMER' && key !== null ? findCustomer(request, key) : null;
  }

  @FieldResolver(() => PaymentTerms, { nullable: true, description: 'The terms; null when not broken down by terms, or none were agreed.' })
  terms(@Root() { by, key }: BreakdownGroup): PaymentTerms | null {
    return by === 'TERMS' && key !== null ? parseTermsKey(key) : null;
  }
}

@Resolver(() => Portfolio)
export class PortfolioBreakdownResolver {
  @FieldResolver(() => Breakdown, { description: 'What is outstanding on the day, by country, terms, currency or customer.' })
  async breakdown(
    @Root() portfolio: Portfolio,
    @Arg('by', () => BreakdownByEnum, { description: 'What it is broken down by.' }) by: BreakdownBy,
    @Arg('first', () => Int, { nullable: true, defaultValue: 10, description: 'How many groups, at most 100.' }) first: number | null,
    @Ctx() request: Request,
  ): Promise<Breakdown> {
    const size = demandPageSize(first ?? 10);
    const { currency, value } = await readGroups(request, scopeOf(portfolio), KEYS[by], size);
    const { largest, whole } = value;
    const toGroup = (group: OpenOfGroup, known: Pick<Group, 'key' | 'label'> | undefined): BreakdownGroup => {
      const unit = by === 'CURRENCY' ? known!.key! : currency;
      return {
        by: known ? by : null, key: known?.key ?? null, label: known ? groupName(by, known) : 'Others',
        outstanding: toMoney(group.outstandingMinor, unit), overdue: toMoney(group.overdueMinor, unit), overdueRatio: ratio(group.overdueMinor, group.outstandingMinor),
        share: whole ? ratio(group.outstandingMinor, whole.outstandingMinor) : null, invoiceCount: group.invoiceCount, customerCount: group.customerCount,
      };
    };
    const listed = largest.slice(0, size);
    const remainder = whole && without(whole, listed);
    return { by, groups: listed.map((group) => toGroup(group, group)), remainder: remainder && remainder.invoiceCount > 0 ? toGroup(remainder, undefined) : null };
  }

  @FieldResolver(() => Float, { nullable: true, description: 'The part of the outstanding that the customers who owe most owe, from 0 to 1; null when nothing is outstanding.' })
  async concentration(
    @Root() portfolio: Portfolio,
    @Arg('top', () => Int, { nullable: true, defaultValue: 10, description: 'How many customers, from 1 to 100.' }) top: number | null,
    @Ctx() request: Request,
  ): Promise<number | null> {
    const { value } = await readGroups(request, scopeOf(portfolio), 'byCustomer', demandPageSize(top ?? 10));
    return value.whole ? concentration(value.largest, value.whole) : null;
  }
}
