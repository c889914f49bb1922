import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** What may wait in the proxy in one direction of one connection before its sender is made to wait, in bytes. */
const MOST_WAITING = 256 * 1024;
/** A narrow line passes pieces of this much time on, in seconds: so it is narrow at every moment, not on average. */
const PIECE_SECONDS = 0.02;
const DEFAULT_PORTS: Readonly<Record<string, number>> = { 'http:': 80, 'https:': 443, 'postgres:': 5432, 'postgresql:': 5432, 'nats:': 4222 };

/** How a line is: each piece takes delay ± jitter, equally spread, and none overtakes another. */
export interface Line {
  readonly delayMilliseconds?: number;
  readonly jitterMilliseconds?: number;
  /** In each direction. */
  readonly bytesPerSecond?: number;
}

/** How connections are cut: by RST, at once and without a goodbye, or by FIN, after what was sent before. */
export type Cut = 'reset' | 'end';

/**
 * A line between two parties of a test that can be made bad: slow, narrow, silent, cut. With several targets it stands for a
 * balancer: it takes them in turn and passes over those that do not answer.
 */
export class TcpProxy implements AsyncDisposable {
  /** Connections taken since the start. */
  accepted = 0;
  /** Bytes passed on: from the clients up to the targets, and down. */
  readonly bytes = { up: 0, down: 0 };
  #targets: readonly URL[];
  #turn = 0;
  #server: Server | undefined;
  #port = 0;
  readonly #links = new Set<Link>();
  line: Line = {};
  silent = false;
  #answersToLose = 0;
  #isAnswer: (bytes: Buffer) => boolean = () => true;
  #lost: () => void = () => undefined;

  private constructor(targets: readonly string[]) {
    this.#targets = targets.map((target) => new URL(target));
  }

  /** Listens on a free port of this machine. A target is a URL of any protocol, of which host and port count. */
  static async start(...targets: readonly string[]): Promise<TcpProxy> {
    const proxy = new TcpProxy(targets);
    await proxy.#listen();
    return proxy;
  }

  get port(): number {
    return this.#port;
  }

  /** The given URL, or that of the first target, by way of the proxy. */
  urlOf(target: string = this.#targets[0]!.href): string {
    const url = new URL(target);
    url.hostname = '127.0.0.1';
    url.port = String(this.#port);
    return url.href.replace(/\/$/, '');
  }

  /** Connections that are open now. */
  get open(): number {
    return this.#links.size;
  }

  /** Leads connections to come elsewhere. */
  leadTo(...targets: readonly string[]): void {
    this.#targets = targets.map((target) => new URL(target));
  }

  /** Makes the line slow or narrow, for all connections from now on. */
  slowDown(line: Line): void {
    this.line = line;
  }

  /** A black hole: takes connections, and passes nothing on in either direction, not even that somebody left. */
  fallSilent(): void {
    this.silent = true;
    for (const link of this.#links) link.pause();
  }

  /** Forgets every open connection, as a router does that was started anew: nothing comes through them any more, and nobody is told. */
  strand(): void {
    for (const link of this.#links) link.strand();
  }

  /** Refuses connections to come; those that are open go on. */
  refuse(): void {
    this.#server?.close();
    this.#server = undefined;
  }

  /** Cuts every open connection; returns how many there were. */
  cut(how: Cut = 'reset'): number {
    const count = this.#links.size;
    for (const link of [...this.#links]) link.cut(how);
    return count;
  }

  /**
   * Loses the next `count` answers: the request goes through, and at the first byte that comes back (or the first piece that
   * is `isAnswer`) the connection is reset. Resolves when they are lost.
   */
  loseAnswers(count = 1, isAnswer: (bytes: Buffer) => boolean = () => true): Promise<void> {
    for (const link of this.#links) link.asked = false;
    this.#answersToLose = count;
    this.#isAnswer = isAnswer;
    return new Promise((resolve) => (this.#lost = resolve));
  }

  /** The good line that it was at first; what was held in silence arrives. */
  async heal(): Promise<void> {
    this.line = {};
    this.silent = false;
    this.#answersToLose = 0;
    if (!this.#server) await this.#listen();
    for (const link of this.#links) link.resume();
  }

  async stop(): Promise<void> {
    this.refuse();
    this.cut();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  /** A connection to the next target that takes one; nothing when none does. */
  async dial(): Promise<Socket | undefined> {
    const targets = this.#targets;
    for (let tried = 0; tried < targets.length; tried += 1) {
      const { hostname, port, protocol } = targets[this.#turn++ % targets.length]!;
      const socket = connect({ host: hostname.replace(/^\[|\]$/g, ''), port: Number(port) || DEFAULT_PORTS[protocol]!, allowHalfOpen: true, noDelay: true });
      try {
        await once(socket, 'connect');
        return socket;
      } catch {
        socket.destroy();
      }
    }
    return undefined;
  }

  /** Whether what has come back is an answer that has to be lost. */
  losesAnswer(bytes: Buffer): boolean {
    if (this.#answersToLose === 0 || !this.#isAnswer(bytes)) return false;
    this.#answersToLose -= 1;
    if (this.#answersToLose === 0) this.#lost();
    return true;
  }

  async #listen(): Promise<void> {
    const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
      this.accepted += 1;
      const link = new Link(this, socket);
      this.#links.add(link);
      socket.once('close', () => this.#links.delete(link));
    });
    this.#server = server;
    server.listen(this.#port, '127.0.0.1');
    await once(server, 'listening');
    this.#port = (server.address() as AddressInfo).port;
  }
}

/** One connection of a client and the one to its target. */
class Link {
  /** Whether its client said something since answers are lost. */
  asked = false;
  #target: Socket | undefined;
  #dialled = false;
  #directions: readonly Direction[] = [];

  constructor(
    private readonly proxy: TcpProxy,
    private readonly client: Socket,
  ) {
    client.on('error', () => this.cut('reset'));
    client.pause();
    this.resume();
  }

  pause(): void {
    for (const direction of this.#directions) direction.hold();
  }

  strand(): void {
    for (const direction of this.#directions) direction.strand();
  }

  resume(): void {
    if (!this.#dialled && !this.proxy.silent) void this.#connect();
    for (const direction of this.#directions) direction.pass();
  }

  cut(how: Cut): void {
    for (const socket of [this.client, this.#target]) {
      if (how === 'reset') socket?.resetAndDestroy();
      // The rest of what its peer may say is not waited for.
      else socket?.end(() => socket.destroy());
    }
  }

  async #connect(): Promise<void> {
    this.#dialled = true;
    const target = await this.proxy.dial();
    if (!target || this.client.destroyed) {
      target?.destroy();
      this.client.resetAndDestroy();
      return;
    }
    this.#target = target;
    target.on('error', () => this.cut('reset'));
    const { proxy } = this;
    const up = new Direction(proxy, this.client, target, (bytes) => {
      this.asked = true;
      proxy.bytes.up += bytes.length;
      return true;
    });
    const down = new Direction(proxy, target, this.client, (bytes) => {
      if (this.asked && proxy.losesAnswer(bytes)) return this.cut('reset'), false;
      proxy.bytes.down += bytes.length;
      return true;
    });
    this.#directions = [up, down];
    if (proxy.silent) this.pause();
  }
}

/** One direction of one connection. */
class Direction {
  /** What is under way, with the time at which it arrives; `null` is the end. */
  readonly #underWay: { readonly bytes: Buffer | null; readonly due: number }[] = [];
  #waiting = 0;
  /** When the narrow line is free again. */
  #free = 0;
  #timer: NodeJS.Timeout | undefined;
  #stranded = false;

  constructor(
    private readonly proxy: TcpProxy,
    private readonly from: Socket,
    private readonly to: Socket,
    /** Told each piece before it goes; says whether it may. */
    private readonly admit: (bytes: Buffer) => boolean,
  ) {
    from.on('data', (bytes: Buffer) => this.#take(bytes));
    from.on('end', () => this.#send(null));
    to.on('drain', () => this.pass());
    // Who is gone without an error has been cut here, or both ends have said goodbye.
    to.on('close', () => {
      clearTimeout(this.#timer);
      from.destroy();
    });
    if (!proxy.silent) from.resume();
  }

  hold(): void {
    this.from.pause();
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  strand(): void {
    this.#stranded = true;
    this.hold();
  }

  /** Passes on what is due, unless all is to be silent. */
  pass(): void {
    if (this.proxy.silent || this.#stranded) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    while (this.#underWay.length > 0 && !this.to.writableNeedDrain) {
      const { bytes, due } = this.#underWay[0]!;
      const early = due - performance.now();
      if (early > 0.5) {
        this.#timer = setTimeout(() => this.pass(), early);
        break;
      }
      this.#underWay.shift();
      if (bytes === null) return void this.to.end();
      this.#waiting -= bytes.length;
      this.to.write(bytes);
    }
    if (this.#waiting < MOST_WAITING) this.from.resume();
  }

  #take(bytes: Buffer): void {
    if (!this.admit(bytes)) return;
    const { bytesPerSecond } = this.proxy.line;
    const size = bytesPerSecond === undefined ? bytes.length : Math.max(1, Math.floor(bytesPerSecond * PIECE_SECONDS));
    for (let at = 0; at < bytes.length; at += size) this.#send(bytes.subarray(at, at + size));
  }

  #send(bytes: Buffer | null): void {
    const { delayMilliseconds = 0, jitterMilliseconds = 0, bytesPerSecond } = this.proxy.line;
    const length = bytes?.length ?? 0;
    this.#free = Math.max(this.#free, performance.now()) + (bytesPerSecond === undefined ? 0 : (1000 * length) / bytesPerSecond);
    const arrives = this.#free + Math.max(0, delayMilliseconds + (2 * Math.random() - 1) * jitterMilliseconds);
    this.#underWay.push({ bytes, due: Math.max(arrives, this.#underWay.at(-1)?.due ?? 0) });
    this.#waiting += length;
    if (this.#waiting >= MOST_WAITING) this.from.pause();
    if (this.#timer === undefined) this.pass();
  }
}
