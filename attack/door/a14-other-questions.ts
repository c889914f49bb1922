import { METRICS } from '../../src/values/metric.js';
import { achieved, never, type Achieved, type DoorAttack } from './door-attack.js';
import { publicDoor, withoutUuids, type Door } from './door.js';
import { countOthers, nakedBenchmarks } from './naive-doors.js';
import { sirenOf } from './siren.js';
import { addCustomer, type DoorWorld } from './world.js';

/**
 * A14. Eve asks for the benchmark of what is not her customer, or of a part or a whole that it belongs to: by a SIREN that
 * others sell to, by the SIRET of one of its sites, its VAT number, its parent, its sector, in one currency; with arguments,
 * with other fields, with customers she makes up for each site.
 * Pass: no answer holds a figure, and none differs from that for a company nobody knows.
 */
export const otherQuestions: DoorAttack = {
  id: 'A14',
  title: 'ask by SIRET, parent, sector, currency',
  passLine: 'not possible',
  passes: never,
  run: async (world) => {
    const bySirenOfOthers: Door = async (who, query, variables = {}) => {
      const text = await nakedBenchmarks(world)(who, query, variables);
      const value = (variables['ref'] as { registration?: { value?: string } } | undefined)?.registration?.value;
      const circle = value === undefined ? undefined : world.others.find(({ siren }) => value.includes(siren));
      return circle ? JSON.stringify({ data: { customerBy: { benchmark: { __typename: 'BenchmarkFigure', others: await countOthers(world, [...circle.ids.values()][0]) } } } }) : text;
    };
    return { product: await askAll(world, publicDoor), control: await askAll(world, bySirenOfOthers) };
  },
};

async function askAll(world: DoorWorld, door: Door): Promise<Achieved> {
  const known = world.others[0]!.siren;
  const nobodys = sirenOf(9_000_001);
  const pairs = await Promise.all([...questionsBySiren(), ...(await sites(world, [known, nobodys]))].map(async (question) => {
    const [ofKnown, ofNobody] = await Promise.all([known, nobodys].map(async (siren) => withoutUuids(await question(world, door, siren)).replaceAll(siren, 'SIREN')));
    return { ofKnown: ofKnown!, told: ofKnown !== ofNobody || /"BenchmarkFigure"|"BenchmarkBand"/.test(ofKnown!) };
  }));
  const extended = await Promise.all(EXTENSIONS.map(async (field) => door(world.eve, `query ($id: ID!) { customer(id: $id) { id ${field} } }`, { id: world.evesIdOf(world.circles.six) })));
  const figures = pairs.filter(({ told }) => told).length + extended.filter((answer) => !answer.includes('BAD_USER_INPUT')).length;
  return achieved(pairs.length + extended.length, figures, `${figures} of ${pairs.length + extended.length} questions are answered`);
}

type Question = (world: DoorWorld, door: Door, siren: string) => Promise<string>;

/** Every way to name a company without having it as a customer. */
function questionsBySiren(): readonly Question[] {
  const registrations = (siren: string) => [{ scheme: 'SIREN', value: siren }, { scheme: 'SIRET', value: siretOf(siren, 1) }, { scheme: 'VAT', value: vatOf(siren) }];
  return [0, 1, 2].flatMap((place) => METRICS.map((metric): Question => async (world, door, siren) =>
    (await door(world.eve, `query ($ref: CustomerRef!) { customerBy(ref: $ref) { id benchmark(metric: ${metric}) { __typename } } }`, { ref: { registration: registrations(siren)[place] } })).replaceAll(registrations(siren)[place]!.value, 'VALUE')));
}

/** A customer made up for one site of the company, without an invoice: it must not open the company's cell. */
async function sites(world: DoorWorld, sirens: readonly string[]): Promise<readonly Question[]> {
  const ids = new Map<string, readonly string[]>();
  for (const siren of sirens) ids.set(siren, [await addCustomer(world.eve, siren), await addSite(world, siretOf(siren, 1)), await addSite(world, siretOf(siren, 2))]);
  await world.network.settle();
  return [0, 1, 2].flatMap((place) => METRICS.map((metric): Question => ({ eve }, door, siren) => {
    const id = ids.get(siren)![place]!;
    return door(eve, `query ($id: ID!) { customer(id: $id) { id benchmark(metric: ${metric}) { __typename } peers { id } } }`, { id });
  }));
}

async function addSite(world: DoorWorld, siret: string): Promise<string> {
  const { customerUpsert } = await world.eve.get<{ customerUpsert: { customer: { id: string } } }>(
    'mutation ($input: CustomerUpsertInput!) { customerUpsert(input: $input) { customer { id } userErrors { code } } }', { input: { reference: `site ${siret}`, name: 'Garage Dupont', registration: { scheme: 'SIRET', value: siret } } },
  );
  return customerUpsert.customer.id;
}

/** Arguments and fields that the API does not have. */
const EXTENSIONS = [
  'benchmark(metric: DSO, siret: "30000000700011") { __typename }', 'benchmark(metric: DSO, registration: { scheme: SIREN, value: "1" }) { __typename }', 'benchmark(metric: DSO, sector: "45.20A") { __typename }',
  'benchmark(metric: DSO, currency: "EUR") { __typename }', 'benchmark(metric: DSO, country: "FR") { __typename }', 'benchmark(metric: DSO, parent: true) { __typename }', 'benchmark(metric: DSO, group: true) { __typename }',
  'benchmark(metric: DSO, asOf: "2026-06-30") { __typename }', 'benchmark(metric: DSO, from: "2026-06-01", to: "2026-06-30") { __typename }', 'benchmark(metric: DSO, exclude: ["x"]) { __typename }', 'benchmark(metric: DSO, with: ["x"]) { __typename }',
  'benchmark(metric: DSO, first: 1) { __typename }', 'benchmark(metric: DSO, minContributors: 1) { __typename }', 'benchmark(metrics: [DSO]) { __typename }',
  'parent { benchmark(metric: DSO) { __typename } }', 'sites { benchmark(metric: DSO) { __typename } }', 'contributions { figure }', 'subject', 'blindKey', 'benchmark(metric: DSO) { ... on BenchmarkFigure { count } }',
  'benchmark(metric: DSO) { ... on BenchmarkFigure { minimum maximum } }', 'benchmark(metric: DSO) { ... on BenchmarkFigure { members { id } } }', 'benchmark(metric: DSO) { ... on BenchmarkUnavailable { reason } }', 'benchmark(metric: DSO) { ... on BenchmarkFigure { updatedAt } }',
] as const;

/** The number of one site: the SIREN, five digits, and a check digit that makes it a valid SIRET. */
export function siretOf(siren: string, site: number): string {
  const start = `${siren}${String(site).padStart(4, '0')}`;
  const sum = [...start].reduce((total, digit, index) => {
    const doubled = index % 2 === 0 ? Number(digit) * 2 : Number(digit);
    return total + (doubled > 9 ? doubled - 9 : doubled);
  }, 0);
  return `${start}${(10 - (sum % 10)) % 10}`;
}

export function vatOf(siren: string): string {
  return `FR${String((12 + 3 * (Number(siren) % 97)) % 97).padStart(2, '0')}${siren}`;
}
