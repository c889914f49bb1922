import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { buildSchema, getNamedType, getNullableType, isEnumType, isInputObjectType, isLeafType, isListType, isNonNullType, isObjectType, type GraphQLArgument, type GraphQLEnumType, type GraphQLField, type GraphQLInputType, type GraphQLObjectType, type GraphQLOutputType } from 'graphql';
import { sql } from 'kysely';
import { PASSWORD, randomSiren, startHouse, type Answer, type FirmVisitor, type TestHouse } from './house.js';

/** How many operations are under way at once. */
const AT_ONCE = 8;

const schema = buildSchema(readFileSync(join(import.meta.dirname, '..', '..', 'schema', 'api.graphql'), 'utf8'));

const TEXTS = [
  '', ' ', '\u0000', 'a\u0000b', '\ud800', 'a\udc00b', '\u202e\u200b', '%_\\', `'); select pg_sleep(9) --`, '00000000-0000-0000-0000-000000000000',
  'F47AC10B-58CC-4372-A567-0E02B2C3D479', '__proto__', 'é'.repeat(1000), 'x'.repeat(100_000), '-1', '9'.repeat(400),
];
/** Cursors of one part to three that no list gave. */
const CURSORS = [
  ...[[], [null], ['x'], ['\u0000'], [1e308], [null, null], ['x', 'y'], ['\u0000', '\u0000'], ['1970-01-01', 'x'], ['999999999999999999999', '00000000-0000-0000-0000-000000000000'], [1.5, 'x'], ['x', 'y', 'z'], [{}], ['\ud800', '\ud800'], ['-271821-04-20T00:00:00Z', 'x'], ['+275760-09-13T00:00:00Z', 'x'], ['x', '2099-12-31', '\u0000'], [-1, 'x'],
    ...['\u0000', '\ud800', 'x', '', '-1', '1e9', '9'.repeat(30), '9999-99-99', '2099-12-31', '+275760-09-13', 'infinity', 'NaN', 5, 1.5, 1e308, null].map((key) => [key, '00000000-0000-0000-0000-000000000000'])].map((key) => Buffer.from(JSON.stringify(key)).toString('base64url')),
];
/** Values that a client could send by mistake or on purpose, by scalar. */
const NASTY: Readonly<Record<string, readonly unknown[]>> = {
  String: TEXTS,
  ID: [...TEXTS, 7],
  Int: [0, -1, 1, 101, 1000, 36_500, 1_000_000, 2_147_483_647, -2_147_483_648, 2_147_483_648, 1.5, '5'],
  Float: [0, -0, -1, 0.5, 101, 5e-324, 1e308, -1e308, 2_147_483_648, '5', 'NaN', ''],
  Boolean: [true, false, 'true'],
  Date: ['1970-01-01', '2099-12-31', '0001-01-01', '9999-12-31', '+275760-09-13', '-271821-04-19', '2026-02-30', '', '2026-1-1', '\u0000', 'infinity', 20_260_101],
  DateTime: ['1970-01-01T00:00:00Z', '0001-01-01T00:00:00Z', '9999-12-31T23:59:59.999Z', '+275760-09-13T00:00:00Z', '-271821-04-20T00:00:00Z', '2026-01-01', '', 'infinity', '2026-01-01T00:00:00.123456789Z'],
  Decimal: ['0', '-0', '-1', '0.000000001', '999999999999999999', '999999999999999999.999999999', '99999999999999999999', '1e5', 'NaN', '', '1,5', '\u0000', 5],
  CurrencyCode: ['JPY', 'KWD', 'XTS', 'eur', '', '\u0000', 'EURO'],
  CountryCode: ['US', 'ZZ', 'fr', '', '\u0000\u0000', 'XX'],
};

let house: TestHouse;
let acme: FirmVisitor;
/** A good value for each argument that has no default one, by its name, its field and name, or its scalar. */
let good: Readonly<Record<string, unknown>>;

beforeAll(async () => {
  house = await startHouse();
  const rival = await house.firm('Rival');
  acme = await house.firm('Acme');
  const siren = randomSiren();
  const customers = await Promise.all([acme, rival].map((firm) => upsert(firm, siren)));
  await house.running.rooms.community.room.db.asSystem().transaction(async (em) => {
    const db = em.getKysely<unknown>();
    for (const [place, { firmId }] of [acme, rival].entries()) {
      await sql`insert into community.membership (firm_id, verified, joined_at, metrics) values (${firmId}, true, now(), '{DSO}') on conflict (firm_id) do update set verified = true, joined_at = now()`.execute(db);
      await sql`
        insert into community.customer_key (firm_id, customer_id, subject, seekable_until, revision) values (${firmId}, ${customers[place]}, ${'ab'.repeat(32)}, '2999-12', 1)
        on conflict (firm_id, customer_id) do update set subject = excluded.subject, seekable_until = excluded.seekable_until, revision = 1000
      `.execute(db);
    }
  });
  const seek = 'mutation ($id: ID!) { peerSeek(input: { customerId: $id }) { customer { peers { id } } } }';
  await rival.get(seek, { id: customers[1] });
  const { peerSeek } = await acme.get<{ peerSeek: { customer: { peers: { id: string }[] } } }>(seek, { id: customers[0] });
  const peerId = peerSeek.customer.peers[0]!.id;
  const { conversationStart } = await acme.get<{ conversationStart: { conversation: { id: string } } }>('mutation ($id: ID!) { conversationStart(input: { peerId: $id }) { conversation { id } } }', { id: peerId });
  const conversationId = conversationStart.conversation.id;
  await acme.get('mutation ($id: ID!) { messageSend(input: { conversationId: $id, clientId: "1", body: "Bonjour" }) { userErrors { code } } }', { id: conversationId });
  const { invoiceUpsert } = await acme.get<{ invoiceUpsert: { invoice: { id: string } } }>(
    'mutation ($id: ID!) { invoiceUpsert(input: { customerId: $id, number: "F1", issueDate: "2026-01-01", amount: { amount: "10.00", currency: "EUR" } }) { invoice { id } userErrors { code } } }',
    { id: customers[0] },
  );
  const { importCreate } = await acme.get<{ importCreate: { job: { id: string } } }>('mutation { importCreate(input: { format: CSV }) { job { id } userErrors { code } } }');
  good = {
    'customer.id': customers[0], 'invoice.id': invoiceUpsert.invoice.id, 'importJob.id': importCreate.job.id, 'conversation.id': conversationId, 'apiKeyRevoke.id': randomUUID(),
    'sandboxFirmVerify.firmId': acme.firmId, customerId: customers[0], conversationId, peerId, reference: 'R-1', number: 'F1', name: 'Garage', scopes: ['ledger:read'], password: PASSWORD,
    firmName: 'Firm', userName: 'Camille', value: siren, acceptCharter: true, days: 30, fixedDay: 15, delimiter: ';', dateFormat: 'DD/MM/YYYY', metrics: ['DSO'], bounds: [0, 30], invoiceNumbers: ['F1'],
    get email() { return `${randomUUID()}@example.test`; },
    get 'firmSignUp.value'() { return randomSiren(); }, 'importCreate.mapping': Object.entries({ a: 'CUSTOMER_REFERENCE', b: 'INVOICE_NUMBER', c: 'ISSUE_DATE', d: 'AMOUNT' }).map(([column, field]) => ({ column, field })),
    before: 5, after: null, epoch: null, upTo: 1, last: 5, column: 'a', where: {}, ref: { id: customers[0] },
    url: 'https://hooks.example.com/', String: 'text', ID: randomUUID(), Int: 1, Float: 0.5, Boolean: false, Date: '2026-01-15', DateTime: '2030-01-15T10:00:00Z', Decimal: '10.00', CurrencyCode: 'EUR', CountryCode: 'FR',
  };
}, 60_000);
afterAll(() => house[Symbol.asyncDispose]());

async function upsert(firm: FirmVisitor, siren: string): Promise<string> {
  const { customerUpsert } = await firm.get<{ customerUpsert: { customer: { id: string } } }>(
    'mutation ($input: CustomerUpsertInput!) { customerUpsert(input: $input) { customer { id } userErrors { code } } }',
    { input: { reference: 'R-1', name: 'Garage Dupont', registration: { scheme: 'SIREN', value: siren } } },
  );
  return customerUpsert.customer.id;
}

/** What is asked for of a type: its plain fields, and those of its objects a few levels down. */
function selection(type: GraphQLOutputType, levels = 2): string {
  const named = getNamedType(type);
  if (!isObjectType(named)) return isLeafType(named) ? '' : '{ __typename }';
  const fields = Object.values(named.getFields())
    .filter(({ args }) => !args.some(({ type: argument, defaultValue }) => isNonNullType(argument) && defaultValue === undefined))
    .map((field) => [field, levels > 0 ? selection(field.type, levels - 1) : ''] as const)
    .filter(([field, below]) => below !== '' || isLeafType(getNamedType(field.type)));
  return fields.length === 0 ? '' : `{ ${fields.map(([field, below]) => `${field.name} ${below}`).join(' ')} }`;
}

/** A field with arguments, at the end of a path whose other fields have good ones. */
interface Target {
  readonly path: readonly GraphQLField<unknown, unknown>[];
}

function targets(): Target[] {
  const found: Target[] = Object.values(schema.getMutationType()!.getFields()).filter(({ args }) => args.length > 0).map((field) => ({ path: [field] }));
  const seen = new Set<string>();
  const queue: { type: GraphQLObjectType; path: readonly GraphQLField<unknown, unknown>[] }[] = [{ type: schema.getQueryType()!, path: [] }];
  for (const { type, path } of queue) {
    if (seen.has(type.name)) continue;
    seen.add(type.name);
    for (const field of Object.values(type.getFields())) {
      if (field.args.length > 0) found.push({ path: [...path, field] });
      const named = getNamedType(field.type);
      if (isObjectType(named)) queue.push({ type: named, path: [...path, field] });
    }
  }
  return found;
}

function goodValue(type: GraphQLInputType, field: string, name: string): unknown {
  const key = [`${field}.${name}`, name].find((candidate) => candidate in good && !(name === 'reference' && field === 'ref'));
  if (key !== undefined) return good[key];
  const nullable = getNullableType(type);
  if (isListType(nullable)) return [goodValue(nullable.ofType, field, name)];
  if (isEnumType(nullable)) return nullable.getValues()[0]!.name;
  if (isInputObjectType(nullable)) return Object.fromEntries(Object.values(nullable.getFields()).map((part) => [part.name, goodValue(part.type, field, part.name)]));
  return good[nullable.name];
}

/** The good value with one place of it made nasty, each place and each nasty value in turn. */
function* nastyValues(type: GraphQLInputType, field: string, name: string): Generator {
  const nullable = getNullableType(type);
  if (isListType(nullable)) {
    const [one, ...rest] = goodValue(nullable, field, name) as unknown[];
    yield* [[], [null], Array.from({ length: 2000 }, () => one), one];
    for (const value of nastyValues(nullable.ofType, field, name)) yield [value, ...rest];
  } else if (isInputObjectType(nullable)) {
    const fields = Object.values(nullable.getFields());
    if (nullable.isOneOf) {
      for (const part of fields) for (const value of nastyValues(part.type, '', part.name)) yield { [part.name]: value };
      return;
    }
    const whole = Object.fromEntries(fields.map((part) => [part.name, goodValue(part.type, field, part.name)]));
    for (const part of fields) for (const value of nastyValues(part.type, field, part.name)) yield { ...whole, [part.name]: value };
  } else if (isEnumType(nullable)) {
    yield* nullable.getValues().map((value) => value.name);
  } else yield* name === 'after' ? [...TEXTS.slice(0, 6), ...CURSORS] : NASTY[nullable.name]!;
  yield null;
}

interface Attempt {
  readonly what: string;
  readonly query: string;
  readonly variables: Record<string, unknown>;
}

function* attempts(): Generator<Attempt> {
  for (const { path } of targets()) {
    const target = path.at(-1)!;
    for (const attacked of target.args) {
      // A cursor means another key in each order of its list.
      const order = attacked.name === 'after' ? target.args.find(({ name }) => name === 'orderBy') : undefined;
      const orders = order ? (getNullableType(order.type) as GraphQLEnumType).getValues().map(({ name }) => name) : [undefined];
      for (const [value, by] of [...nastyValues(attacked.type, target.name, attacked.name)].flatMap((nasty) => orders.map((each) => [nasty, each] as const))) {
        const variables: Record<string, unknown> = {};
        const declared: string[] = [];
        const declare = (argument: GraphQLArgument, given: unknown): string => {
          const name = `v${declared.length}`;
          declared.push(`$${name}: ${argument.type}`);
          variables[name] = given;
          return `${argument.name}: $${name}`;
        };
        const opened = path.map((field) => {
          const given = field.args.filter((argument) => (field === target ? argument === attacked : false) || (isNonNullType(argument.type) && argument.defaultValue === undefined));
          const written = given.map((argument) => declare(argument, field === target && argument === attacked ? value : goodValue(argument.type, field.name, argument.name)));
          if (field === target && order && by) written.push(declare(order, by));
          return `${field.name}${written.length > 0 ? `(${written.join(', ')})` : ''}`;
        });
        const inner = `${opened.join(' { ')} ${selection(target.type)}${' }'.repeat(path.length - 1)}`;
        const kind = schema.getMutationType()!.getFields()[path[0]!.name] === path[0] ? 'mutation' : 'query';
        yield { what: `${path.map(({ name }) => name).join('.')}(${attacked.name}: ${JSON.stringify(value).slice(0, 160)})`, query: `${kind} (${declared.join(', ')}) { ${inner} }`, variables };
      }
    }
  }
}

/** Whether a top-level refusal is one that a client may rely on, and nothing of our insides is in it. */
function faultOf(text: string): string | undefined {
  const { errors = [] } = JSON.parse(text) as Answer<unknown>;
  const codes = errors.map(({ extensions }) => extensions?.code);
  if (codes.some((code) => code === undefined || code === 'INTERNAL' || code === 'UNAVAILABLE')) return `${codes.join()} ${JSON.stringify(errors[0]).slice(0, 200)}`;
  if (/\b(select|insert into|update) .* (from|values|set)\b|node_modules|\.(js|ts):\d|constraint|relation "|syntax error at or near|pg_catalog/i.test(JSON.stringify(errors))) return `insides: ${JSON.stringify(errors).slice(0, 300)}`;
  return undefined;
}

/** Asks all of them, some at once; what was wrong with the answers. */
async function faultsOf(queue: IterableIterator<Attempt>): Promise<{ asked: number; faults: string[] }> {
  const faults: string[] = [];
  let asked = 0;
  await Promise.all(Array.from({ length: AT_ONCE }, async () => {
    for (const { what, query, variables } of queue) {
      const fault = faultOf(JSON.stringify(await acme.ask(query, variables)));
      asked += 1;
      if (fault !== undefined) faults.push(`${what}: ${fault}`);
    }
  }));
  return { asked, faults };
}

test('whatever an argument is given, the answer is a result or a coded refusal, and says nothing of our insides', async () => {
  const { asked, faults } = await faultsOf(attempts());
  expect(faults).toEqual([]);
  expect(asked).toBeGreaterThan(1500);
}, 180_000);

test.each(['1970-01-01T00:00:00Z', '2099-12-31T23:59:30Z'])('at %s, the end of time, every question still has an answer', async (at) => {
  await acme.get('mutation ($at: DateTime!) { sandboxClockSet(at: $at) }', { at });
  const { asked, faults } = await faultsOf(attempts().filter(({ query, what }) => query.startsWith('query') && /(days|asOf|bounds|from|first): /.test(what)));
  expect(faults).toEqual([]);
  expect(asked).toBeGreaterThan(50);
}, 60_000);
