import { GraphQLError, type GraphQLErrorOptions } from 'graphql';
import type { Log } from '../log.js';
import { API_ERROR_CODES, type ApiErrorCode } from '../errors.js';

/**
 * Turns any error of an operation into what its client may see. Ours pass as they are; wrong documents and values are
 * `BAD_USER_INPUT`; everything else is a bug: logged with the request id and shown as `INTERNAL` without a word of it.
 */
export function maskError(error: unknown, requestId: string, log: Log): GraphQLError {
  const place: GraphQLErrorOptions = error instanceof GraphQLError ? { path: error.path ?? null, nodes: error.nodes ?? null } : {};
  const cause = error instanceof GraphQLError ? rootCause(error) : error;
  if (cause instanceof GraphQLError) {
    const code = knownCode(cause) ?? (isAboutTheDocument(cause) ? 'BAD_USER_INPUT' : undefined);
    if (code) return new GraphQLError(cause.message, { ...place, extensions: { code, requestId } });
  }
  log.error({ error: cause, requestId }, 'a request failed');
  return new GraphQLError('Something went wrong on our side.', { ...place, extensions: { code: 'INTERNAL', requestId } });
}

function rootCause(error: GraphQLError): unknown {
  return error.originalError instanceof GraphQLError ? rootCause(error.originalError) : (error.originalError ?? error);
}

function knownCode(error: GraphQLError): ApiErrorCode | undefined {
  const code = error.extensions['code'];
  return API_ERROR_CODES.find((known) => known === code);
}

/** graphql-js gives no code to what it finds in a document or in its variables, and no path either. */
function isAboutTheDocument(error: GraphQLError): boolean {
  const code = error.extensions['code'];
  return code === 'BAD_USER_INPUT' || code === 'GRAPHQL_VALIDATION_FAILED' || code === 'GRAPHQL_PARSE_FAILED' || error.path === undefined;
}
