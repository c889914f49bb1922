import { randomUUID } from 'node:crypto';
import { achieved, never, type Achieved, type DoorAttack } from './door-attack.js';
import { publicDoor, withoutUuids, type Door } from './door.js';
import { careless, countOthers } from './naive-doors.js';
import type { DoorWorld } from './world.js';

/**
 * A38. Eve sends requests that are wrong in every way she can think of, each about customers of hers that nobody, one, two
 * and ten other members have, and about ids that are another member's and nobody's.
 * Pass: how a request is refused depends on the request: it is the same for all of hers, and the same for all that are not.
 */
export const errorOracle: DoorAttack = {
  id: 'A38',
  title: 'error oracle',
  passLine: 'no dependence',
  passes: never,
  run: async (world) => ({
    product: await ask(world, publicDoor),
    control: await ask(world, careless(async (answer, { variables }) => (answer.includes('"errors"') ? answer.replace('"message":"', `"message":"(${await countOthers(world, variables['id'])} rows) `) : answer))),
  }),
};

/** Each has `$id`, and some value or form that the API does not take. */
const WRONG: readonly string[] = [
  ...['metric: NOPE', '', 'metric: null', 'metric: "DSO"', 'metric: 1', 'metric: DSO, epoch: { id: 1 }', 'metric: DSO, epoch: true', 'metric: [DSO, LATE_SHARE]', 'metric: DSO, metric: LATE_SHARE'].map((given) => `query ($id: ID!) { customer(id: $id) { benchmark${given === '' ? '' : `(${given})`} { __typename } } }`),
  ...['first: 0', 'first: -1', 'first: 101', 'first: 2147483648', 'after: "x"', 'after: ""', 'where: { dueFrom: "2026-02-30" }'].map((given) => `query ($id: ID!) { customer(id: $id) { invoices(${given}) { totalCount } benchmark(metric: DSO) { __typename } } }`),
  ...['dso(days: -1)', 'dso(days: 0)', 'agedBalance(bounds: [3, 2]) { fromDay }', 'agedBalance(bounds: []) { fromDay }', 'lateShare(days: 999999)', 'collectionEffectiveness(from: "2999-01-01")'].map((field) => `query ($id: ID!) { customer(id: $id) { indicators { ${field} } } }`),
  'query ($id: ID!) { customer(id: $id) { indicators(asOf: "0000-00-00") { dso } } }',
  'query ($id: ID!) { customer(id: $id) { indicators(currency: "EURO") { dso } } }',
  'query ($id: ID!) { customer(id: $id) { benchmark(metric: DSO) { value } } }',
  'query ($id: ID!) { customer(id: $id) { benchmark(metric: DSO) { ... on Customer { id } } } }',
  'query ($id: ID!) { customer(id: $id) { peers(first: 1) { id } } }',
  'query ($id: ID!) { customer(id: $id) { peers { firm { customers { id } } } } }',
  'query ($id: ID!) { customer(id: $id) { nothing } }',
  'query ($id: ID!) { customer(id: $id) }',
  'query ($id: [ID!]!) { customer(id: $id) { id } }',
  'query ($id: Int!) { customer(id: $id) { id } }',
  'query ($id: ID!) { customer(id: $id) { id }',
  'query ($id: ID!) { invoices(where: { customerId: $id }, first: 0) { totalCount } }',
  'query ($id: ID!) { creditCheck(customerId: $id, amount: { amount: "x", currency: "EUR" }) { decision } }',
  'mutation ($id: ID!) { peerSeek(input: { customerId: $id, customerId: $id }) { userErrors { code message path } } }',
  'mutation ($id: ID!) { peerSeek(input: { customerId: $id, for: "ever" }) { userErrors { code message path } } }',
  'mutation ($id: ID!) { customerSharingSet(input: { customerId: $id, shared: null }) { userErrors { code message path } } }',
  'mutation ($id: ID!) { invoiceUpsert(input: { customerId: $id, number: "", issueDate: "2026-01-01", amount: { amount: "1", currency: "EUR" } }) { invoice { id } userErrors { code message path } } }',
  'mutation ($id: ID!) { invoiceUpsert(input: { customerId: $id, number: "Z", issueDate: "2026-01-01", amount: { amount: "1e9", currency: "EUR" } }) { invoice { id } userErrors { code message path } } }',
  'mutation ($id: ID!) { invoiceUpsert(input: { customerId: $id, number: "Z", issueDate: "2026-01-01", amount: { amount: "1", currency: "ZZZ" } }) { invoice { id } userErrors { code message path } } }',
  'mutation ($id: ID!) { paymentRecord(input: { customerId: $id, reference: "Z", receivedOn: "2026-01-01", amount: { amount: "0", currency: "EUR" } }) { userErrors { code message path } } }',
  'mutation ($id: ID!) { paymentTermsSet(input: { customerId: $id, terms: { days: -1 } }) { userErrors { code message path } } }',
  'mutation ($id: ID!) { messageSend(input: { conversationId: $id, clientId: "", body: "" }) { userErrors { code message path } } }',
  'mutation ($id: ID!) { messageSend(input: { conversationId: $id, clientId: "x", body: "x" }) { userErrors { code message path } } }',
  'mutation ($id: ID!) { identityReveal(input: { conversationId: $id }) { userErrors { code message path } } }',
  'mutation ($id: ID!) { conversationReport(input: { conversationId: $id, reason: "" }) { userErrors { code message path } } }',
  'subscription ($id: ID!) { messageReceived(conversationId: $id) { id } }',
  'subscription ($id: ID!) { benchmarksPublished(customerId: $id) { id } }',
];

async function ask(world: DoorWorld, door: Door): Promise<Achieved> {
  const { alone, couple, trio, eleven } = world.circles;
  const hers = [alone, couple, trio, eleven].map((circle) => world.evesIdOf(circle));
  const [foreign, nobodys] = [[trio.ids.get(world.members[1]!)!, eleven.ids.get(world.members[2]!)!, world.others[0]!.ids.get(world.members[1]!)!], [randomUUID(), randomUUID()]];
  const answer = async (document: string, id: string): Promise<string> => withoutUuids((await door(world.eve, document, { id })).replaceAll(id, 'ID'));
  const counts = await Promise.all(WRONG.map(async (document) => {
    const [ofHers, ofOthers] = await Promise.all([hers, [...foreign, ...nobodys]].map((ids) => Promise.all(ids.map((id) => answer(document, id)))));
    return new Set(ofHers).size - 1 + new Set(ofOthers).size - 1;
  }));
  const telling = WRONG.filter((_, place) => counts[place]! > 0);
  return achieved(WRONG.length, telling.length, telling.length === 0 ? `${WRONG.length} wrong requests are refused alike` : `${telling.length} of ${WRONG.length} differ, e.g. ${telling[0]!}`);
}
