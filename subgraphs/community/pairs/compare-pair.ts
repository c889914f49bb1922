import type { EntityManager } from '@mikro-orm/postgresql';
import { sql, type RawBuilder } from 'kysely';
import { notFound, Refusal } from '../../../src/errors.js';
import { METRICS, type Metric } from '../../../src/values/metric.js';
import type { Room } from '../../../src/server/room.js';
import { POLICY } from '../benchmark/policy.js';
import type { Position } from '../../../src/values/position.js';
import { figureOf } from '../membership/contribution.table.js';
import { comparedQuarter, compareFigures, turned, type ComparedQuarter } from './comparison.js';

/** How the asker's firm lies against its peer in one metric. */
export interface Comparison {
  readonly metric: Metric;
  readonly yours: Position;
  readonly period: ComparedQuarter;
}

interface Side {
  readonly side: 0 | 1;
  readonly subject: string;
  readonly lasts: boolean;
  readonly sharing: readonly Metric[];
}

interface PairOfFigures {
  readonly metric: Metric;
  readonly quarter: string;
  readonly figures: readonly [number, number];
}

interface Asked {
  readonly metric: Metric;
  readonly period: ComparedQuarter;
}

/**
 * Agrees to compare these metrics with a peer, no others, and says how the firm lies against it in those that the peer
 * agreed to as well. What is compared is computed once for a metric and a quarter, and stays. Again it changes nothing.
 *
 * Claim: what the peer lacks (it did not agree, is not admitted, told no figure, has withdrawn) is one silence, reached by
 * the same statements. What is refused follows from the firm's own facts alone.
 * Why: an error, or another path, would tell what the other firm did.
 */
export async function comparePair(room: Room, firmId: string, peeringId: string, metrics: readonly Metric[]): Promise<readonly Comparison[]> {
  const today = room.clock.today();
  const now = room.clock.now().round('millisecond').toString();
  const asked = METRICS.filter((metric) => metrics.includes(metric)).map((metric) => ({ metric, period: comparedQuarter(metric, today, POLICY) }));
  return room.db.asSystem().transaction(async (em) => {
    const { side, subject, lasts } = await demandSide(em, firmId, peeringId, asked);
    await noteAsked(em, firmId, peeringId, asked, now);
    const standing = standingAsks(peeringId, subject, lasts ? asked : [], today, now);
    await freezeFigures(em, subject, standing);
    const pairs = await readPairs(em, peeringId, subject, standing);
    await keepOutcomes(em, peeringId, pairs);
    return readOutcomes(em, peeringId, side, pairs, asked);
  });
}

/**
 * The firm's side of a match. The match is held until the end, and with it all comparisons about the customer: of any that
 * ask at once, the later one sees the earlier.
 */
async function demandSide(em: EntityManager, firmId: string, peeringId: string, asked: readonly Asked[]): Promise<Side> {
  const { rows } = await sql<Side>`
    select s.side, p.subject, coalesce(m.metrics, '{}') as sharing,
      p.ended_at is null and not exists (select from community.conversation c where c.peering_id = p.peering_id and c.closed_at is not null) as lasts
    from community.peering p join community.peering_side s on s.peering_id = p.peering_id and s.firm_id = ${firmId}
    left join community.membership m on m.firm_id = s.firm_id
    where p.peering_id = ${peeringId} for no key update of p
  `.execute(em.getKysely<unknown>());
  const side = rows[0];
  if (!side) throw notFound(['input', 'peerId']);
  await sql`select pg_advisory_xact_lock(hashtextextended(${`pairs ${side.subject}`}, 0))`.execute(em.getKysely<unknown>());
  if (asked.some(({ metric }) => !side.sharing.includes(metric))) throw new Refusal('NOT_ALLOWED', 'Only what your firm shares with the community can be compared.', ['input', 'metrics']);
  return side;
}

/** What was asked for before, and is not any more, is taken back. */
async function noteAsked(em: EntityManager, firmId: string, peeringId: string, asked: readonly Asked[], now: string): Promise<void> {
  const metrics = asked.map(({ metric }) => metric);
  const db = em.getKysely<unknown>();
  await sql`delete from community.pair_ask where firm_id = ${firmId} and peering_id = ${peeringId} and metric <> all(${metrics}::text[])`.execute(db);
  await sql`
    insert into community.pair_ask (firm_id, peering_id, metric, asked_at) select ${firmId}, ${peeringId}, metric, ${now} from unnest(${metrics}::text[]) as asked (metric)
    on conflict (firm_id, peering_id, metric) do update set asked_at = excluded.asked_at
  `.execute(db);
}

/**
 * Of either side, the asks that count now, with the quarter they are about: its firm is admitted, shares the metric and the
 * customer, and the mark under which it asked still lives.
 */
function standingAsks(peeringId: string, subject: string, asked: readonly Asked[], today: Temporal.PlainDate, now: string): RawBuilder<unknown> {
  const compared = JSON.stringify(asked.map(({ metric, period }) => ({ metric, quarter: period.quarter, month: period.month })));
  return sql`
    select ask.firm_id, ask.metric, compared.quarter, compared.month
    from jsonb_to_recordset(${compared}::jsonb) as compared (metric text, quarter text, month text)
    join community.pair_ask ask on ask.peering_id = ${peeringId} and ask.metric = compared.metric
    join community.membership m on m.firm_id = ask.firm_id and m.verified and m.joined_at is not null and ask.metric = any(m.metrics)
      and (m.joined_at at time zone 'UTC')::date + ${POLICY.tenureDays}::int <= ${String(today)}::date
    where exists (
        select from community.peer_mark mark
        where mark.subject = ${subject} and mark.firm_id = ask.firm_id and mark.ends_at > ${now} and mark.marked_at <= ask.asked_at
      )
      and not exists (
        select from community.sharing_exclusion kept_out join community.customer_key k on k.firm_id = kept_out.firm_id and k.customer_id = kept_out.customer_id
        where kept_out.firm_id = ask.firm_id and k.subject = ${subject}
      )
  `;
}

/** Takes each side's figure of the quarter as it is now, unless it was taken before. */
async function freezeFigures(em: EntityManager, subject: string, standing: RawBuilder<unknown>): Promise<void> {
  await sql`
    insert into community.pair_figure (subject, metric, quarter, firm_id, figure)
    select told.subject, standing.metric, standing.quarter, told.firm_id, ${figureOf(sql`standing.metric`, 'told')}
    from (${standing}) standing
    join community.contribution told on told.subject = ${subject} and told.firm_id = standing.firm_id and told.month = standing.month
    where told.evidenced and ${figureOf(sql`standing.metric`, 'told')} is not null
    on conflict (subject, metric, quarter, firm_id) do nothing
  `.execute(em.getKysely<unknown>());
}

/**
 * The frozen figures of both sides, where both have one, in the order of the sides. A firm that is compared already with
 * one of a group is compared with no other of it: linked firms would be as many thresholds.
 */
async function readPairs(em: EntityManager, peeringId: string, subject: string, standing: RawBuilder<unknown>): Promise<readonly PairOfFigures[]> {
  const { rows } = await sql<{ metric: Metric; quarter: string; figures: [number, number] }>`
    select standing.metric, standing.quarter, array_agg(frozen.figure order by s.side) as figures
    from (${standing}) standing
    join community.peering_side s on s.peering_id = ${peeringId} and s.firm_id = standing.firm_id
    join community.pair_figure frozen on frozen.subject = ${subject} and frozen.metric = standing.metric and frozen.quarter = standing.quarter and frozen.firm_id = standing.firm_id
    where not exists (
      select from community.pair_outcome before
      join community.peering p on p.peering_id = before.peering_id and p.subject = ${subject}
      join community.peering_side other on other.peering_id = ${peeringId} and other.side <> s.side and other.firm_id in (p.firm_0, p.firm_1)
      join community.firm_group linked on linked.firm_id in (p.firm_0, p.firm_1) and linked.firm_id not in (s.firm_id, other.firm_id)
      join community.firm_group own on own.firm_id = s.firm_id and own.group_mark = linked.group_mark
      where before.metric = standing.metric and before.quarter = standing.quarter
    )
    group by standing.metric, standing.quarter having count(*) = 2
  `.execute(em.getKysely<unknown>());
  return rows;
}

async function keepOutcomes(em: EntityManager, peeringId: string, pairs: readonly PairOfFigures[]): Promise<void> {
  const outcomes = pairs.map(({ metric, quarter, figures: [first, second] }) => ({ metric, quarter, side_0: compareFigures(metric, first, second, POLICY) }));
  await sql`
    insert into community.pair_outcome (peering_id, metric, quarter, side_0, policy_version)
    select ${peeringId}, metric, quarter, side_0, ${POLICY.version}::int
    from jsonb_to_recordset(${JSON.stringify(outcomes)}::jsonb) as made (metric text, quarter text, side_0 text)
    on conflict (peering_id, metric, quarter) do nothing
  `.execute(em.getKysely<unknown>());
}

async function readOutcomes(em: EntityManager, peeringId: string, side: 0 | 1, pairs: readonly PairOfFigures[], asked: readonly Asked[]): Promise<readonly Comparison[]> {
  const compared = JSON.stringify(pairs.map(({ metric, quarter }) => ({ metric, quarter })));
  const { rows } = await sql<{ metric: Metric; side_0: Position }>`
    select outcome.metric, outcome.side_0
    from jsonb_to_recordset(${compared}::jsonb) as compared (metric text, quarter text)
    join community.pair_outcome outcome on outcome.peering_id = ${peeringId} and outcome.metric = compared.metric and outcome.quarter = compared.quarter
  `.execute(em.getKysely<unknown>());
  const kept = new Map(rows.map((row) => [row.metric, row.side_0]));
  return asked.flatMap(({ metric, period }) => {
    const first = kept.get(metric);
    return first === undefined ? [] : { metric, yours: side === 0 ? first : turned(first), period };
  });
}
