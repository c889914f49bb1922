import { randomBytes, randomUUID } from 'node:crypto';
import type { Visitor } from '../../test/house.js';
import { achieved, never, type Achieved, type DoorAttack } from './door-attack.js';
import { post, publicDoor, withoutRequestIds, withoutUuids, type Door } from './door.js';
import { careless } from './naive-doors.js';
import { askSchema, idFieldsOf, type IdField } from './schema.js';
import { openTalk } from './talk.js';
import type { DoorWorld } from './world.js';

/**
 * A37. Eve holds ids of every kind that belong to others: their customers, invoices, imports, matches, conversations, keys …
 * She puts each of them into every field of the API that takes an id. The list of fields is the schema's own, so a field
 * that is added tomorrow is attacked tomorrow.
 * Pass: each answer is the one that an id nobody has gets.
 */
export const foreignIds: DoorAttack = {
  id: 'A37',
  title: 'foreign entity ids through the gateway',
  passLine: 'same as non-existent',
  passes: never,
  run: async (world, { fast }) => {
    const stolen = await steal(world, !fast ? 3 : 1);
    const forbidding = careless((answer, { variables }) => (stolen.includes(String(variables['id'])) ? answer.replaceAll('NOT_FOUND', 'FORBIDDEN').replaceAll(':null', ':{"id":null}') : answer));
    return { product: await tryAll(world, streamingDoor, stolen), control: await tryAll(world, forbidding, fast ? stolen.slice(0, 1) : stolen) };
  },
};

/** Subscriptions too: over SSE, up to their first word. */
const streamingDoor: Door = async (who, query, variables = {}) => {
  if (!query.startsWith('subscription')) return publicDoor(who, query, variables);
  return Promise.race([
    post(who, JSON.stringify({ query, variables }), { accept: 'text/event-stream' }).then(({ text }) => withoutRequestIds(text)),
    new Promise<string>((resolve) => setTimeout(resolve, 15_000, 'it listens')),
  ]);
};

/** A server that is asked everything at once answers late. */
const FIELDS_AT_ONCE = 12;

async function tryAll(world: DoorWorld, door: Door, stolen: readonly string[]): Promise<Achieved> {
  // What signs in, verifies or moves the clock takes ids that are no secret; a sandbox lets anybody do it.
  const fields = idFieldsOf(await askSchema(world, publicDoor)).filter(({ name }) => !/^sandbox|^session/.test(name));
  const counts: number[] = [];
  for (let from = 0; from < fields.length; from += FIELDS_AT_ONCE) counts.push(...(await Promise.all(fields.slice(from, from + FIELDS_AT_ONCE).map((field) => tryField(world.eve, door, field, stolen)))));
  const told = fields.filter((_, place) => counts[place]! > 0).map(({ name }) => name);
  return achieved(fields.length * stolen.length, counts.reduce((sum, count) => sum + count, 0), told.length === 0 ? `${fields.length} fields say nothing` : `${told.length} of ${fields.length} fields tell: ${told.join(', ')}`);
}

async function tryField(eve: Visitor, door: Door, { document }: IdField, stolen: readonly string[]): Promise<number> {
  // What a mutation makes has an id and an instant of its own.
  const ask = async (id: string, again = 3): Promise<string> => {
    const answer = await askOnce(id);
    // What says so is asked again: how busy her own ledger is says nothing of the id.
    return again > 0 && answer.includes('"UNAVAILABLE"') ? ask(id, again - 1) : answer;
  };
  const askOnce = async (id: string): Promise<string> => withoutUuids((await door(eve, document, { id })).replaceAll(id, 'ID')).replaceAll(/"\d{4}-\d\d-\d\dT[\d:.]+Z"/g, 'INSTANT');
  // An id of each form that nobody has.
  const nobodys = new Set(await Promise.all([ask(randomUUID()), ask(randomBytes(16).toString('base64url'))]));
  const answers = await Promise.all(stolen.map((id) => ask(id)));
  return answers.filter((answer) => !nobodys.has(answer)).length;
}

/** Ids of everything that others have, as the others get them from the API. */
async function steal(world: DoorWorld, each: number): Promise<readonly string[]> {
  const [, victim, other] = world.members;
  const talk = await openTalk(world, victim!, other!);
  const mine = await victim!.get<Record<string, unknown>>(`{
    customers(first: ${each}) { nodes { id } } invoices(first: ${each}) { nodes { id } pageInfo { endCursor } } receipts(first: ${each}) { nodes { id } }
    viewer { firm { id } user { id } } community { latestEpoch { id } }
  }`);
  const made = await victim!.get<Record<string, unknown>>('mutation { importCreate(input: { format: CSV }) { job { id } } apiKeyCreate(input: { name: "Nightly", scopes: ["chat"] }) { apiKey { id } } }');
  const idsIn = (shown: unknown): string[] => [...JSON.stringify(shown).matchAll(/"(?:id|endCursor)":"([^"]+)"/g)].map(([, id]) => id!);
  // Of a conversation: itself, the peer, and one message.
  return [...new Set([...idsIn([mine, made]), ...idsIn(talk.seenBy(victim!)).slice(0, 3)])];
}
