import { METRICS } from '../../src/values/metric.js';
import { achieved, never, type Achieved, type DoorAttack } from './door-attack.js';
import { publicDoor, type Door } from './door.js';
import { nakedBenchmarks } from './naive-doors.js';
import type { DoorWorld } from './world.js';

/**
 * A19. Eve has three customers about which her own books say the same; nobody, one and two other members have them too.
 * She asks everything there is to ask about each, and looks for one byte that differs.
 * Pass: none does, once her own names for the three are taken out.
 */
export const presenceInContent: DoorAttack = {
  id: 'A19',
  title: 'presence in content (0, 1, 2 others)',
  passLine: 'identical bytes',
  passes: never,
  run: async (world) => ({ product: await compare(world, publicDoor), control: await compare(world, nakedBenchmarks(world)) }),
};

const BENCHMARK = `__typename
  ... on BenchmarkBand { metric contributors from to direction own position epoch { id } }
  ... on BenchmarkFigure { metric contributors value roundedTo direction lowerQuartile upperQuartile own position epoch { id } }
  ... on BenchmarkUnavailable { metric }`;

async function compare(world: DoorWorld, door: Door): Promise<Achieved> {
  const epochs = await epochsOf(world);
  const transcripts = await Promise.all((['alone', 'couple', 'trio'] as const).map((name) => transcript(world, door, name, epochs)));
  const [first] = transcripts;
  const differing = first!.filter((_, place) => new Set(transcripts.map((each) => each[place])).size > 1).length;
  return achieved(first!.length, differing, `${differing} of ${first!.length} answers differ`);
}

async function epochsOf(world: DoorWorld): Promise<readonly string[]> {
  const { rows } = await world.network.owner.query<{ id: string }>('select id from community.epoch');
  const { ids } = world.network.house.running.rooms.community.room.keys;
  return rows.map(({ id }) => ids.encode(world.eve.firmId, 'BenchmarkEpoch', id));
}

async function transcript(world: DoorWorld, door: Door, name: 'alone' | 'couple' | 'trio', epochs: readonly string[]): Promise<readonly string[]> {
  const circle = world.circles[name];
  const id = world.evesIdOf(circle);
  const said: string[] = [];
  const say = async (query: string, variables: Readonly<Record<string, unknown>>): Promise<void> => {
    // Her own words for the customer; what is left is what the network adds.
    said.push((await door(world.eve, query, variables)).replaceAll(id, 'ID').replaceAll(circle.siren, 'SIREN').replaceAll(`"${name}"`, '"NAME"'));
  };
  for (const metric of METRICS) {
    for (const epoch of [null, ...epochs, 'x']) {
      await say(`query ($id: ID!, $metric: BenchmarkMetric!, $epoch: ID) { customer(id: $id) { id benchmark(metric: $metric, epoch: $epoch) { ${BENCHMARK} } } }`, { id, metric, epoch });
    }
    await say(`query ($ref: CustomerRef!, $metric: BenchmarkMetric!) { customerBy(ref: $ref) { id reference benchmark(metric: $metric) { ${BENCHMARK} } peers { id alias } } }`, { ref: { registration: { scheme: 'SIREN', value: circle.siren } }, metric });
  }
  for (const metric of METRICS) {
    for (const epochs of [1, 12, 36]) await say(`query ($id: ID!, $metric: BenchmarkMetric!, $epochs: Int!) { customer(id: $id) { id benchmarkHistory(metric: $metric, epochs: $epochs) { __typename epoch { id } result { __typename } } } }`, { id, metric, epochs });
  }
  await say('query ($id: ID!) { customer(id: $id) { id name peers { id alias firm { id } conversation { id } } paymentBehaviour { index } } }', { id });
  return said;
}
