import type { Metric } from '../../src/values/metric.js';
import type { FirmVisitor } from '../../test/house.js';
import { achieved, never, type Achieved, type DoorAttack } from './door-attack.js';
import { dataOf, publicDoor, type Door } from './door.js';
import { careless, walk } from './naive-doors.js';
import { mark } from './talk.js';
import type { DoorWorld } from './world.js';

/**
 * A25. A member and its peer agreed to compare. It wants the peer's figure to the day: it moves its own books by halves and
 * asks again each time; it takes its consent back and gives it anew, metric by metric; keeps the customer out and takes it
 * in; takes its mark back and marks again; asks ten times at once.
 * Pass: in the same quarter no answer differs from the first one, or there is none.
 */
export const pairSearch: DoorAttack = {
  id: 'A25',
  title: 'binary search by pair comparison',
  passLine: 'one outcome a quarter, edit-proof',
  passes: never,
  run: async (world) => ({ product: await search(world, publicDoor), control: await search(world, comparingNow(world)) }),
};

const METRICS: readonly Metric[] = ['DSO', 'DAYS_BEYOND_TERMS', 'LATE_SHARE'];
/** The last month of the quarter that can be compared. */
const MONTH = '2026-06';
const STEPS = 8;

type Outcomes = Readonly<Partial<Record<Metric, string>>>;

async function search(world: DoorWorld, door: Door): Promise<Achieved> {
  const [mallory, victim] = [world.members[8]!, world.members[7]!];
  const { eleven } = world.circles;
  for (const firm of [mallory, victim]) await mark(firm, eleven);
  const [peer, peersPeer] = [await peerIdOf(world, mallory, victim), await peerIdOf(world, victim, mallory)];
  // The peer's figures, which mallory does not know; her search begins below them.
  await edit(world, victim, { DSO: 47, DAYS_BEYOND_TERMS: 12, LATE_SHARE: 0.3 }, 0);
  await edit(world, mallory, { DSO: 0, DAYS_BEYOND_TERMS: 0, LATE_SHARE: 0 }, 0);
  await compare(door, victim, peersPeer, METRICS);
  const first = await compare(door, mallory, peer, METRICS);
  if (Object.keys(first).length === 0) throw new Error('the two have nothing to compare: the attack has nothing to attack');
  const found: Outcomes[] = [];
  const interval = Object.fromEntries(METRICS.map((metric) => [metric, metric === 'LATE_SHARE' ? [0, 1] : [0, 150]])) as Record<Metric, [number, number]>;
  for (let step = 0; step < STEPS; step += 1) {
    const own = Object.fromEntries(METRICS.map((metric) => [metric, (interval[metric][0] + interval[metric][1]) / 2])) as Record<Metric, number>;
    await edit(world, mallory, own, step);
    await DETOURS[step % DETOURS.length]!(door, mallory, peer, eleven.ids.get(mallory)!);
    const answers = await Promise.all(Array.from({ length: step === STEPS - 1 ? 10 : 1 }, () => compare(door, mallory, peer, METRICS)));
    found.push(...answers);
    for (const metric of METRICS) {
      const outcome = answers[0]![metric];
      if (outcome === 'BELOW') interval[metric][0] = own[metric];
      else if (outcome === 'ABOVE') interval[metric][1] = own[metric];
    }
  }
  const trials = found.flatMap((outcomes) => METRICS.filter((metric) => metric in first).map((metric) => ({ told: outcomes[metric], known: first[metric] })));
  const news = trials.filter(({ told, known }) => told !== undefined && told !== known).length;
  return achieved(trials.length, news, `${news} of ${trials.length} answers say something new after ${STEPS} edits; the first said ${Object.values(first).join(', ')}`);
}

async function compare(door: Door, firm: FirmVisitor, peerId: string, metrics: readonly Metric[]): Promise<Outcomes> {
  const { pairCompare } = await dataOf<{ pairCompare: { comparison: readonly { metric: Metric; yours: string }[] | null; userErrors: readonly { code: string }[] } }>(
    door(firm, 'mutation ($id: ID!, $metrics: [BenchmarkMetric!]!) { pairCompare(input: { peerId: $id, metrics: $metrics }) { comparison { metric yours } userErrors { code } } }', { id: peerId, metrics }));
  return Object.fromEntries((pairCompare.comparison ?? []).map(({ metric, yours }) => [metric, yours]));
}

/** What is done between two questions in the hope of another answer. */
const DETOURS: readonly ((door: Door, firm: FirmVisitor, peerId: string, customerId: string) => Promise<unknown>)[] = [
  async () => undefined,
  async (door, firm, peerId) => [await compare(door, firm, peerId, []), await compare(door, firm, peerId, ['DSO']), await compare(door, firm, peerId, ['LATE_SHARE'])],
  async (_, firm, __, id) => [await share(firm, id, false), await share(firm, id, true)],
  async (_, firm, __, id) => [await firm.get('mutation ($id: ID!) { peerUnseek(input: { customerId: $id }) { userErrors { code } } }', { id }), await firm.get('mutation ($id: ID!) { peerSeek(input: { customerId: $id }) { userErrors { code } } }', { id })],
];

function share(firm: FirmVisitor, id: string, shared: boolean): Promise<unknown> {
  return firm.get('mutation ($id: ID!, $shared: Boolean!) { customerSharingSet(input: { customerId: $id, shared: $shared }) { userErrors { code } } }', { id, shared });
}

/** Her books say of the quarter what she wants them to. */
async function edit({ network, circles }: DoorWorld, firm: FirmVisitor, figures: Readonly<Partial<Record<Metric, number>>>, step: number): Promise<void> {
  const { rows } = await network.owner.query<{ subject: string; revision: string }>(
    'select k.subject, coalesce(max(c.revision), 0)::text as revision from community.customer_key k left join community.contribution c on c.subject = k.subject and c.firm_id = k.firm_id where k.customer_id = $1 group by 1', [circles.eleven.ids.get(firm)!]);
  await network.tell(firm, rows[0]!.subject, MONTH, figures, { revision: Number(rows[0]!.revision) + 1 + step });
}

async function peerIdOf({ network, circles }: DoorWorld, firm: FirmVisitor, peer: FirmVisitor): Promise<string> {
  const { rows } = await network.owner.query<{ peering_id: string }>(
    'select s.peering_id from community.peering_side s join community.peering_side o on o.peering_id = s.peering_id and o.firm_id = $2 where s.firm_id = $1 and s.customer_id = $3', [firm.firmId, peer.firmId, circles.eleven.ids.get(firm)!]);
  return network.house.running.rooms.community.room.keys.ids.encode(firm.firmId, 'Peer', rows[0]!.peering_id);
}

/** A door that compares what both books say now, each time it is asked. */
function comparingNow({ network, circles, members }: DoorWorld): Door {
  const mallory = members[8]!.firmId;
  return careless(async (answer, { who, query }) => {
    if (who !== mallory || !query.includes('pairCompare')) return answer;
    const { rows } = await network.owner.query<{ metric: Metric; own: number; theirs: number }>(
      `select told.metric, max(told.figure) filter (where c.firm_id = $2) as own, max(told.figure) filter (where c.firm_id = $3) as theirs
       from community.contribution c join community.customer_key k on k.subject = c.subject and k.customer_id = $1
       cross join lateral (values ${METRICS.map((metric) => `('${metric}', ${metric.toLowerCase()})`).join()}) as told (metric, figure) where c.month = $4 group by 1`,
      [circles.eleven.ids.get(members[8]!)!, mallory, members[7]!.firmId, MONTH]);
    const now = new Map(rows.map(({ metric, own, theirs }) => [metric, own < theirs ? 'BELOW' : 'ABOVE']));
    const shown = JSON.parse(answer) as unknown;
    walk(shown, (object) => {
      if ('yours' in object) object['yours'] = now.get(object['metric'] as Metric) ?? object['yours'];
    });
    return JSON.stringify(shown);
  });
}
