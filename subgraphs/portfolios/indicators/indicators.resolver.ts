import { Arg, Ctx, Field, FieldResolver, Float, Int, ObjectType, Resolver, Root } from 'type-graphql';
import { ApiError } from '../../../src/errors.js';
import { Money, toMoney } from '../../../src/graph/money.graph.js';
import { CurrencyCodeScalar, DateScalar } from '../../../src/graph/scalars.js';
import { Request } from '../../../src/server/request.js';
import { Customer } from '../ledger/customer.resolver.js';
import { preferredCurrency } from '../ledger/read-currency.js';
import { ageOpenItems, areBounds, balanceOf, MOST_BOUNDS, type Balance, type OpenOnDueDay } from './aging.js';
import { ratio } from './ratio.js';
import { readOpenByDueDay, type Scope } from './read-sums.js';

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

  @Field(() => CurrencyCodeScalar, { description: 'The currency. Amounts of other currencies are left out, never converted.' })
  currency!: string;

  /** Null: the whole portfolio. */
  customerId!: string | null;
}

async function openOf(request: Request, scope: Scope): Promise<readonly OpenOnDueDay[]> {
  return (await request.batch(readOpenByDueDay, scopeOf(scope))) ?? [];
}

export async function readBalance(request: Request, scope: Scope): Promise<Balance> {
  return balanceOf(await openOf(request, scope), scope.asOf);
}

/** Only what tells one scope from another: it is the name under which reads are batched. */
function scopeOf({ customerId, asOf, currency }: Scope): Scope {
  return { customerId, asOf, currency };
}

@Resolver(() => Indicators)
export class IndicatorsResolver {
  @FieldResolver(() => Money, { description: 'What is open: the sum of the open invoices, and of the aged balance.' })
  async outstanding(@Root() scope: Indicators, @Ctx() request: Request): Promise<Money> {
    return toMoney((await readBalance(request, scope)).outstandingMinor, scope.currency);
  }

  @FieldResolver(() => Money, { description: 'What is open and not past due; due on the day itself is not past due.' })
  async notDue(@Root() scope: Indicators, @Ctx() request: Request): Promise<Money> {
    return toMoney((await readBalance(request, scope)).notDueMinor, scope.currency);
  }

  @FieldResolver(() => Money, { description: 'What is open and past due.' })
  async overdue(@Root() scope: Indicators, @Ctx() request: Request): Promise<Money> {
    return toMoney((await readBalance(request, scope)).overdueMinor, scope.currency);
  }

  @FieldResolver(() => Float, { nullable: true, description: 'Overdue ÷ outstanding, from 0 to 1; null when nothing is outstanding.' })
  async overdueRatio(@Root() scope: Indicators, @Ctx() request: Request): Promise<number | null> {
    const { overdueMinor, outstandingMinor } = await readBalance(request, scope);
    return ratio(overdueMinor, outstandingMinor);
  }

  @FieldResolver(() => [AgedBucket], { description: 'What is open by days past due. The ranges add up to the outstanding.' })
  async agedBalance(
    @Root() scope: Indicators,
    @Arg('bounds', () => [Int], { nullable: true, defaultValue: [30, 60, 90, 180], description: 'The last day past due of each range but the open-ended one: rising, above zero, at most twenty.' }) bounds: number[] | null,
    @Ctx() request: Request,
  ): Promise<readonly AgedBucket[]> {
    const asked = bounds ?? [30, 60, 90, 180];
    if (!areBounds(asked)) throw new ApiError('BAD_USER_INPUT', `bounds must be rising whole numbers above zero, at most ${MOST_BOUNDS}.`);
    const buckets = ageOpenItems(await openOf(request, scope), scope.asOf, asked);
    return buckets.map(({ fromDay, toDay, minor, invoiceCount }) => ({ fromDay, toDay, invoiceCount, amount: toMoney(minor, scope.currency) }));
  }
}

@Resolver(() => Customer)
export class CustomerIndicatorsResolver {
  @FieldResolver(() => Indicators, { description: 'Its figures on one day and in one currency.' })
  async indicators(
    @Root() { id }: Customer,
    @Arg('asOf', () => DateScalar, { nullable: true, description: 'The day; today when left out.' }) asOf: Temporal.PlainDate | null,
    @Arg('currency', () => CurrencyCodeScalar, { nullable: true, description: "The currency; when left out the customer's only one, else the default of the portfolio." }) currency: string | null,
    @Ctx() request: Request,
  ): Promise<Indicators> {
    return { customerId: id, asOf: asOf ?? request.room.clock.today(), currency: currency ?? (await preferredCurrency(request, id)) };
  }
}
