import type { Client } from 'graphql-ws';
import { getNamedType, isObjectType } from 'graphql';
import { achieved, never, type Achieved, type DoorAttack } from './door-attack.js';
import { publicDoor, withoutUuids, type Door } from './door.js';
import { careless, countOthers } from './naive-doors.js';
import { askSchema, selectionOf } from './schema.js';
import { openTalk } from './talk.js';
import type { DoorWorld } from './world.js';

/**
 * A21. Eve listens to every subscription there is and reads every count, alert and list, before and after two other members
 * are busy with a customer of hers: they mark it, take that back, keep it out, take it in, invoice it, are paid, correct
 * themselves. She knows when they are, and compares it with a customer that nobody else has.
 * Pass: no event comes, no answer changes, and the two customers read alike.
 */
export const presenceInCounters: DoorAttack = {
  id: 'A21',
  title: 'presence in events, counters, alerts',
  passLine: 'no difference',
  passes: never,
  run: async (world) => ({
    product: await watch(world, publicDoor, async () => []),
    control: await watch(world, counting(world), () => busyOthers(world)),
  }),
};

/** A door that adds to each customer how many others have done something about it. */
function counting(world: DoorWorld): Door {
  return careless(async (answer, { variables }) => `${answer} ${await countOthers(world, variables['id'])} others, ${(await busyOthers(world)).length} events`);
}

/** What a door would send that tells eve when somebody else does something about a customer of hers. */
async function busyOthers({ network, eve }: DoorWorld): Promise<readonly string[]> {
  const { rows } = await network.owner.query<{ event: string }>(
    `select m.marked_at::text as event from community.peer_mark m join community.customer_key k on k.subject = m.subject and k.firm_id = $1 where m.firm_id <> $1
     union all select c.xmin::text || c.month from community.contribution c join community.customer_key k on k.subject = c.subject and k.firm_id = $1 where c.firm_id <> $1`, [eve.firmId]);
  return rows.map(({ event }) => event);
}

async function watch(world: DoorWorld, door: Door, alsoHeard: () => Promise<readonly string[]>): Promise<Achieved> {
  const schema = await askSchema(world, publicDoor);
  const customer = schema.getType('Customer');
  if (!isObjectType(customer)) throw new Error('the API has no customers');
  const everything = selectionOf(customer, 2);
  const { quiet, busy } = world.circles;
  // One conversation of hers, by which she knows that nothing else is on its way any more.
  const talk = await openTalk(world, world.eve, world.members[3]!);
  const look = async (): Promise<readonly string[]> => Promise.all([
    ...[quiet, busy].map(async (circle) => (await door(world.eve, `query ($id: ID!) { customer(id: $id) ${everything} }`, { id: world.evesIdOf(circle) })).replaceAll(world.evesIdOf(circle), 'ID').replaceAll(circle.siren, 'SIREN').replaceAll(circle.name, 'NAME').replaceAll(/"computedAt":"[^"]+"/g, 'NOW')),
    ...countsOf(schema.getQueryType()!.getFields()).map((field) => door(world.eve, `{ ${field} }`)),
  ]);
  const before = await look();
  const heardBefore = await alsoHeard();
  const number = `B${heardBefore.length}`;
  const socket = world.eve.socket();
  const heard: string[] = [];
  try {
    const listening = Object.values(schema.getSubscriptionType()!.getFields()).filter(({ args }) => args.length === 0).map(({ name, type }) => listen(socket, `subscription { ${name} { __typename ${isObjectType(getNamedType(type)) ? 'id' : ''} } }`, heard));
    await Promise.all(listening);
    await beBusy(world, number);
    await world.eve.get('mutation ($input: MessageSendInput!) { messageSend(input: $input) { userErrors { code } } }', { input: { conversationId: talk.idFor(world.eve), clientId: `sentinel ${Date.now()}`, body: 'Bonjour' } });
    for (const until = Date.now() + 20_000; !heard.some((event) => event.includes('inboxChanged')); ) {
      if (Date.now() > until) throw new Error('eve does not hear her own message');
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  } finally {
    await socket.dispose();
  }
  const after = await look();
  const unexpected = heard.filter((event) => !event.includes('inboxChanged')).length + Math.max(0, heard.filter((event) => event.includes('inboxChanged')).length - 1);
  const extra = (await alsoHeard()).filter((event) => !heardBefore.includes(event)).length;
  const changed = before.filter((answer, place) => answer !== after[place]).length;
  const differs = withoutUuids(after[0]!) === withoutUuids(after[1]!) ? 0 : 1;
  const kinds = [unexpected + extra, changed, differs];
  return achieved(kinds.length, kinds.filter((kind) => kind !== 0).length, `${unexpected + extra} events, ${changed} of ${before.length} answers changed, the two customers read ${differs === 0 ? 'alike' : 'differently'}`);
}

/** Fields of the root that say how many there are of something, with their counts; and where the firm stands. */
function countsOf(fields: Readonly<Record<string, { readonly name: string; readonly type: unknown; readonly args: readonly { readonly name: string; readonly type: unknown }[] }>>): readonly string[] {
  const counts = ['customers', 'invoices', 'receipts', 'conversations', 'alerts'].filter((name) => name in fields).map((name) => `${name}(first: 100) { totalCount }`);
  return [...counts, 'community { member sharing admitted missing latestEpoch { id } }', 'portfolio { customerCount openInvoiceCount }', ...('alertRules' in fields ? ['alertRules { id }'] : [])];
}

async function listen(socket: Client, query: string, heard: string[]): Promise<void> {
  const field = /\{ (\w+)/.exec(query)![1]!;
  void (async () => {
    for await (const step of socket.iterate({ query })) heard.push(`${field} ${JSON.stringify(step)}`);
  })().catch(() => undefined);
  // Until the server has it: an operation that is sent after it is answered after it began.
  for await (const step of socket.iterate({ query: '{ viewer { role } }' })) if (step.errors) throw new Error(JSON.stringify(step.errors));
}

/** Two members are busy with the customer that they and eve have, in every way that the API offers. */
async function beBusy({ network, members, circles }: DoorWorld, number: string): Promise<void> {
  const { busy } = circles;
  for (const firm of [members[1]!, members[2]!]) {
    const id = busy.ids.get(firm)!;
    const change = async (document: string): Promise<unknown> => firm.get(document, document.includes('$number') ? { id, number } : { id });
    // They alone mark it, so they match each other and not her.
    await change('mutation ($id: ID!) { peerSeek(input: { customerId: $id }) { userErrors { code } } }');
    await change('mutation ($id: ID!) { customerSharingSet(input: { customerId: $id, shared: false }) { userErrors { code } } }');
    await change('mutation ($id: ID!) { customerSharingSet(input: { customerId: $id, shared: true }) { userErrors { code } } }');
    await change('mutation ($id: ID!, $number: String!) { invoiceUpsert(input: { customerId: $id, number: $number, issueDate: "2026-08-20", dueDate: "2026-09-20", amount: { amount: "70.00", currency: "EUR" } }) { userErrors { code } } }');
    await change('mutation ($id: ID!, $number: String!) { paymentRecord(input: { customerId: $id, reference: $number, receivedOn: "2026-08-25", amount: { amount: "70.00", currency: "EUR" }, invoiceNumbers: [$number] }) { userErrors { code } } }');
    await firm.get('mutation ($input: CustomerUpsertInput!) { customerUpsert(input: $input) { userErrors { code } } }', { input: { reference: 'busy', name: `Renamed ${Date.now()}`, registration: { scheme: 'SIREN', value: busy.siren } } });
    await change('mutation ($id: ID!) { peerUnseek(input: { customerId: $id }) { userErrors { code } } }');
  }
  await network.settle();
}
