import { once } from 'node:events';
import { createServer, get, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from '@jest/globals';
import { EventStreams } from '../src/server/event-streams.js';

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
