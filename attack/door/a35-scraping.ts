import { execute, Kind, parse, type GraphQLSchema } from 'graphql';
import { LIMITS } from '../../gateway/limits.js';
import { achieved, never, type Achieved, type DoorAttack } from './door-attack.js';
import { post, publicDoor } from './door.js';
import { askSchema } from './schema.js';
import type { DoorWorld } from './world.js';

/**
 * A35. Eve wants everything in few requests: thousands of aliases, fragments inside fragments, arrays of operations, several
 * operations in a document, pages in pages, deferred parts, the same over GET.
 * Pass: no request that is beyond the limits (60 aliases, 16 levels, 4,000 tokens, 60,000 fields, 20 mutations) is answered, and a batch is one error.
 */
export const scraping: DoorAttack = {
  id: 'A35',
  title: 'scrape with aliases and batches',
  passLine: 'limits hold',
  passes: never,
  run: async (world) => {
    const schema = await askSchema(world, publicDoor);
    return { product: await scrape(world, (body) => post(world.eve, body).then(({ text }) => text)), control: await scrape(world, (body) => unlimited(world, schema, body)) };
  },
};

type Send = (body: string) => Promise<string>;

async function scrape(world: DoorWorld, send: Send): Promise<Achieved> {
  const id = world.evesIdOf(world.circles.six);
  const requests = requestsFor(id);
  const answered: string[] = [];
  for (const [name, body] of requests) {
    const text = await send(body);
    if (text.includes('"__typename":"Benchmark')) answered.push(name);
  }
  return achieved(requests.length, answered.length, answered.length === 0 ? `${requests.length} ways are refused` : `answered: ${answered.join(', ')}`);
}

function requestsFor(id: string): readonly (readonly [string, string])[] {
  const one = (name: string): string => `${name}: benchmark(metric: DSO) { __typename }`;
  const aliases = (count: number): string => Array.from({ length: count }, (_, place) => one(`b${place}`)).join(' ');
  const body = (query: string): string => JSON.stringify({ query, variables: { id } });
  const ofId = (selection: string): string => `query ($id: ID!) { customer(id: $id) { ${selection} } }`;
  const doubling = Array.from({ length: 12 }, (_, level) => `fragment F${level} on Customer { a${level}: benchmark(metric: DSO) { __typename } ...${level === 11 ? 'Last' : `F${level + 1}`} ...${level === 11 ? 'Last' : `F${level + 1}`} }`).join(' ');
  return [
    ['one alias too many', body(ofId(aliases(LIMITS.aliases + 1)))],
    ['a thousand aliases', body(ofId(aliases(1000)))],
    ['aliases spread over fragments', body(`${ofId('...A ...B ...C')} fragment A on Customer { ${aliases(25)} } fragment B on Customer { ${aliases(50).replaceAll('b', 'c').replaceAll('cenchmark', 'benchmark')} } fragment C on Customer { ${one('d')} ${one('e')} }`)],
    ['aliases of the root', body(`query ($id: ID!) { ${Array.from({ length: 70 }, (_, place) => `c${place}: customer(id: $id) { benchmark(metric: DSO) { __typename } }`).join(' ')} }`)],
    ['fragments that double', body(`${ofId(`...F0 ${aliases(55)}`)} ${doubling} fragment Last on Customer { id }`)],
    ['an array of operations', JSON.stringify(Array.from({ length: 10 }, () => ({ query: ofId(one('b')), variables: { id } })))],
    ['an array of one', JSON.stringify([{ query: ofId(one('b')), variables: { id } }])],
    ['several operations, none named', body(`query A { customer(id: "${id}") { ${one('b')} } } query B { customer(id: "${id}") { ${one('b')} } }`)],
    ['pages in pages', body(`{ customers(first: 100) { nodes { invoices(first: 100) { nodes { customer { ${aliases(10)} } } } } } }`)],
    ['a page of many aliases', body(`{ customers(first: 100) { nodes { ${aliases(61)} } } }`)],
    ['deferred parts', body(ofId(`... @defer { ${one('b')} }`))],
    ['streamed parts', body('{ customers(first: 100) { nodes @stream(initialCount: 1) { benchmark(metric: DSO) { __typename } } } }')],
    ['a circle of fragments', body(`${ofId('...A')} fragment A on Customer { ${one('b')} ...B } fragment B on Customer { ...A }`)],
    ['more tokens than a document holds', body(ofId(Array.from({ length: 500 }, () => 'benchmark(metric: DSO) { __typename }').join(' ')))],
    ['entities', body(`{ _entities(representations: [{ __typename: "Customer", id: "${id}" }]) { ... on Customer { benchmark(metric: DSO) { __typename } } } }`)],
    ['a persisted query', JSON.stringify({ extensions: { persistedQuery: { version: 1, sha256Hash: 'ab'.repeat(32) } }, variables: { id } })],
  ];
}

/** A door without limits: every operation of a request is executed as it is, whatever it costs. */
async function unlimited({ eve }: DoorWorld, schema: GraphQLSchema, body: string): Promise<string> {
  const asked = [JSON.parse(body)].flat() as { query?: string; variables?: Record<string, unknown> }[];
  const customer = { benchmark: () => ({ __typename: 'BenchmarkUnavailable' }), id: eve.firmId };
  const rootValue = { customer, customers: { nodes: [{ ...customer, invoices: { nodes: [{ customer }] } }] } };
  const results = await Promise.all(asked.map(async ({ query, variables }) => {
    if (query === undefined) return {};
    const document = parse(query);
    const first = document.definitions.find((definition) => definition.kind === Kind.OPERATION_DEFINITION);
    return execute({ schema, document, rootValue, ...(variables && { variableValues: variables }), ...(first?.name && { operationName: first.name.value }) });
  }));
  return JSON.stringify(results);
}
