import { connect, type Socket } from 'node:net';
import { fail, type ChatPair, type PairListener } from './chat-pair.js';

/** An account of the XMPP server. */
export interface XmppAccount {
  readonly name: string;
  readonly password: string;
}

export const XMPP_HOST = 'localhost';
const RESOURCE = 'bench';

/** One client's stream of stanzas, as much of XMPP as two who talk need; everything in it is ASCII that needs no escape. */
class XmppStream {
  readonly #socket: Socket;
  #text = '';
  /** What is waited for while signing in, by the end of what is read. */
  #awaited: { readonly end: RegExp; resolve(text: string): void; reject(error: Error): void } | undefined;
  onMessage: (stanza: string) => void = () => undefined;
  onClose: () => void = () => undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setNoDelay(true).setEncoding('latin1');
    socket.on('data', (chunk: string) => this.#hear(chunk));
    socket.on('error', (error) => this.#awaited?.reject(error));
    socket.on('close', () => {
      this.#awaited?.reject(new Error(`the XMPP server closed the stream after ${this.#text}`));
      this.onClose();
    });
  }

  static async open(port: number, { name, password }: XmppAccount): Promise<XmppStream> {
    const socket = connect(port, '127.0.0.1');
    const stream = new XmppStream(socket);
    const begin = `<?xml version='1.0'?><stream:stream to='${XMPP_HOST}' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' version='1.0'>`;
    await stream.#ask(begin, /<\/stream:features>$/);
    await stream.#ask(`<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>${Buffer.from(`\0${name}\0${password}`).toString('base64')}</auth>`, /<success[^>]*>$/);
    await stream.#ask(begin, /<\/stream:features>$/);
    await stream.ask(`<iq type='set' id='bind'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>${RESOURCE}</resource></bind></iq>`);
    await stream.#ask('<presence/>', /<presence [^>]*?(\/>|<\/presence>)$/);
    return stream;
  }

  write(text: string): void {
    this.#socket.write(text, 'latin1');
  }

  /** Asks by an iq stanza, while nothing else is under way. */
  ask(iq: string): Promise<string> {
    return this.#ask(iq, /<iq .*<\/iq>$/s);
  }

  close(): void {
    this.#socket.end('</stream:stream>');
  }

  #ask(text: string, end: RegExp): Promise<string> {
    return new Promise((resolve, reject) => {
      this.#awaited = { end, resolve, reject };
      this.write(text);
    });
  }

  #hear(chunk: string): void {
    this.#text += chunk;
    if (this.#awaited) {
      if (!this.#awaited.end.test(this.#text)) return;
      const text = this.#text;
      this.#text = '';
      const awaited = this.#awaited;
      this.#awaited = undefined;
      awaited.resolve(text);
      return;
    }
    let at = 0;
    for (let end = this.#text.indexOf('</message>'); end >= 0; end = this.#text.indexOf('</message>', at)) {
      this.onMessage(this.#text.slice(at, end));
      at = end + '</message>'.length;
    }
    if (at > 0) this.#text = this.#text.slice(at);
  }
}

/** A pair of clients of an XMPP server; there the sender gets no answer, and the server numbers nothing. */
export class XmppPair implements ChatPair {
  listener: PairListener | undefined;
  readonly #sender: XmppStream;
  readonly #receiver: XmppStream;
  readonly #to: string;
  #closing = false;

  private constructor(sender: XmppStream, receiver: XmppStream, to: string) {
    this.#sender = sender;
    this.#receiver = receiver;
    this.#to = to;
    receiver.onMessage = (stanza) => {
      const from = stanza.indexOf('<body>');
      const end = stanza.indexOf('</body>', from);
      if (from < 0 || end < 0 || stanza.includes(`type='error'`)) return fail(this, `no message but ${stanza}`);
      this.listener?.received(stanza.slice(from + '<body>'.length, end), undefined);
    };
    sender.onMessage = (stanza) => fail(this, `a message came back: ${stanza}`);
    for (const stream of [sender, receiver]) stream.onClose = () => this.#closing || fail(this, 'the XMPP server closed a stream');
  }

  static async open(port: number, from: XmppAccount, to: XmppAccount): Promise<XmppPair> {
    const [sender, receiver] = await Promise.all([XmppStream.open(port, from), XmppStream.open(port, to)]);
    return new XmppPair(sender, receiver, `${to.name}@${XMPP_HOST}/${RESOURCE}`);
  }

  send(number: number, text: string): void {
    this.#sender.write(`<message to='${this.#to}' type='chat' id='${number}'><body>${text}</body></message>`);
  }

  /** How many messages the server's archive holds for the receiver. */
  async countKept(): Promise<number> {
    const answer = await this.#receiver.ask(`<iq type='set' id='mam'><query xmlns='urn:xmpp:mam:2'><set xmlns='http://jabber.org/protocol/rsm'><max>1</max></set></query></iq>`);
    return Number(/<count>(\d+)<\/count>/.exec(answer)?.[1]);
  }

  close(): void {
    this.#closing = true;
    this.#sender.close();
    this.#receiver.close();
  }
}
