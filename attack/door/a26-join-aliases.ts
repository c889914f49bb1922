import { createHash } from 'node:crypto';
import type { FirmVisitor } from '../../test/house.js';
import { rate } from '../confidence.js';
import type { Achieved, DoorAttack } from './door-attack.js';
import { mark } from './talk.js';
import type { Circle, DoorWorld } from './world.js';

/**
 * A26. Six members share sixteen customers and marked all of them, so each sees five peers for each. Each takes two of its
 * customers and says which peer of the one is which peer of the other: by the place in the list, the alias's word, its
 * number, the bytes of the id, the order of the ids.
 * Pass: the best of these ways is right no more often than chance (one in five) plus five points.
 */
export const joinAliases: DoorAttack = {
  id: 'A26',
  title: 'join aliases across customers',
  passLine: '≤ chance + 5 points',
  passes: ({ excess }) => excess <= 5,
  run: async (world) => {
    const lists = await seePeers(world);
    return { product: guess(lists), control: guess(lists.map((list) => list.map((peer) => ({ ...peer, alias: constantAlias(peer.firmId) })))) };
  },
};

interface SeenPeer {
  readonly id: string;
  readonly alias: string;
  /** Who it is, which the attacker does not know. */
  readonly firmId: string;
}

async function seePeers(world: DoorWorld): Promise<readonly (readonly SeenPeer[])[]> {
  const firms = world.members.slice(0, 6);
  // Each in an order of its own: what is matched when must not be the same for all.
  await Promise.all(firms.map(async (firm, place) => {
    for (const circle of [...world.marked.slice(place * 2), ...world.marked.slice(0, place * 2)]) await mark(firm, circle);
  }));
  return (await Promise.all(firms.map((firm) => Promise.all(world.marked.map((circle) => peersOf(world, firm, circle)))))).flat();
}

async function peersOf({ network }: DoorWorld, firm: FirmVisitor, circle: Circle): Promise<readonly SeenPeer[]> {
  const { customer } = await firm.get<{ customer: { peers: { id: string; alias: string }[] } }>('query ($id: ID!) { customer(id: $id) { peers { id alias } } }', { id: circle.ids.get(firm)! });
  const { ids } = network.house.running.rooms.community.room.keys;
  const { rows } = await network.owner.query<{ peering_id: string; firm_id: string }>('select peering_id, firm_id from community.peering_side where peering_id = any($1) and firm_id <> $2', [customer.peers.map(({ id }) => ids.decode(firm.firmId, 'Peer', id)), firm.firmId]);
  const firmOf = new Map(rows.map((row) => [row.peering_id, row.firm_id]));
  return customer.peers.map((peer) => ({ ...peer, firmId: firmOf.get(ids.decode(firm.firmId, 'Peer', peer.id))! }));
}

/** Which of the `others` somebody would take for this peer. */
type Way = (peer: SeenPeer, place: number, others: readonly SeenPeer[]) => SeenPeer | undefined;

const WAYS: Readonly<Record<string, Way>> = {
  'the place in the list': (_, place, others) => others[place],
  'the same word': ({ alias }, place, others) => others.find((other) => other.alias.split(' ')[0] === alias.split(' ')[0]) ?? others[place],
  'the nearest number': ({ alias }, _, others) => others.toSorted((one, other) => Math.abs(numberOf(one.alias) - numberOf(alias)) - Math.abs(numberOf(other.alias) - numberOf(alias)))[0],
  'the nearest bytes of the id': ({ id }, _, others) => others.toSorted((one, other) => distance(one.id, id) - distance(other.id, id))[0],
  'the order of the ids': (peer, _place, others) => others.toSorted((one, other) => (one.id < other.id ? -1 : 1))[others.filter(({ id }) => id < peer.id).length % others.length],
};

function guess(lists: readonly (readonly SeenPeer[])[]): Achieved {
  const full = lists.filter((list) => list.length === 5);
  const chance = 1 / 5;
  // Lists of one member follow one another.
  const perMember = full.length / 6;
  let trials = 0;
  const right = new Map(Object.keys(WAYS).map((way) => [way, 0]));
  for (const [one, list] of full.entries()) {
    for (const [other, others] of full.entries()) {
      if (one === other || Math.floor(one / perMember) !== Math.floor(other / perMember)) continue;
      for (const [place, peer] of list.entries()) {
        trials += 1;
        for (const [way, pick] of Object.entries(WAYS)) if (pick(peer, place, others)?.firmId === peer.firmId) right.set(way, right.get(way)! + 1);
      }
    }
  }
  const [way, most] = [...right].toSorted(([, one], [, other]) => other - one)[0]!;
  // Guesses about one list hang together, so the interval is that of as many trials as there are lists.
  const { excess, bound } = rate(Math.round((most / trials) * full.length), full.length);
  return { trials, excess: 100 * (most / trials - chance), bound: bound - excess + 100 * (most / trials - chance), said: `${((100 * most) / trials).toFixed(1)} % right by ${way}, chance is 20 %` };
}

function numberOf(alias: string): number {
  return Number(alias.split(' ')[1]);
}

function distance(one: string, other: string): number {
  const [left, right] = [Buffer.from(one, 'base64url'), Buffer.from(other, 'base64url')];
  return left.reduce((sum, byte, place) => sum + (byte ^ right[place]!).toString(2).replaceAll('0', '').length, 0);
}

/** The alias of a build that gives a firm one alias for all its customers. */
function constantAlias(firmId: string): string {
  const digest = createHash('sha256').update(firmId).digest();
  return `Word${digest[0]!} ${1000 + (digest.readUInt16BE(1) % 9000)}`;
}
