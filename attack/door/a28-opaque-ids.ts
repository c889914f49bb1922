import type { SharedKind } from '../../src/values/opaque-id.js';
import type { FirmVisitor } from '../../test/house.js';
import { achieved, never, type Achieved, type DoorAttack } from './door-attack.js';
import { openTalk } from './talk.js';
import { walk } from './naive-doors.js';
import type { DoorWorld } from './world.js';

/**
 * A28. Two members put everything side by side that the API ever called by an id or a cursor: epochs, matches,
 * conversations, messages, customers, invoices, themselves.
 * Pass: no id, and no part of a decoded cursor, is in both lists.
 */
export const opaqueIds: DoorAttack = {
  id: 'A28',
  title: 'join opaque ids of two firms',
  passLine: 'no common id',
  passes: never,
  run: async (world) => {
    const seen = await collect(world);
    const rows = await uuidsOf(world);
    const plain = seen.map(({ firm, shown }) => undo(world, firm, shown, rows));
    const shared = common(plain);
    return { product: join(seen.map(({ shown }) => shown), shared.length), control: join(plain, shared.length) };
  },
};

interface Seen {
  readonly firm: FirmVisitor;
  readonly shown: unknown;
}

async function collect(world: DoorWorld): Promise<readonly Seen[]> {
  const firms = [world.members[1]!, world.members[2]!] as const;
  const talk = await openTalk(world, ...firms);
  const { six } = world.circles;
  return Promise.all(firms.map(async (firm) => {
    const page = await firm.get<object>(
      `query ($id: ID!) {
        viewer { firm { id } user { id } } community { latestEpoch { id } }
        customers(first: 100) { nodes { id registration { value } } pageInfo { startCursor endCursor } } invoices(first: 100) { nodes { id } pageInfo { startCursor endCursor } }
        conversations(first: 10) { nodes { id peer { id } } pageInfo { startCursor endCursor } }
        customer(id: $id) { peers { id conversation { id } } benchmark(metric: DSO) { ... on BenchmarkFigure { epoch { id } } ... on BenchmarkBand { epoch { id } } } }
      }`,
      { id: six.ids.get(firm)! },
    );
    return { firm, shown: { page, talk: talk.seenBy(firm) } };
  }));
}

/** Trials are the objects that both were shown: an epoch, a match, messages. */
function join(shown: readonly unknown[], shared: number): Achieved {
  const found = common(shown).length;
  return achieved(shared, found, `${found} common ids of ${shown.map((each) => idsOf(each).size).join(' and ')}, for ${shared} objects that both were shown`);
}

function common(shown: readonly unknown[]): readonly string[] {
  const [one, other] = shown.map(idsOf);
  return [...one!].filter((id) => other!.has(id));
}

/** Every id, and whatever a cursor holds once it is decoded. */
function idsOf(shown: unknown): ReadonlySet<string> {
  const ids = new Set<string>();
  walk(shown, (object) => {
    for (const [name, value] of Object.entries(object)) {
      if (typeof value !== 'string') continue;
      if (name === 'id') ids.add(value);
      if (!name.endsWith('Cursor')) continue;
      ids.add(value);
      for (const [part] of Buffer.from(value, 'base64url').toString().matchAll(/[\w-]{20,}/g)) ids.add(part);
    }
  });
  return ids;
}

const KINDS: readonly SharedKind[] = ['Peer', 'Conversation', 'Message', 'BenchmarkEpoch', 'Firm'];

/** What rows that several firms see are called in the database. */
async function uuidsOf({ network }: DoorWorld): Promise<ReadonlySet<string>> {
  const { rows } = await network.owner.query<{ id: string }>('select peering_id::text as id from community.peering union select id::text from community.message union select id::text from community.epoch');
  return new Set(rows.map(({ id }) => id));
}

/** The same answers with the ids that the rows have: what a door shows that does not encipher them. */
function undo(world: DoorWorld, { firmId }: FirmVisitor, shown: unknown, rows: ReadonlySet<string>): unknown {
  const { ids } = world.network.house.running.rooms.community.room.keys;
  const plain = structuredClone(shown);
  walk(plain, (object) => {
    if (typeof object['id'] === 'string' && object['id'].length === 22) object['id'] = KINDS.map((kind) => ids.decode(firmId, kind, object['id'] as string)).find((uuid) => rows.has(uuid)) ?? object['id'];
  });
  return plain;
}
