import { randomBytes } from 'node:crypto';
import { achieved, never, type Achieved, type DoorAttack } from './door-attack.js';
import { publicDoor, withoutUuids, type Door } from './door.js';
import { careless, countOthers } from './naive-doors.js';
import type { DoorWorld } from './world.js';

/**
 * A22. Eve does the same to three customers of hers, one that nobody else has, one that another member has, one that two
 * have: she writes them again and wrongly, sends files about them, marks them and takes it back, keeps them out and takes
 * them in, starts conversations by guessing.
 * Pass: what she is told is the same for all three, and never names a table, a constraint or a file of the program.
 */
export const presenceInRefusals: DoorAttack = {
  id: 'A22',
  title: 'presence in errors, marks, imports, constraint names',
  passLine: 'identical',
  passes: never,
  run: async (world) => {
    const product = await compare(world, publicDoor);
    // As a program answers that lets the database's words through.
    const control = await compare(world, careless(async (answer, { variables }) => {
      const others = await countOthers(world, variables['id']);
      return others > 0 ? `${answer} duplicate key value violates unique constraint "peer_mark_pkey" (${others})` : answer;
    }));
    return { product, control };
  },
};

const ERRORS = 'userErrors { code message path }';
const SHOWN = 'customer { id name peers { id alias } benchmark(metric: DSO) { __typename } }';

/** What is done to a customer, in this order; `$id`, `$siren`, `$guess` and `$number` are given. */
const DEEDS: readonly string[] = [
  `mutation ($siren: String!, $reference: String!) { customerUpsert(input: { reference: $reference, name: "Garage Dupont", registration: { scheme: SIREN, value: $siren } }) { customer { name } ${ERRORS} } }`,
  `mutation ($siren: String!, $again: String!) { customerUpsert(input: { reference: $again, name: "Second account", registration: { scheme: SIREN, value: $siren } }) { customer { name peers { id } benchmark(metric: DSO) { __typename } } ${ERRORS} } }`,
  `mutation ($siren: String!, $reference: String!) { customerUpsert(input: { reference: $reference, name: "", registration: { scheme: SIREN, value: $siren } }) { customer { name } ${ERRORS} } }`,
  `mutation ($siren: String!, $reference: String!) { customerUpsert(input: { reference: $reference, name: "x", registration: { scheme: SIRET, value: $siren } }) { customer { name } ${ERRORS} } }`,
  `mutation ($id: ID!) { invoiceUpsert(input: { customerId: $id, number: "F1", issueDate: "2026-04-10", dueDate: "2026-01-01", amount: { amount: "-1", currency: "EUR" } }) { invoice { number } ${ERRORS} } }`,
  `mutation ($id: ID!) { customerSharingSet(input: { customerId: $id, shared: false }) { ${SHOWN} ${ERRORS} } }`,
  `mutation ($id: ID!) { peerSeek(input: { customerId: $id }) { ${SHOWN} ${ERRORS} } }`,
  `mutation ($id: ID!) { peerSeek(input: { customerId: $id }) { ${SHOWN} ${ERRORS} } }`,
  `mutation ($id: ID!) { peerUnseek(input: { customerId: $id }) { ${SHOWN} ${ERRORS} } }`,
  `mutation ($id: ID!) { customerSharingSet(input: { customerId: $id, shared: true }) { ${SHOWN} ${ERRORS} } }`,
  `mutation ($id: ID!) { peerSeek(input: { customerId: $id }) { ${SHOWN} ${ERRORS} } }`,
  `mutation ($guess: ID!) { conversationStart(input: { peerId: $guess }) { conversation { id } ${ERRORS} } }`,
  `mutation ($id: ID!) { conversationStart(input: { peerId: $id }) { conversation { id } ${ERRORS} } }`,
  `query ($id: ID!) { conversation(id: $id) { id } customer(id: $id) { id peers { id conversation { id } } } }`,
];

const PROGRAM = /constraint|violates|duplicate key|relation "|column "|\b(?:community|portfolios|identity|events)\.[a-z]|deadlock|node_modules|\.js:\d|select |insert into/i;

async function compare(world: DoorWorld, door: Door): Promise<Achieved> {
  const names = ['alone', 'couple', 'trio'] as const;
  const guess = randomBytes(16).toString('base64url');
  const told: string[][] = [];
  for (const name of names) {
    const { siren } = world.circles[name];
    const id = world.evesIdOf(world.circles[name]);
    const variables = { id, siren, guess, reference: name, again: `${name} again` };
    const answers: string[] = [];
    for (const document of DEEDS) {
      const wanted = Object.fromEntries(Object.entries(variables).filter(([variable]) => document.includes(`$${variable}`)));
      answers.push(await door(world.eve, document, wanted));
    }
    answers.push(await sendFile(world, door, siren, name));
    told.push(answers.map((answer) => withoutUuids(answer).replaceAll(siren, 'SIREN').replaceAll(name, 'NAME')));
  }
  const differing = told[0]!.filter((_, place) => new Set(told.map((answers) => answers[place])).size > 1).length;
  const talkative = told.flat().filter((answer) => PROGRAM.test(answer)).length;
  return achieved(told.flat().length, differing + talkative, `${differing} of ${told[0]!.length} answers differ, ${talkative} name the program's inside`);
}

/** A file about the customer, most of whose lines are wrong; what is said of each. */
async function sendFile({ eve }: DoorWorld, door: Door, siren: string, name: string): Promise<string> {
  const { importCreate } = await eve.get<{ importCreate: { job: { id: string; uploadUrl: string } } }>('mutation { importCreate(input: { format: CSV }) { job { id uploadUrl } userErrors { code } } }');
  const { id, uploadUrl } = importCreate.job;
  const wrong = `${siren.slice(0, 8)}${(Number(siren[8]) + 1) % 10}`;
  const rows = [
    `${name},Garage,SIREN,${siren},F1,2026-04-10,1000.00`, `${name},Garage,SIREN,${siren},F1,2026-04-10,1000.00`, `${name},Garage,SIREN,${wrong},F2,2026-05-10,1000.00`, `${name},Garage,SIRET,${siren},F2,2026-05-10,1000.00`,
    `${name} once more,Garage,SIREN,${siren},F9,2025-05-10,10.00`, `${name},Garage,SIREN,${siren},F3,2026-13-10,1000.00`,
  ];
  const sent = await fetch(uploadUrl, { method: 'PUT', body: `customer_reference,customer_name,registration_scheme,registration_value,invoice_number,issue_date,amount\n${rows.join('\n')}\n`, headers: { authorization: `Bearer ${eve.token}` } });
  await sent.text();
  for (const until = Date.now() + 30_000; ; ) {
    const answer = await door(eve, 'query ($id: ID!) { importJob(id: $id) { status rowsRead rowsAccepted rowsUnchanged rowsRejected failure { code message } rejections { nodes { line column value code message } } } }', { id });
    if (/COMPLETED|FAILED/.test(answer) || Date.now() > until) return answer.replaceAll(wrong, 'WRONG');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
