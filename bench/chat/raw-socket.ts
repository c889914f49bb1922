import { connect, type Socket } from 'node:net';

/** Where a socket goes and where it comes from. */
export interface RawSocketOptions {
  /** `http://host:port`, the server's. */
  readonly url: string;
  /** A source address has 28,000 ports or so towards one server: with more sockets than that, some come from another one. */
  readonly localAddress?: string | undefined;
  onText(text: string, socket: RawSocket): void;
  /** Called once, with the code that the server gave; 1006 when it gave none. */
  onClose(code: number): void;
}

/** Two bytes for the head and eight for the longest length. */
const LONGEST_HEAD = 10;

/**
 * A WebSocket of graphql-transport-ws, written by hand for this bench: a general one costs its process more than some of the
 * servers that are measured. Server and client speak ASCII, so characters are bytes; whole text frames alone are understood.
 */
export class RawSocket {
  readonly #socket: Socket;
  readonly #options: RawSocketOptions;
  #text = '';
  #closeCode = 1006;

  private constructor(socket: Socket, options: RawSocketOptions) {
    this.#socket = socket;
    this.#options = options;
  }

  static open(options: RawSocketOptions): Promise<RawSocket> {
    const { hostname, port, host } = new URL(options.url);
    return new Promise((resolve, reject) => {
      const socket = connect({ host: hostname, port: Number(port), ...(options.localAddress !== undefined && { localAddress: options.localAddress }) });
      const raw = new RawSocket(socket, options);
      socket.setNoDelay(true).setEncoding('latin1');
      socket.once('connect', () => {
        socket.write(`GET /graphql HTTP/1.1\r\nhost: ${host}\r\nconnection: Upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\nsec-websocket-protocol: graphql-transport-ws\r\n\r\n`);
      });
      let head = '';
      const upgrade = (chunk: string): void => {
        head += chunk;
        const end = head.indexOf('\r\n\r\n');
        if (end < 0) return;
        socket.off('data', upgrade);
        if (!head.startsWith('HTTP/1.1 101')) return reject(new Error(`no WebSocket but ${head.slice(0, 200)}`));
        socket.on('data', (text: string) => raw.#hear(text));
        resolve(raw);
        if (head.length > end + 4) raw.#hear(head.slice(end + 4));
      };
      socket.on('data', upgrade);
      socket.on('error', reject);
      socket.on('close', () => {
        reject(new Error('the connection was closed before it was a WebSocket'));
        options.onClose(raw.#closeCode);
      });
    });
  }

  /** Sends a text of ASCII in one frame; its mask is zero, which a mask may be, and leaves it as it is. */
  send(text: string): void {
    this.#write(0x81, text);
  }

  /** Says goodbye; done when the connection is closed. */
  close(): Promise<void> {
    if (this.#socket.destroyed) return Promise.resolve();
    const closed = new Promise<void>((resolve) => this.#socket.once('close', () => resolve()));
    this.#write(0x88, '\x03\xe8');
    return closed;
  }

  #write(type: number, text: string): void {
    const { length } = text;
    const head = length < 126 ? String.fromCharCode(type, 0x80 | length) : String.fromCharCode(type, 0xfe, length >> 8, length & 0xff);
    this.#socket.write(`${head}\0\0\0\0${text}`, 'latin1');
  }

  #hear(chunk: string): void {
    const text = this.#text === '' ? chunk : this.#text + chunk;
    let at = 0;
    while (text.length >= at + 2) {
      const type = text.charCodeAt(at);
      let length = text.charCodeAt(at + 1);
      let from = at + 2;
      if (length >= 126) {
        if (text.length < at + LONGEST_HEAD) break;
        from += length === 126 ? 2 : 8;
        // The four upper bytes of a long length are zero: no frame here has gigabytes.
        length = length === 126 ? (text.charCodeAt(at + 2) << 8) | text.charCodeAt(at + 3) : (((text.charCodeAt(at + 6) << 8) | text.charCodeAt(at + 7)) << 16) | (text.charCodeAt(at + 8) << 8) | text.charCodeAt(at + 9);
      }
      if (text.length < from + length) break;
      const payload = text.slice(from, from + length);
      at = from + length;
      if (type === 0x81) this.#options.onText(payload, this);
      else if (type === 0x89) this.#write(0x8a, payload);
      else if (type === 0x88) {
        this.#closeCode = payload.length < 2 ? 1005 : (payload.charCodeAt(0) << 8) | payload.charCodeAt(1);
        this.#write(0x88, payload);
        this.#socket.end();
      } else throw new Error(`a frame of type ${type.toString(16)}`);
    }
    this.#text = at === text.length ? '' : text.slice(at);
  }
}
