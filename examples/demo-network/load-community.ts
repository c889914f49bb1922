import { sql } from 'kysely';
import { METRICS, type Metric } from '../../src/values/metric.js';
import { Dispatcher, settle } from '../../src/events/dispatch.js';
import type { Asker } from '../../src/server/asker.js';
import type { OpenRoom } from '../../src/server/open-room.js';
import { closeDueEpochs } from '../../subgraphs/community/benchmark/close-due-epochs.js';
import type { House } from '../../subgraphs/house.js';
import { DEMO_MESSAGES, TALKING_FIRMS } from './conversation.js';
import type { DemoNetwork } from './demo-network.js';
import { inRoom } from './in-room.js';

type Rooms = House['rooms'];

/** How long ago all firms of the demo joined: half a year as newcomers, whose cells are held, then a year and more of benchmarks for a chart. */
const JOINED_DAYS_AGO = 580;

/** How long ago the two that talk agreed to be found; shorter than such an agreement lasts. */
const FOUND_MINUTES_AGO = 7 * 24 * 60;

/** Has every firm join the community, with all metrics, as of a day long past. */
export async function joinAll({ community }: Rooms, askers: readonly Asker[]): Promise<void> {
  await earlier(community, JOINED_DAYS_AGO * 24 * 60, async () => {
    for (const asker of askers) {
      await inRoom(community, asker, 'mutation ($input: CommunityJoinInput!) { communityJoin(input: $input) { userErrors { message } } }', { input: { metrics: METRICS, acceptCharter: true } });
    }
  });
}

/** Lets all rooms hear what the others told meanwhile, until nothing is on its way. */
export async function hearAll(rooms: Rooms): Promise<void> {
  const dispatchers = Object.values(rooms).map(({ room, subgraph }) => new Dispatcher(room, subgraph.reactions));
  for (const dispatcher of dispatchers) dispatcher.start();
  try {
    await settle(rooms.identity.room);
  } finally {
    await Promise.all(dispatchers.map((dispatcher) => dispatcher.stop()));
  }
}

/** Publishes every benchmark that is due. */
export async function publishBenchmarks({ community }: Rooms): Promise<void> {
  await closeDueEpochs(community.room);
}

/** Two firms agree to be found about the customer that all know best, are matched, compare how it pays them, and talk. */
export async function openConversation({ portfolios, community }: Rooms, network: DemoNetwork, askers: ReadonlyMap<string, Asker>): Promise<void> {
  const { siren } = network.sharedCustomers[0]!;
  const customerIds = new Map<string, string>();
  for (const name of TALKING_FIRMS) {
    const asker = askers.get(name)!;
    const customerId = await findCustomer(portfolios, asker, siren);
    customerIds.set(name, customerId);
    await earlier(community, FOUND_MINUTES_AGO, () =>
      inRoom(community, asker, 'mutation ($input: PeerSeekInput!) { peerSeek(input: $input) { userErrors { message } } }', { input: { customerId } }),
    );
  }
  const conversationIds = new Map<string, string>();
  const peerIds = new Map<string, string>();
  for (const name of TALKING_FIRMS) {
    const asker = askers.get(name)!;
    const { _entities: [customer] } = await inRoom<{ _entities: [{ peers: readonly { id: string }[] }] }>(
      community, asker, 'query ($customer: _Any!) { _entities(representations: [$customer]) { ... on Customer { peers { id } } } }',
      { customer: { __typename: 'Customer', id: customerIds.get(name) } },
    );
    const peerId = customer.peers[0]!.id;
    peerIds.set(name, peerId);
    const { conversationStart } = await earlier(community, FOUND_MINUTES_AGO, () =>
      inRoom<{ conversationStart: { conversation: { id: string } } }>(
        community, asker, 'mutation ($input: ConversationStartInput!) { conversationStart(input: $input) { conversation { id } userErrors { message } } }', { input: { peerId } },
      ),
    );
    conversationIds.set(name, conversationStart.conversation.id);
  }
  for (const [name, peerId] of peerIds) {
    await inRoom(community, askers.get(name)!, 'mutation ($input: PairCompareInput!) { pairCompare(input: $input) { userErrors { message } } }', { input: { peerId, metrics: COMPARED } });
  }
  for (const [index, { from, minutesAgo, body }] of DEMO_MESSAGES.entries()) {
    await earlier(community, minutesAgo, () =>
      inRoom(community, askers.get(from)!, 'mutation ($input: MessageSendInput!) { messageSend(input: $input) { userErrors { message } } }', {
        input: { conversationId: conversationIds.get(from), clientId: `demo-${index + 1}`, body },
      }),
    );
  }
}

/** What the two that talk agreed to compare: not the terms, of which each has its own. */
const COMPARED = ['DSO', 'DAYS_BEYOND_TERMS', 'LATE_SHARE'] as const satisfies readonly Metric[];

/** The firm's own customer behind a SIREN, under whichever registration it noted it. */
async function findCustomer(portfolios: OpenRoom, asker: Asker, siren: string): Promise<string> {
  return portfolios.room.db.forFirm(asker.firmId).transaction(async (em) => {
    const { rows } = await sql<{ id: string }>`select id from portfolios.customer where registration_value like '%' || ${siren} || '%'`.execute(em.getKysely<unknown>());
    return rows[0]!.id;
  });
}

/** Does `work` as if it were so many minutes ago, then sets the clock back. All rooms share one clock. */
async function earlier<T>({ room: { clock } }: OpenRoom, minutes: number, work: () => Promise<T>): Promise<T> {
  const offset = clock.offsetMilliseconds;
  clock.shiftTo(offset - minutes * 60_000);
  try {
    return await work();
  } finally {
    clock.shiftTo(offset);
  }
}
