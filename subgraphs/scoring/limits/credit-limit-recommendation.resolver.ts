import { Arg, Ctx, Field, FieldResolver, Float, Int, ObjectType, registerEnumType, Resolver, Root } from 'type-graphql';
import { enumOf } from '../../../src/graph/enum-of.js';
import { Money, toMoney } from '../../../src/graph/money.graph.js';
import { Request } from '../../../src/server/request.js';
import { isUuid } from '../../../src/values/opaque-id.js';
import { Customer } from '../behaviour/payment-behaviour.resolver.js';
import { labelIn } from '../score/scorecard.js';
import { readRecommendation } from './read-recommendation.js';
import { CAP_LABELS, type CapRule } from './recommendation.js';
import { TERMS_REASON_LABELS, TERMS_REASONS, type TermsReason } from './terms-advice.js';

const LOCALE = 'A language tag; French for fr and its regions, else English.';

const TermsReasonCodeEnum = enumOf(TERMS_REASONS);
registerEnumType(TermsReasonCodeEnum, {
  name: 'TermsReasonCode',
  description: 'Why these payment terms are advised. The list may grow.',
  valuesConfig: {
    KEEP: { description: 'Nothing speaks against the present terms.' },
    LEGAL_MAXIMUM: { description: 'The present terms are longer than 60 days from the invoice (C. com. L441-10).' },
    PAYS_LATE: { description: 'It pays 15 days late or more on average: one usual term (8, 15, 30, 45, 60 days) shorter for each 15 days, two at most.' },
    RISK_BAND: { description: 'Its risk band allows no longer terms: 30 days in C, 15 in D.' },
    PREPAYMENT: { description: 'Its risk band is E: payment before delivery.' },
  },
});

@ObjectType('TermsReason', { description: 'One reason for the terms that are advised.' })
class TermsReasonObject {
  @Field(() => TermsReasonCodeEnum, { description: 'Stable.' })
  code!: TermsReason;
}

@ObjectType({ description: 'Which payment terms to agree on with a customer: never longer than the present ones.' })
class TermsAdvice {
  @Field(() => Int, { description: 'Days from the invoice; 0: payment before delivery.' })
  days!: number;

  @Field(() => [TermsReasonObject], { description: 'Every reason; KEEP alone when nothing speaks against the present terms.' })
  reasons!: readonly TermsReasonObject[];
}

@ObjectType({ description: 'The most that one rule allows.' })
class LimitCap {
  @Field(() => String, {
    description: 'Stable. tangibleNetWorth: a share of the equity of its newest financial statement, 35 % in risk band A, 25 in B, 15 in C or without a band, 5 in D, none in E. turnover: a share of a year\'s sales of that statement, 5 %, 3.5, 2, 1 and none. riskBand: its forecast sales of 120 days in band A, 90 in B, 60 in C, 30 in D, none in E. paidBefore: twice the most that it owed at once of what it paid in 24 months. concentration: a tenth of what your firm invoiced in 12 months to at least ten customers. The list may grow.',
  })
  rule!: CapRule;

  @Field(() => Money, { description: 'What it allows.' })
  amount!: Money;
}

@ObjectType({ description: 'The credit limit that a customer deserves today, in the currency in which it is invoiced most: the least of what it needs and of what rules allow.' })
class CreditLimitRecommendation {
  @Field(() => Money, { description: 'The least of the need and the caps, to the cent: it is one of them.' })
  amount!: Money;

  @Field(() => Money, { description: 'Forecast sales × (terms + delay) ÷ 360.' })
  need!: Money;

  @Field(() => [LimitCap], { description: 'What each rule allows that can be told; a rule of which nothing is known, or only in another currency, is not in it.' })
  caps!: readonly LimitCap[];

  @Field(() => String, { description: 'What the amount is: `need`, or the rule of the cap that cut it; the first where several are equal.' })
  binding!: string;

  @Field(() => Money, { description: 'A year of sales, taxes included: what was invoiced in the last 12 months. A relation shorter than 365 days is taken for a year by its days, at least 90.' })
  forecastSales!: Money;

  @Field(() => Float, { description: 'Days from issue to due date of these invoices, amount-weighted. Six decimals.' })
  termsDays!: number;

  @Field(() => Float, { nullable: true, description: 'Days beyond terms, amount-weighted, of invoices settled in the last 24 months or past due; below zero it counts as none. Six decimals; null when there is no such invoice.' })
  delayDays!: number | null;

  @Field(() => Int, { description: 'Days from the first invoice in this currency to today.' })
  observedDays!: number;

  @Field(() => Int, { description: 'Over how many invoices of the last 12 months the need is computed.' })
  invoiceCount!: number;

  @Field(() => TermsAdvice, { description: 'Which payment terms to agree on.' })
  termsAdvice!: TermsAdvice;
}

@Resolver(() => TermsReasonObject)
export class TermsReasonResolver {
  @FieldResolver(() => String, { description: 'What it means, for a person.' })
  label(@Root() { code }: TermsReasonObject, @Arg('locale', () => String, { nullable: true, description: LOCALE }) locale: string | null): string {
    return labelIn(TERMS_REASON_LABELS[code], locale);
  }
}

@Resolver(() => LimitCap)
export class LimitCapResolver {
  @FieldResolver(() => String, { description: 'What it means, for a person.' })
  label(@Root() { rule }: LimitCap, @Arg('locale', () => String, { nullable: true, description: LOCALE }) locale: string | null): string {
    return labelIn(CAP_LABELS[rule], locale);
  }
}

@Resolver(() => Customer)
export class CreditLimitRecommendationResolver {
  @FieldResolver(() => CreditLimitRecommendation, { nullable: true, description: 'The credit limit that the customer deserves today; null when your firm invoiced nothing to it in the last 12 months, for then there is no need to tell. It sets nothing: see creditLimitRequest. Needs the scope ledger:read.' })
  async creditLimitRecommendation(@Root() { id }: Customer, @Ctx() request: Request): Promise<CreditLimitRecommendation | null> {
    request.demand('ledger:read');
    if (!isUuid(id)) return null;
    const advice = await readRecommendation(request, id);
    if (!advice) return null;
    const { currency, terms, caps, binding, termsDays, delayDays, observedDays, invoiceCount } = advice;
    return {
      amount: toMoney(advice.amountMinor, currency), need: toMoney(advice.needMinor, currency), forecastSales: toMoney(advice.forecastMinor, currency),
      caps: caps.map(({ rule, amountMinor }) => ({ rule, amount: toMoney(amountMinor, currency) })),
      binding, termsDays, delayDays, observedDays, invoiceCount,
      termsAdvice: { days: terms.days, reasons: terms.reasons.map((code) => ({ code })) },
    };
  }
}
