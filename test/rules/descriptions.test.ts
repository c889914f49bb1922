import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { Kind, parse, visit, type DocumentNode, type StringValueNode } from 'graphql';
import { composeGraphs } from '../../subgraphs/write-schema.js';
import { ROOT } from './sources.js';

const SAY_THEMSELVES: ReadonlySet<string> = new Set([
  Kind.FIELD_DEFINITION, Kind.INPUT_VALUE_DEFINITION, Kind.ENUM_VALUE_DEFINITION, Kind.OBJECT_TYPE_DEFINITION, Kind.INPUT_OBJECT_TYPE_DEFINITION,
  Kind.ENUM_TYPE_DEFINITION, Kind.SCALAR_TYPE_DEFINITION, Kind.UNION_TYPE_DEFINITION, Kind.INTERFACE_TYPE_DEFINITION,
]);
const ROOTS = new Set(['Query', 'Mutation', 'Subscription']);

/** The types, fields, arguments, input fields and enum values that say nothing of themselves. The three roots need not. */
function undescribed(document: DocumentNode): string[] {
  const path: string[] = [];
  const found: string[] = [];
  visit(document, {
    enter(node) {
      if (!SAY_THEMSELVES.has(node.kind) || !('name' in node) || !node.name) return;
      path.push(node.name.value);
      const { description } = node as { description?: StringValueNode };
      if (!description?.value.trim() && !(path.length === 1 && ROOTS.has(path[0]!))) found.push(path.join('.'));
    },
    leave(node) {
      if (SAY_THEMSELVES.has(node.kind)) path.pop();
    },
  });
  return found;
}

test('everything in schema/api.graphql has a description', async () => {
  expect(undescribed(parse(await readFile(join(ROOT, 'schema', 'api.graphql'), 'utf8')))).toEqual([]);
});

test('what says nothing of itself is found, wherever it is', () => {
  const document = parse(`
    type Query { firm(id: ID!): Firm }
    "" type Firm { "Opaque." id: ID! }
    "A side." enum Side { LEFT "The right one." RIGHT }
    "A choice." input Choice { side: Side }
    scalar Day
    "Either." union Either = Firm
  `);
  expect(undescribed(document)).toEqual(['Query.firm', 'Query.firm.id', 'Firm', 'Side.LEFT', 'Choice.side', 'Day']);
});

test('the GraphQL files of schema/ are what the code composes now', async () => {
  for (const [name, text] of Object.entries(await composeGraphs())) {
    expect({ name, text: await readFile(join(ROOT, 'schema', name), 'utf8') }).toEqual({ name, text: `${text.trimEnd()}\n` });
  }
});

test('nothing that only the gateway may ask is in schema/api.graphql', async () => {
  const api = await readFile(join(ROOT, 'schema', 'api.graphql'), 'utf8');
  expect(api).not.toMatch(/@inaccessible|askersOf|AskerObject/);
  expect(await readFile(join(ROOT, 'schema', 'supergraph.graphql'), 'utf8')).toMatch(/askersOf/);
});
