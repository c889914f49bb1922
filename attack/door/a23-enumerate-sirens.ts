import { METRICS } from '../../src/values/metric.js';
import type { FirmVisitor } from '../../test/house.js';
import { rate } from '../confidence.js';
import { never, type Achieved, type DoorAttack } from './door-attack.js';
import { dataOf, publicDoor, type Door } from './door.js';
import { nakedBenchmarks } from './naive-doors.js';
import { sirenOf } from './siren.js';
import { importRows, type DoorWorld } from './world.js';

/**
 * A23. An admitted member types the register of companies into its books, with an invoice or two each so that they look like
 * customers, and reads the benchmark of each; dozens of them are customers of others, published.
 * Pass: none is available to it, since it has no three invoices with them.
 */
export const enumerateSirens: DoorAttack = {
  id: 'A23',
  title: 'enumerate SIRENs without evidence',
  passLine: '0 available',
  passes: never,
  run: async (world, { fast }) => {
    const mallory = await fillRegister(world, fast ? 1000 : 10_000);
    const hidden = world.others.length + world.marked.length;
    return { product: await readAll(mallory, hidden, publicDoor), control: await readAll(mallory, hidden, nakedBenchmarks(world)) };
  },
};

const filled = new WeakMap<DoorWorld, Promise<FirmVisitor>>();

/** Has a member type in so many companies, those of everybody else among them. Once is enough for a world. */
export function fillRegister(world: DoorWorld, size: number): Promise<FirmVisitor> {
  const known = filled.get(world);
  if (known) return known;
  const mallory = world.members.at(-1)!;
  const filling = (async () => {
    const sirens = [...world.others, ...world.marked].map(({ siren }) => siren);
    while (sirens.length < size) sirens.push(sirenOf(200_000 + sirens.length));
    const rows = sirens.flatMap((siren, place) => Array.from({ length: 1 + (place % 2) }, (_, month) => `R${place},Typed in,SIREN,${siren},T${month},2026-0${7 + month}-10,2026-0${8 + month}-10,EUR,10.00,2026-0${8 + month}-12`));
    await importRows(mallory, rows);
    await world.network.settle();
    return mallory;
  })();
  filled.set(world, filling);
  return filling;
}

interface Page {
  readonly customers: { readonly nodes: readonly Record<string, { readonly __typename: string }>[]; readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string } };
}

async function readAll(mallory: FirmVisitor, hidden: number, door: Door): Promise<Achieved> {
  let after: string | null = null;
  const counts = { asked: 0, available: 0 };
  for (let place = 0; ; place += 1) {
    const metric = METRICS[place % 3]!;
    const { customers }: Page = await dataOf<Page>(door(mallory, `query ($after: String) { customers(first: 100, after: $after, where: { search: "Typed in" }) { nodes { id benchmark(metric: ${metric}) { __typename } } pageInfo { hasNextPage endCursor } } }`, { after }));
    counts.asked += customers.nodes.length;
    counts.available += customers.nodes.filter(({ benchmark }) => benchmark!.__typename !== 'BenchmarkUnavailable').length;
    after = customers.pageInfo.endCursor;
    if (!customers.pageInfo.hasNextPage) break;
  }
  for (const metric of METRICS) {
    const { benchmarkSummary } = await dataOf<{ benchmarkSummary: { customerCount: number } }>(door(mallory, `{ benchmarkSummary(metric: ${metric}) { customerCount } }`));
    // One is its own in earnest.
    counts.available += Math.max(0, benchmarkSummary.customerCount - 1);
  }
  // There is something to find for those only that others share.
  const { excess, bound } = rate(counts.available, hidden);
  return { trials: counts.asked, excess, bound, said: `${counts.available} of ${counts.asked} available, where others have ${hidden} of them published` };
}
