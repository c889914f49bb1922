import { buildSchema, getNamedType, isCompositeType, isObjectType, printSchema, type GraphQLField, type GraphQLNamedType, type GraphQLSchema } from 'graphql';
import { METRICS, type Metric } from '../../src/values/metric.js';
import type { FirmVisitor } from '../../test/house.js';
import { achieved, never, type Achieved, type DoorAttack } from './door-attack.js';
import { dataOf, publicDoor, type Door } from './door.js';
import { nakedBenchmarks } from './naive-doors.js';
import { askSchema } from './schema.js';
import type { DoorWorld } from './world.js';

/**
 * A16. Every argument is a lever. Eve reads the schema for each field that leads to a benchmark and lists its arguments and
 * those of the fields inside; then she asks for one benchmark under sixty names at once, in pages of one and of a hundred,
 * forwards, filtered and sorted, as the last point of its history; and the summary of all of them beside the sum of each.
 * Pass: the arguments are exactly those listed here, and each way gives the same answer.
 */
export const exactArguments: DoorAttack = {
  id: 'A16',
  title: 'any further argument, alias, paging',
  passLine: 'exactly these arguments',
  passes: never,
  run: async (world) => {
    const schema = await askSchema(world, publicDoor);
    const careless = buildSchema(printSchema(schema).replace('benchmark(metric: BenchmarkMetric!', 'benchmark(sector: String, metric: BenchmarkMetric!'));
    const naked = nakedBenchmarks(world);
    // Computed when asked: the next answer may be another.
    let asked = 0;
    const drifting: Door = async (who, query, variables) => (await naked(who, query, variables)).replaceAll(/"value":[\d.]+/g, () => `"value":${(asked += 1)}`);
    return { product: add(readArguments(schema), await askManyWays(world, publicDoor)), control: add(readArguments(careless), await askManyWays(world, drifting)) };
  },
};

/** Every field whose answer is made of what several firms told, and the arguments it takes. Nothing else may be asked of it. */
const ARGUMENTS: Readonly<Record<string, readonly string[]>> = {
  'Customer.benchmark': ['metric', 'epoch'],
  // How far back, in epochs; and of the whole portfolio, how many of her own customers to list.
  'Customer.benchmarkHistory': ['metric', 'epochs'],
  'Query.benchmarkSummary': ['metric'],
  'BenchmarkSummary.largestGaps': ['first'],
  'BenchmarkSummary.hiddenSlowPayers': ['first'],
  'Query.community': [],
  'Subscription.benchmarksPublished': [],
  'Mutation.sandboxEpochsClose': [],
};

/** Types that hold what several firms told. */
const SHARED = /^Benchmark|^PairComparison$/;

function readArguments(schema: GraphQLSchema): Found {
  const found = Object.values(schema.getTypeMap()).filter((type) => isObjectType(type) && !type.name.startsWith('__')).flatMap((type) =>
    Object.values(isObjectType(type) ? type.getFields() : {}).flatMap((field) => (leadsToShared(field) || (SHARED.test(type.name) && field.args.length > 0) ? [{ path: `${type.name}.${field.name}`, given: field.args.map(({ name }) => name) }] : [])));
  const wrong = found.filter(({ path, given }) => (ARGUMENTS[path] ?? (isPayload(path) ? [] : ['nothing of the kind'])).toSorted().join() !== given.toSorted().join());
  return { trials: found.length, wrong: wrong.length, said: wrong.length === 0 ? `${found.length} fields take what they should` : `unexpected: ${wrong.map(({ path, given }) => `${path}(${given.join(', ')})`).join(', ')}` };
}

/** A field of an answer that passes on what its operation was asked for. */
function isPayload(path: string): boolean {
  return /^(Benchmark\w*|CommunityStanding|\w+Payload)\./.test(path);
}

function leadsToShared(field: GraphQLField<unknown, unknown>): boolean {
  const named: GraphQLNamedType = getNamedType(field.type);
  return isCompositeType(named) && SHARED.test(named.name);
}

async function askManyWays({ eve, circles }: DoorWorld, door: Door): Promise<Found> {
  const id = circles.six.ids.get(eve)!;
  const shown = `__typename ... on BenchmarkFigure { value own position direction contributors } ... on BenchmarkBand { from to own position }`;
  const answers: string[][] = [];
  for (const metric of METRICS) {
    const ofMetric: unknown[] = [];
    const aliases = Array.from({ length: 30 }, (_, place) => `a${place}: customer(id: "${id}") { id benchmark(metric: ${metric}) { ${shown} } }`).join(' ');
    ofMetric.push(...Object.values(await dataOf<Record<string, unknown>>(door(eve, `{ ${aliases} }`))));
    for (const page of ['first: 100', 'first: 100, orderBy: OUTSTANDING_DESC', 'first: 100, orderBy: OVERDUE_DESC', 'first: 100, where: { search: "Garage" }']) {
      const { customers } = await dataOf<{ customers: { nodes: { id: string }[] } }>(door(eve, `{ customers(${page}) { nodes { id benchmark(metric: ${metric}) { ${shown} } } } }`));
      ofMetric.push(...customers.nodes.filter((node) => node.id === id));
    }
    const { customer } = await dataOf<{ customer: { benchmarkHistory: { result: object }[] } }>(door(eve, `query ($id: ID!) { customer(id: $id) { benchmarkHistory(metric: ${metric}, epochs: 1) { result { ${shown} } } } }`, { id }));
    ofMetric.push(...customer.benchmarkHistory.map(({ result }) => ({ id, benchmark: result })));
    answers.push(ofMetric.map((answer) => JSON.stringify(answer)), await askForAll(eve, door, metric));
  }
  const different = answers.reduce((sum, ofMetric) => sum + new Set(ofMetric).size - 1, 0);
  return { trials: answers.flat().length, wrong: different, said: `${different} of ${answers.flat().length} ways differ` };
}

interface Found {
  readonly trials: number;
  readonly wrong: number;
  readonly said: string;
}

/** How many of her customers are paid later, alike and sooner: from the summary, and from each by itself. */
async function askForAll(eve: FirmVisitor, door: Door, metric: Metric): Promise<string[]> {
  type Node = { registration: { value: string } | null; benchmark: { position?: string | null } };
  const places = new Map<string, string>();
  for (let after: string | null = null; ; ) {
    const { customers }: { customers: { nodes: Node[]; pageInfo: { hasNextPage: boolean; endCursor: string } } } = await dataOf(door(eve, `query ($after: String) { customers(first: 100, after: $after) { nodes { id registration { value } benchmark(metric: ${metric}) { ... on BenchmarkFigure { position } ... on BenchmarkBand { position } } } pageInfo { hasNextPage endCursor } } }`, { after }));
    // Several accounts of one legal unit count once.
    for (const { registration, benchmark } of customers.nodes) if (registration && benchmark.position != null) places.set(registration.value, benchmark.position);
    after = customers.pageInfo.endCursor;
    if (!customers.pageInfo.hasNextPage) break;
  }
  const count = (position: string): number => [...places.values()].filter((each) => each === position).length;
  const { benchmarkSummary } = await dataOf<{ benchmarkSummary: object }>(door(eve, `{ benchmarkSummary(metric: ${metric}) { customerCount paidLater paidSimilar paidSooner } }`));
  return [JSON.stringify({ customerCount: places.size, paidLater: count('ABOVE'), paidSimilar: count('SIMILAR'), paidSooner: count('BELOW') }), JSON.stringify(benchmarkSummary)];
}

function add(one: Found, other: Found): Achieved {
  return achieved(one.trials + other.trials, one.wrong + other.wrong, `${one.said}; ${other.said}`);
}
