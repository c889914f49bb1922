import { connect, type Socket } from 'node:net';
import { performance } from 'node:perf_hooks';

/** What the load generator, a process of its own, is told to send. */
export interface Load {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** One for each request; no two alike. */
  readonly bodies: readonly string[];
  /**
   * With it, one connection sends a request each so many milliseconds, and the wait for the one before counts as part of
   * the answer's time: a server that stalls cannot hide it. Without it, each connection sends as soon as it is answered.
   */
  readonly everyMilliseconds?: number;
  readonly connections: number;
}

/** What came of it. */
export interface Loaded {
  /** Of each request, from the moment when it was due, in milliseconds. */
  readonly latencies: readonly number[];
  readonly seconds: number;
  /** The answers to the first few, in the order of the bodies. */
  readonly answers: readonly string[];
}

const ANSWERS = 40;

/** One kept connection, one request at a time; nothing of a client but what is needed here, so that it costs little. */
class Line {
  readonly #socket: Socket;
  #text = '';
  #answered: ((body: string) => void) | undefined;
  #failed: ((error: Error) => void) | undefined;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.setNoDelay(true).setEncoding('latin1');
    socket.on('data', (text: string) => {
      this.#text += text;
      const body = bodyOf(this.#text);
      if (body === undefined) return;
      this.#text = '';
      this.#answered?.(body);
    });
    socket.on('error', (error) => this.#failed?.(error));
    socket.on('close', () => this.#failed?.(new Error('the server closed the connection')));
  }

  static open(host: string, port: number): Promise<Line> {
    return new Promise((resolve, reject) => {
      const socket = connect(port, host, () => resolve(new Line(socket))).once('error', reject);
    });
  }

  ask(request: string): Promise<string> {
    return new Promise((resolve, reject) => {
      this.#answered = resolve;
      this.#failed = reject;
      this.#socket.write(request);
    });
  }

  close(): void {
    this.#failed = undefined;
    this.#socket.destroy();
  }
}

/** The body once all of it is there. Throws when it is no answer with status 200. */
function bodyOf(text: string): string | undefined {
  const end = text.indexOf('\r\n\r\n');
  if (end < 0) return undefined;
  if (!text.startsWith('HTTP/1.1 200')) throw new Error(`answered with ${text.slice(0, 400)}`);
  const length = /\r\ncontent-length: (\d+)/i.exec(text.slice(0, end + 2))?.[1];
  if (length !== undefined) return text.length >= end + 4 + Number(length) ? text.slice(end + 4) : undefined;
  return text.endsWith('\r\n0\r\n\r\n') ? text.slice(end + 4).replaceAll(/(?:^|\r\n)[0-9a-f]+\r\n/g, '') : undefined;
}

async function generate({ url, headers, bodies, everyMilliseconds, connections }: Load): Promise<Loaded> {
  const { hostname, port, pathname } = new URL(url);
  const head = Object.entries({ host: `${hostname}:${port}`, 'content-type': 'application/json', accept: 'application/json', ...headers }).map(([name, value]) => `${name}: ${value}\r\n`).join('');
  const requests = bodies.map((body) => `POST ${pathname} HTTP/1.1\r\n${head}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
  const latencies: number[] = [];
  const answers: string[] = [];
  const lines = await Promise.all(Array.from({ length: connections }, () => Line.open(hostname, Number(port))));
  const began = performance.now();
  let next = 0;
  await Promise.all(
    lines.map(async (line) => {
      for (let index = next++; index < requests.length; index = next++) {
        const due = everyMilliseconds === undefined ? performance.now() : began + index * everyMilliseconds;
        const early = due - performance.now();
        if (early > 0) await new Promise((resolve) => setTimeout(resolve, early));
        // A timer may fire late by itself; only the server's own delay counts.
        const sent = everyMilliseconds === undefined || early > 0 ? performance.now() : due;
        const body = await line.ask(requests[index]!);
        latencies[index] = performance.now() - sent;
        if (index < ANSWERS) answers[index] = Buffer.from(body, 'latin1').toString();
      }
    }),
  );
  const seconds = (performance.now() - began) / 1000;
  for (const line of lines) line.close();
  return { latencies, seconds, answers };
}

process.on('message', (load: Load) => {
  generate(load).then(
    (loaded) => process.send!({ loaded }),
    (error: unknown) => process.send!({ failed: String(error) }),
  );
});
process.send!({ ready: true });
