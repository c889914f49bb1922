import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { createServer as createTcpServer, type AddressInfo } from 'node:net';
import { afterEach, expect, test } from '@jest/globals';
import type { Leave } from './check-target.js';
import type { Resolve } from './resolve-target.js';
import { sendWebhook, type Outcome, type Sending } from './send-webhook.js';

const LOCAL: Leave = { isPrivateAllowed: true, isPlainAllowed: true };
const PRIVATE: Leave = { isPrivateAllowed: true, isPlainAllowed: false };
const PUBLIC: Leave = { isPrivateAllowed: false, isPlainAllowed: false };
const never = new AbortController().signal;

const servers: { close(): unknown; closeAllConnections?(): void }[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections?.();
    server.close();
  }
});

async function portOf(server: Server | ReturnType<typeof createTcpServer>): Promise<number> {
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

/** A name that leads to these addresses, and counts how often it was asked. */
function leadsTo(...addresses: string[]): Resolve & { asked: number } {
  const resolve = Object.assign(async () => ((resolve.asked += 1), addresses), { asked: 0 });
  return resolve;
}

function send(url: string, sending: Partial<Sending> = {}): Promise<Outcome> {
  return sendWebhook({ url, headers: { 'webhook-id': 'msg_1' }, body: '{"é":1}' }, { leave: LOCAL, ending: never, ...sending });
}

test('a name is asked for once, and the connection goes to the address that was checked', async () => {
  const heard: string[] = [];
  const port = await portOf(createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (chunk: string) => (body += chunk)).on('end', () => {
      heard.push(`${request.method} ${request.url} ${request.headers.host} ${request.headers['webhook-id'] as string} ${request.headers['content-length']} ${body}`);
      response.writeHead(200).end('  ok\r\n\tyes\u0000 ');
    });
  }));
  const resolve = leadsTo('127.0.0.1');
  // A name that nobody has: whoever looked it up a second time would not come here.
  const outcome = await send(`http://hooks.example.test:${port}/a/b?c=d`, { resolve });
  expect(outcome).toMatchObject({ status: 200, failure: null, excerpt: 'ok yes', retryAfter: 0 });
  expect(heard).toEqual([`POST /a/b?c=d hooks.example.test:${port} msg_1 8 {"é":1}`]);
  expect(resolve.asked).toBe(1);
});

test.each([
  ['https', ['127.0.0.1'], PUBLIC],
  ['https', ['1.1.1.1', '127.0.0.1'], PUBLIC], // one that is allowed does not open the other
  ['https', ['2606:4700:4700::1111', '::ffff:127.0.0.1'], PUBLIC],
  ['https', ['169.254.169.254'], PUBLIC],
  ['https', [], PUBLIC],
  ['https', [], PRIVATE],
  ['https', Array.from({ length: 33 }, (_, place) => `1.1.1.${place}`), PUBLIC], // as many as nobody needs
  ['http', ['1.1.1.1'], PUBLIC],
  ['http', ['127.0.0.1'], PUBLIC],
  ['http', ['127.0.0.1'], PRIVATE],
  ['http', ['10.0.0.1'], LOCAL], // unencrypted to this machine only
] as const)('%s to a name that leads to %j does not connect', async (protocol, addresses, leave) => {
  let connected = 0;
  const port = await portOf(createTcpServer((socket) => {
    connected += 1;
    socket.destroy();
  }));
  expect(await send(`${protocol}://hooks.example.test:${port}/`, { leave, resolve: leadsTo(...addresses) })).toMatchObject({ status: null, failure: 'NO_PUBLIC_ADDRESS', excerpt: null });
  expect(connected).toBe(0);
});

test.each(['https://127.0.0.1', 'https://[::1]', 'https://[::ffff:7f00:1]', 'https://169.254.169.254', 'http://127.0.0.1'])('%s is refused without a question for its name', async (origin) => {
  const resolve = leadsTo('1.1.1.1');
  expect(await send(`${origin}:4567/`, { leave: PUBLIC, resolve })).toMatchObject({ failure: 'NO_PUBLIC_ADDRESS' });
  expect(resolve.asked).toBe(0);
});

test.each([
  [200, null], [204, null], [299, null], [301, 'REDIRECT'], [302, 'REDIRECT'], [308, 'REDIRECT'], [400, 'STATUS'], [404, 'STATUS'], [410, 'STATUS'], [500, 'STATUS'], [503, 'STATUS'],
] as const)('the status %d is %p', async (status, failure) => {
  let asked = 0;
  const port = await portOf(createServer((_, response) => {
    asked += 1;
    response.writeHead(status, { location: '/elsewhere', 'retry-after': '7' }).end();
  }));
  expect(await send(`http://localhost:${port}/`)).toMatchObject({ status, failure, excerpt: null, retryAfter: 7 });
  expect(asked).toBe(1);
});

test('an answer without an end is not listened to, and its status counts', async () => {
  const port = await portOf(createServer((_, response) => {
    const timer = setInterval(() => response.write('x'.repeat(10_000)), 1);
    response.once('close', () => clearInterval(timer));
  }));
  const outcome = await send(`http://localhost:${port}/`);
  expect(outcome).toMatchObject({ status: 200, failure: null, excerpt: 'x'.repeat(300) });
  expect(outcome.milliseconds).toBeLessThan(1000);
});

test('an answer that trickles is not waited for', async () => {
  const port = await portOf(createServer((_, response) => {
    response.write('now');
    const timer = setInterval(() => response.write('.'), 300);
    response.once('close', () => clearInterval(timer));
  }));
  const outcome = await send(`http://localhost:${port}/`);
  expect(outcome).toMatchObject({ status: 200, failure: null, excerpt: expect.stringMatching(/^now\.*$/) });
  expect(outcome.milliseconds).toBeLessThan(3000);
});

test.each([
  ['closes at once', ''],
  ['answers what is no HTTP', 'SSH-2.0-OpenSSH_9.9\r\n'],
  ['breaks off in its head', 'HTTP/1.1 200 OK\r\ncontent-le'],
  ['switches protocols', 'HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n'],
  ['has a head without an end', `HTTP/1.1 200 OK\r\nx: ${'x'.repeat(100_000)}`],
])('a receiver that %s is a connection that failed', async (_, answer) => {
  const port = await portOf(createTcpServer((socket) => {
    socket.on('error', () => undefined).once('data', () => socket.end(answer));
  }));
  expect(await send(`http://localhost:${port}/`)).toMatchObject({ status: null, failure: 'CONNECTION' });
});

test('nobody there, and nobody who speaks TLS, are told apart', async () => {
  const plain = await portOf(createServer((_, response) => void response.end()));
  expect(await send(`https://localhost:${plain}/`)).toMatchObject({ status: null, failure: 'CERTIFICATE' });
  const gone = createTcpServer();
  const port = await portOf(gone);
  gone.close();
  await once(gone, 'close');
  expect(await send(`http://localhost:${port}/`)).toMatchObject({ status: null, failure: 'CONNECTION' });
});

test('whoever stops the sender is heard at once, and that is no attempt', async () => {
  const port = await portOf(createServer(() => undefined));
  const ending = new AbortController();
  const sent = send(`http://localhost:${port}/`, { ending: ending.signal });
  setTimeout(() => ending.abort(), 100);
  await expect(sent).rejects.toThrow(/abort/i);
});

test('a name server that does not answer is not waited for longer than a receiver', async () => {
  const silent: Resolve = (_, signal) => new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(new Error('cancelled'))));
  const outcome = await send('https://hooks.example.test/', { resolve: silent });
  expect(outcome).toMatchObject({ status: null, failure: 'TIMEOUT' });
  expect(outcome.milliseconds).toBeGreaterThan(14_500);
}, 20_000);
