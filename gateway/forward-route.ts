import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { ASSERTION_HEADER } from '../src/server/assertion.js';
import { Request, type Asking } from '../src/server/request.js';
import { readOn } from '../src/server/read-on.js';
import { refuse } from '../src/server/refuse.js';
import { openRequest, unavailable } from './ask-over-http.js';
import type { Reach } from './ask-room.js';

/** Where the routes beside GraphQL lead: the first segment of a path, and the room that serves it. */
export const ROUTES = { uploads: 'portfolios', downloads: 'portfolios', attachments: 'community' } as const;

/** Hands a request beside GraphQL to its room as a stream: no more of it than a few buffers is ever here. */
export async function forwardRoute(path: keyof typeof ROUTES, id: string, reach: Reach, asking: Asking, incoming: IncomingMessage, response: ServerResponse): Promise<void> {
  if (reach.kind === 'here') {
    const route = reach.running.subgraph.routes.find((candidate) => candidate.path === path && candidate.method === incoming.method);
    if (!route) return refuse(response, 405, 'BAD_USER_INPUT', 'This method is not served here.');
    return route.handle(new Request(reach.running.room, asking), id, incoming, response);
  }
  const assertion = await reach.signer.sign(ROUTES[path], asking);
  const { 'content-type': type, 'content-length': length } = incoming.headers;
  await new Promise<void>((resolve, reject) => {
    const outgoing = openRequest(`${reach.url}/${path}/${encodeURIComponent(id)}`, {
      method: incoming.method,
      headers: { [ASSERTION_HEADER]: assertion, ...(type && { 'content-type': type }), ...(length && { 'content-length': length }) },
    });
    // A room may refuse before it has taken everything, and then closes its side: its answer counts, not that the rest
    // could not be sent. The client's own connection must outlive that, or the answer would be lost with it.
    let answered = false;
    outgoing.once('response', (answer) => {
      answered = true;
      incoming.unpipe(outgoing);
      const rest = readOn(incoming);
      response.writeHead(answer.statusCode ?? 502, { 'content-type': answer.headers['content-type'] ?? 'application/json', ...passedOn(answer.headers) });
      pipeline(answer, response, { end: false }).then(() => rest).then(() => response.end(resolve), reject);
    });
    outgoing.on('error', (error) => {
      incoming.unpipe(outgoing);
      if (!answered) reject(error);
    });
    incoming.once('close', () => {
      if (!incoming.complete) outgoing.destroy(new Error('the client went away'));
    });
    incoming.pipe(outgoing);
  }).catch((error: unknown) => {
    if (incoming.errored || response.destroyed) throw error;
    void readOn(incoming);
    refuse(response, 503, 'UNAVAILABLE', unavailable().message);
  });
}

/** What a room says about the file that it sends. */
const FILE_HEADERS = ['content-disposition', 'content-length', 'content-security-policy', 'x-content-type-options', 'cache-control'] as const;

function passedOn(headers: IncomingHttpHeaders): Record<string, string> {
  return Object.fromEntries(FILE_HEADERS.flatMap((name) => (typeof headers[name] === 'string' ? [[name, headers[name]]] : [])));
}
