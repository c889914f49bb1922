import { Arg, Ctx, Field, FieldResolver, Float, Int, ObjectType, registerEnumType, Resolver, Root } from 'type-graphql';
import { enumOf } from '../../../src/graph/enum-of.js';
import { demandPageSize } from '../../../src/graph/page.graph.js';
import { DateTimeScalar } from '../../../src/graph/scalars.js';
import { Request } from '../../../src/server/request.js';
import { isUuid } from '../../../src/values/opaque-id.js';
import { Customer } from '../behaviour/payment-behaviour.resolver.js';
import { RISK_BANDS, type RiskBand } from './model.js';
import { labelOf } from './models.js';
import { readScorePoints } from './read-score-points.js';
import { readStandings } from './read-standings.js';
import { labelIn, type Factor } from './scorecard.js';

export const RiskBandEnum = enumOf(RISK_BANDS);
registerEnumType(RiskBandEnum, {
  name: 'RiskBand',
  description: 'A risk score in five classes, A the safest. From which value on each begins is the model\'s: `riskModel`.',
  valuesConfig: {
    A: { description: 'Very low risk of default.' },
    B: { description: 'Low risk.' },
    C: { description: 'Usual risk.' },
    D: { description: 'High risk: sell against security or in advance.' },
    E: { description: 'Very high risk, or insolvent.' },
  },
});

@ObjectType({ description: 'One reason for a score, and what it gave.' })
export class ScoreFactor {
  @Field(() => String, { description: 'Stable; what it is about.' })
  code!: string;

  @Field(() => Int, { description: 'Whole points; below zero when it makes the customer riskier.' })
  contribution!: number;

  @Field(() => String, { nullable: true, description: 'What was observed, with a point as its decimal sign; null when it was not known.' })
  observed!: string | null;

  version!: string;
  ownLabel!: Factor['label'];
}

@ObjectType({ description: 'A value that the score had, from an instant on.' })
export class RiskScorePoint {
  @Field(() => Int, { description: '0 to 1000.' })
  value!: number;

  @Field(() => RiskBandEnum, { description: 'Its class.' })
  band!: RiskBand;

  @Field(() => DateTimeScalar, { description: 'Since when, in business time.' })
  at!: Temporal.Instant;
}

@ObjectType({ description: "How likely the customer is to default within a year, as points. The base and the factors' contributions add up to the value exactly. The same observations and model version give the same score for ever." })
export class RiskScore {
  @Field(() => Int, { description: '0 to 1000, higher is safer.' })
  value!: number;

  @Field(() => RiskBandEnum, { description: 'The value in five classes.' })
  band!: RiskBand;

  @Field(() => Float, { description: 'Within one year, 0 to 1: 1 ÷ (1 + e^((value − even) ÷ scale)) with the model\'s two figures.' })
  probabilityOfDefault!: number;

  @Field(() => Int, { description: 'Where the points begin.' })
  base!: number;

  @Field(() => [ScoreFactor], { description: 'Every reason, also those that gave nothing.' })
  factors!: ScoreFactor[];

  @Field(() => String, { description: 'Which model: see `riskModel`.' })
  modelVersion!: string;

  @Field(() => DateTimeScalar, { description: 'When it was computed, in business time; it is of that day.' })
  computedAt!: Temporal.Instant;

  customerId!: string;
}

@Resolver(() => ScoreFactor)
export class ScoreFactorResolver {
  @FieldResolver(() => String, { description: 'What it is called.' })
  label(@Root() { code, version, ownLabel }: ScoreFactor, @Arg('locale', () => String, { nullable: true, description: 'A language tag; French for fr and its regions, else English.' }) locale: string | null): string {
    return labelIn(ownLabel ?? labelOf(version, code), locale);
  }
}

@Resolver(() => RiskScore)
export class RiskScoreResolver {
  @FieldResolver(() => [RiskScorePoint], { description: 'The values that it had, the newest first.' })
  async history(@Root() { customerId }: RiskScore, @Arg('first', () => Int, { nullable: true, defaultValue: 12, description: 'At most 100.' }) first: number | null, @Ctx() request: Request): Promise<readonly RiskScorePoint[]> {
    return (await request.batch(readScorePoints, { customerId, first: demandPageSize(first ?? 12) })) ?? [];
  }
}

@Resolver(() => Customer)
export class CustomerRiskResolver {
  @FieldResolver(() => RiskScore, { nullable: true, description: 'How likely the customer is to default within a year; null while nothing is known of it. Needs the scope ledger:read.' })
  async riskScore(@Root() customer: Customer, @Ctx() request: Request): Promise<RiskScore | null> {
    request.demand('ledger:read');
    if (!isUuid(customer.id)) return null;
    const standing = await request.batch(readStandings, customer.id);
    if (!standing) return null;
    const { score, modelVersion, computedAt } = standing;
    return { ...score, factors: score.factors.map(({ label, ...factor }) => ({ ...factor, version: modelVersion, ownLabel: label })), modelVersion, computedAt, customerId: customer.id };
  }
}
