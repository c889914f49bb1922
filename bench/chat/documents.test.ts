import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { buildSchema, parse, validate } from 'graphql';
import { RECEIVE, SEND } from './ardoise-client.js';
import { MESSAGES } from './talk.js';

const schema = buildSchema(await readFile(join(import.meta.dirname, '..', '..', '..', 'schema', 'api.graphql'), 'utf8'));

test.each([['send', SEND], ['receive', RECEIVE], ['read', MESSAGES]])('what the clients %s with is in the schema', (_, document) => {
  expect(validate(schema, parse(document)).map(({ message }) => message)).toEqual([]);
});
