import { randomBytes, randomUUID } from 'node:crypto';
import { METRICS, type Metric } from '../src/values/metric.js';
import type { Cell } from '../subgraphs/community/benchmark/cell.js';
import { decideCell } from '../subgraphs/community/benchmark/decide-cell.js';
import type { Epoch } from '../subgraphs/community/benchmark/epoch.js';
import { POLICY, familyOf } from '../subgraphs/community/benchmark/policy.js';
import { watchSeats } from '../subgraphs/community/membership/watch-seats.js';
import { randomSiren, type FirmVisitor } from '../test/house.js';
import { Network } from '../test/network.js';
import type { AttackOptions } from './attack.js';
import { Chance } from './chance.js';
import { needDatabase } from '../test/need-database.js';
import { epochsOf, play, type Part } from './play.js';
import { countedOf, formRings, type Ring } from './sybil-rings.js';
import { changed, makeTrial, onlyIn, scenario, type Scenario, type Trial } from './scenario.js';

const MONTHS = 9;
/** The first month of the stories: the first quarter after the members are no newcomers any more. */
const FIRST_MONTH = '2026-07-01';
/** After this many months the second attacker corrects and deletes what it told of the first ones. */
const CORRECTED_AFTER = 6;
const SYBILS = 4;

const everything = { metrics: METRICS, months: MONTHS, reads: () => true, seats: 2 };

/** Attacks whose stories are told to a whole Ardoise: in all of them the first attacker stays, and reads everything. */
const PLACES: readonly Scenario[] = [
  scenario({ ...everything, name: 'subtract yourself', firms: 4 }),
  scenario({ ...everything, name: 'the victim joins beside an attacker', firms: 8 }, (parts) => changed(parts, { 1: (part) => onlyIn(part, (month) => month >= 3), 2: (part) => onlyIn(part, (month) => month >= 3) })),
  scenario({ ...everything, name: 'the victim leaves', firms: 7 }, (parts) => changed(parts, { 2: (part) => onlyIn(part, (month) => month < 4) })),
  scenario({ ...everything, name: 'the victim goes, an attacker comes', firms: 7 }, (parts) => changed(parts, { 1: (part) => onlyIn(part, (month) => month >= 3), 2: (part) => onlyIn(part, (month) => month < 3) })),
  scenario({ ...everything, name: 'a large group', firms: 11 }),
];

/** One story as it was told, and what the first attacker was answered. */
export interface ToldStory {
  readonly place: Scenario;
  readonly trial: Trial;
  readonly isWith: boolean;
  /** Published cells by metric and month: by the engine, and over HTTP. */
  readonly played: Readonly<Record<Metric, readonly (Cell | undefined)[]>>;
  readonly answered: Readonly<Record<Metric, readonly (Cell | undefined)[]>>;
  /** The bytes of each answer when its epoch was out, and after the last epoch: one text for each metric and month. */
  readonly atOnce: readonly string[];
  readonly atLast: readonly string[];
}

export interface ToldWorld {
  readonly stories: readonly ToldStory[];
  /** Cells of customers that one member shares with firms that nobody verified: how many there could be, and how many were published. */
  readonly sybils: { readonly cells: number; readonly shown: number };
  /** The same for verified firms that belong together, and how many of each ring count as firms of their own, and of how many customers it was noticed. */
  readonly rings: readonly { readonly ring: Ring; readonly counted: number; readonly cells: number; readonly shown: number; readonly customers: number; readonly alarms: number }[];
  /** Has a member leave and come back, and counts what it is shown of its customers before and after. It stays back. */
  readonly readAsLeaver: () => Promise<{ readonly read: number; readonly shown: number }>;
}

let told: Promise<ToldWorld> | undefined;

/** One house for all attacks that go through it. The first that asks waits until the whole story was told. */
export function toldWorld(options: AttackOptions): Promise<ToldWorld> {
  return (told ??= tell(options));
}

async function tell({ seed, fast, after }: AttackOptions): Promise<ToldWorld> {
  await needDatabase(after);
  const network = await Network.start(11);
  after(async () => {
    told = undefined;
    await network[Symbol.asyncDispose]();
  });
  const { members } = network;
  const stories = Array.from({ length: fast ? 5 : 50 }, (_, number) => ({ place: PLACES[number % PLACES.length]!, trial: makeTrial(PLACES[number % PLACES.length]!, Chance.from(seed, 'told', number)) }))
    .flatMap(({ place, trial }) => [true, false].map((isWith) => ({ place, trial, isWith, siren: randomSiren(), rows: isWith ? trial.rows : trial.rowsWithout })));
  const ids = stories.map(() => new Map<FirmVisitor, string>());
  await Promise.all(members.map(async (firm, place) => {
    for (const [at, { place: { firms }, siren }] of stories.entries()) if (place < firms) ids[at]!.set(firm, await network.customerOf(firm, siren));
  }));
  await network.settle();
  const { rows: keys } = await network.owner.query<{ customer_id: string; subject: string }>('select customer_id, subject from community.customer_key where customer_id = any($1)', [ids.map((each) => each.get(members[0]!)!)]);
  const subjects = new Map(keys.map(({ customer_id, subject }) => [customer_id, subject]));
  // One after another: they are read on one connection.
  const blindKeys = await Array.fromAsync(ids, (each) => network.blindKeyOf(subjects.get(each.get(members[0]!)!)!));

  const plans = stories.map(({ place, rows }) => new Map(METRICS.map((metric) => [metric, place.stage(rows, metric)])));
  const unverified = await Promise.all(Array.from({ length: SYBILS }, () => network.house.firm()));
  for (const firm of unverified) await network.join(firm);
  const sybils = await gather(network, unverified, fast ? 50 : 250, Chance.from(seed, 'sybils'));
  const rings = await formRings(network, fast ? 3 : SYBILS + 1);
  const crowds = await Promise.all(rings.map(({ tie, firms }) => gather(network, firms, 5, Chance.from(seed, 'ring', tie))));
  const months = epochsOf('DSO', MONTHS, POLICY, FIRST_MONTH);
  // Terms are out two months later: those of the last quarter come after the story has ended.
  const terms = epochsOf('PAYMENT_TERMS', MONTHS / 3 - 1, POLICY, FIRST_MONTH);
  const tellMonth = async (month: number, revision = 1, only = members.length, figureOf = (part: Part, _metric: Metric): number | null => part.figures[month] ?? null): Promise<void> => {
    for (const [place, firm] of members.entries()) {
      if (place > only || (only < members.length && place !== only)) continue;
      const contributions = plans.flatMap((plan, at) => {
        const figures = METRICS.flatMap((metric) => {
          const part = plan.get(metric)![place];
          const figure = part && figureOf(part, metric);
          return typeof figure === 'number' ? [[metric, figure] as const] : [];
        });
        return place < stories[at]!.place.firms ? [{ subject: blindKeys[at]!, evidenced: figures.length > 0, figures: Object.fromEntries(figures), revision }] : [];
      });
      await tellOf(network, firm, months[month]!.periodEnd.toString().slice(0, 7), contributions);
    }
    if (revision === 1 && (!fast || month >= MONTHS - 3)) for (const crowd of [sybils, ...crowds]) await crowd.tell(months[month]!.periodEnd.toString().slice(0, 7));
  };

  const due = [...months, ...terms].map((epoch) => epoch.publishedOn.toString());
  const atOnce = new Map<string, readonly string[]>();
  const published = new Map<string, string>();
  let [next, nextOfTerms] = [0, 0];
  for (const day of [...new Set(due)].toSorted()) {
    while (next < MONTHS && months[next]!.publishedOn.toString() <= day) {
      await tellMonth(next);
      await keepOut(plans, ids, members, next);
      if (next === CORRECTED_AFTER) {
        const chance = Chance.from(seed, 'corrections');
        for (let past = 0; past < CORRECTED_AFTER; past += 1) {
          // Terms of the second quarter are not out yet, so they are still the firm's to tell.
          await tellMonth(past, 2, 1, ({ figures }, metric) => (metric === 'PAYMENT_TERMS' && past >= 3 ? figures[past]! : chance.uniform() < 0.5 ? null : 150 * chance.uniform()));
        }
      }
      next += 1;
    }
    await network.closeOn(day);
    for (; nextOfTerms < terms.length && terms[nextOfTerms]!.publishedOn.toString() <= day; nextOfTerms += 1) published.set(`TERMS ${nextOfTerms}`, await epochIdOf(network, members[0]!, terms[nextOfTerms]!));
    for (let month = 0; month < next; month += 1) {
      if (!published.has(`PAYMENT ${month}`)) published.set(`PAYMENT ${month}`, await epochIdOf(network, members[0]!, months[month]!));
    }
    for (const [key, epochId] of published) {
      for (const metric of METRICS.filter((each) => key.startsWith(familyOf(each)))) {
        if (!atOnce.has(`${key} ${metric}`)) atOnce.set(`${key} ${metric}`, await readAll(network, ids.map((each) => each.get(members[0]!)!), metric, epochId));
      }
    }
  }
  const atLast = new Map<string, readonly string[]>();
  for (const key of atOnce.keys()) {
    const metric = METRICS.find((each) => key.endsWith(` ${each}`))!;
    atLast.set(key, await readAll(network, ids.map((each) => each.get(members[0]!)!), metric, published.get(key.slice(0, -metric.length - 1))!));
  }
  return {
    readAsLeaver: async () => {
      const firm = members[2]!;
      const own = ids.flatMap((each) => each.get(firm) ?? []);
      const epochIds = await Promise.all([...months.slice(-3)].map((epoch) => epochIdOf(network, firm, epoch)));
      const shownOf = async (): Promise<number> => {
        const answers: string[] = [];
        for (const epochId of [null, ...epochIds]) for (const id of own) answers.push(await network.bytesOf(firm, id, epochId));
        return answers.filter((bytes) => !bytes.includes('BenchmarkUnavailable')).length;
      };
      const before = await shownOf();
      await network.leave(firm);
      const outside = await shownOf();
      await network.join(firm);
      // What it could read as a member is what it must not read now.
      return { read: 2 * before, shown: outside + (await shownOf()) };
    },
    sybils: { cells: sybils.customers * METRICS.length, shown: await sybils.shown() },
    rings: await Array.fromAsync(rings, async (ring, at) => ({ ring, counted: await countedOf(network, ring), cells: crowds[at]!.customers * METRICS.length, shown: await crowds[at]!.shown(), customers: crowds[at]!.customers, alarms: await crowds[at]!.alarms() })),
    stories: stories.map(({ place, trial, isWith }, at) => {
      const answersOf = (metric: Metric): string[] => Array.from({ length: familyOf(metric) === 'TERMS' ? terms.length : MONTHS }, (_, month) => atOnce.get(`${familyOf(metric)} ${month} ${metric}`)![at]!);
      return {
        place, trial, isWith,
        played: record((metric) => {
          const parts = plans[at]!.get(metric)!.map((part, firm) => ({ ...part, firmId: members[firm]!.firmId, joinedOn: Network.JOINED.slice(0, 10) }));
          return play(metric, familyOf(metric) === 'TERMS' ? parts.map((part) => atQuarters(part, months, terms)) : parts, familyOf(metric) === 'TERMS' ? terms : months, POLICY, decideCell, subjects.get(ids[at]!.get(members[0]!)!));
        }),
        answered: record((metric) => answersOf(metric).map(toCell)),
        atOnce: [...atOnce.values()].map((answers) => answers[at]!),
        atLast: [...atLast.values()].map((answers) => answers[at]!),
      };
    }),
  };
}

function record<Value>(of: (metric: Metric) => Value): Readonly<Record<Metric, Value>> {
  return { DSO: of('DSO'), DAYS_BEYOND_TERMS: of('DAYS_BEYOND_TERMS'), LATE_SHARE: of('LATE_SHARE'), PAYMENT_TERMS: of('PAYMENT_TERMS') };
}

/** A story told by months, as terms see it: figures of the ends of quarters, and who is admitted when their epoch is published. */
function atQuarters(part: Part, months: readonly Epoch[], terms: readonly Epoch[]): Part {
  const figures = part.figures.filter((_, month) => month % 3 === 2);
  return { ...part, figures, admitted: terms.map((epoch) => part.admitted[months.findLastIndex(({ publishedOn }) => Temporal.PlainDate.compare(publishedOn, epoch.publishedOn) <= 0)]!) };
}

type Contribution = { readonly subject: string; readonly evidenced: boolean; readonly figures: Partial<Record<Metric, number>>; readonly revision: number };

/** As portfolios tells it. */
async function tellOf(network: Network, firm: FirmVisitor, month: string, contributions: Contribution[]): Promise<void> {
  const { community } = network.house.running.rooms;
  await community.subgraph.reactions['contribution.closed']!(community.room, { firmId: firm.firmId, data: { month, contributions } });
}

/** Whoever is out of a story from this month on keeps the customer out; whoever comes back takes it in again. */
async function keepOut(plans: readonly ReadonlyMap<Metric, readonly Part[]>[], ids: readonly ReadonlyMap<FirmVisitor, string>[], members: readonly FirmVisitor[], month: number): Promise<void> {
  for (const [at, plan] of plans.entries()) {
    for (const [place, { admitted }] of plan.get('DSO')!.entries()) {
      const before = month === 0 || admitted[month - 1];
      const firm = members[place]!;
      if (before === admitted[month]) continue;
      await firm.get('mutation ($input: CustomerSharingInput!) { customerSharingSet(input: $input) { userErrors { code } } }', { input: { customerId: ids[at]!.get(firm)!, shared: admitted[month] } });
    }
  }
}

/** A published epoch as the firm names it. */
async function epochIdOf(network: Network, { firmId }: FirmVisitor, { family, periodEnd }: Epoch): Promise<string> {
  const { rows } = await network.owner.query<{ id: string }>('select id from community.epoch where family = $1 and period_end = $2', [family, periodEnd.toString()]);
  return network.house.running.rooms.community.room.keys.ids.encode(firmId, 'BenchmarkEpoch', rows[0]!.id);
}

/** What the first attacker is answered of each customer, over HTTP: the bytes of each benchmark. */
async function readAll(network: Network, ids: readonly string[], metric: Metric, epoch: string): Promise<readonly string[]> {
  const answers: string[] = [];
  for (let from = 0; from < ids.length; from += 10) {
    const some = ids.slice(from, from + 10);
    const data = await network.members[0]!.get<Record<string, { benchmark: unknown }>>(
      `query ($metric: BenchmarkMetric!, $epoch: ID) { ${some.map((id, place) => `c${place}: customer(id: "${id}") { benchmark(metric: $metric, epoch: $epoch) { ${ANSWER} } }`).join(' ')} }`, { metric, epoch });
    answers.push(...some.map((_, place) => JSON.stringify(data[`c${place}`]!.benchmark)));
  }
  return answers;
}

const ANSWER = `__typename
  ... on BenchmarkBand { contributors from to direction own position }
  ... on BenchmarkFigure { contributors value roundedTo direction lowerQuartile upperQuartile own position }`;

type Answer =
  | { readonly __typename: 'BenchmarkUnavailable' }
  | { readonly __typename: 'BenchmarkBand'; readonly from: number; readonly to: number; readonly direction: Cell['direction'] }
  | { readonly __typename: 'BenchmarkFigure'; readonly contributors: 'FIVE_TO_NINE' | 'TEN_OR_MORE'; readonly value: number; readonly roundedTo: number; readonly direction: Cell['direction']; readonly lowerQuartile: number | null; readonly upperQuartile: number | null };

/** The cell that an answer shows. */
function toCell(bytes: string): Cell | undefined {
  const answer = JSON.parse(bytes) as Answer;
  if (answer.__typename === 'BenchmarkUnavailable') return undefined;
  const { direction } = answer;
  if (answer.__typename === 'BenchmarkBand') return { tier: 'T1', from: answer.from, to: answer.to, direction };
  const { value, roundedTo, lowerQuartile, upperQuartile } = answer;
  return { tier: answer.contributors === 'FIVE_TO_NINE' ? 'T2' : 'T3', value, roundedTo, direction, lowerQuartile, upperQuartile };
}

interface Crowd {
  readonly customers: number;
  readonly tell: (month: string) => Promise<void>;
  /** How many cells of its customers were published. */
  readonly shown: () => Promise<number>;
  /** Of how many of its customers an alarm was raised. */
  readonly alarms: () => Promise<number>;
}

/** Firms that say that they share customers with the first member, and tell figures of their own making. */
async function gather(network: Network, firms: readonly FirmVisitor[], customers: number, chance: Chance): Promise<Crowd> {
  const { community } = network.house.running.rooms;
  const victim = network.members[0]!;
  const keys = Array.from({ length: customers }, () => randomBytes(32).toString('hex'));
  for (const firm of [victim, ...firms]) {
    await community.subgraph.reactions['customer.keyed']!(community.room, { firmId: firm.firmId, data: { customers: keys.map((subject) => ({ customerId: randomUUID(), subject, seekableUntil: null, revision: 1 })) } });
  }
  return {
    customers,
    tell: async (month) => {
      for (const firm of [victim, ...firms]) {
        await tellOf(network, firm, month, keys.map((subject) => ({ subject, evidenced: true, revision: 1, figures: { DSO: 150 * chance.uniform(), DAYS_BEYOND_TERMS: 50 * chance.uniform(), LATE_SHARE: chance.uniform(), PAYMENT_TERMS: 30 } })));
      }
    },
    shown: async () => {
      const { rows } = await network.owner.query<{ shown: number }>(
        'select count(distinct (cell.subject, cell.metric))::int as shown from community.cell join community.subject_key using (subject) where blind_key = any($1)', [keys]);
      return rows[0]!.shown;
    },
    alarms: async () => {
      await watchSeats(community.room);
      const { rows } = await network.owner.query<{ raised: number }>('select count(distinct subject)::int as raised from community.seat_alarm join community.subject_key using (subject) where blind_key = any($1)', [keys]);
      return rows[0]!.raised;
    },
  };
}
