import type { BatchRead, Request } from '../../../src/server/request.js';
import { roundHalfEven } from '../../../src/values/fraction.js';
import { readStandings } from '../score/read-standings.js';
import { readStatementsOf, type StatementRecord } from '../statements/read-statements.js';
import { readLedgerFacts, type LedgerFacts } from './read-limit-facts.js';
import { readPortfolioSales } from './read-portfolio-sales.js';
import { recommendLimit, type Recommendation } from './recommendation.js';
import { adviseTerms, type TermsAdvice } from './terms-advice.js';

/** How long a financial statement says something, in months from the end of its period. */
const STATEMENT_MONTHS = 24;
/** As many statements are looked through for one that says something today. */
const MOST_STATEMENTS = 5;

/** A recommendation with what it was made of. */
export interface LimitAdvice extends Recommendation {
  readonly currency: string;
  readonly termsDays: number;
  /** Null: nothing was settled or is overdue. */
  readonly delayDays: number | null;
  readonly observedDays: number;
  readonly invoiceCount: number;
  readonly terms: TermsAdvice;
}

const ledgerFacts: BatchRead<string, LedgerFacts> = async (request, customerIds) => {
  const facts = await request.read((em) => readLedgerFacts(em, customerIds, request.room.clock.today()));
  return customerIds.map((id) => facts.get(id) ?? null);
};

/** What limit and what terms a customer of the asker's firm deserves today; null when it was sold nothing in the last 12 months. */
export async function readRecommendation(request: Request, customerId: string): Promise<LimitAdvice | null> {
  const today = request.room.clock.today();
  const [facts, standing, statements, sales] = await Promise.all([
    request.batch(ledgerFacts, customerId),
    request.batch(readStandings, customerId),
    request.batch(readStatementsOf, { customerId, first: MOST_STATEMENTS }),
    request.batch(readPortfolioSales, today),
  ]);
  if (!facts) return null;
  const { currency, salesMinor, observedDays, termsDays, delayDays, highestPaidMinor, invoiceCount } = facts;
  const band = standing?.score.band ?? null;
  const statement = statementOf(statements ?? [], currency, today);
  const recommendation = recommendLimit({
    salesMinor, observedDays, termsDays, delayDays, highestPaidMinor, band,
    tangibleNetWorthMinor: statement?.figures?.equity ?? null,
    turnoverMinor: statement?.figures ? (statement.figures.sales * 12n) / BigInt(statement.months) : null,
    portfolioSalesMinor: sales?.get(currency) ?? null,
  });
  return {
    ...recommendation, currency, observedDays, invoiceCount,
    termsDays: roundHalfEven(termsDays, 6), delayDays: delayDays && roundHalfEven(delayDays, 6), terms: adviseTerms(termsDays, delayDays, band),
  };
}

/** The newest statement that says something today, when it is in this currency: nothing is converted. */
function statementOf(statements: readonly StatementRecord[], currency: string, today: Temporal.PlainDate): StatementRecord | undefined {
  const newest = statements.find(({ periodEnd }) => periodEnd <= today.toString() && periodEnd >= today.subtract({ months: STATEMENT_MONTHS }).toString());
  return newest?.currency === currency ? newest : undefined;
}
