import { deepStrictEqual } from 'node:assert/strict';
import { invariant } from '../../src/errors.js';
import { cpuOf, shortNumber, spreadOf, type Contender, type Sample } from '../measure.js';
import { showSpread } from '../report.js';
import { startProsody, type Prosody } from '../contenders/prosody.js';
import { startChatHouse, type ChatHouse } from './chat-house.js';
import { numberIn, textOf } from './chat-text.js';
import { startClients, type ClientProcess } from './client-process.js';
import type { Exchange, Exchanged } from './exchange.js';
import { seedPairs, type SeededPair } from './seed-chat.js';

export const OURS = 'Ardoise, all in one, fsync on';
export const PROSODY = 'Prosody with its archive, no fsync';

/** Characters of a message. */
const BODY_LENGTH = 120;

/** Both servers, with as many pairs signed in to each; and the process of all clients. */
export interface Talk extends AsyncDisposable {
  readonly house: ChatHouse;
  readonly prosody: Prosody;
  readonly clients: ClientProcess;
  readonly pairs: readonly SeededPair[];
  readonly servers: readonly TalkServer[];
}

/** One server. */
export interface TalkServer {
  readonly name: string;
  /** Milliseconds of CPU so far: of its own process, and of its database where that is another one. */
  cpu(): Promise<{ readonly process: number; readonly database?: number }>;
}

/** What one run cost, beside what the report compares; CPU of each is of one message. */
export interface TalkSample extends Sample {
  readonly perSecond: number;
  readonly cpuMilliseconds: number;
  readonly databaseMilliseconds: number | undefined;
  readonly clientMilliseconds: number;
  readonly p50: number;
  readonly p99: number;
  readonly overtaken: number;
}

export async function startTalk(count: number): Promise<Talk> {
  await using stack = new AsyncDisposableStack();
  const house = stack.use(await startChatHouse());
  const prosody = stack.use(await startProsody(2 * count));
  const clients = stack.use(await startClients());
  const pairs = await seedPairs(house.owner, house.ids, count);
  await clients.perform('open', { name: OURS, side: { kind: 'ardoise', url: house.url, pairs } });
  await clients.perform('open', { name: PROSODY, side: { kind: 'xmpp', port: prosody.port, pairs: pairs.map((_, index) => ({ from: prosody.accounts[2 * index]!, to: prosody.accounts[2 * index + 1]! })) } });
  const servers: readonly TalkServer[] = [{ name: OURS, cpu: () => house.cpu() }, { name: PROSODY, cpu: async () => ({ process: await cpuOf(prosody.pid) }) }];
  const ours = stack.move();
  return { house, prosody, clients, pairs, servers, [Symbol.asyncDispose]: () => ours.disposeAsync() };
}

/** Lets the pairs of one server talk, as a contender of rounds. */
export function talkOf({ clients }: Pick<Talk, 'clients'>, server: TalkServer, exchange: Omit<Exchange, 'bodyLength'>): Contender {
  return {
    name: server.name,
    async run(): Promise<TalkSample> {
      const before = await server.cpu();
      const talked = await clients.perform('exchange', { name: server.name, exchange: { ...exchange, bodyLength: BODY_LENGTH } });
      const after = await server.cpu();
      return sampleOf(talked, after.process - before.process, after.database === undefined ? undefined : after.database - before.database!);
    },
  };
}

function sampleOf({ messages, seconds, latencies, overtaken, cpuMilliseconds }: Exchanged, cpu: number, database: number | undefined): TalkSample {
  const sorted = latencies.toSorted((one, other) => one - other);
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!;
  return {
    milliseconds: at(0.5), perSecond: messages / seconds, cpuMilliseconds: cpu / messages, databaseMilliseconds: database === undefined ? undefined : database / messages,
    clientMilliseconds: cpuMilliseconds / messages, p50: at(0.5), p99: at(0.99), overtaken,
  };
}

/** Each contender's rate, how long a message is under way, and who spent what on it. */
export function showTalk(title: string, samples: ReadonlyMap<string, readonly TalkSample[]>): string {
  const of = (runs: readonly TalkSample[], read: (sample: TalkSample) => number | undefined): string => {
    const values = runs.map(read).filter((value) => value !== undefined);
    return values.length === 0 ? '' : showSpread(spreadOf(values));
  };
  return [
    `| ${title} | messages a second | p50 ms | p99 ms | CPU ms a message: server | PostgreSQL | clients | overtaken |`, '|---|---|---|---|---|---|---|---|',
    ...[...samples].map(([name, runs]) => `| ${name} | ${of(runs, ({ perSecond }) => perSecond)} | ${of(runs, ({ p50 }) => p50)} | ${of(runs, ({ p99 }) => p99)} | ${of(runs, ({ cpuMilliseconds }) => cpuMilliseconds)} | ${of(runs, ({ databaseMilliseconds }) => databaseMilliseconds)} | ${of(runs, ({ clientMilliseconds }) => clientMilliseconds)} | ${shortNumber(runs.reduce((sum, { overtaken }) => sum + overtaken, 0))} |`),
  ].join('\n');
}

/**
 * Holds both servers to having done the same. That each message came once, with its own text and in order, is checked at each;
 * here, that all stand in the conversation and in the archive afterwards.
 */
export async function demandKept({ house, clients, pairs }: Talk): Promise<void> {
  const archived = await clients.perform('count', { name: PROSODY });
  for (const { said, kept } of archived) invariant(said === kept, `the archive holds what was said: ${kept} of ${said}`);
  const counted = await clients.perform('count', { name: OURS });
  const { rows } = await house.owner.query<{ place: number; numbers: number; last: number }>(
    `select pair.place::int, count(m.seq)::int as numbers, c.last_seq as last from unnest($1::uuid[]) with ordinality as pair (id, place)
     join community.conversation c on c.peering_id = pair.id left join community.message m on m.peering_id = pair.id group by 1, 3 order by 1`,
    [pairs.map(({ peeringId }) => peeringId)]);
  deepStrictEqual(rows.map(({ numbers, last }) => [numbers, last]), counted.map(({ said }) => [said, said]), 'every message stands in its conversation');
}

export const MESSAGES = 'query ($id: ID!, $after: Int!) { conversation(id: $id) { messages(first: 100, after: $after) { nodes { seq body } hasMore } } }';

interface MessagePage {
  readonly data: { readonly conversation: { readonly messages: { readonly nodes: readonly { readonly seq: number; readonly body: string }[]; readonly hasMore: boolean } } };
}

/** Reads what some pairs have said as the receiver reads it, and holds it to being what was sent. */
export async function demandTexts({ house, clients, pairs }: Talk, first: number): Promise<void> {
  const counted = await clients.perform('count', { name: OURS });
  for (const [index, { to }] of pairs.slice(0, first).entries()) {
    const bodies: string[] = [];
    for (let more = true; more; ) {
      const response = await fetch(`${house.url}/graphql`, {
        method: 'POST', headers: { 'content-type': 'application/json', authorization: `Bearer ${to.token}` },
        body: JSON.stringify({ query: MESSAGES, variables: { id: to.conversationId, after: bodies.length } }),
      });
      const text = await response.text();
      const { data } = JSON.parse(text) as Partial<MessagePage>;
      invariant(data, `the conversation is read: ${text}`);
      const { nodes, hasMore } = data.conversation.messages;
      bodies.push(...nodes.map(({ body }) => body));
      more = hasMore;
    }
    const { said } = counted[index]!;
    deepStrictEqual(bodies.toSorted((one, other) => numberIn(one) - numberIn(other)), Array.from({ length: said }, (_, place) => textOf(index, place + 1, BODY_LENGTH)), 'the conversation holds the texts that were sent');
  }
}
