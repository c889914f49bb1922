import { expect, test } from '@jest/globals';
import { GraphQLError } from 'graphql';
import { ApiError } from '../errors.js';
import { openLog } from '../log.js';
import { maskError } from './mask-errors.js';

const log = openLog('silent');
const located = (cause: Error): GraphQLError => new GraphQLError(cause.message, { path: ['viewer'], originalError: cause });

test.each<[string, unknown, { message: string; code: string }]>([
  ['our own error', new ApiError('FORBIDDEN', 'This needs the scope chat.'), { message: 'This needs the scope chat.', code: 'FORBIDDEN' }],
  ['our own error, met in a field', located(new ApiError('NOT_FOUND', 'There is no such object.')), { message: 'There is no such object.', code: 'NOT_FOUND' }],
  ['a document that does not fit the schema', new GraphQLError('Cannot query field "x" on type "Query".'), { message: 'Cannot query field "x" on type "Query".', code: 'BAD_USER_INPUT' }],
  ['a bug', located(new TypeError(`Cannot read properties of undefined (reading 'x')`)), { message: 'Something went wrong on our side.', code: 'INTERNAL' }],
  ['a bug two errors deep', located(located(new Error('select secret from identity.person'))), { message: 'Something went wrong on our side.', code: 'INTERNAL' }],
  ['a code that is not ours', new GraphQLError('x', { path: ['viewer'], extensions: { code: 'DOWNSTREAM_SERVICE_ERROR' } }), { message: 'Something went wrong on our side.', code: 'INTERNAL' }],
  ['something thrown that is no error', 'select 1', { message: 'Something went wrong on our side.', code: 'INTERNAL' }],
])('%s is shown as it should be, with the request id', (_, error, expected) => {
  const { message, extensions } = maskError(error, 'the-request', log);
  expect({ message, extensions }).toEqual({ message: expected.message, extensions: { code: expected.code, requestId: 'the-request' } });
});

test('what is shown of a bug holds neither its cause nor its stack', () => {
  const shown = maskError(located(new Error('select secret from identity.person')), 'the-request', log);
  expect(JSON.stringify(shown)).not.toMatch(/secret|at .*:\d/);
  expect(shown.path).toEqual(['viewer']);
  expect(shown.originalError).toBeUndefined();
});
