import type { EntityManager } from '@mikro-orm/postgresql';
import { sql } from 'kysely';
import { afterCommit } from '../../../src/database/room-database.js';
import { queueWebhooks } from '../webhooks/queue-webhooks.js';
import type { AlertMetric, MoveDirection } from './alert-metric.js';
import { decideAlert, startStanding, type RuleStanding, type RuleTerms } from './decide-alert.js';
import type { Measured } from './measured.js';
import { parseParts, printMeasure, printParts, toMeasure } from './measure.js';

/** Moves that are decided on at a time: with every rule of a firm about all of them, that stays a few megabytes. */
const MOVES_A_TIME = 2000;

/** The topic of the hints that a firm has new alerts. */
export function alertTopic(firmId: string): string {
  return `alerts:${firmId}`;
}

/**
 * Raises the alerts that new figures of customers make, in the caller's transaction. It remembers the figures itself: those
 * that are what they were are no move, however often and from however many processes they are told. Whoever tells of the same
 * customer at once waits here for the other's commit.
 */
export async function raiseAlerts(em: EntityManager, firmId: string, measured: readonly Measured[], at: Temporal.Instant): Promise<void> {
  const moves = await keepMeasures(em, measured);
  if (moves.length === 0) return;
  // Read after the figures were kept: a rule that is made from here on starts from them, or from what follows.
  const rules = await readRules(em, [...new Set(moves.map(({ metric }) => metric))]);
  if (rules.length === 0) return;
  let raised = 0;
  for (let start = 0; start < moves.length; start += MOVES_A_TIME) raised += await decideMoves(em, rules, moves.slice(start, start + MOVES_A_TIME), at);
  if (raised > 0) afterCommit(em, (hints) => hints.publish(alertTopic(firmId)));
}

/** A figure that is another than it was. */
interface Move {
  readonly customerId: string;
  readonly metric: AlertMetric;
  readonly before: string;
  readonly after: string;
}

/**
 * Keeps the figures, and returns those that have moved. The rows of all customers are locked, in the order of their ids, also
 * of those that have not moved.
 */
async function keepMeasures(em: EntityManager, measured: readonly Measured[]): Promise<readonly Move[]> {
  const told = [...new Map(measured.map(({ customerId, values }) => [customerId, textsOf(values)]))].filter(([, measures]) => Object.keys(measures).length > 0);
  if (told.length === 0) return [];
  const { rows } = await sql<{ customerId: string; before: Readonly<Record<string, string>> | null; after: Readonly<Record<string, string>> }>`
    insert into scoring.alert_measure as kept (customer_id, measures)
    select told.customer_id, told.measures from jsonb_to_recordset(${JSON.stringify(told.map(([customerId, measures]) => ({ customer_id: customerId, measures })))}::jsonb) as told (customer_id uuid, measures jsonb)
    order by told.customer_id
    on conflict (firm_id, customer_id) do update set measures = kept.measures || excluded.measures
    where kept.measures is distinct from kept.measures || excluded.measures
    returning kept.customer_id as "customerId", old.measures as before, new.measures as after
  `.execute(em.getKysely<unknown>());
  return rows.flatMap(({ customerId, before, after }) =>
    (Object.entries(after) as [AlertMetric, string][]).flatMap(([metric, text]) => {
      const earlier = before?.[metric];
      return earlier === undefined || earlier === text ? [] : [{ customerId, metric, before: earlier, after: text }];
    }),
  );
}

function textsOf(values: Measured['values']): Readonly<Record<string, string>> {
  const known = (Object.entries(values) as [AlertMetric, number | string | null][]).flatMap(([metric, value]) => (value === null ? [] : [[metric, printMeasure(metric, toMeasure(metric, value))] as const]));
  return Object.fromEntries(known);
}

interface StandingRule extends RuleTerms {
  readonly id: string;
  readonly customerId: string | null;
}

async function readRules(em: EntityManager, metrics: readonly AlertMetric[]): Promise<readonly StandingRule[]> {
  const { rows } = await sql<StandingRule>`
    select id, metric, direction, delta, threshold, customer_id as "customerId" from scoring.alert_rule
    where deleted_at is null and metric = any(${[...metrics]}::text[]) order by id
  `.execute(em.getKysely<unknown>());
  return rows;
}

interface RaisedAlert {
  readonly rule_id: string;
  readonly customer_id: string;
  readonly metric: AlertMetric;
  readonly direction: MoveDirection;
  readonly value_before: string;
  readonly value_after: string;
}

interface KeptStanding {
  readonly rule_id: string;
  readonly customer_id: string;
  readonly reference: string | null;
  readonly up_at: string | null;
  readonly down_at: string | null;
}

/** Holds every rule against every move it is about, keeps where it stands then, and returns how many alerts that made. */
async function decideMoves(em: EntityManager, rules: readonly StandingRule[], moves: readonly Move[], at: Temporal.Instant): Promise<number> {
  const known = await readStandings(em, rules, moves);
  const raised: RaisedAlert[] = [];
  const kept: KeptStanding[] = [];
  for (const move of moves) {
    const before = toMeasure(move.metric, move.before);
    const after = toMeasure(move.metric, move.after);
    for (const rule of rules) {
      if (rule.metric !== move.metric || (rule.customerId !== null && rule.customerId !== move.customerId)) continue;
      const stored = known.get(`${rule.id} ${move.customerId}`);
      // Amounts in another currency are no move: the rule begins anew from them.
      const isComparable = before.currency === after.currency;
      const standing = isComparable ? (stored ?? startStanding(rule, before.parts)) : startStanding(rule, after.parts);
      const decision = isComparable ? decideAlert(rule, standing, before.parts, after.parts) : { standing, alert: null };
      const { alert } = decision;
      if (alert) {
        const { direction } = alert;
        raised.push({ rule_id: rule.id, customer_id: move.customerId, metric: rule.metric, direction, value_before: printMeasure(rule.metric, { ...before, parts: alert.before }), value_after: move.after });
      }
      // Without a row a rule stands as at the last figure.
      if (!isSame(decision.standing, stored ?? startStanding(rule, after.parts))) kept.push({ rule_id: rule.id, customer_id: move.customerId, ...printed(decision.standing) });
    }
  }
  await keepStandings(em, kept);
  await keepAlerts(em, raised, at);
  return raised.length;
}

async function readStandings(em: EntityManager, rules: readonly StandingRule[], moves: readonly Move[]): Promise<ReadonlyMap<string, RuleStanding>> {
  const { rows } = await sql<KeptStanding>`
    select rule_id, customer_id, reference::text as reference, up_at::text as up_at, down_at::text as down_at from scoring.alert_standing
    where rule_id = any(${rules.map(({ id }) => id)}::uuid[]) and customer_id = any(${[...new Set(moves.map(({ customerId }) => customerId))]}::uuid[])
  `.execute(em.getKysely<unknown>());
  const read = (text: string | null): bigint | null => (text === null ? null : parseParts(text));
  return new Map(rows.map((row) => [`${row.rule_id} ${row.customer_id}`, { reference: read(row.reference), upAt: read(row.up_at), downAt: read(row.down_at) }]));
}

function printed({ reference, upAt, downAt }: RuleStanding): Pick<KeptStanding, 'reference' | 'up_at' | 'down_at'> {
  const print = (parts: bigint | null): string | null => (parts === null ? null : printParts(parts));
  return { reference: print(reference), up_at: print(upAt), down_at: print(downAt) };
}

function isSame(left: RuleStanding, right: RuleStanding): boolean {
  return left.reference === right.reference && left.upAt === right.upAt && left.downAt === right.downAt;
}

async function keepStandings(em: EntityManager, kept: readonly KeptStanding[]): Promise<void> {
  if (kept.length === 0) return;
  await sql`
    insert into scoring.alert_standing (rule_id, customer_id, reference, up_at, down_at)
    select rule_id, customer_id, reference, up_at, down_at
    from jsonb_to_recordset(${JSON.stringify(kept)}::jsonb) as kept (rule_id uuid, customer_id uuid, reference numeric, up_at numeric, down_at numeric)
    on conflict (firm_id, rule_id, customer_id) do update set reference = excluded.reference, up_at = excluded.up_at, down_at = excluded.down_at
  `.execute(em.getKysely<unknown>());
}

/** Numbers them behind the firm's last one, which nobody else can do until this has committed, and tells the firm's own programs. */
async function keepAlerts(em: EntityManager, raised: readonly RaisedAlert[], at: Temporal.Instant): Promise<void> {
  if (raised.length === 0) return;
  const placed = raised.map((alert, index) => ({ ...alert, place: index + 1 - raised.length }));
  const { rows } = await sql<Record<string, string>>`
    with book as (
      insert into scoring.alert_book (last_number) values (${raised.length}::bigint)
      on conflict (firm_id) do update set last_number = alert_book.last_number + excluded.last_number
      returning last_number
    )
    insert into scoring.alert (number, rule_id, customer_id, metric, direction, value_before, value_after, raised_at)
    select book.last_number + raised.place, raised.rule_id, raised.customer_id, raised.metric, raised.direction, raised.value_before, raised.value_after, ${at.toString()}::timestamptz
    from book cross join jsonb_to_recordset(${JSON.stringify(placed)}::jsonb)
      as raised (place int, rule_id uuid, customer_id uuid, metric text, direction text, value_before text, value_after text)
    returning id as "alertId", rule_id as "ruleId", customer_id as "customerId", metric, direction, value_before as before, value_after as after
  `.execute(em.getKysely<unknown>());
  const raisedAt = at.toString({ smallestUnit: 'millisecond' });
  await queueWebhooks(em, rows.map((alert) => ({ type: 'alert.raised', data: { ...alert, raisedAt } })));
}
