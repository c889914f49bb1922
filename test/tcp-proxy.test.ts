import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterEach, expect, test } from '@jest/globals';
import { TcpProxy } from './tcp-proxy.js';

const open: (Server | Socket | TcpProxy)[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) {
    if (one instanceof TcpProxy) await one.stop();
    else if ('destroy' in one) one.destroy();
    else one.close();
  }
});

/** A target that says back what it hears, after its name; counts what it heard. */
async function echo(name = ''): Promise<{ readonly url: string; readonly server: Server; readonly heard: string[]; readonly sockets: Socket[] }> {
  const heard: string[] = [];
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    open.push(socket);
    sockets.push(socket);
    socket.on('error', () => undefined);
    socket.on('data', (bytes: Buffer) => {
      heard.push(bytes.toString());
      socket.write(name + bytes.toString());
    });
  });
  open.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { url: `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`, server, heard, sockets };
}

async function proxyTo(...targets: string[]): Promise<TcpProxy> {
  const proxy = await TcpProxy.start(...targets);
  open.push(proxy);
  return proxy;
}

interface Caller {
  readonly socket: Socket;
  /** How its connection came to its end. */
  readonly ended: Promise<string>;
  /** Sends, and gives the first piece of the answer. */
  ask(text: string): Promise<string>;
}

function call(proxy: TcpProxy): Caller {
  const socket = connect(proxy.port, '127.0.0.1');
  open.push(socket);
  let how = 'end';
  socket.on('error', (error: Error & { code?: string }) => (how = error.code ?? 'error'));
  return {
    socket,
    ended: once(socket, 'close').then(() => how, () => how),
    async ask(text) {
      socket.write(text);
      const [answer] = (await once(socket, 'data')) as [Buffer];
      return answer.toString();
    },
  };
}

const closed = (socket: Socket): Promise<void> => new Promise((resolve) => (socket.closed ? resolve() : socket.once('close', () => resolve())));
const wait = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

test('a good line passes everything on both ways, counts it, and passes a goodbye on', async () => {
  const target = await echo();
  const proxy = await proxyTo(target.url);
  const caller = call(proxy);
  expect(await caller.ask('hello')).toBe('hello');
  expect({ accepted: proxy.accepted, open: proxy.open, bytes: proxy.bytes }).toEqual({ accepted: 1, open: 1, bytes: { up: 5, down: 5 } });
  caller.socket.end();
  expect(await caller.ended).toBe('end');
  expect(target.sockets[0]!.readableEnded).toBe(true);
  expect(proxy.open).toBe(0);
});

test('a large answer arrives whole, over a narrow line as well', async () => {
  const size = 300_000;
  const target = await echo();
  const proxy = await proxyTo(target.url);
  for (const bytesPerSecond of [undefined, 1_000_000]) {
    if (bytesPerSecond !== undefined) proxy.slowDown({ bytesPerSecond });
    const { socket } = call(proxy);
    const from = performance.now();
    let received = 0;
    socket.write('x'.repeat(size));
    for await (const chunk of socket) if ((received += (chunk as Buffer).length) === size) break;
    expect(received).toBe(size);
    // Both ways at once take little longer than one way alone.
    if (bytesPerSecond !== undefined) expect(performance.now() - from).toBeGreaterThan((1000 * size) / bytesPerSecond - 20);
  }
});

test('a slow line delays each way, within its jitter, and keeps the order', async () => {
  const target = await echo();
  const proxy = await proxyTo(target.url);
  proxy.slowDown({ delayMilliseconds: 50, jitterMilliseconds: 40 });
  const caller = call(proxy);
  const from = performance.now();
  expect(await caller.ask('first')).toBe('first');
  expect(performance.now() - from).toBeGreaterThanOrEqual(2 * (50 - 40) - 1);
  for (let index = 0; index < 20; index += 1) {
    caller.socket.write(`${index} `);
    await wait(1);
  }
  const said = Array.from({ length: 20 }, (_, index) => `${index} `).join('');
  while (target.heard.slice(1).join('').length < said.length) await wait(5);
  expect(target.heard.slice(1).join('')).toBe(said);
});

test.each([['reset', 'ECONNRESET'], ['end', 'end']] as const)('a cut by %s ends both ends, and a new connection works', async (how, ending) => {
  const target = await echo();
  const proxy = await proxyTo(target.url);
  const caller = call(proxy);
  await caller.ask('hello');
  expect(proxy.cut(how)).toBe(1);
  expect(await caller.ended).toBe(ending);
  await closed(target.sockets[0]!);
  expect(await call(proxy).ask('again')).toBe('again');
});

test('in a black hole nothing comes through and nobody is told, until it is healed', async () => {
  const target = await echo();
  const proxy = await proxyTo(target.url);
  const [before, leaver] = [call(proxy), call(proxy)];
  await before.ask('1');
  await leaver.ask('1');
  proxy.fallSilent();
  const during = call(proxy);
  const answers = [before.ask('2'), during.ask('3')];
  leaver.socket.destroy();
  await wait(100);
  expect(target.heard).toEqual(['1', '1']);
  expect(target.sockets).toHaveLength(2);
  expect(target.sockets[1]!.destroyed).toBe(false);
  await proxy.heal();
  expect(await Promise.all(answers)).toEqual(['2', '3']);
  await closed(target.sockets[1]!);
});

test('stranded connections stay silent for good, while new ones work', async () => {
  const target = await echo();
  const proxy = await proxyTo(target.url);
  const caller = call(proxy);
  await caller.ask('1');
  proxy.strand();
  let answered = false;
  void caller.ask('2').then(() => (answered = true), () => undefined);
  expect(await call(proxy).ask('3')).toBe('3');
  await proxy.heal();
  await wait(50);
  expect({ answered, destroyed: caller.socket.destroyed, heard: target.heard }).toEqual({ answered: false, destroyed: false, heard: ['1', '3'] });
});

test('it refuses new connections while those that are open go on', async () => {
  const proxy = await proxyTo((await echo()).url);
  const caller = call(proxy);
  await caller.ask('1');
  proxy.refuse();
  expect(await call(proxy).ended).toBe('ECONNREFUSED');
  expect(await caller.ask('2')).toBe('2');
  await proxy.heal();
  expect(await call(proxy).ask('3')).toBe('3');
});

test('an answer is lost after its request went through; the one after it is not', async () => {
  const target = await echo();
  const proxy = await proxyTo(target.url);
  const [caller, quiet] = [call(proxy), call(proxy)];
  await caller.ask('1');
  await quiet.ask('quiet');
  const lost = proxy.loseAnswers(1, (bytes) => bytes.includes('2'));
  // Nobody asked here since: what comes of itself is no answer.
  target.sockets[1]!.write('22');
  caller.socket.write('2');
  expect(await caller.ended).toBe('ECONNRESET');
  await lost;
  expect(target.heard).toContain('2');
  expect(quiet.socket.destroyed).toBe(false);
  expect(await call(proxy).ask('2')).toBe('2');
});

test('with several targets it takes them in turn and passes over the dead; with none left it resets', async () => {
  const [a, b] = [await echo('a'), await echo('b')];
  const proxy = await proxyTo(a.url, b.url);
  expect([await call(proxy).ask('1'), await call(proxy).ask('2'), await call(proxy).ask('3')]).toEqual(['a1', 'b2', 'a3']);
  a.server.close();
  expect([await call(proxy).ask('4'), await call(proxy).ask('5')]).toEqual(['b4', 'b5']);
  b.server.close();
  expect(await call(proxy).ended).toBe('ECONNRESET');
  const c = await echo('c');
  proxy.leadTo(c.url);
  expect(await call(proxy).ask('6')).toBe('c6');
});
