import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { ApiError } from '../src/errors.js';
import type { Log } from '../src/log.js';
import { EventStreams } from '../src/server/event-streams.js';
import { demandSoon } from '../src/server/read-on.js';
import { refuse } from '../src/server/refuse.js';
import type { Settings } from '../src/settings.js';
import type { Reaches } from './ask-room.js';
import type { Authenticator } from './authenticate.js';
import { serveExplorer, wantsExplorer } from './explorer.js';
import { forwardRoute, ROUTES } from './forward-route.js';
import type { Gateway } from './gateway.js';
import { Sockets } from './sockets/sockets.js';

/** The largest GraphQL request, in bytes. Documents of people and programs are a few kilobytes. */
const LARGEST_BODY = 256 * 1024;
/** How often a quiet subscription over server-sent events gives a sign of life, in milliseconds. */
const SIGN_OF_LIFE_MILLISECONDS = 10_000;
/** How long requests under way may still take when the gateway stops, in milliseconds. */
const DRAIN_MILLISECONDS = 2000;
/**
 * Connections that may wait to be taken; the system may allow fewer. All clients of a gateway that stopped come at once, and beyond
 * Node's 511 their first word would be dropped without one of ours: they try again after 1, 3 and 7 seconds.
 */
const BACKLOG = 4096;

export interface ListeningGateway {
  /** Where it listens, e.g. `http://localhost:4000`. */
  readonly url: string;
  /** Takes no more, lets what is under way end, closes the rest. */
  stop(): Promise<void>;
}

export async function listen(settings: Settings, port: number, gateway: Gateway, reaches: Reaches, authenticator: Authenticator, log: Log): Promise<ListeningGateway> {
  const { runtime, shortcut } = gateway;
  const streams = new EventStreams(SIGN_OF_LIFE_MILLISECONDS);
  const server = createServer((incoming, response) => {
    route(incoming, response).catch((error: unknown) => {
      if (error instanceof ApiError) return refuse(response, error.extensions['code'] === 'UNAUTHENTICATED' ? 401 : 400, String(error.extensions['code']), error.message);
      if (!isDisconnect(error)) log.error({ error, path: incoming.url?.split('?')[0] }, 'a request failed');
      refuse(response, 500, 'INTERNAL', 'Something went wrong on our side.');
    });
  });

  // Not Node's five minutes for a whole request: a large ledger over a slow line takes longer. An upload that
  // falls silent is cut by its room; operations and headers have to come within a minute.
  server.requestTimeout = 0;
  server.headersTimeout = 60_000;

  async function route(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = (incoming.url ?? '/').split('?')[0]!;
    if (path === '/') return void response.writeHead(302, { location: '/graphql' }).end();
    if (path === '/health' || path === '/ready') return void response.writeHead(200, { 'content-type': 'text/plain' }).end('ok\n');
    if (!isHost(incoming.headers.host)) return refuse(response, 400, 'BAD_USER_INPUT', 'The host header names no host.');
    const [, first, encodedId, ...rest] = path.split('/');
    const id = encodedId && decode(encodedId);
    if (first === 'graphql' && encodedId === undefined) return serveGraphQL(incoming, response);
    if (first && Object.hasOwn(ROUTES, first) && id && rest.length === 0) {
      const name = first as keyof typeof ROUTES;
      const requestId = crypto.randomUUID();
      const bearer = await authenticator.authenticate(incoming.headers.authorization, requestId);
      const origin = settings.publicUrl ?? `http://${incoming.headers.host}`;
      return forwardRoute(name, id, reaches[ROUTES[name]], { asker: bearer?.asker, requestId, origin }, incoming, response);
    }
    refuse(response, 404, 'NOT_FOUND', 'There is nothing here; the API is at /graphql.');
  }

  async function serveGraphQL(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    if (wantsExplorer(incoming)) return serveExplorer(incoming, response);
    if (incoming.method === 'POST') {
      demandSoon(incoming);
      // JSON only: a form of another site can send everything else without asking first.
      if (!/^application\/(graphql-response\+)?json\b/.test(incoming.headers['content-type'] ?? '')) return refuse(response, 415, 'BAD_USER_INPUT', 'Send application/json.');
      const length = Number(incoming.headers['content-length'] ?? Number.NaN);
      if (Number.isNaN(length)) return refuse(response, 411, 'BAD_USER_INPUT', 'Send a content-length.');
      if (length > LARGEST_BODY) return refuse(response, 413, 'BAD_USER_INPUT', `A request has at most ${LARGEST_BODY} bytes.`);
    }
    if (incoming.method === 'GET' && !hasJson(incoming.url ?? '')) return refuse(response, 400, 'BAD_USER_INPUT', 'Variables and extensions are JSON.');
    if (shortcut.isFor(incoming)) {
      const untaken = await shortcut.answer(incoming, response);
      if (!untaken) return;
      // What has been read is found where other servers put it.
      Object.assign(incoming, { body: untaken });
    }
    // Whoever would have something else first may get that; its streams have signs of life of the runtime's own.
    if (/^text\/event-stream\b/.test(incoming.headers.accept ?? '')) streams.add(response);
    await runtime.handle(incoming, response);
  }

  const sockets = new Sockets((params, asking) => gateway.run(params, asking), authenticator, log);
  server.on('upgrade', (incoming, socket, head) => {
    const path = (incoming.url ?? '').split('?')[0];
    if (path !== '/graphql' || !isHost(incoming.headers.host) || !isAllowedOrigin(incoming, settings)) return void socket.end('HTTP/1.1 403 Forbidden\r\nconnection: close\r\n\r\n');
    sockets.open(incoming, socket as Socket, head, settings.publicUrl ?? new URL(`http://${incoming.headers.host}`).origin);
  });

  await new Promise<void>((resolve, reject) => server.once('error', reject).listen({ port, host: settings.host, backlog: BACKLOG }, resolve));
  const { port: bound } = server.address() as AddressInfo;
  const host = ['0.0.0.0', '::'].includes(settings.host) ? 'localhost' : settings.host;
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${bound}`,
    async stop() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      streams.stop();
      server.closeIdleConnections();
      const late = setTimeout(() => server.closeAllConnections(), DRAIN_MILLISECONDS);
      await sockets.stop(DRAIN_MILLISECONDS);
      await closed;
      clearTimeout(late);
      await runtime[Symbol.asyncDispose]?.();
    },
  };
}

/** A segment of a path as it was before it was written into one; nothing for a malformed one. */
function decode(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined;
  }
}

/** Whether what a URL carries beside its query can be read. */
function hasJson(url: string): boolean {
  const parameters = new URLSearchParams(url.split('?')[1]);
  try {
    for (const name of ['variables', 'extensions']) JSON.parse(parameters.get(name) || 'null');
    return true;
  } catch {
    return false;
  }
}

/** URLs are made with the host that a client names: one that is none would be taken for a fault of ours. */
function isHost(host: string | undefined): boolean {
  const url = host === undefined || /[/\\?#@]/.test(host) ? null : URL.parse(`http://${host}/`);
  return url !== null;
}

/** Programs send no origin; a page must come from here or from a site that is listed. */
function isAllowedOrigin(incoming: IncomingMessage, settings: Settings): boolean {
  const { origin, host } = incoming.headers;
  return origin === undefined || URL.parse(origin)?.host === host || settings.allowedOrigins.includes(origin);
}

function isDisconnect(error: unknown): boolean {
  const code = (error as { code?: unknown } | null)?.code;
  return code === 'ECONNRESET' || code === 'EPIPE' || code === 'ERR_STREAM_PREMATURE_CLOSE' || code === 'ABORT_ERR';
}

