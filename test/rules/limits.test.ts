import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { buildSchema, isObjectType, isScalarType, getNamedType, type GraphQLSchema } from 'graphql';
import { LISTS, SHORT_LISTS, SIZES } from '../../gateway/limits.js';
import { ROOT } from './sources.js';

/** Fields of which a client may say how long they are, and that the cost of an operation takes for one thing when it does not; or for another number than they give. */
function miscounted(schema: GraphQLSchema): string[] {
  const found: string[] = [];
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || type.name.startsWith('__')) continue;
    for (const { name, args, type: given } of Object.values(type.getFields())) {
      if (isScalarType(getNamedType(given))) continue;
      const size = args.find((arg) => SIZES.has(arg.name) && arg.name !== 'last');
      if (!size) continue;
      const counted = SHORT_LISTS.get(name) ?? (LISTS.has(name) ? 50 : 1);
      if (counted !== size.defaultValue) found.push(`${type.name}.${name}: ${String(size.defaultValue)} by default, counted as ${counted}`);
    }
  }
  return found;
}

test('a list counts as long as it is when nobody says how long', async () => {
  expect(miscounted(buildSchema(await readFile(join(ROOT, 'schema', 'api.graphql'), 'utf8')))).toEqual([]);
});

test('a list that is forgotten, and one that counts as shorter than it is, are found', () => {
  const schema = buildSchema('type Query { rows(first: Int = 50): [Query!]! breakdown(first: Int = 25): [Query!]! customers(first: Int = 50): [Query!]! share(first: Int = 5): Float }');
  expect(miscounted(schema)).toEqual(['Query.rows: 50 by default, counted as 1', 'Query.breakdown: 25 by default, counted as 10']);
});
