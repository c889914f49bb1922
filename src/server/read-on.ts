import type { IncomingMessage, ServerResponse } from 'node:http';

/** How long somebody who was answered early may go on sending before the connection is cut, in milliseconds. */
const LINGER_MILLISECONDS = 2_000;

/**
 * To be called before a request is answered that is still being sent: throws away what still comes, for most clients
 * look for an answer only once they have sent everything, and cuts the connection of whoever does not stop.
 */
export function readOn(incoming: IncomingMessage, response: ServerResponse): void {
  if (incoming.complete) return;
  if (!response.headersSent) response.setHeader('connection', 'close');
  const cut = setTimeout(() => incoming.destroy(), LINGER_MILLISECONDS).unref();
  incoming.once('close', () => clearTimeout(cut));
  incoming.on('error', () => undefined);
  incoming.resume();
}

/** How long a body of a few kilobytes may take to come in, in milliseconds. */
const SMALL_BODY_MILLISECONDS = 60_000;

/** Cuts the connection of whoever does not send the whole of a small body in time. */
export function demandSoon(incoming: IncomingMessage): void {
  const cut = setTimeout(() => incoming.complete || incoming.destroy(), SMALL_BODY_MILLISECONDS).unref();
  for (const ended of ['end', 'close']) incoming.once(ended, () => clearTimeout(cut));
}
