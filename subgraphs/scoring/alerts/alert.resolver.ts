import { Arg, Args, ArgsType, Ctx, Field, FieldResolver, ID, InputType, Int, Mutation, ObjectType, Query, Resolver, Root, Subscription } from 'type-graphql';
import { answer, invariant, type UserError } from '../../../src/errors.js';
import { demandPageSize, PageInfo, toPage } from '../../../src/graph/page.graph.js';
import { DateTimeScalar } from '../../../src/graph/scalars.js';
import { UserErrorObject } from '../../../src/graph/user-error.graph.js';
import { Request } from '../../../src/server/request.js';
import { Customer } from '../behaviour/payment-behaviour.resolver.js';
import { acknowledgeAlert } from './acknowledge-alert.js';
import { AlertDirectionEnum, AlertMetricEnum } from './alert-metric.graph.js';
import type { AlertDirection, AlertMetric } from './alert-metric.js';
import { AlertRule, toAlertRule } from './alert-rule.resolver.js';
import { readAlertRules } from './read-alert-rules.js';
import { alertCursor, countAlerts, listAlerts, readAlerts, type AlertListing, type AlertRecord } from './read-alerts.js';
import { receiveAlerts } from './receive-alerts.js';

@ObjectType({ description: 'A move of a figure of one of your customers that one of your rules asked for.' })
export class Alert {
  @Field(() => ID, { description: 'Opaque.' })
  id!: string;

  @Field(() => AlertMetricEnum, { description: 'The figure that moved.' })
  metric!: AlertMetric;

  @Field(() => AlertDirectionEnum, { description: 'Which way it moved: UP or DOWN.' })
  direction!: AlertDirection;

  @Field(() => String, { nullable: true, description: 'What it was: the figure that the delta was counted from, or, when only the threshold was crossed, the one just before the move. Written as the metric says.' })
  before!: string | null;

  @Field(() => String, { description: 'What it was then. It may have moved on since.' })
  after!: string;

  @Field(() => DateTimeScalar, { description: 'When it was raised, in business time.' })
  raisedAt!: string | Date;

  @Field(() => DateTimeScalar, { nullable: true, description: 'When somebody of your firm first acknowledged it; null before.' })
  acknowledgedAt!: string | Date | null;

  @Field(() => ID, { nullable: true, description: 'Who did: the id of a User of your firm; for an API key, the one who made it. Null before, and when nobody is known.' })
  acknowledgedBy!: string | null;

  ruleId!: string;
  customerId!: string;
}

@ObjectType({ description: 'A page of alerts, the newest first.' })
class AlertConnection {
  @Field(() => [Alert], { description: 'The alerts.' })
  nodes!: readonly Alert[];

  @Field(() => PageInfo, { description: 'Where the page begins and ends.' })
  pageInfo!: PageInfo;

  /** What was asked for, to count it when the total is. */
  listing!: AlertListing;
}

@ArgsType()
class AlertsArgs {
  @Field(() => Int, { nullable: true, defaultValue: 50, description: 'How many, at most 100.' })
  first!: number | null;

  @Field(() => String, { nullable: true, description: 'The endCursor of the page before.' })
  after?: string | null;

  @Field(() => Boolean, { nullable: true, description: 'True: only those that somebody acknowledged. False: only the others. All of them when left out.' })
  acknowledged?: boolean | null;
}

@InputType({ description: 'Which alert.' })
class AlertAcknowledgeInput {
  @Field(() => ID, { description: 'The alert.' })
  id!: string;
}

@ObjectType({ description: 'The alert after the change, or why there was none.' })
class AlertPayload {
  @Field(() => Alert, { nullable: true, description: 'The alert; null when refused.' })
  alert!: AlertRecord | null;

  @Field(() => [UserErrorObject], { description: 'Why it was refused; empty when it was done.' })
  userErrors!: readonly UserError[];
}

@Resolver(() => Alert)
export class AlertResolver {
  @Query(() => AlertConnection, { description: 'The alerts of your firm, the newest first. Needs the scope ledger:read.' })
  async alerts(@Args(() => AlertsArgs) { first, after, acknowledged }: AlertsArgs, @Ctx() request: Request): Promise<AlertConnection> {
    request.demand('ledger:read');
    const size = demandPageSize(first ?? 50);
    const listing: AlertListing = { acknowledged: acknowledged ?? null };
    const { nodes, pageInfo } = toPage(await listAlerts(request, listing, size, after ?? undefined), size, after ?? undefined, alertCursor);
    return { nodes, pageInfo, listing };
  }

  @Mutation(() => AlertPayload, { description: 'Notes that somebody of your firm has seen to an alert. The same again changes nothing: the first one stays. Needs the scope ledger:write.' })
  alertAcknowledge(@Arg('input', () => AlertAcknowledgeInput, { description: 'Which alert.' }) input: AlertAcknowledgeInput, @Ctx() request: Request): Promise<AlertPayload> {
    const asker = request.demand('ledger:write');
    return answer<Pick<AlertPayload, 'alert'>>({ alert: null }, async () => {
      await acknowledgeAlert(request.db, asker, input.id, request.room.clock);
      request.forget();
      return { alert: await request.batch(readAlerts, input.id) };
    });
  }

  @Subscription(() => Alert, {
    description: 'The alerts of your firm as they are raised, by whatever process, each once and in order. After a break, ask again with `after`, or read `alerts`: what was missed is there. NOT_FOUND when `after` is malformed, unknown or not yours. Needs the scope ledger:read.',
    subscribe: ({ args, context }: { args: { readonly after?: string | null }; context: Request }) => receiveAlerts(context.room, context.demand('ledger:read').firmId, args.after ?? undefined),
  })
  alertRaised(@Arg('after', () => ID, { nullable: true, description: 'The id of the last alert that you have: first come those that were raised after it. Null: only what is new.' }) _after: string | undefined, @Root() alert: AlertRecord): Alert {
    return alert;
  }

  @FieldResolver(() => AlertRule, { description: 'The rule that asked for it, also when it was deleted since.' })
  async rule(@Root() { ruleId }: Alert, @Ctx() request: Request): Promise<AlertRule> {
    const record = await request.batch(readAlertRules, ruleId);
    invariant(record, 'an alert has a rule');
    return toAlertRule(record);
  }

  @FieldResolver(() => Customer, { description: 'Whose figure moved.' })
  customer(@Root() { customerId }: Alert): Customer {
    return { id: customerId };
  }
}

@Resolver(() => AlertConnection)
export class AlertConnectionResolver {
  @FieldResolver(() => Int, { description: 'How many there are in the whole list; 10,001 stands for more than 10,000.' })
  totalCount(@Root() { listing }: AlertConnection, @Ctx() request: Request): Promise<number> {
    return countAlerts(request, listing);
  }
}
