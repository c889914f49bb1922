import { Arg, Ctx, Field, FieldResolver, Float, ID, InputType, Int, Mutation, ObjectType, registerEnumType, Resolver, Root } from 'type-graphql';
import { answer, type UserError } from '../../../src/errors.js';
import { enumOf } from '../../../src/graph/enum-of.js';
import { Money, toMoney } from '../../../src/graph/money.graph.js';
import { demandPageSize } from '../../../src/graph/page.graph.js';
import { CurrencyCodeScalar, DateScalar, DateTimeScalar, DecimalScalar } from '../../../src/graph/scalars.js';
import { UserErrorObject } from '../../../src/graph/user-error.graph.js';
import { Request } from '../../../src/server/request.js';
import { isUuid } from '../../../src/values/opaque-id.js';
import { Customer } from '../behaviour/payment-behaviour.resolver.js';
import { ALTMAN_ZONES, altmanZ, type AltmanZone } from './altman.js';
import { FIGURES, type Figures } from './figures.js';
import { readStatements, readStatementsOf, readStatementVersions, type StatementRecord, type VersionRecord } from './read-statements.js';
import { upsertStatement } from './upsert-statement.js';
import { withdrawStatement } from './withdraw-statement.js';

const AltmanZoneEnum = enumOf(ALTMAN_ZONES);
registerEnumType(AltmanZoneEnum, {
  name: 'AltmanZone',
  description: "Where Altman's Z″ stands.",
  valuesConfig: {
    SAFE: { description: 'Above 2.60.' },
    GREY: { description: 'From 1.10 to 2.60: it does not tell.' },
    DISTRESS: { description: 'Below 1.10.' },
  },
});

@ObjectType({ description: 'The figures of a financial statement.' })
class StatementFigures {
  @Field(() => Money, { description: 'All that it owns and is owed (total de l’actif).' })
  totalAssets!: Money;

  @Field(() => Money, { description: 'Of its assets, what turns into money within a year (actif circulant).' })
  currentAssets!: Money;

  @Field(() => Money, { description: 'All that it owes, provisions included (dettes et provisions).' })
  totalLiabilities!: Money;

  @Field(() => Money, { description: 'Of its liabilities, what is due within a year.' })
  currentLiabilities!: Money;

  @Field(() => Money, { description: 'Assets less liabilities (capitaux propres); below zero when losses have eaten it up.' })
  equity!: Money;

  @Field(() => Money, { description: 'Results of all years that were kept (réserves, report à nouveau and the result of the year); below zero after losses.' })
  retainedEarnings!: Money;

  @Field(() => Money, { description: 'What it sold in the period, without tax (chiffre d’affaires).' })
  sales!: Money;

  @Field(() => Money, { description: 'The result of the period before interest and tax (résultat d’exploitation).' })
  ebit!: Money;

  @Field(() => Money, { description: 'The result of the period (résultat net).' })
  netIncome!: Money;

  @Field(() => Money, { nullable: true, description: 'Of the current assets, its stock; null when it was not given.' })
  inventory!: Money | null;

  @Field(() => Money, { nullable: true, description: 'Of the current assets, what its customers owe; null when it was not given.' })
  receivables!: Money | null;

  @Field(() => Money, { nullable: true, description: 'All operating costs of the period (charges d’exploitation); null when it was not given.' })
  operatingCosts!: Money | null;

  @Field(() => Money, { nullable: true, description: 'Of the operating costs, what was not paid (dotations aux amortissements); null when it was not given.' })
  depreciation!: Money | null;

  @Field(() => Money, { nullable: true, description: 'Interest of the period (charges d’intérêts); null when it was not given.' })
  interestExpense!: Money | null;

  @Field(() => Money, { nullable: true, description: 'Of all its shares on the last day; null when it is not listed, or was not given.' })
  marketValue!: Money | null;
}

function toFigures(figures: Figures, currency: string): StatementFigures {
  return Object.fromEntries(FIGURES.map((name) => {
    const minor = figures[name];
    return [name, minor === null ? null : toMoney(minor, currency)];
  })) as unknown as StatementFigures;
}

@ObjectType({ description: 'One version of a statement, kept for ever.' })
class FinancialStatementVersion {
  @Field(() => Int, { description: '1 is the first.' })
  version!: number;

  @Field(() => Int, { description: 'How many months the period had.' })
  months!: number;

  @Field(() => StatementFigures, { nullable: true, description: 'What it said; null: with this version it was withdrawn.' })
  figures!: StatementFigures | null;

  @Field(() => DateTimeScalar, { description: 'When, in business time.' })
  recordedAt!: string | Date;

  @Field(() => ID, { nullable: true, description: 'Who: the id of a User of your firm; for an API key, the one who made it. Null when nobody is known.' })
  recordedBy!: string | null;

  @Field(() => Boolean, { description: 'Whether it was done through an API key.' })
  byKey!: boolean;
}

function toVersion({ currency, figures, ...record }: VersionRecord): FinancialStatementVersion {
  return { ...record, figures: figures && toFigures(figures, currency) };
}

@ObjectType({ description: 'The financial statement of one period of a customer, as your firm gave it. Nobody but your firm sees it.' })
class FinancialStatement {
  @Field(() => ID, { description: 'Opaque; it stays when another content takes its place.' })
  id!: string;

  @Field(() => DateScalar, { description: 'The last day of the period, of which the balance sheet is.' })
  periodEnd!: string;

  @Field(() => Int, { description: 'How many months the period has.' })
  months!: number;

  @Field(() => CurrencyCodeScalar, { description: 'The currency of every figure.' })
  currency!: string;

  @Field(() => StatementFigures, { nullable: true, description: 'What it says; null when it was withdrawn.' })
  figures!: StatementFigures | null;

  @Field(() => Float, { nullable: true, description: "Altman's Z″: 6.56 × working capital ÷ assets + 3.26 × retained earnings ÷ assets + 6.72 × EBIT of a year ÷ assets + 1.05 × equity ÷ liabilities. Six decimals. Null without assets or liabilities, or when it was withdrawn." })
  altmanZ!: number | null;

  @Field(() => AltmanZoneEnum, { nullable: true, description: 'Where the Z″ stands; null without one.' })
  altmanZone!: AltmanZone | null;

  @Field(() => Int, { description: 'Grows with every change; 1 is the first.' })
  version!: number;

  @Field(() => DateTimeScalar, { description: 'When it was changed last, in business time.' })
  recordedAt!: string | Date;

  @Field(() => ID, { nullable: true, description: 'Who changed it last: the id of a User of your firm; for an API key, the one who made it. Null when nobody is known.' })
  recordedBy!: string | null;

  @Field(() => Boolean, { description: 'Whether that was done through an API key.' })
  byKey!: boolean;
}

function toStatement({ figures, ...record }: StatementRecord): FinancialStatement {
  const z = figures && altmanZ(figures, record.months);
  return { ...record, figures: figures && toFigures(figures, record.currency), altmanZ: z?.value ?? null, altmanZone: z?.zone ?? null };
}

@InputType({
  description: 'The financial statement of one period of a customer. Total assets must be total liabilities and equity together, to within one minor unit or 0.1 % of the assets; no part may be more than its whole. Amounts have no more digits than the currency has.',
})
class FinancialStatementUpsertInput {
  @Field(() => ID, { description: 'The customer.' })
  customerId!: string;

  @Field(() => DateScalar, { description: 'The last day of the period: not in the future, and at most 20 years ago. The same day again is the same statement.' })
  periodEnd!: Temporal.PlainDate;

  @Field(() => Int, { nullable: true, defaultValue: 12, description: 'How many months the period has, from 1 to 24.' })
  months?: number | null;

  @Field(() => CurrencyCodeScalar, { description: 'The currency of every figure.' })
  currency!: string;

  @Field(() => DecimalScalar, { description: 'All that it owns and is owed (total de l’actif), zero or more.' })
  totalAssets!: string;

  @Field(() => DecimalScalar, { description: 'Of its assets, what turns into money within a year (actif circulant), zero or more.' })
  currentAssets!: string;

  @Field(() => DecimalScalar, { description: 'All that it owes, provisions included (dettes et provisions), zero or more.' })
  totalLiabilities!: string;

  @Field(() => DecimalScalar, { description: 'Of its liabilities, what is due within a year, zero or more.' })
  currentLiabilities!: string;

  @Field(() => DecimalScalar, { description: 'Assets less liabilities (capitaux propres); it may be below zero.' })
  equity!: string;

  @Field(() => DecimalScalar, { description: 'Results of all years that were kept (réserves, report à nouveau and the result of the year); it may be below zero.' })
  retainedEarnings!: string;

  @Field(() => DecimalScalar, { description: 'What it sold in the period, without tax (chiffre d’affaires), zero or more.' })
  sales!: string;

  @Field(() => DecimalScalar, { description: 'The result of the period before interest and tax (résultat d’exploitation); it may be below zero.' })
  ebit!: string;

  @Field(() => DecimalScalar, { description: 'The result of the period (résultat net); it may be below zero.' })
  netIncome!: string;

  @Field(() => DecimalScalar, { nullable: true, description: 'Of the current assets, its stock; left out when it is not known.' })
  inventory?: string | null;

  @Field(() => DecimalScalar, { nullable: true, description: 'Of the current assets, what its customers owe; left out when it is not known.' })
  receivables?: string | null;

  @Field(() => DecimalScalar, { nullable: true, description: 'All operating costs of the period (charges d’exploitation); left out when it is not known.' })
  operatingCosts?: string | null;

  @Field(() => DecimalScalar, { nullable: true, description: 'Of the operating costs, what was not paid (dotations aux amortissements); left out when it is not known.' })
  depreciation?: string | null;

  @Field(() => DecimalScalar, { nullable: true, description: 'Interest of the period (charges d’intérêts); left out when it is not known.' })
  interestExpense?: string | null;

  @Field(() => DecimalScalar, { nullable: true, description: 'Of all its shares on the last day; left out when it is not listed, or not known.' })
  marketValue?: string | null;
}

@InputType({ description: 'A statement to be taken back.' })
class FinancialStatementWithdrawInput {
  @Field(() => ID, { description: 'The statement.' })
  id!: string;
}

@ObjectType({ description: 'The statement after the change, or why there was none.' })
class FinancialStatementPayload {
  @Field(() => FinancialStatement, { nullable: true, description: 'The statement; null when refused.' })
  statement!: FinancialStatement | null;

  @Field(() => [UserErrorObject], { description: 'Why it was refused; empty when it was done.' })
  userErrors!: readonly UserError[];
}

const NO_STATEMENT: { readonly statement: FinancialStatement | null } = { statement: null };

@Resolver(() => FinancialStatement)
export class FinancialStatementResolver {
  @Mutation(() => FinancialStatementPayload, { description: 'Takes the financial statement of one period of a customer; the newest that is at most 24 months old counts for the risk score. The same again changes nothing; another content takes its place, and every version is kept. The same period in another currency is a CONFLICT. Needs the scope credit:write.' })
  financialStatementUpsert(@Arg('input', () => FinancialStatementUpsertInput, { description: 'The statement.' }) input: FinancialStatementUpsertInput, @Ctx() request: Request): Promise<FinancialStatementPayload> {
    const asker = request.demand('credit:write');
    return answer(NO_STATEMENT, async () => {
      const { customerId, periodEnd, months, currency, ...figures } = input;
      return changed(request, await upsertStatement(request.room, asker, { customerId, periodEnd, months: months ?? 12, currency, figures }));
    });
  }

  @Mutation(() => FinancialStatementPayload, { description: 'Takes a statement back: it counts no more and is not listed. Its versions are kept; sending the period again brings it back. Twice is the same as once. Needs the scope credit:write.' })
  financialStatementWithdraw(@Arg('input', () => FinancialStatementWithdrawInput, { description: 'The statement.' }) input: FinancialStatementWithdrawInput, @Ctx() request: Request): Promise<FinancialStatementPayload> {
    const asker = request.demand('credit:write');
    return answer(NO_STATEMENT, async () => {
      await withdrawStatement(request.room, asker, input.id);
      return changed(request, input.id);
    });
  }

  @FieldResolver(() => [FinancialStatementVersion], { description: 'How it came to be what it is, the newest version first, at most 20.' })
  async versions(@Root() { id }: FinancialStatement, @Ctx() request: Request): Promise<readonly FinancialStatementVersion[]> {
    return ((await request.batch(readStatementVersions, id)) ?? []).map(toVersion);
  }
}

@Resolver(() => Customer)
export class CustomerStatementsResolver {
  @FieldResolver(() => [FinancialStatement], { description: 'Its financial statements as your firm gave them, the newest period first; withdrawn ones are left out. Needs the scope ledger:read.' })
  async financialStatements(
    @Root() { id }: Customer,
    @Arg('first', () => Int, { nullable: true, defaultValue: 50, description: 'How many of the newest, at most 100.' }) first: number | null,
    @Ctx() request: Request,
  ): Promise<readonly FinancialStatement[]> {
    request.demand('ledger:read');
    const size = demandPageSize(first ?? 50);
    if (!isUuid(id)) return [];
    return ((await request.batch(readStatementsOf, { customerId: id, first: size })) ?? []).map(toStatement);
  }
}

async function changed(request: Request, id: string): Promise<{ readonly statement: FinancialStatement | null }> {
  request.forget();
  const record = await request.batch(readStatements, id);
  return { statement: record && toStatement(record) };
}
