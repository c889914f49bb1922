import { Arg, Ctx, Field, FieldResolver, Int, ObjectType, registerEnumType, Resolver, Root } from 'type-graphql';
import { ApiError, invariant } from '../../../src/errors.js';
import { enumOf } from '../../../src/graph/enum-of.js';
import { Money, toMoney } from '../../../src/graph/money.graph.js';
import { demandPageSize, PageInfo, toPage } from '../../../src/graph/page.graph.js';
import { CurrencyCodeScalar, DateScalar } from '../../../src/graph/scalars.js';
import { Request } from '../../../src/server/request.js';
import { Portfolio } from '../indicators/portfolio.resolver.js';
import { readCurrency, scopeOf } from '../indicators/read-sums.js';
import { Invoice, toInvoice } from '../ledger/invoice.resolver.js';
import { readInvoices } from '../ledger/read-invoice.js';
import { expectPayment, FORECAST_BASES, type ForecastBasis } from './expected-payment.js';
import { lineCursor, listForecastLines, readExpectedDays, type ForecastLineRecord } from './read-forecast.js';
import { cutWeeks, weekOf, type Forecast } from './weeks.js';

const ForecastBasisEnum = enumOf(FORECAST_BASES);
registerEnumType(ForecastBasisEnum, {
  name: 'ForecastBasis',
  description: 'Why a payment is expected when it is.',
  valuesConfig: {
    PROMISE: { description: 'The customer promised it for that day, and the promise is pending.' },
    BEHAVIOUR: { description: "The due date and the customer's average days beyond terms, amount-weighted over what it settled in the last 365 days." },
    DUE_DATE: { description: 'The due date: the customer settled nothing in the last 365 days.' },
    LITIGATION: { description: 'Nothing is expected: it is in dispute with the reason LITIGATION.' },
  },
});

@ObjectType({ description: 'An open invoice in a forecast. One of which only a part was promised has two lines.' })
class CashForecastLine {
  @Field(() => Money, { description: 'What is open of the invoice, or the part of it that this line is about.' })
  amount!: Money;

  @Field(() => DateScalar, { nullable: true, description: 'The day, not before that of the portfolio; null when nothing is expected.' })
  expectedOn!: Temporal.PlainDate | null;

  @Field(() => ForecastBasisEnum, { description: 'Why then.' })
  basis!: ForecastBasis;

  @Field(() => Int, { nullable: true, description: "Whole days added to the due date for the customer's habit, negative when it pays early; null when they are not known or play no part." })
  behaviourDays!: number | null;

  @Field(() => Int, { nullable: true, description: 'Whole days added for the dispute it is in, from its opening when that is later: the average of resolved disputes with its reason, else of all, else 30. Null when they play no part.' })
  disputeDays!: number | null;

  @Field(() => String, { description: 'The same in words, in English.' })
  explanation!: string;

  invoiceId!: string;
}

@ObjectType({ description: 'A page of lines of a forecast.' })
class CashForecastLineConnection {
  @Field(() => [CashForecastLine], { description: 'The lines.' })
  nodes!: readonly CashForecastLine[];

  @Field(() => PageInfo, { description: 'Where the page begins and ends.' })
  pageInfo!: PageInfo;
}

@ObjectType({ description: 'What is expected in seven days.' })
class CashForecastWeek {
  @Field(() => DateScalar, { description: 'Its first day.' })
  startsOn!: Temporal.PlainDate;

  @Field(() => DateScalar, { description: 'Its last day, included.' })
  endsOn!: Temporal.PlainDate;

  @Field(() => Money, { description: 'What is expected in it.' })
  amount!: Money;

  @Field(() => Int, { description: 'How many lines that is.' })
  lineCount!: number;
}

@ObjectType({ description: 'When the open invoices are expected to be paid. The weeks, what comes later and what is left out add up to the outstanding.' })
class CashForecast {
  @Field(() => DateScalar, { description: 'The day on which the first week begins.' })
  asOf!: Temporal.PlainDate;

  @Field(() => CurrencyCodeScalar, { description: 'The currency; invoices in others are left out, never converted.' })
  currency!: string;

  weekCount!: number;
}

/** Two years: beyond, nobody plans by weeks. */
const MOST_WEEKS = 104;

/** The weeks of a forecast; its fields that need them share one read. */
async function cutForecast(request: Request, { asOf, currency, weekCount }: CashForecast): Promise<Forecast> {
  return cutWeeks((await request.batch(readExpectedDays, { asOf, currency })) ?? [], asOf, weekCount);
}

function toLine(record: ForecastLineRecord, { asOf, currency }: CashForecast): CashForecastLine {
  const { invoiceId, minor, reason, openedOn, averageDays, averageOf, delayDays } = record;
  const dispute = reason !== null && openedOn !== null && averageDays !== null && averageOf !== null ? { reason, openedOn: Temporal.PlainDate.from(openedOn), averageDays, averageOf } : null;
  const { on, ...expected } = expectPayment({ dueDate: Temporal.PlainDate.from(record.dueDate), promisedOn: record.promisedOn === null ? null : Temporal.PlainDate.from(record.promisedOn), delayDays, dispute }, asOf);
  invariant((on?.toString() ?? null) === record.expectedOn, 'the forecast of a portfolio has the day of each of its invoices');
  return { ...expected, invoiceId, expectedOn: on, amount: toMoney(BigInt(minor), currency) };
}

@Resolver(() => CashForecast)
export class CashForecastResolver {
  @FieldResolver(() => [CashForecastWeek], { description: 'Week by week. What should have come before is in the first.' })
  async weeks(@Root() root: CashForecast, @Ctx() request: Request): Promise<readonly CashForecastWeek[]> {
    return (await cutForecast(request, root)).weeks.map(({ startsOn, endsOn, minor, lineCount }) => ({ startsOn, endsOn, lineCount, amount: toMoney(minor, root.currency) }));
  }

  @FieldResolver(() => Money, { description: 'What is expected after the last week.' })
  async later(@Root() root: CashForecast, @Ctx() request: Request): Promise<Money> {
    return toMoney((await cutForecast(request, root)).laterMinor, root.currency);
  }

  @FieldResolver(() => Money, { description: 'What is in litigation: nothing is expected of it.' })
  async leftOut(@Root() root: CashForecast, @Ctx() request: Request): Promise<Money> {
    return toMoney((await cutForecast(request, root)).leftOutMinor, root.currency);
  }

  @FieldResolver(() => Money, { description: 'All of it: the outstanding.' })
  async total(@Root() root: CashForecast, @Ctx() request: Request): Promise<Money> {
    return toMoney((await cutForecast(request, root)).totalMinor, root.currency);
  }

  @FieldResolver(() => CashForecastLineConnection, { description: 'What it is made of, invoice by invoice, each explained: by the day on which it is expected, what is left out last.' })
  async lines(
    @Root() forecast: CashForecast,
    @Arg('week', () => Int, { nullable: true, description: 'Only the lines of this week, counted from 1; all of them when left out, what comes later and what is left out too.' }) week: number | null,
    @Arg('first', () => Int, { nullable: true, defaultValue: 50, description: 'How many, at most 100.' }) first: number | null,
    @Arg('after', () => String, { nullable: true, description: 'The endCursor of the page before.' }) after: string | null,
    @Ctx() request: Request,
  ): Promise<CashForecastLineConnection> {
    const { asOf, currency, weekCount } = forecast;
    const size = demandPageSize(first ?? 50);
    if (week !== null && week !== undefined && (week < 1 || week > weekCount)) throw new ApiError('BAD_USER_INPUT', `week must be from 1 to ${weekCount}.`);
    const rows = await listForecastLines(request, { asOf, currency, days: week ? weekOf(asOf, week) : null, first: size, after: after ?? null });
    const { nodes, pageInfo } = toPage(rows, size, after ?? undefined, lineCursor);
    return { nodes: nodes.map((row) => toLine(row, forecast)), pageInfo };
  }
}

@Resolver(() => CashForecastLine)
export class CashForecastLineResolver {
  @FieldResolver(() => Invoice, { description: 'The invoice.' })
  async invoice(@Root() { invoiceId }: CashForecastLine, @Ctx() request: Request): Promise<Invoice> {
    const invoice = await request.batch(readInvoices, invoiceId);
    invariant(invoice, 'a line of a forecast is about an invoice');
    return toInvoice(invoice);
  }
}

@Resolver(() => Portfolio)
export class PortfolioForecastResolver {
  @FieldResolver(() => CashForecast, { description: 'When the open invoices are expected to be paid, week by week from the day of the portfolio: by the promised day, else by the due date and how late the customer pays, disputed ones later, those in litigation not at all.' })
  async cashForecast(
    @Root() portfolio: Portfolio,
    @Arg('weeks', () => Int, { nullable: true, defaultValue: 13, description: 'How many weeks, from 1 to 104.' }) given: number | null,
    @Ctx() request: Request,
  ): Promise<CashForecast> {
    const weekCount = given ?? 13;
    if (weekCount < 1 || weekCount > MOST_WEEKS) throw new ApiError('BAD_USER_INPUT', `weeks must be from 1 to ${MOST_WEEKS}.`);
    return { asOf: portfolio.asOf, currency: await readCurrency(request, scopeOf(portfolio)), weekCount };
  }
}
