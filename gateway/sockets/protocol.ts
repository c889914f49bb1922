import type { ExecutionResult, GraphQLError } from 'graphql';

/** The protocol's name, in the handshake. */
export const SUBPROTOCOL = 'graphql-transport-ws';

/** Why a connection is closed: the protocol's codes, those of WebSocket, and nothing of our own. */
export const CLOSE = {
  /** The server stops: come back at once, to another. */
  goingAway: 1001,
  /** Too much was sent and not read: read faster, and resume. */
  slowReader: 1013,
  badRequest: 4400,
  unauthorized: 4401,
  forbidden: 4403,
  wrongSubprotocol: 4406,
  initialisationTimeout: 4408,
  subscriberExists: 4409,
  tooManyInitialisations: 4429,
  internal: 4500,
} as const;
export type CloseCode = (typeof CLOSE)[keyof typeof CLOSE];

/** What a client asks for: GraphQL over HTTP's own words. */
export interface Params {
  readonly query: string;
  readonly variables?: Record<string, unknown> | null;
  readonly operationName?: string | null;
  readonly extensions?: Record<string, unknown> | null;
}

export type ClientMessage =
  | { readonly type: 'connection_init' | 'ping' | 'pong'; readonly payload?: Record<string, unknown> | null }
  | { readonly type: 'subscribe'; readonly id: string; readonly payload: Params }
  | { readonly type: 'complete'; readonly id: string };

/** A client's message; nothing for what the protocol does not know. */
export function parseMessage(text: string): ClientMessage | undefined {
  let message: unknown;
  try {
    message = JSON.parse(text);
  } catch {
    return undefined;
  }
  return isObject(message) && isMessage(message) ? message : undefined;
}

function isMessage(message: Record<string, unknown>): message is Record<string, unknown> & ClientMessage {
  const { type, id, payload } = message;
  switch (type) {
    case 'connection_init':
    case 'ping':
    case 'pong':
      return payload == null || isObject(payload);
    case 'subscribe':
      return isId(id) && isObject(payload) && isParams(payload);
    case 'complete':
      return isId(id);
    default:
      return false;
  }
}

function isParams({ query, variables, operationName, extensions }: Record<string, unknown>): boolean {
  return typeof query === 'string' && (variables == null || isObject(variables)) && (operationName == null || typeof operationName === 'string') && (extensions == null || isObject(extensions));
}

function isId(id: unknown): boolean {
  return typeof id === 'string' && id.length > 0;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export const ACK = '{"type":"connection_ack"}';
export const PING = '{"type":"ping"}';

export function pong(payload: Record<string, unknown> | null | undefined): string {
  return payload == null ? '{"type":"pong"}' : `{"type":"pong","payload":${JSON.stringify(payload)}}`;
}

export function next(id: string, { data, errors }: ExecutionResult): string {
  const payload = errors ? { data: data ?? undefined, errors: errors.map(tell) } : { data };
  return `{"id":${JSON.stringify(id)},"type":"next","payload":${JSON.stringify(payload)}}`;
}

/** Instead of a result: the operation was refused, or has no data. */
export function refusal(id: string, errors: readonly GraphQLError[]): string {
  return `{"id":${JSON.stringify(id)},"type":"error","payload":${JSON.stringify(errors.map(tell))}}`;
}

/** An error about a field says its path, one about the document its place there. What is HTTP's has no meaning here. */
function tell({ message, locations, path, extensions: given }: GraphQLError): object {
  const extensions = { ...given, http: undefined };
  return path ? { message, path, extensions } : { message, locations, extensions };
}

export function complete(id: string): string {
  return `{"id":${JSON.stringify(id)},"type":"complete"}`;
}

/** The token that a client sent on connecting, wherever clients put it: beside everything else, or among `headers`. */
export function authorizationOf(payload: Record<string, unknown> | null | undefined): string | undefined {
  let found: string | undefined;
  for (const given of [payload, payload?.['headers']]) {
    if (!isObject(given)) continue;
    for (const [name, value] of Object.entries(given)) if (name.toLowerCase() === 'authorization' && typeof value === 'string') found = value;
  }
  // What no header could hold is no token either: it is refused where tokens are, as the wrong one it is.
  return found === undefined || /^[\x20-\x7e]*$/.test(found) ? found : 'unreadable';
}
