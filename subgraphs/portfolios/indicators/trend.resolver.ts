import { Arg, Ctx, Field, FieldResolver, Float, Int, ObjectType, Resolver, Root } from 'type-graphql';
import { ApiError } from '../../../src/errors.js';
import { Money, toMoney } from '../../../src/graph/money.graph.js';
import { DateScalar } from '../../../src/graph/scalars.js';
import { Request } from '../../../src/server/request.js';
import { dso } from './dso.js';
import { Portfolio } from './portfolio.resolver.js';
import { ratio } from './ratio.js';
import { readTrend, scopeOf } from './read-sums.js';

/** Ten years. */
const MOST_MONTHS = 120;

/** The window of a trend's DSO, the usual one. */
const DSO_DAYS = 90;

@ObjectType({ description: 'A portfolio at the end of a month, in its currency.' })
class PortfolioMonth {
  @Field(() => DateScalar, { description: 'The last day of the month; of the last one the day of the portfolio.' })
  asOf!: Temporal.PlainDate;

  @Field(() => Money, { description: 'What was open at the end of that day.' })
  outstanding!: Money;

  @Field(() => Money, { description: 'What of it was past due.' })
  overdue!: Money;

  @Field(() => Float, { nullable: true, description: 'Overdue ÷ outstanding, from 0 to 1; null when nothing was outstanding.' })
  overdueRatio!: number | null;

  @Field(() => Float, { nullable: true, description: 'Days sales outstanding over the 90 days up to that day, in days; null without sales.' })
  dso!: number | null;

  @Field(() => Money, { description: 'What was invoiced in the month up to that day, credit notes taken off; may be negative.' })
  sales!: Money;

  @Field(() => Money, { description: 'What payments settled of invoices in the month up to that day, also those that an imported ledger only states; credit notes do not count.' })
  collected!: Money;
}

@Resolver(() => Portfolio)
export class PortfolioTrendResolver {
  @FieldResolver(() => [PortfolioMonth], { description: 'The portfolio month by month up to its day, the oldest first: for charts.' })
  async trend(
    @Root() portfolio: Portfolio,
    @Arg('months', () => Int, { nullable: true, defaultValue: 12, description: 'How many months, the one of the day included; from 1 to 120.' }) given: number | null,
    @Ctx() request: Request,
  ): Promise<readonly PortfolioMonth[]> {
    const months = given ?? 12;
    if (months < 1 || months > MOST_MONTHS) throw new ApiError('BAD_USER_INPUT', `months must be from 1 to ${MOST_MONTHS}.`);
    const { currency, value } = await readTrend(request, scopeOf(portfolio), months);
    return value.map(({ lastDay, outstandingMinor, overdueMinor, salesMinor, collectedMinor, recentSalesMinor }) => ({
      asOf: lastDay, outstanding: toMoney(outstandingMinor, currency), overdue: toMoney(overdueMinor, currency), overdueRatio: ratio(overdueMinor, outstandingMinor),
      dso: dso(outstandingMinor, recentSalesMinor, DSO_DAYS), sales: toMoney(salesMinor, currency), collected: toMoney(collectedMinor, currency),
    }));
  }
}
