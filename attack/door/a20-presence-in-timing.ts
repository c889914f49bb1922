import { Chance } from '../chance.js';
import type { Achieved, DoorAttack } from './door-attack.js';
import { publicDoor, type Door } from './door.js';
import { sirenOf } from './siren.js';
import { importRows, type DoorWorld } from './world.js';

/**
 * A20. Eve asks for the benchmark of two of her customers, one that nobody else has and one that two others have, and times
 * the answers, on an open connection, one after the other, in an order that a coin decides anew for each pair. Warm: the same
 * two customers again and again. Cold: each pair of customers once, at their first question. History: all epochs.
 * Pass: whoever tells them apart by the time is right in no more than 52 of 100 cases (area under the curve, to either side).
 */
export const presenceInTiming: DoorAttack = {
  id: 'A20',
  title: 'presence in timing',
  passLine: 'AUC ≤ 0.52 over 10,000 pairs',
  passes: ({ excess }) => excess <= 2,
  run: async (world, { seed, fast }) => {
    const sizes = fast ? { warm: 150, cold: 50, history: 50, control: 300 } : { warm: 10_000, cold: 1000, history: 1000, control: 500 };
    const chance = Chance.from(seed, 'A20');
    const { alone, trio } = world.circles;
    const same = [world.evesIdOf(alone), world.evesIdOf(trio)] as const;
    const pairs = (count: number): readonly Pair[] => Array.from({ length: count }, () => same);
    await time(world, publicDoor, pairs(50), chance.fork('warming up'));
    const fresh = await freshPairs(world, sizes.cold);
    const warm = await time(world, publicDoor, pairs(sizes.warm), chance.fork('warm'));
    const cold = await time(world, publicDoor, fresh, chance.fork('cold'));
    const history = await time(world, publicDoor, pairs(sizes.history), chance.fork('history'), HISTORY);
    const control = await time(world, computing(world), pairs(sizes.control), chance.fork('control'));
    return { product: judge([['warm', warm], ['cold', cold], ['history', history]]), control: judge([['warm', control]], false) };
  },
};

/** Eve's customers: one that nobody else has, one that two others have. */
type Pair = readonly [string, string];
/** Milliseconds of the answers about each of the two. */
type Times = readonly (readonly [number, number])[];

const QUERY = 'query ($id: ID!) { customer(id: $id) { benchmark(metric: DSO) { __typename } peers { id } } }';
const HISTORY = 'query ($id: ID!) { customer(id: $id) { benchmarkHistory(metric: DSO, epochs: 36) { epoch { id } } } }';

async function time({ eve }: DoorWorld, door: Door, pairs: readonly Pair[], chance: Chance, query = QUERY): Promise<Times> {
  const times: [number, number][] = [];
  for (const pair of pairs) {
    const first = chance.below(2) as 0 | 1;
    const taken: [number, number] = [0, 0];
    for (const place of [first, 1 - first] as const) {
      const from = performance.now();
      await door(eve, query, { id: pair[place] });
      taken[place as 0 | 1] = performance.now() - from;
    }
    times.push(taken);
  }
  return times;
}

const MONTHS = Array.from({ length: 12 }, (_, place) => `2026-${String(place + 1).padStart(2, '0')}`);

/** A door that computes when asked, and so has more to do where there are others: it reads what each of them told, month by month. */
function computing({ network }: DoorWorld): Door {
  return async (who, query, variables = {}) => {
    const answer = await publicDoor(who, query, variables);
    const { rows } = await network.owner.query<{ subject: string; firm_id: string }>('select k.subject, o.firm_id from community.customer_key k join community.customer_key o on o.subject = k.subject and o.firm_id <> k.firm_id where k.customer_id = $1', [variables['id']]);
    for (const { subject, firm_id: firmId } of rows) {
      for (const month of MONTHS) await network.owner.query('select dso, late_share from community.contribution where subject = $1 and firm_id = $2 and month = $3', [subject, firmId, month]);
    }
    return answer;
  };
}

/** Customers that nobody has asked about yet; what lies side by side in the tables alternates. */
async function freshPairs(world: DoorWorld, count: number): Promise<readonly Pair[]> {
  const [eve, ...others] = world.members.slice(0, 3);
  const rows = (of: readonly number[]): string[] => of.flatMap((place) => [6, 7, 8].map((month) => `fresh ${place},Garage Dupont,SIREN,${sirenOf(400_000 + place)},F${month},2026-0${month}-10,2026-0${month + 1}-10,EUR,100.00,2026-0${month + 1}-15`));
  const all = Array.from({ length: 2 * count }, (_, place) => place);
  await Promise.all([importRows(eve!, rows(all)), ...others.map((firm) => importRows(firm, rows(all.filter((place) => place % 2 === 1))))]);
  await world.network.settle();
  const { rows: known } = await world.network.owner.query<{ id: string; reference: string }>(`select id, reference from portfolios.customer where firm_id = $1 and reference like 'fresh %'`, [eve!.firmId]);
  const idOf = new Map(known.map(({ id, reference }) => [reference, id]));
  return Array.from({ length: count }, (_, place) => [idOf.get(`fresh ${2 * place}`)!, idOf.get(`fresh ${2 * place + 1}`)!]);
}

const PAIRS_OF_THE_LINE = 10_000;

/**
 * The worst of these, in points above a coin. The line is for 10,000 pairs; with fewer the curve strays further by chance,
 * and what that is more, at 95 %, is taken off, unless not `isLenient`.
 */
function judge(measured: readonly (readonly [string, Times])[], isLenient = true): Achieved {
  const judged = measured.map(([name, times]) => {
    const area = areaUnderCurve(times);
    const slack = !isLenient ? 0 : 1.96 * (standardError(times.length) - standardError(Math.max(times.length, PAIRS_OF_THE_LINE)));
    return { name, area, excess: 100 * Math.max(0, Math.abs(area - 0.5) - slack), bound: 100 * (Math.abs(area - 0.5) + 1.96 * standardError(times.length)), count: times.length, slack };
  });
  const worst = judged.toSorted((one, other) => other.excess - one.excess)[0]!;
  return {
    trials: judged[0]!.count,
    excess: worst.excess,
    bound: worst.bound,
    said: judged.map(({ name, area, count, slack }) => `${name}: AUC ${area.toFixed(3)} over ${count.toLocaleString('en')} pairs${slack > 0 ? `, line ${(0.52 + slack).toFixed(3)} for so few` : ''}`).join('; '),
  };
}

/** How often an answer about the shared customer takes longer than one about the other; ties count half. */
function areaUnderCurve(times: Times): number {
  const all = times.flatMap(([alone, shared]) => [{ time: alone, isShared: 0 }, { time: shared, isShared: 1 }]).toSorted((one, other) => one.time - other.time);
  let rankSum = 0;
  for (let place = 0; place < all.length; ) {
    let end = place;
    while (end < all.length && all[end]!.time === all[place]!.time) end += 1;
    const rank = (place + 1 + end) / 2;
    for (; place < end; place += 1) rankSum += all[place]!.isShared * rank;
  }
  const count = times.length;
  return (rankSum - (count * (count + 1)) / 2) / count ** 2;
}

/** Of the area, where there is nothing to tell apart (Mann and Whitney). */
function standardError(count: number): number {
  return Math.sqrt((2 * count + 1) / (12 * count ** 2));
}
