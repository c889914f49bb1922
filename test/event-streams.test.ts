import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, get, request, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { comesTrue } from '../faults/patience.js';
import type { Hints } from '../src/events/hints.js';
import { readKeySet } from '../src/keys.js';
import { SCOPES } from '../src/server/asker.js';
import { ASSERTION_HEADER, AssertionSigner, AssertionVerifier } from '../src/server/assertion.js';
import { EventStreams } from '../src/server/event-streams.js';
import { serveSubgraph } from '../src/server/serve-subgraph.js';
import { startHouse } from './house.js';

/** A server whose every response is looked after, and what its clients get. */
async function serve(answer: (response: ServerResponse) => void): Promise<{ streams: EventStreams; open: () => Promise<IncomingMessage> } & AsyncDisposable> {
  const streams = new EventStreams(20);
  const server = createServer((_, response) => {
    streams.add(response);
    answer(response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    streams,
    open: async () => (await once(get({ port: (server.address() as AddressInfo).port, host: '127.0.0.1' }), 'response'))[0] as IncomingMessage,
    async [Symbol.asyncDispose]() {
      streams.stop();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function readUntil(stream: IncomingMessage, text: string): Promise<string> {
  let read = '';
  for await (const chunk of stream) {
    read += String(chunk);
    if (read.includes(text)) break;
  }
  return read;
}

test('a quiet stream gives signs of life', async () => {
  await using served = await serve((response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' }).write('event: next\n');
  });
  expect(await readUntil(await served.open(), ':\n:\n')).toMatch(/^event: next\n(:\n)+$/);
});

test('a stream that nobody reads is ended, and so is every stream when the process stops', async () => {
  const closed = Promise.withResolvers<boolean>();
  await using served = await serve((response) => {
    response.setHeader('content-type', 'text/event-stream');
    response.once('close', () => closed.resolve(response.writableFinished));
    response.write('x'.repeat(64 * 1024 * 1024));
  });
  const unread = await served.open();
  unread.on('error', () => undefined);
  expect(await closed.promise).toBe(false);
  await using stopping = await serve((response) => response.writeHead(200, { 'content-type': 'text/event-stream' }).write(':\n'));
  const stream = await stopping.open();
  const ended = once(stream.resume(), 'error');
  stopping.streams.stop();
  expect(((await ended)[0] as { code: string }).code).toBe('ECONNRESET');
});

/** How many listen to a room's hints at a time. */
function countListeners(hints: Hints): () => number {
  const subscribe = hints.subscribe.bind(hints);
  let listeners = 0;
  hints.subscribe = (topic, listener) => {
    const stop = subscribe(topic, listener);
    listeners += 1;
    return () => {
      listeners -= 1;
      stop();
    };
  };
  return () => listeners;
}

test.each<[string, (stream: IncomingMessage) => void]>([
  ['ended by its client', (stream) => stream.socket.end()],
  ['whose client was killed', (stream) => stream.socket.resetAndDestroy()],
])('a room lets go of a subscription %s', async (_, leave) => {
  await using cleanUps = new AsyncDisposableStack();
  const house = cleanUps.use(await startHouse());
  const { community } = house.running.rooms;
  const [publicKeys, privateKeys] = await Promise.all(['public', 'private'].map((kind) => readKeySet(join(process.env['ARDOISE_TEST_DIRECTORY']!, 'keys', `assertion.${kind}.json`))));
  const listeners = countListeners(community.room.hints);
  const served = await serveSubgraph(community, new AssertionVerifier('community', publicKeys!), '127.0.0.1', 0);
  cleanUps.defer(() => served.stop());
  const before = listeners();
  const asker = { firmId: randomUUID(), userId: randomUUID(), byKey: false, role: 'OWNER', scopes: SCOPES } as const;
  const assertion = await (await AssertionSigner.from(privateKeys!)).sign('community', { asker, requestId: 'a', origin: 'http://localhost' });
  const asked = request({ port: served.port, host: '127.0.0.1', path: '/graphql/stream', method: 'POST', headers: { accept: 'text/event-stream', 'content-type': 'application/json', [ASSERTION_HEADER]: assertion } });
  asked.end(JSON.stringify({ query: 'subscription { inboxChanged { id } }' }));
  const [stream] = (await once(asked, 'response')) as [IncomingMessage];
  stream.on('error', () => undefined);
  asked.on('error', () => undefined);
  expect(await comesTrue(() => listeners() > before, 5000)).toBe(true);
  leave(stream);
  expect(await comesTrue(() => listeners() === before, 5000)).toBe(true);
});
