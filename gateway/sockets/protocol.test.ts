import { expect, test } from '@jest/globals';
import { GraphQLError, parse } from 'graphql';
import { authorizationOf, complete, next, parseMessage, pong, refusal } from './protocol.js';

const QUERY = '{ viewer { role } }';

test.each<[string, unknown]>([
  ['an initialisation', { type: 'connection_init' }],
  ['one with nothing as its payload', { type: 'connection_init', payload: null }],
  ['one with a token', { type: 'connection_init', payload: { authorization: 'Bearer a' } }],
  ['a ping', { type: 'ping' }],
  ['a pong with a payload', { type: 'pong', payload: { at: 1 } }],
  ['a ping with an id, which means nothing', { type: 'ping', id: 7 }],
  ['an operation', { type: 'subscribe', id: '1', payload: { query: QUERY } }],
  ['one with all that it may have', { type: 'subscribe', id: '1', payload: { query: QUERY, variables: { a: [1] }, operationName: 'A', extensions: { a: 1 } } }],
  ['one with nothing for all that it may have', { type: 'subscribe', id: '1', payload: { query: QUERY, variables: null, operationName: null, extensions: null } }],
  ['an operation without a text, which is no GraphQL but a message', { type: 'subscribe', id: '1', payload: { query: '' } }],
  ['the end of an operation', { type: 'complete', id: '1' }],
])('%s is understood', (_, message) => {
  expect(parseMessage(JSON.stringify(message))).toEqual(message);
});

/** What is none is closed with 4400. */
test.each<[string, string]>([
  ['nothing', ''], ['no JSON', '{'], ['two messages', '{"type":"ping"}{"type":"ping"}'], ['a number', '1'], ['a text', '"ping"'], ['null', 'null'], ['a list', '[{"type":"ping"}]'], ['no type', '{}'],
  ...([
    ['a type of the older protocol', { type: 'start', id: '1', payload: { query: QUERY } }],
    ['a type in capitals', { type: 'PING' }],
    ['a type that is a list', { type: ['ping'] }],
    ['a type that every object has', { type: 'constructor' }],
    ["the server's words", { type: 'next', id: '1', payload: {} }],
    ["the server's refusal", { type: 'error', id: '1', payload: [] }],
    ["the server's acknowledgement", { type: 'connection_ack' }],
    ['an initialisation with a text', { type: 'connection_init', payload: 'Bearer a' }],
    ['an initialisation with a list', { type: 'connection_init', payload: [] }],
    ['a ping with a number', { type: 'ping', payload: 1 }],
    ['a pong that is false', { type: 'pong', payload: false }],
    ['an operation without an id', { type: 'subscribe', payload: { query: QUERY } }],
    ['an operation with an empty id', { type: 'subscribe', id: '', payload: { query: QUERY } }],
    ['an operation whose id is a number', { type: 'subscribe', id: 1, payload: { query: QUERY } }],
    ['an operation without a payload', { type: 'subscribe', id: '1' }],
    ['an operation with a list as its payload', { type: 'subscribe', id: '1', payload: [QUERY] }],
    ['an operation without a query', { type: 'subscribe', id: '1', payload: {} }],
    ['a query that is an object', { type: 'subscribe', id: '1', payload: { query: { kind: 'Document' } } }],
    ['variables that are a list', { type: 'subscribe', id: '1', payload: { query: QUERY, variables: [] } }],
    ['variables that are a text', { type: 'subscribe', id: '1', payload: { query: QUERY, variables: '{}' } }],
    ['a name that is a number', { type: 'subscribe', id: '1', payload: { query: QUERY, operationName: 1 } }],
    ['extensions that are a list', { type: 'subscribe', id: '1', payload: { query: QUERY, extensions: [] } }],
    ['the end of nothing', { type: 'complete' }],
    ['the end of an empty id', { type: 'complete', id: '' }],
    ['the end of a list', { type: 'complete', id: ['1'] }],
  ] satisfies [string, unknown][]).map(([what, message]): [string, string] => [what, JSON.stringify(message)]),
])('%s is no message', (_, text) => {
  expect(parseMessage(text)).toBeUndefined();
});

test.each<[string, Record<string, unknown> | null | undefined, string | undefined]>([
  ['no payload', undefined, undefined],
  ['null', null, undefined],
  ['an empty payload', {}, undefined],
  ['the payload', { authorization: 'Bearer a' }, 'Bearer a'],
  ['the payload, in a header\'s capitals', { Authorization: 'Bearer a' }, 'Bearer a'],
  ["the payload's headers", { headers: { authorization: 'Bearer a' } }, 'Bearer a'],
  ['a number', { authorization: 1 }, undefined],
  ['headers that are null', { headers: null }, undefined],
  ['a text that no header could hold', { authorization: 'Bearer \n' }, 'unreadable'],
  ['headers that are a text', { headers: 'Bearer a' }, undefined],
])('a token in %s', (_, payload, token) => {
  expect(authorizationOf(payload)).toBe(token);
});

test('what the server says is what the protocol has it say, whatever the id is', () => {
  const id = 'é"\\\u2028\n';
  const [node] = parse(QUERY).definitions;
  const here = new GraphQLError('no', { nodes: node!, extensions: { code: 'A', http: { status: 400 } } });
  const there = new GraphQLError('no', { nodes: node!, path: ['a', 0], extensions: { code: 'A' } });
  expect([pong(undefined), pong(null), pong({ a: 'é' }), next(id, { data: { a: 1 } }), next(id, { data: null, errors: [there] }), next(id, { errors: [there] }), refusal(id, [here]), complete(id)].map((text) => JSON.parse(text) as unknown)).toEqual([
    { type: 'pong' }, { type: 'pong' }, { type: 'pong', payload: { a: 'é' } },
    { id, type: 'next', payload: { data: { a: 1 } } },
    { id, type: 'next', payload: { errors: [{ message: 'no', path: ['a', 0], extensions: { code: 'A' } }] } },
    { id, type: 'next', payload: { errors: [{ message: 'no', path: ['a', 0], extensions: { code: 'A' } }] } },
    { id, type: 'error', payload: [{ message: 'no', locations: [{ line: 1, column: 1 }], extensions: { code: 'A' } }] },
    { id, type: 'complete' },
  ]);
});
