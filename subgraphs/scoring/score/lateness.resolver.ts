import { Arg, Ctx, Field, FieldResolver, Float, Int, ObjectType, Query, Resolver, Root } from 'type-graphql';
import { DateTimeScalar } from '../../../src/graph/scalars.js';
import { Request } from '../../../src/server/request.js';
import { isUuid } from '../../../src/values/opaque-id.js';
import { Customer } from '../behaviour/payment-behaviour.resolver.js';
import { HABIT_LABELS } from './habit-labels.js';
import type { LatenessHabit } from './lateness-habits.js';
import { CURRENT_LATENESS_CARD, latenessCardOf } from './lateness-outlook.js';
import { readStandings } from './read-standings.js';
import { RiskModelCharacteristic } from './risk-model.resolver.js';
import { ScoreFactor } from './risk-score.resolver.js';
import type { Label } from './scorecard.js';

@ObjectType({
  description:
    "How likely the customer's next invoice is late, by a card that was learned from the ledger of another seller: what it is worth, and what not, is in docs/MODEL.md. It is no part of the risk score. The base and the factors' contributions add up to the value exactly.",
})
export class LatenessOutlook {
  @Field(() => Float, { description: 'The chance that an invoice issued today is settled more than 7 days beyond its terms, 0 to 1: 1 ÷ (1 + e^((value − even) ÷ scale)) with the two figures of `latenessModel`.' })
  chance!: number;

  @Field(() => Int, { description: 'Points, higher is safer.' })
  value!: number;

  @Field(() => Int, { description: 'Where the points begin: the value of a customer of whom nothing is known.' })
  base!: number;

  @Field(() => [ScoreFactor], { description: 'Every reason, also those that gave nothing. What was observed is a plain number of six decimals: days, an index of 0 to 100, or a share of 0 to 1, which of few invoices is drawn to one in ten (INDICATORS.md, "Lateness of the next invoice").' })
  factors!: readonly ScoreFactor[];

  @Field(() => String, { description: 'Which card: see `latenessModel`.' })
  modelVersion!: string;

  @Field(() => DateTimeScalar, { description: 'When it was computed, in business time; it is of that day.' })
  computedAt!: Temporal.Instant;
}

@ObjectType({ description: 'A card of lateness, as data: whoever has the observed values can compute the value and the chance. A version never changes.' })
export class LatenessModel {
  @Field(() => String, { description: 'Its name.' })
  version!: string;

  @Field(() => Int, { description: 'Where the points begin.' })
  base!: number;

  @Field(() => [RiskModelCharacteristic], { description: 'What it looks at.' })
  characteristics!: readonly RiskModelCharacteristic[];

  @Field(() => Float, { description: 'The value at which the chance is one half.' })
  even!: number;

  @Field(() => Float, { description: 'Points that make the odds e times better.' })
  scale!: number;
}

@Resolver(() => LatenessModel)
export class LatenessModelResolver {
  @Query(() => LatenessModel, { nullable: true, description: 'The card of lateness of a version, or the one in use; null for a version that never was. Needs the scope ledger:read.' })
  latenessModel(@Arg('version', () => String, { nullable: true, description: 'As `LatenessOutlook.modelVersion` names it; left out or null: the one in use.' }) version: string | null | undefined, @Ctx() request: Request): LatenessModel | null {
    request.demand('ledger:read');
    const card = version == null ? CURRENT_LATENESS_CARD : latenessCardOf(version);
    if (!card) return null;
    const { at, characteristics, ...rest } = card;
    return { ...rest, even: at, characteristics: characteristics.map(({ code, bins, unknown }) => ({ code, bins, unknown, source: 'LEDGER', names: labelOf(code) })) };
  }
}

@Resolver(() => Customer)
export class CustomerLatenessResolver {
  @FieldResolver(() => LatenessOutlook, {
    nullable: true,
    description: 'How likely an invoice that you issue to it today is settled more than 7 days late, by what was known before today; null while fewer than three of its invoices were settled in the last 730 days or are past due. Needs the scope ledger:read.',
  })
  async lateness(@Root() customer: Customer, @Ctx() request: Request): Promise<LatenessOutlook | null> {
    request.demand('ledger:read');
    if (!isUuid(customer.id)) return null;
    const standing = await request.batch(readStandings, customer.id);
    if (!standing?.lateness) return null;
    const { lateness: { factors, modelVersion, ...rest }, computedAt } = standing;
    return { ...rest, factors: factors.map((factor) => ({ ...factor, version: modelVersion, ownLabel: labelOf(factor.code) })), modelVersion, computedAt };
  }
}

function labelOf(code: string): Label {
  return HABIT_LABELS[code as LatenessHabit];
}
