import { Agent as HttpAgent, request as httpRequest, type ClientRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { GraphQLError, print, type DocumentNode, type ExecutionResult, type GraphQLFormattedError } from 'graphql';
import { ApiError } from '../src/errors.js';
import { ASSERTION_HEADER, type AssertionSigner } from '../src/server/assertion.js';
import type { Asking } from '../src/server/request.js';
import type { RoomName } from '../src/rooms.js';

/** A room of another process. */
export interface Distant {
  readonly url: string;
  readonly signer: AssertionSigner;
}

export interface DistantOperation {
  readonly document: DocumentNode;
  readonly variables: Record<string, unknown> | undefined;
  readonly operationName: string | undefined;
}

/** Rooms send a sign of life on a quiet subscription every 5 seconds; without two of them the room is frozen. */
const SILENCE_MILLISECONDS = 10_000;
/** How often a room that takes its time over a mutation is asked whether it lives, and how long it may take to say so. */
const PROBE_EVERY_MILLISECONDS = 3000;
const PROBE_MILLISECONDS = 1000;

// A connection for each request would cost more than most requests.
const agents = { http: new HttpAgent({ keepAlive: true }), https: new HttpsAgent({ keepAlive: true }) };

/** Opens a request to a room, over a connection that is kept. */
export function openRequest(url: string, options: RequestOptions): ClientRequest {
  return url.startsWith('https:') ? httpsRequest(url, { ...options, agent: agents.https }) : httpRequest(url, { ...options, agent: agents.http });
}

/** The room did not answer, or not as a room does. */
export function unavailable(): ApiError {
  return new ApiError('UNAVAILABLE', 'A part of Ardoise cannot be reached just now; try again.');
}

/** Runs a query in a room of another process. A room that is dead or frozen is an answer too, after `limit` milliseconds. */
export async function queryOverHttp(room: RoomName, distant: Distant, operation: DistantOperation, asking: Asking, limit: number): Promise<ExecutionResult> {
  const ask = (): Promise<ExecutionResult> => post(room, distant, operation, asking, AbortSignal.timeout(limit));
  // A kept connection may have been closed by the other end just as it was used: a query is asked once more.
  return ask().catch((error: unknown) => (isStaleConnection(error) ? ask() : Promise.reject(error))).catch(() => ({ errors: [unavailable()] }));
}

/** Runs a mutation, which may take long: for as long as its room lives. */
export async function mutateOverHttp(room: RoomName, distant: Distant, operation: DistantOperation, asking: Asking, limit: number): Promise<ExecutionResult> {
  const dead = new AbortController();
  const probing = setInterval(() => {
    void fetch(`${distant.url}/health`, { signal: AbortSignal.timeout(PROBE_MILLISECONDS) }).catch(() => dead.abort());
  }, PROBE_EVERY_MILLISECONDS);
  try {
    return await post(room, distant, operation, asking, AbortSignal.any([dead.signal, AbortSignal.timeout(limit)]));
  } catch {
    return { errors: [unavailable()] };
  } finally {
    clearInterval(probing);
  }
}

/** Opens a subscription in a room of another process; `limit` is for its beginning. */
export async function subscribeOverHttp(room: RoomName, distant: Distant, operation: DistantOperation, asking: Asking, limit: number): Promise<ExecutionResult | AsyncIterableIterator<ExecutionResult>> {
  const opening = new AbortController();
  const timer = setTimeout(() => opening.abort(), limit);
  try {
    const response = await send(room, distant, '/graphql/stream', 'text/event-stream', operation, asking, opening.signal);
    if (!response.headers['content-type']?.startsWith('text/event-stream')) return toResult(await readText(response));
    response.setTimeout(SILENCE_MILLISECONDS, () => response.destroy());
    return readResults(response);
  } catch {
    return { errors: [unavailable()] };
  } finally {
    clearTimeout(timer);
  }
}

async function post(room: RoomName, distant: Distant, operation: DistantOperation, asking: Asking, signal: AbortSignal): Promise<ExecutionResult> {
  return toResult(await readText(await send(room, distant, '/graphql', 'application/json', operation, asking, signal)));
}

async function send(room: RoomName, { url, signer }: Distant, path: string, accept: string, operation: DistantOperation, asking: Asking, signal: AbortSignal): Promise<IncomingMessage> {
  const body = Buffer.from(JSON.stringify({ query: print(operation.document), variables: operation.variables, operationName: operation.operationName }));
  // Each request has an assertion of its own: a room believes none twice.
  const assertion = await signer.sign(room, asking);
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const headers = { accept, 'content-type': 'application/json', 'content-length': body.length, [ASSERTION_HEADER]: assertion };
    const outgoing = openRequest(`${url}${path}`, { method: 'POST', headers, signal });
    outgoing.once('response', resolve);
    outgoing.on('error', (error) => reject(outgoing.reusedSocket ? Object.assign(error, { reused: true }) : error));
    outgoing.end(body);
  });
  // A room that does not believe us says nothing about the client's own token.
  if (response.statusCode === 401) {
    response.resume();
    throw new Error(`the room ${room} refuses this gateway's assertion`);
  }
  return response;
}

function isStaleConnection(error: unknown): boolean {
  const { code, reused } = error as { code?: string; reused?: boolean };
  return reused === true && (code === 'ECONNRESET' || code === 'EPIPE');
}

async function readText(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

/** What a room sent, its errors with their code, request id and path as they are. */
function toResult(text: string): ExecutionResult {
  const { data, errors } = JSON.parse(text) as { data?: Record<string, unknown> | null; errors?: readonly GraphQLFormattedError[] };
  return {
    ...(data !== undefined && { data }),
    ...(errors && { errors: errors.map(({ message, path, extensions }) => new GraphQLError(message, { path: path ?? null, extensions: extensions ?? null })) }),
  };
}

/** The results of an event stream. Not a generator alone: its `return` must end the stream while nothing comes. */
function readResults(response: IncomingMessage): AsyncIterableIterator<ExecutionResult> {
  let left = false;
  const results = (async function* read(): AsyncGenerator<ExecutionResult, void, void> {
    let text = '';
    try {
      response.setEncoding('utf8');
      for await (const chunk of response) {
        text += chunk as string;
        for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
          const lines = text.slice(0, end).split('\n');
          text = text.slice(end + 2);
          if (lines.includes('event: complete')) return;
          const data = lines.filter((line) => line.startsWith('data:')).map((line) => line.slice(5)).join('\n');
          if (data) yield toResult(data);
        }
      }
    } catch {
      // The connection broke: said below, as when it ended too early.
    }
    if (!left) yield { errors: [unavailable()] };
  })();
  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    next: () => results.next(),
    async return() {
      left = true;
      response.destroy();
      return { value: undefined, done: true };
    },
  };
}
