import { Arg, Ctx, Field, FieldResolver, Float, Int, ObjectType, registerEnumType, Resolver, Root } from 'type-graphql';
import { ApiError } from '../../../src/errors.js';
import { enumOf } from '../../../src/graph/enum-of.js';
import { Money, toMoney } from '../../../src/graph/money.graph.js';
import { CurrencyCodeScalar, DateScalar } from '../../../src/graph/scalars.js';
import { Request } from '../../../src/server/request.js';
import { Customer } from '../ledger/customer.resolver.js';
import { areBounds, MOST_BOUNDS, USUAL_BOUNDS } from './aging.js';
import { collectionEffectiveness } from './collection.js';
import { countbackDso, dso, salesSlices } from './dso.js';
import { averageDaysBeyondTerms, lateShare, reportedDaysBeyondTerms } from './lateness.js';
import { ratio } from './ratio.js';
import { readBalance, readBuckets, readCurrency, readMonthlySales, readSales, readSettled, readUnapplied, scopeOf } from './read-sums.js';

const DSO_METHODS = ['SIMPLE', 'COUNTBACK'] as const;
type DsoMethod = (typeof DSO_METHODS)[number];
const DsoMethodEnum = enumOf(DSO_METHODS);
registerEnumType(DsoMethodEnum, {
  name: 'DsoMethod',
  description: 'How days sales outstanding are counted.',
  valuesConfig: {
    SIMPLE: { description: 'Outstanding ÷ sales of the last days × days.' },
    COUNTBACK: { description: "Calendar months' sales are taken off the outstanding, newest first, until nothing is left of it; the last one pro rata." },
  },
});

@ObjectType({ description: 'What is open in one range of days past due. Not due has toDay 0 and no fromDay; the last range has no toDay.' })
class AgedBucket {
  @Field(() => Int, { nullable: true, description: 'Days past due from here on, included; null for what is not due.' })
  fromDay!: number | null;

  @Field(() => Int, { nullable: true, description: 'Days past due up to here, included; null for the last range.' })
  toDay!: number | null;

  @Field(() => Money, { description: 'What is open in it.' })
  amount!: Money;

  @Field(() => Int, { description: 'How many invoices that is.' })
  invoiceCount!: number;
}

@ObjectType({ description: 'Figures of a customer or of the whole portfolio on one day and in one currency. A past day gives the same figures for ever, as far as the ledger is not corrected.' })
export class Indicators {
  @Field(() => DateScalar, { description: 'The day.' })
  asOf!: Temporal.PlainDate;

  /** Null: the whole portfolio. */
  customerId!: string | null;

  /** Null: its default, which is known once its figures are read. */
  askedCurrency!: string | null;
}

/** Ten years: no window of a ledger is longer. */
const LONGEST_WINDOW_DAYS = 3660;

/** The days of a window; refused when there are none or too many. */
function demandDays(given: number | null, usual: number): number {
  const days = given ?? usual;
  if (days < 1 || days > LONGEST_WINDOW_DAYS) throw new ApiError('BAD_USER_INPUT', `days must be from 1 to ${LONGEST_WINDOW_DAYS}.`);
  return days;
}

@Resolver(() => Indicators)
export class IndicatorsResolver {
  @FieldResolver(() => CurrencyCodeScalar, { description: 'The currency. Amounts of other currencies are left out, never converted.' })
  currency(@Root() root: Indicators, @Ctx() request: Request): Promise<string> {
    return readCurrency(request, scopeOf(root));
  }

  @FieldResolver(() => Money, { description: 'What is open: the sum of the open invoices, and of the aged balance.' })
  async outstanding(@Root() root: Indicators, @Ctx() request: Request): Promise<Money> {
    const { currency, value } = await readBalance(request, scopeOf(root));
    return toMoney(value.outstandingMinor, currency);
  }

  @FieldResolver(() => Money, { description: 'What is open and not past due; due on the day itself is not past due.' })
  async notDue(@Root() root: Indicators, @Ctx() request: Request): Promise<Money> {
    const { currency, value } = await readBalance(request, scopeOf(root));
    return toMoney(value.notDueMinor, currency);
  }

  @FieldResolver(() => Money, { description: 'What is open and past due.' })
  async overdue(@Root() root: Indicators, @Ctx() request: Request): Promise<Money> {
    const { currency, value } = await readBalance(request, scopeOf(root));
    return toMoney(value.overdueMinor, currency);
  }

  @FieldResolver(() => Float, { nullable: true, description: 'Overdue ÷ outstanding, from 0 to 1; null when nothing is outstanding.' })
  async overdueRatio(@Root() root: Indicators, @Ctx() request: Request): Promise<number | null> {
    const { value } = await readBalance(request, scopeOf(root));
    return ratio(value.overdueMinor, value.outstandingMinor);
  }

  @FieldResolver(() => [AgedBucket], { description: 'What is open by days past due. The ranges add up to the outstanding.' })
  async agedBalance(
    @Root() root: Indicators,
    @Arg('bounds', () => [Int], { nullable: true, defaultValue: [...USUAL_BOUNDS], description: 'The last day past due of each range but the open-ended one: rising, above zero, at most twenty.' }) bounds: number[] | null,
    @Ctx() request: Request,
  ): Promise<readonly AgedBucket[]> {
    const asked = bounds ?? USUAL_BOUNDS;
    if (!areBounds(asked)) throw new ApiError('BAD_USER_INPUT', `bounds must be rising whole numbers above zero, at most ${MOST_BOUNDS}.`);
    const { currency, value } = await readBuckets(request, scopeOf(root), asked);
    return value.map(({ fromDay, toDay, minor, invoiceCount }) => ({ fromDay, toDay, invoiceCount, amount: toMoney(minor, currency) }));
  }

  @FieldResolver(() => Money, { description: 'Payments and credit notes that no invoice had taken by the day. Never part of the outstanding.' })
  async unapplied(@Root() root: Indicators, @Ctx() request: Request): Promise<Money> {
    const { currency, value } = await readUnapplied(request, scopeOf(root));
    return toMoney(value, currency);
  }

  @FieldResolver(() => Float, { nullable: true, description: 'Days sales outstanding, in days; null without sales, and for COUNTBACK when the sales of all months do not make up the outstanding.' })
  async dso(
    @Root() root: Indicators,
    @Arg('method', () => DsoMethodEnum, { nullable: true, defaultValue: 'SIMPLE', description: 'How it is counted.' }) method: DsoMethod | null,
    @Arg('days', () => Int, { nullable: true, defaultValue: 90, description: 'SIMPLE: the length of the window that ends on the day, from 1 to 3,660; its sales are those issued in it. COUNTBACK does not use it.' }) given: number | null,
    @Ctx() request: Request,
  ): Promise<number | null> {
    const days = demandDays(given, 90);
    const scope = scopeOf(root);
    if (method !== 'COUNTBACK') {
      const [{ value }, sales] = await Promise.all([readBalance(request, scope), readSales(request, scope, scope.asOf.subtract({ days }))]);
      return dso(value.outstandingMinor, sales, days);
    }
    const [{ value }, months] = await Promise.all([readBalance(request, scope), readMonthlySales(request, scope)]);
    return countbackDso(value.outstandingMinor, salesSlices(months, scope.asOf));
  }

  @FieldResolver(() => Float, { nullable: true, description: 'What the DSO would be if nothing were overdue: not due ÷ sales × days. Null without sales.' })
  async bestPossibleDso(
    @Root() root: Indicators,
    @Arg('days', () => Int, { nullable: true, defaultValue: 90, description: 'The length of the window that ends on the day, from 1 to 3,660; its sales are those issued in it.' }) given: number | null,
    @Ctx() request: Request,
  ): Promise<number | null> {
    const days = demandDays(given, 90);
    const scope = scopeOf(root);
    const [{ value }, sales] = await Promise.all([readBalance(request, scope), readSales(request, scope, scope.asOf.subtract({ days }))]);
    return dso(value.notDueMinor, sales, days);
  }

  @FieldResolver(() => Float, { nullable: true, description: 'How many days of the DSO are due to what is overdue: DSO − best possible DSO. Null without sales.' })
  async averageDaysDelinquent(
    @Root() root: Indicators,
    @Arg('days', () => Int, { nullable: true, defaultValue: 90, description: 'The length of the window that ends on the day, from 1 to 3,660; its sales are those issued in it.' }) given: number | null,
    @Ctx() request: Request,
  ): Promise<number | null> {
    const days = demandDays(given, 90);
    const scope = scopeOf(root);
    const [{ value }, sales] = await Promise.all([readBalance(request, scope), readSales(request, scope, scope.asOf.subtract({ days }))]);
    return dso(value.overdueMinor, sales, days);
  }

  @FieldResolver(() => Float, { nullable: true, description: 'Percent of what could be collected from one day to the other that was: (outstanding then + sales − outstanding now) ÷ (outstanding then + sales − not due now) × 100. Null when nothing could be collected.' })
  async collectionEffectiveness(
    @Root() root: Indicators,
    @Arg('from', () => DateScalar, { description: 'The day at whose end the stretch begins; not after the day of the figures.' }) from: Temporal.PlainDate,
    @Ctx() request: Request,
  ): Promise<number | null> {
    const scope = scopeOf(root);
    if (Temporal.PlainDate.compare(from, scope.asOf) > 0) throw new ApiError('BAD_USER_INPUT', 'from must not be after the day of the figures.');
    const [{ value: opening }, { value: closing }, salesMinor] = await Promise.all([
      readBalance(request, { ...scope, asOf: from }),
      readBalance(request, scope),
      readSales(request, scope, from),
    ]);
    return collectionEffectiveness({ openedWithMinor: opening.outstandingMinor, salesMinor, outstandingMinor: closing.outstandingMinor, notDueMinor: closing.notDueMinor });
  }

  @FieldResolver(() => Float, { nullable: true, description: 'Days from due date to settlement, weighted by amount, over the invoices settled in the window; negative when early. Null when none was settled.' })
  async averageDaysBeyondTerms(
    @Root() root: Indicators,
    @Arg('days', () => Int, { nullable: true, defaultValue: 365, description: 'The length of the window that ends on the day, from 1 to 3,660; it takes what was settled in it.' }) given: number | null,
    @Ctx() request: Request,
  ): Promise<number | null> {
    return averageDaysBeyondTerms(await readSettled(request, scopeOf(root), root.asOf.subtract({ days: demandDays(given, 365) })));
  }

  @FieldResolver(() => Float, { nullable: true, description: 'Share of the invoices settled in the window that were settled after their due date, from 0 to 1. Null when none was settled.' })
  async lateShare(
    @Root() root: Indicators,
    @Arg('days', () => Int, { nullable: true, defaultValue: 365, description: 'The length of the window that ends on the day, from 1 to 3,660; it takes what was settled in it.' }) given: number | null,
    @Ctx() request: Request,
  ): Promise<number | null> {
    return lateShare(await readSettled(request, scopeOf(root), root.asOf.subtract({ days: demandDays(given, 365) })));
  }

  @FieldResolver(() => Float, { nullable: true, description: 'Days beyond terms of what is open, in the form of credit reports: what is not due, 1-30, 31-60, 61-90 and more days past due counts 0, 15, 45, 75 and 105 days, weighted by amount. Null when nothing is outstanding.' })
  async reportedDaysBeyondTerms(@Root() root: Indicators, @Ctx() request: Request): Promise<number | null> {
    return reportedDaysBeyondTerms((await readBuckets(request, scopeOf(root), USUAL_BOUNDS)).value);
  }
}

@Resolver(() => Customer)
export class CustomerIndicatorsResolver {
  @FieldResolver(() => Indicators, { description: 'Its figures on one day and in one currency. Needs the scope ledger:read.' })
  indicators(
    @Root() { id }: Customer,
    @Arg('asOf', () => DateScalar, { nullable: true, description: 'The day; today when left out.' }) asOf: Temporal.PlainDate | null,
    @Arg('currency', () => CurrencyCodeScalar, { nullable: true, description: "The currency; when left out the customer's only one, else the default of the portfolio." }) currency: string | null,
    @Ctx() request: Request,
  ): Indicators {
    request.demand('ledger:read');
    return { customerId: id, asOf: asOf ?? request.room.clock.today(), askedCurrency: currency ?? null };
  }
}
