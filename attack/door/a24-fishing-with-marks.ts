import type { FirmVisitor } from '../../test/house.js';
import { achieved, never, type Achieved, type DoorAttack } from './door-attack.js';
import { dataOf, publicDoor, type Door } from './door.js';
import { careless } from './naive-doors.js';
import type { Circle, DoorWorld } from './world.js';

/**
 * A24. A member marks one customer after another to see who answers; at the cap it takes marks back and makes others, and
 * marks again what it took back.
 * Pass: at most 20 new marks a month were taken; no mark lived less than 30 days; a peer was shown for exactly those
 * customers that somebody else had marked too; and nobody whom it did not match sees anything else than before.
 */
export const fishingWithMarks: DoorAttack = {
  id: 'A24',
  title: 'fish with marks',
  passLine: 'caps hold, mutual marks only',
  passes: never,
  run: async (world) => {
    const [, first, second] = world.members;
    // Two others mark one customer each that mallory has, so that there is something to catch.
    for (const [firm, circle] of [[first!, world.others[0]!], [second!, world.others[1]!]] as const) await seek(publicDoor, firm, circle);
    const product = await fish(world, publicDoor);
    const showing = careless(async (answer, { query, variables }) => {
      if (!query.includes('peerSeek')) return answer;
      // Whoever has the customer is shown, marked or not.
      const { rows } = await world.network.owner.query<{ id: string }>('select o.firm_id as id from community.customer_key k join community.customer_key o on o.subject = k.subject and o.firm_id <> k.firm_id where k.customer_id = $1', [variables['id']]);
      return JSON.stringify({ data: { peerSeek: { customer: { peers: rows }, userErrors: [] } } });
    });
    return { product, control: await fish(world, showing) };
  },
};

interface Sought {
  readonly peers: number;
  readonly refused: string | undefined;
}

async function seek(door: Door, firm: FirmVisitor, circle: Circle, take = 'peerSeek'): Promise<Sought> {
  type Payload = Record<string, { customer: { peers: readonly object[] } | null; userErrors: readonly { code: string }[] }>;
  const answer = (await dataOf<Payload>(door(firm, `mutation ($id: ID!) { ${take}(input: { customerId: $id }) { customer { peers { id alias } } userErrors { code } } }`, { id: circle.ids.get(firm)! })))[take]!;
  return { peers: answer.customer?.peers.length ?? 0, refused: answer.userErrors[0]?.code };
}

async function fish(world: DoorWorld, door: Door): Promise<Achieved> {
  const { owner } = world.network;
  const mallory = world.members[6]!;
  const pond = [...world.others, world.circles.eleven, ...world.ponds];
  const before = await bystanders(world, pond, mallory);
  let wrong = 0;
  let taken = 0;
  for (const circle of pond) {
    const { peers, refused } = await seek(door, mallory, circle);
    if (refused === undefined) taken += 1;
    wrong += Math.abs(peers - (refused === undefined ? await mutual(world, mallory, circle) : 0));
  }
  // At the cap: to and fro makes no room.
  for (const circle of pond.slice(-4)) {
    await seek(door, mallory, pond[0]!, 'peerUnseek');
    if ((await seek(door, mallory, circle)).refused === undefined) taken += 1;
    await seek(door, mallory, pond[0]!);
  }
  const { rows } = await owner.query<{ short: number }>(`select count(*) filter (where ends_at < marked_at + interval '30 days')::int as short from community.peer_mark where firm_id = $1`, [mallory.firmId]);
  const over = Math.max(0, taken - 20);
  const after = await bystanders(world, pond, mallory);
  const noticed = before.filter((answer, place) => answer !== after[place]).length;
  return achieved(pond.length + 4, wrong + over + rows[0]!.short + noticed, `${taken} marks taken, ${wrong} peers too many or too few, ${rows[0]!.short} marks too short, ${noticed} bystanders noticed`);
}

/** How many others have marked the customer too, as the marks have it. */
async function mutual({ network }: DoorWorld, firm: FirmVisitor, circle: Circle): Promise<number> {
  const { rows } = await network.owner.query<{ count: number }>(
    `select count(*)::int as count from community.peer_mark m join community.customer_key k on k.subject = m.subject and k.customer_id = $1 where m.firm_id <> $2 and m.ends_at > $3`,
    [circle.ids.get(firm)!, firm.firmId, network.house.running.rooms.community.room.clock.now().toString()],
  );
  return rows[0]!.count;
}

/** What everybody else who did not mark them sees of these customers. */
async function bystanders({ network }: DoorWorld, pond: readonly Circle[], mallory: FirmVisitor): Promise<readonly string[]> {
  const seen: string[] = [];
  for (const circle of pond) {
    for (const [firm, id] of circle.ids) {
      if (firm === mallory) continue;
      const { rowCount } = await network.owner.query('select from community.peer_mark where firm_id = $1 and customer_id = $2', [firm.firmId, id]);
      if (rowCount === 0) seen.push(await publicDoor(firm, 'query ($id: ID!) { customer(id: $id) { peers { id alias } benchmark(metric: DSO) { __typename } } conversations { totalCount } }', { id }));
    }
  }
  return seen;
}
