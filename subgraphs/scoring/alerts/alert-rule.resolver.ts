import { Arg, Ctx, Field, FieldResolver, Float, ID, InputType, Mutation, ObjectType, Query, Resolver, Root } from 'type-graphql';
import { answer, type UserError } from '../../../src/errors.js';
import { DateTimeScalar } from '../../../src/graph/scalars.js';
import { UserErrorObject } from '../../../src/graph/user-error.graph.js';
import { Request } from '../../../src/server/request.js';
import { Customer } from '../behaviour/payment-behaviour.resolver.js';
import { AlertDirectionEnum, AlertMetricEnum } from './alert-metric.graph.js';
import { marginOf, type AlertDirection, type AlertMetric } from './alert-metric.js';
import { MOST_RULES } from './alert-rule.js';
import { createAlertRule } from './create-alert-rule.js';
import { deleteAlertRule } from './delete-alert-rule.js';
import { listAlertRules, readAlertRules, type AlertRuleRecord } from './read-alert-rules.js';

@ObjectType({ description: 'Which moves of which figure your firm wants to be told of. One move makes one alert of a rule at most.' })
export class AlertRule {
  @Field(() => ID, { description: 'Opaque.' })
  id!: string;

  @Field(() => AlertMetricEnum, { description: 'The figure.' })
  metric!: AlertMetric;

  @Field(() => AlertDirectionEnum, { description: 'Which moves.' })
  direction!: AlertDirection;

  @Field(() => Float, { nullable: true, description: 'An alert when the figure has moved by at least so much since the last alert of this rule for the customer, or since the rule was made; a rule about one direction counts from the furthest that it has gone the other way since. Null: moves are not measured.' })
  delta!: number | null;

  @Field(() => Float, { nullable: true, description: 'An alert when the figure reaches it from below (UP) or from above (DOWN). Null: nothing is to be crossed.' })
  threshold!: number | null;

  @Field(() => Float, { nullable: true, description: 'By how much the figure must go back behind the threshold before crossing it is an alert again; with BOTH, by how much it must be beyond it before the way back is one. It ends where the scale of the figure ends. Null without a threshold.' })
  margin!: number | null;

  @Field(() => DateTimeScalar, { description: 'When it was made. It starts from what was known of each customer then: what was so already is no alert.' })
  createdAt!: string | Date;

  @Field(() => DateTimeScalar, { nullable: true, description: 'When it was deleted; its alerts stay. Null while it stands.' })
  deletedAt!: string | Date | null;

  customerId!: string | null;
}

export function toAlertRule(record: AlertRuleRecord): AlertRule {
  return { ...record, margin: record.threshold === null ? null : marginOf(record.metric, record.threshold) };
}

@InputType({ description: 'A rule: a delta, a threshold, or both, of which either makes an alert. To six decimals.' })
class AlertRuleInput {
  @Field(() => AlertMetricEnum, { description: 'The figure.' })
  metric!: AlertMetric;

  @Field(() => AlertDirectionEnum, { nullable: true, defaultValue: 'BOTH', description: 'Which moves.' })
  direction!: AlertDirection | null;

  @Field(() => Float, { nullable: true, description: 'The move that is an alert, above zero; of bands whole steps.' })
  delta?: number | null;

  @Field(() => Float, { nullable: true, description: 'What the figure must reach, within its scale and not at the end of it from which nothing reaches it; of bands a whole number, A 5 to E 1.' })
  threshold?: number | null;

  @Field(() => ID, { nullable: true, description: 'Only this customer; every customer, those to come too, when left out.' })
  customerId?: string | null;
}

@InputType({ description: 'Which rule.' })
class AlertRuleDeleteInput {
  @Field(() => ID, { description: 'The rule.' })
  id!: string;
}

@ObjectType({ description: 'The rule after the change, or why there was none.' })
class AlertRulePayload {
  @Field(() => AlertRule, { nullable: true, description: 'The rule; null when refused.' })
  rule!: AlertRule | null;

  @Field(() => [UserErrorObject], { description: `Why it was refused; empty when it was done. LIMIT_REACHED: there are ${MOST_RULES} rules already.` })
  userErrors!: readonly UserError[];
}

const NO_RULE: Pick<AlertRulePayload, 'rule'> = { rule: null };

@Resolver(() => AlertRule)
export class AlertRuleResolver {
  @Query(() => [AlertRule], { description: `The rules of your firm that stand, the oldest first, at most ${MOST_RULES}. Needs the scope ledger:read.` })
  async alertRules(@Ctx() request: Request): Promise<AlertRule[]> {
    request.demand('ledger:read');
    return (await listAlertRules(request)).map(toAlertRule);
  }

  @Mutation(() => AlertRulePayload, { description: 'Makes a rule. One that says the same as a rule that stands is that rule: the same again changes nothing. It starts from what your firm has told up to now, for which it waits, two seconds at most. NOT_FOUND for a customer that is not yours. Needs the scope credit:write.' })
  alertRuleCreate(@Arg('input', () => AlertRuleInput, { description: 'The rule.' }) input: AlertRuleInput, @Ctx() request: Request): Promise<AlertRulePayload> {
    const asker = request.demand('credit:write');
    return answer(NO_RULE, async () => {
      const asked = { metric: input.metric, direction: input.direction ?? 'BOTH', delta: input.delta ?? null, threshold: input.threshold ?? null } as const;
      return changed(request, await createAlertRule(request.room, asker, asked, input.customerId ?? null));
    });
  }

  @Mutation(() => AlertRulePayload, { description: 'Deletes a rule. Its alerts stay and still name it. The same again changes nothing. Needs the scope credit:write.' })
  alertRuleDelete(@Arg('input', () => AlertRuleDeleteInput, { description: 'Which rule.' }) input: AlertRuleDeleteInput, @Ctx() request: Request): Promise<AlertRulePayload> {
    request.demand('credit:write');
    return answer(NO_RULE, async () => {
      await deleteAlertRule(request.db, input.id, request.room.clock);
      return changed(request, input.id);
    });
  }

  @FieldResolver(() => Customer, { nullable: true, description: 'The one customer that it is about; null: every customer.' })
  customer(@Root() { customerId }: AlertRule): Customer | null {
    return customerId === null ? null : { id: customerId };
  }
}

async function changed(request: Request, id: string): Promise<Pick<AlertRulePayload, 'rule'>> {
  request.forget();
  const record = await request.batch(readAlertRules, id);
  return { rule: record && toAlertRule(record) };
}
