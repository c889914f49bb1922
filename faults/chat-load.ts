import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import type { TestHouse } from '../test/house.js';
import { askDoor, Doors, Unanswered } from './ask-door.js';
import { ChatSocket, type Break, type Wish } from './chat-socket.js';
import { judge, sumOf, type Acknowledged, type Shown, type Side, type Stored, type Verdict } from './journal.js';
import { openPairs, type Pair } from './open-pairs.js';
import { comesTrue, jittered, pause } from './patience.js';
import { staySignedIn } from './stay-signed-in.js';

/** After the last fault everything has to be well again by itself within this time, in milliseconds. */
const RECOVERY_MILLISECONDS = 30_000;
const SIDES = [0, 1] as const;

const SEND = 'mutation ($input: MessageSendInput!) { messageSend(input: $input) { message { seq body } userErrors { code } } }';
const READ = 'mutation ($input: MessagesReadInput!) { messagesRead(input: $input) { conversation { readUpTo } userErrors { code } } }';
const RECEIVE = 'subscription ($id: ID!, $after: Int) { messageReceived(conversationId: $id, after: $after) { seq mine body clientId } }';
const INBOX = 'subscription { inboxChanged { id lastSeq readUpTo peerReadUpTo unreadCount } }';
const STATE = 'query ($id: ID!) { conversation(id: $id) { id lastSeq readUpTo peerReadUpTo unreadCount } }';
const PAGE = 'query ($id: ID!, $after: Int) { conversation(id: $id) { messages(first: 100, after: $after) { nodes { seq mine body clientId } hasMore } } }';

export interface LoadOptions {
  readonly pairs: number;
  /** Clients of each firm that read. */
  readonly readers?: number;
  /** How long a sender pauses between two messages on average, in milliseconds. */
  readonly everyMilliseconds?: number;
  /** Where clients find the house; its own address unless it is said. */
  readonly doors?: readonly string[];
}

/** One message from its first try until it was acknowledged. */
export interface Sending {
  readonly from: number;
  until: number;
  tries: number;
}

interface Standing {
  readonly id: string;
  readonly lastSeq: number;
  readonly readUpTo: number;
  readonly peerReadUpTo: number;
  readonly unreadCount: number;
}

/** A client of one firm in one conversation: it keeps what it was shown, and its inbox as snapshots and pushes have it. */
class Reader {
  readonly shown: Shown[] = [];
  /** When each number came. */
  readonly at = new Map<number, number>();
  readonly socket: ChatSocket;
  last = 0;
  inbox: Standing | undefined;

  constructor(
    readonly pair: Pair,
    readonly side: Side,
    readonly doors: Doors,
  ) {
    const id = pair.ids[side];
    const firm = pair.firms[side];
    const wishes: Wish[] = [
      {
        query: RECEIVE, variables: () => ({ id, after: this.last }),
        hear: (data) => {
          const message = data['messageReceived'] as Shown;
          this.shown.push(message);
          if (!this.at.has(message.seq)) this.at.set(message.seq, performance.now());
          this.last = Math.max(this.last, message.seq);
        },
      },
      {
        query: INBOX, variables: () => ({}),
        hear: (data) => this.#note(data['inboxChanged'] as Standing),
        // What changed while nobody listened is asked for.
        asked: () => void askDoor<{ conversation: Standing }>(this.doors.url, firm.token!, STATE, { id }).then(({ conversation }) => this.#note(conversation), () => undefined),
      },
    ];
    this.socket = new ChatSocket(doors, () => firm.token!, wishes);
  }

  /** Nothing in it ever goes back: what comes late is old. */
  #note(standing: Standing): void {
    const weight = (each: Standing): number => each.lastSeq + each.readUpTo + each.peerReadUpTo;
    if (this.inbox === undefined || weight(standing) >= weight(this.inbox)) this.inbox = standing;
  }
}

/** What a load found out. All times in milliseconds. */
export interface Found extends Verdict {
  readonly acknowledged: number;
  readonly sendings: readonly Sending[];
  readonly breaks: readonly Break[];
  /** From the acknowledgement of a message until each reader had it. */
  readonly lags: readonly number[];
  /** Whether everything came to rest by itself. */
  readonly recovered: boolean;
  /** Subscriptions that ended as if their conversation had been closed. */
  readonly completed: number;
  /** Codes of failed tries to send, how often each. */
  readonly codes: ReadonlyMap<string, number>;
}

/**
 * Firms that talk at random, two by two, through the public door, and note everything: what was acknowledged, and what every
 * reader was shown. A send is tried under the same clientId until it is acknowledged; a reader comes back from where it was.
 */
export class ChatLoad {
  readonly sendings: Sending[] = [];
  readonly codes = new Map<string, number>();
  readonly readers: readonly Reader[];
  readonly #acknowledged: (Acknowledged & { readonly place: number; readonly at: number })[] = [];
  readonly #tried: readonly Set<string>[];
  readonly #sending: Promise<void>;
  readonly #leaving = new AbortController();
  #stopped = false;
  #gaveUp = false;

  private constructor(
    private readonly house: TestHouse,
    readonly pairs: readonly Pair[],
    private readonly options: LoadOptions,
  ) {
    const doors = options.doors ?? [house.url];
    this.#tried = pairs.map(() => new Set());
    this.readers = pairs.flatMap((pair) => SIDES.flatMap((side) => Array.from({ length: options.readers ?? 1 }, () => new Reader(pair, side, new Doors(doors)))));
    for (const { firms } of pairs) for (const firm of firms) void staySignedIn(firm, new Doors(doors), this.#leaving.signal);
    this.#sending = Promise.all(pairs.flatMap((_, place) => SIDES.map((side) => this.#talk(place, side)))).then(() => undefined);
  }

  /** Opens the conversations, and starts talking. Resolves once every reader was shown something. */
  static async start(house: TestHouse, options: LoadOptions): Promise<ChatLoad> {
    const load = new ChatLoad(house, await openPairs(house, options.pairs), options);
    if (await comesTrue(() => load.readers.every(({ shown, inbox }) => shown.length > 2 && inbox !== undefined), RECOVERY_MILLISECONDS)) return load;
    await load.abandon();
    throw new Error(`no chat came about: ${JSON.stringify([...load.codes])}`);
  }

  get acknowledged(): number {
    return this.#acknowledged.length;
  }

  /** When each message was acknowledged, in order. */
  get acknowledgedAt(): readonly number[] {
    return this.#acknowledged.map(({ at }) => at);
  }

  /** Waits until so many more messages were acknowledged; says whether they were, in time. */
  goesOn(more = this.pairs.length, milliseconds = RECOVERY_MILLISECONDS): Promise<boolean> {
    const enough = this.acknowledged + more;
    return comesTrue(() => this.acknowledged >= enough, milliseconds);
  }

  /** Waits until every reader is told everything again; says whether they were, in time. */
  isWhole(milliseconds = RECOVERY_MILLISECONDS): Promise<boolean> {
    return comesTrue(() => this.readers.every(({ socket }) => socket.isWhole), milliseconds);
  }

  /** Ends without a word about what came of it. */
  async abandon(): Promise<void> {
    this.#stopped = true;
    this.#gaveUp = true;
    this.#leaving.abort();
    await Promise.all([this.#sending, ...this.readers.map(({ socket }) => socket.close())]);
  }

  /** Stops talking, waits until everybody has everything, and judges. */
  async finish(): Promise<Found> {
    this.#stopped = true;
    const until = performance.now() + RECOVERY_MILLISECONDS;
    const left = (): number => Math.max(0, until - performance.now());
    const late = setTimeout(() => (this.#gaveUp = true), RECOVERY_MILLISECONDS);
    await this.#sending;
    // The last word of each side: what anybody is shown twice comes before it.
    await Promise.all(this.pairs.flatMap((_, place) => SIDES.map((side) => this.#send(place, side))));
    const stored = await this.#read();
    const lasts = this.pairs.map((_, place) => stored[place]!.reduce((most, { seq }) => Math.max(most, seq), 0));
    const lastOf = ({ pair }: Reader): number => lasts[this.pairs.indexOf(pair)]!;
    const told = await comesTrue(() => this.readers.every((reader) => reader.last >= lastOf(reader)), left());
    await Promise.all(this.pairs.flatMap((pair, place) => SIDES.map((side) => this.#markRead(pair, side, lasts[place]!))));
    const isRead = (reader: Reader): boolean => reader.inbox?.readUpTo === lastOf(reader) && reader.inbox.peerReadUpTo === lastOf(reader) && reader.inbox.unreadCount === 0 && reader.inbox.lastSeq === lastOf(reader);
    const read = await comesTrue(() => this.readers.every(isRead), left());
    clearTimeout(late);
    const recovered = told && read && !this.#gaveUp;
    const pages = await Promise.all(this.pairs.map((pair) => Promise.all(SIDES.map(async (side) => ({ side, after: 0, shown: await this.#page(pair, side) })))));
    const strangers = await Promise.all(this.pairs.map((_, place) => this.#intrude(place)));
    this.#leaving.abort();
    await Promise.all(this.readers.map(({ socket }) => socket.close()));
    const verdict = sumOf(this.pairs.map((pair, place) => judge({
      acknowledged: this.#acknowledged.filter((each) => each.place === place), tried: this.#tried[place]!, stored: stored[place]!,
      readings: [...this.readers.filter((reader) => reader.pair === pair).map(({ side, shown }) => ({ side, after: 0, shown })), ...pages[place]!],
    })));
    const unmoved = this.readers.filter((reader) => !isRead(reader)).map((reader) => `the inbox of ${reader.pair.name}/${reader.side} has ${JSON.stringify(reader.inbox)}, the last number is ${lastOf(reader)}`);
    return {
      ...verdict, foreign: verdict.foreign + strangers.filter(Boolean).length, findings: [...verdict.findings, ...unmoved], acknowledged: this.#acknowledged.length, sendings: this.sendings, recovered, codes: this.codes,
      breaks: this.readers.flatMap(({ socket }) => socket.breaks), completed: this.readers.reduce((sum, { socket }) => sum + socket.completed, 0), lags: this.#lags(),
    };
  }

  async #talk(place: number, side: Side): Promise<void> {
    const { everyMilliseconds = 150 } = this.options;
    while (!this.#stopped) {
      await this.#send(place, side);
      if (Math.random() < 0.05) await this.#markRead(this.pairs[place]!, side, this.readers.find((reader) => reader.pair === this.pairs[place] && reader.side === side)!.last);
      await pause(2 * Math.random() * everyMilliseconds);
    }
  }

  /** The text of a message that an experiment sends itself; from now on it belongs there. */
  try(place: number, side: Side, clientId: string): string {
    const body = `${this.pairs[place]!.name}/${side} ${clientId}`;
    this.#tried[place]!.add(body);
    return body;
  }

  /** What was acknowledged to an experiment itself counts as what the load was told. */
  noteAcknowledged(place: number, side: Side, clientId: string, { seq, body }: { readonly seq: number; readonly body: string }): void {
    this.#acknowledged.push({ place, side, clientId, body, seq, at: performance.now() });
  }

  /** Sends one message, again and again under one clientId until it is acknowledged. */
  async #send(place: number, side: Side): Promise<void> {
    const pair = this.pairs[place]!;
    const clientId = randomUUID();
    const body = this.try(place, side, clientId);
    const sending: Sending = { from: performance.now(), until: Number.NaN, tries: 0 };
    this.sendings.push(sending);
    const input = { conversationId: pair.ids[side], clientId, body };
    const answer = await this.#persist(pair, side, (url) => askDoor<{ messageSend: { message: { seq: number; body: string } | null; userErrors: readonly { code: string }[] } }>(url, pair.firms[side].token!, SEND, { input }), sending);
    if (!answer) return;
    const { message, userErrors } = answer.messageSend;
    if (!message) throw new Error(`a message was refused: ${JSON.stringify(userErrors)}`);
    sending.until = performance.now();
    this.noteAcknowledged(place, side, clientId, message);
  }

  async #markRead(pair: Pair, side: Side, upTo: number): Promise<void> {
    await this.#persist(pair, side, (url) => askDoor(url, pair.firms[side].token!, READ, { input: { conversationId: pair.ids[side], upTo } }));
  }

  /** Tries until it is answered; nothing when the load was given up. */
  async #persist<T>(pair: Pair, side: Side, work: (url: string) => Promise<T>, sending: { tries: number } = { tries: 0 }): Promise<T | undefined> {
    const { doors } = this.readers.find((reader) => reader.pair === pair && reader.side === side)!;
    const own = new Doors(doors.urls);
    while (!this.#gaveUp) {
      sending.tries += 1;
      try {
        return await work(own.url);
      } catch (error) {
        const code = error instanceof Unanswered ? error.code : String(error);
        this.codes.set(code, (this.codes.get(code) ?? 0) + 1);
        own.turn();
        await pause(jittered(Math.min(800, 50 * 2 ** (sending.tries - 1))));
      }
    }
    return undefined;
  }

  /** What the database keeps of every conversation. */
  async #read(): Promise<readonly (readonly Stored[])[]> {
    const owner = new Client({ connectionString: this.house.databaseUrl });
    await owner.connect();
    try {
      const all: (readonly Stored[])[] = [];
      for (const { peeringId } of this.pairs) {
        const { rows } = await owner.query<{ seq: number; side: Side; client_id: string; body: string }>('select seq, side, client_id, body from community.message where peering_id = $1 order by seq', [peeringId]);
        all.push(rows.map(({ client_id: clientId, ...row }) => ({ ...row, clientId })));
      }
      return all;
    } finally {
      await owner.end();
    }
  }

  /** A whole conversation, as a client that comes for the first time reads it. */
  async #page(pair: Pair, side: Side): Promise<readonly Shown[]> {
    const shown: Shown[] = [];
    for (;;) {
      const answer = await this.#persist(pair, side, (url) => askDoor<{ conversation: { messages: { nodes: Shown[]; hasMore: boolean } } }>(url, pair.firms[side].token!, PAGE, { id: pair.ids[side], after: shown.at(-1)?.seq ?? 0 }));
      if (!answer) return shown;
      const { nodes, hasMore } = answer.conversation.messages;
      shown.push(...nodes);
      if (!hasMore) return shown;
    }
  }

  /** Whether a firm of the next pair is shown anything of this one's conversation. */
  async #intrude(place: number): Promise<boolean> {
    const next = this.pairs[(place + 1) % this.pairs.length]!;
    if (this.pairs.length === 1) return false;
    const answers = await Promise.all(this.pairs[place]!.ids.map((id) => this.#persist(next, 0, (url) => askDoor<{ conversation: unknown }>(url, next.firms[0].token!, PAGE, { id, after: 0 }))));
    return answers.some((answer) => answer !== undefined && answer.conversation !== null);
  }

  #lags(): number[] {
    return this.#acknowledged.flatMap(({ place, seq, at }) => this.readers.filter((reader) => reader.pair === this.pairs[place] && reader.at.has(seq)).map((reader) => Math.max(0, reader.at.get(seq)! - at)));
  }
}
