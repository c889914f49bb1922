import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ApolloServer, HeaderMap, type ApolloServerPlugin } from '@apollo/server';
import { ApolloServerPluginCacheControlDisabled, ApolloServerPluginInlineTraceDisabled, ApolloServerPluginLandingPageDisabled } from '@apollo/server/plugin/disabled';
import { parse, type DocumentNode } from 'graphql';
import { createHandler } from 'graphql-sse/lib/use/http';
import { sql } from 'kysely';
import { ApiError } from '../errors.js';
import { ASSERTION_HEADER, type AssertionVerifier } from './assertion.js';
import { subscribeInRoom } from './execute.js';
import { EventStreams } from './event-streams.js';
import { maskError } from './mask-errors.js';
import type { OpenRoom } from './open-room.js';
import { demandSoon } from './read-on.js';
import { refuse } from './refuse.js';
import { Request, type Asking } from './request.js';

/** What the gateway may send at most in one request, in bytes: keys of some thousand objects. */
const LARGEST_BODY = 8 * 1024 * 1024;
/** How long requests under way may still take when the process stops, in milliseconds. */
const DRAIN_MILLISECONDS = 2000;
/** How often a quiet subscription gives the gateway a sign of life, in milliseconds: half of what the gateway waits for. */
const SIGN_OF_LIFE_MILLISECONDS = 5000;
/** How long PostgreSQL may take to say that it is there, in milliseconds. */
const READY_MILLISECONDS = 2000;

/** What Apollo may copy of a context. */
interface Held {
  readonly request: Request;
}

export interface ServedSubgraph {
  readonly port: number;
  /** Takes no more, lets what is under way end, closes the rest. */
  stop(): Promise<void>;
}

/**
 * Serves one room to the gateway: GraphQL, its subscriptions over SSE and its routes. Nobody is answered without the
 * gateway's assertion, which alone says who asks.
 */
export async function serveSubgraph(open: OpenRoom, verifier: AssertionVerifier, host: string, port: number): Promise<ServedSubgraph> {
  const { room } = open;
  const apollo = new ApolloServer<Held>({
    schema: open.schema,
    introspection: false,
    includeStacktraceInErrorResponses: false,
    stopOnTerminationSignals: false,
    persistedQueries: false,
    logger: room.log,
    plugins: [ownRequests(), ApolloServerPluginLandingPageDisabled(), ApolloServerPluginCacheControlDisabled(), ApolloServerPluginInlineTraceDisabled()],
  });
  await apollo.start();
  const streams = new EventStreams(SIGN_OF_LIFE_MILLISECONDS);

  const server = createServer((incoming, response) => {
    route(incoming, response).catch((error: unknown) => {
      if (error instanceof ApiError && error.extensions['code'] === 'UNAUTHENTICATED') return refuse(response, 401, 'UNAUTHENTICATED', error.message);
      if (error instanceof ApiError && error.extensions['code'] === 'UNAVAILABLE') return refuse(response, 503, 'UNAVAILABLE', error.message);
      if (!incoming.errored) room.log.error({ error, room: room.name }, 'a request failed');
      refuse(response, 500, 'INTERNAL', 'Something went wrong on our side.');
    });
  });

  async function route(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = (incoming.url ?? '/').split('?')[0]!;
    const [, first, second, ...rest] = path.split('/');
    if (path === '/health' && incoming.method === 'GET') return say(response, 200, 'ok');
    if (path === '/ready' && incoming.method === 'GET') return (await isReady()) ? say(response, 200, 'ok') : say(response, 503, 'PostgreSQL does not answer');
    if (path === '/graphql' && incoming.method === 'POST') return serveGraphQL(incoming, response, await believe(incoming));
    if (path === '/graphql/stream' && (incoming.method === 'POST' || incoming.method === 'GET')) return serveStream(incoming, response, await believe(incoming));
    const beside = rest.length === 0 && second ? open.subgraph.routes.filter((candidate) => candidate.path === first) : [];
    if (beside.length === 0) return refuse(response, 404, 'NOT_FOUND', 'There is nothing here.');
    const asking = await believe(incoming);
    const found = beside.find(({ method }) => method === incoming.method);
    if (!found) return refuse(response, 405, 'BAD_USER_INPUT', 'This method is not served here.');
    await found.handle(new Request(room, asking), decodeURIComponent(second!), incoming, response);
  }

  async function believe(incoming: IncomingMessage): Promise<Asking> {
    const header = incoming.headers[ASSERTION_HEADER];
    const asking = await verifier.verify(typeof header === 'string' ? header : undefined);
    await open.followClock();
    return asking;
  }

  async function serveGraphQL(incoming: IncomingMessage, response: ServerResponse, asking: Asking): Promise<void> {
    const body = await readJson(incoming);
    if (body === undefined) return refuse(response, 400, 'BAD_USER_INPUT', 'Send JSON of a reasonable size.');
    const headers = new HeaderMap();
    for (const [name, value] of Object.entries(incoming.headers)) if (typeof value === 'string') headers.set(name, value);
    const request = new Request(room, asking);
    const answered = await apollo.executeHTTPGraphQLRequest({ httpGraphQLRequest: { method: 'POST', headers, search: '', body }, context: async () => ({ request }) });
    response.writeHead(answered.status ?? 200, Object.fromEntries(answered.headers));
    if (answered.body.kind === 'complete') return void response.end(answered.body.string);
    for await (const chunk of answered.body.asyncIterator) response.write(chunk);
    response.end();
  }

  async function serveStream(incoming: IncomingMessage, response: ServerResponse, asking: Asking): Promise<void> {
    streams.add(response);
    await createHandler({
      // No token: each operation has a connection of its own, and nobody can reserve one for another.
      authenticate: () => null,
      onSubscribe: async (_request, { query, variables, operationName }) => {
        let document: DocumentNode;
        try {
          document = parse(query);
        } catch (error) {
          return { data: null, errors: [maskError(error, asking.requestId, room.log)] };
        }
        const results = await subscribeInRoom(open, { document, variables, operationName: operationName ?? undefined }, asking);
        // The handler knows a result by its `data`; without it a refusal would be lost for an error of its own.
        return Symbol.asyncIterator in results ? results : { ...results, data: null };
      },
    })(incoming, response);
  }

  async function isReady(): Promise<boolean> {
    const answered = room.db.asSystem().transaction(async (em) => {
      await sql`select 1`.execute(em.getKysely<unknown>());
      return true;
    });
    const late = new Promise<boolean>((resolve) => setTimeout(resolve, READY_MILLISECONDS, false).unref());
    return Promise.race([answered.catch(() => false), late]);
  }

  // Not Node's five minutes for a whole request: a large ledger over a slow line takes longer. An upload that
  // falls silent is cut by its room; operations and headers have to come within a minute.
  server.requestTimeout = 0;
  server.headersTimeout = 60_000;
  // Longer than the gateway keeps a connection that it does not use: it never meets one that we have just closed.
  server.keepAliveTimeout = 65_000;
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, host, resolve));
  return {
    port: (server.address() as AddressInfo).port,
    async stop() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      streams.stop();
      server.closeIdleConnections();
      const timer = setTimeout(() => server.closeAllConnections(), DRAIN_MILLISECONDS);
      await closed;
      clearTimeout(timer);
      await apollo.stop();
    },
  };
}

/** Gives resolvers the request itself, and masks every error with its request id, which `formatError` would not know. */
function ownRequests(): ApolloServerPlugin<Held> {
  return {
    async requestDidStart(operation) {
      const { request } = operation.contextValue;
      // Apollo copies the context, and a copy of an object with private state is of no use.
      Object.assign(operation, { contextValue: request });
      return {
        async willSendResponse({ response, errors }) {
          if (!errors || response.body.kind !== 'single') return;
          response.body.singleResult.errors = errors.map((error) => maskError(error, request.asking.requestId, request.room.log).toJSON());
        },
      };
    },
  };
}

function say(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'content-type': 'text/plain' }).end(`${text}\n`);
}

/** The body as JSON; `undefined` when it is none or too large. */
async function readJson(incoming: IncomingMessage): Promise<unknown> {
  demandSoon(incoming);
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming) {
    size += (chunk as Buffer).length;
    if (size > LARGEST_BODY) return undefined;
    chunks.push(chunk as Buffer);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString()) as unknown;
  } catch {
    return undefined;
  }
}
