import { METRICS, type Metric } from '../../src/values/metric.js';
import type { Trend } from '../../src/values/trend.js';
import type { Cell } from '../../subgraphs/community/benchmark/cell.js';
import { POLICY } from '../../subgraphs/community/benchmark/policy.js';
import { positionOf } from '../../subgraphs/community/benchmark/position.js';
import type { FirmVisitor } from '../../test/house.js';
import { achieved, never, type Achieved, type DoorAttack } from './door-attack.js';
import { dataOf, publicDoor, type Door } from './door.js';
import { nakedBenchmarks } from './naive-doors.js';
import type { Circle, DoorWorld } from './world.js';

/**
 * A12. Eleven members are in league. While all of them ask at once, again and again, each changes its own books from low to
 * high to find where a shown figure tips.
 * Pass: every answer is what the attacker would have worked out from the published cell and its own figure of that epoch;
 * so there is nothing to find that they were not told.
 */
export const probingThresholds: DoorAttack = {
  id: 'A12',
  title: 'many firms probing thresholds at once',
  passLine: 'answer = f(published, own)',
  passes: never,
  run: async (world, { fast }) => {
    const rounds = fast ? 2 : 40;
    return { product: await probe(world, publicDoor, rounds), control: await probe(world, nakedBenchmarks(world), fast ? 1 : rounds) };
  },
};

interface Probe {
  readonly firm: FirmVisitor;
  readonly circle: Circle;
  readonly metric: Metric;
}

const QUERY = `query ($id: ID!, $metric: BenchmarkMetric!) { customer(id: $id) { id benchmark(metric: $metric) { __typename
  ... on BenchmarkBand { contributors from to direction own position }
  ... on BenchmarkFigure { contributors value roundedTo direction lowerQuartile upperQuartile own position } } } }`;

async function probe(world: DoorWorld, door: Door, rounds: number): Promise<Achieved> {
  const { four, six, eleven } = world.circles;
  const probes = [four, six, eleven].flatMap((circle) => [...circle.ids.keys()].flatMap((firm) => METRICS.map((metric): Probe => ({ firm, circle, metric }))));
  const expected = await Promise.all(probes.map((each) => worked(world, each)));
  let surprises = 0;
  for (let round = 0; round < rounds; round += 1) {
    // Each says of the month that is open now what it likes; nothing of it is published.
    const telling = [...eleven.ids.keys()].map((firm, place) => dither(world, firm, eleven, round * 10 + place));
    const answers = await Promise.all(probes.map(async (each) => ask(door, each)));
    await Promise.all(telling);
    surprises += answers.filter((answer, place) => answer !== expected[place]).length;
  }
  return achieved(probes.length * rounds, surprises, `${surprises} answers say more than the published cell and the asker's own figure`);
}

async function ask(door: Door, { firm, circle, metric }: Probe): Promise<string> {
  const { customer } = await dataOf<{ customer: { benchmark: object } }>(door(firm, QUERY, { id: circle.ids.get(firm)!, metric }));
  return JSON.stringify(sorted(customer.benchmark));
}

interface CellRow {
  readonly tier: 'T1' | 'T2' | 'T3';
  readonly band_from: number;
  readonly band_to: number;
  readonly value: number;
  readonly rounded_to: number;
  readonly direction: Trend | null;
  readonly lower_quartile: number | null;
  readonly upper_quartile: number | null;
  readonly own: number | null;
}

const CONTRIBUTORS = { T1: 'THREE_TO_FOUR', T2: 'FIVE_TO_NINE', T3: 'TEN_OR_MORE' } as const;

/** What the published row and the firm's own figure of that epoch amount to: nothing else goes in. */
async function worked({ network }: DoorWorld, { firm, circle, metric }: Probe): Promise<string> {
  const { rows } = await network.owner.query<CellRow>(
    `select cell.tier, band_from, band_to, value, rounded_to, direction, lower_quartile, upper_quartile, own.figures[array_position(own.firm_ids, key.firm_id)] as own
     from community.cell as cell join community.epoch as epoch on epoch.id = cell.epoch_id
     join community.customer_key as key on key.subject = cell.subject and key.customer_id = $1
     left join community.intake as own on own.subject = cell.subject and own.metric = cell.metric and own.epoch_id = cell.epoch_id
     where cell.metric = $2 and epoch.period_end = (select max(period_end) from community.epoch as latest where latest.family = epoch.family)`,
    [circle.ids.get(firm)!, metric],
  );
  const row = rows[0];
  if (!row) return JSON.stringify({ __typename: 'BenchmarkUnavailable' });
  const { tier, direction, own, lower_quartile: lowerQuartile, upper_quartile: upperQuartile } = row;
  const cell: Cell = tier === 'T1' ? { tier, direction, from: row.band_from, to: row.band_to } : { tier, direction, value: row.value, roundedTo: row.rounded_to, lowerQuartile, upperQuartile };
  const { tier: _tier, ...shown } = cell;
  return JSON.stringify(sorted({
    __typename: tier === 'T1' ? 'BenchmarkBand' : 'BenchmarkFigure', contributors: CONTRIBUTORS[tier], ...shown, own, position: own === null ? null : positionOf(metric, cell, own, POLICY),
  }));
}

async function dither({ network }: DoorWorld, firm: FirmVisitor, circle: Circle, days: number): Promise<void> {
  const { rows } = await network.owner.query<{ subject: string }>('select subject from community.customer_key where customer_id = $1', [circle.ids.get(firm)!]);
  await network.tell(firm, rows[0]!.subject, '2026-09', { DSO: days, DAYS_BEYOND_TERMS: days, LATE_SHARE: (days % 100) / 100, PAYMENT_TERMS: days }, { revision: 1000 + days });
}

function sorted(object: object): object {
  return Object.fromEntries(Object.entries(object).toSorted(([one], [other]) => (one < other ? -1 : 1)));
}
