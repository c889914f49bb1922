import type { IncomingMessage, ServerResponse } from 'node:http';

/** How long somebody who was answered early may go on sending before the connection is cut, in milliseconds. */
const LINGER_MILLISECONDS = 2_000;
const LAST_LOOK_MILLISECONDS = 200;

/**
 * To be called before a request is answered that is still being sent: throws away what still comes, for most clients
 * look for an answer only once they have sent everything, and cuts the connection of whoever does not stop. It resolves when
 * nothing comes any more. Only then the response is to be ended: with its end Node may close the connection, and who still
 * sends would lose the answer.
 */
export function readOn(incoming: IncomingMessage): Promise<void> {
  if (incoming.complete || incoming.destroyed) return Promise.resolve();
  return new Promise((resolve) => {
    // A process that was held up looks once more at what has come meanwhile.
    let cut = setTimeout(() => (cut = setTimeout(() => incoming.destroy(), LAST_LOOK_MILLISECONDS).unref()), LINGER_MILLISECONDS).unref();
    for (const ended of ['end', 'close']) {
      incoming.once(ended, () => {
        clearTimeout(cut);
        resolve();
      });
    }
    incoming.on('error', () => undefined);
    // Whoever stopped reading half-way may still listen: then nothing would flow.
    incoming.removeAllListeners('readable').resume();
  });
}

/** How long a body of a few kilobytes may take to come in, in milliseconds. */
const SMALL_BODY_MILLISECONDS = 60_000;

/** Cuts the connection of whoever does not send the whole of a small body in time. */
export function demandSoon(incoming: IncomingMessage): void {
  const cut = setTimeout(() => incoming.complete || incoming.destroy(), SMALL_BODY_MILLISECONDS).unref();
  for (const ended of ['end', 'close']) incoming.once(ended, () => clearTimeout(cut));
}

/** Answers before the body has come in, throws away what still comes, and cuts the connection of whoever does not stop. */
export async function answerEarly(incoming: IncomingMessage, response: ServerResponse, status: number, body: object): Promise<void> {
  const rest = readOn(incoming);
  const text = JSON.stringify(body);
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) });
  response.write(text);
  await rest;
  response.end();
}

/**
 * Cuts a client that sends nothing for so long: it has gone, whatever its connection says. Not with the connection's own
 * time-out: that cuts also who has sent everything and waits for us.
 */
export function cutSilent(incoming: IncomingMessage, longest: number): NodeJS.Timeout {
  let received = incoming.socket.bytesRead;
  let since = Date.now();
  return setInterval(() => {
    // What has come and waits to be read is our silence: a full buffer takes no more.
    if (incoming.complete || incoming.readableLength > 0 || incoming.socket.bytesRead !== received) {
      received = incoming.socket.bytesRead;
      since = Date.now();
    } else if (Date.now() - since >= longest) {
      incoming.destroy(new Error('the upload fell silent'));
    }
  }, longest / 4);
}
