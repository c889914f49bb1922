import { randomBytes, randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { Pool } from 'pg';
import { DatabaseAway } from '../src/database/passing-faults.js';
import { Refusal } from '../src/errors.js';
import { SCOPES } from '../src/server/asker.js';
import { Request } from '../src/server/request.js';
import type { Room } from '../src/server/room.js';
import { blockPeer } from '../subgraphs/community/chat/block-peer.js';
import { closeConversation } from '../subgraphs/community/chat/close-conversation.js';
import { noteRead } from '../subgraphs/community/chat/note-read.js';
import { readConversations } from '../subgraphs/community/chat/read-conversations.js';
import { readMessageRanges, type MessageRow } from '../subgraphs/community/chat/read-messages.js';
import { receiveMessages } from '../subgraphs/community/chat/receive-messages.js';
import { revealIdentity } from '../subgraphs/community/chat/reveal-identity.js';
import { sendMessage } from '../subgraphs/community/chat/send-message.js';
import { leaveCommunity } from '../subgraphs/community/membership/change-membership.js';
import { ChatModel, clientIdOf, shownTo, type Action, type Answer, type Told } from './chat-history.js';

type Side = 0 | 1;

/** A text with this end makes PostgreSQL take its transaction back, as if the process or the server had died. Longer than any text of a history. */
export const DEADLY = ' ☠ in the middle of it';
/** How long anything may take that is to come, in milliseconds. */
const PATIENCE_MILLISECONDS = 20_000;

/** Records one event in a transaction that commits or does not, and has its reaction fail so many times. */
export type Tell = (firmId: string, event: { readonly revision: number; readonly commits: boolean; readonly fails: number; readonly after: boolean }) => Promise<void>;

interface Device {
  readonly side: Side;
  events: AsyncIterator<MessageRow>;
  /** The number of the last message that it was told of. */
  cursor: number;
}

/** A history that did not go as its rules say. */
export class Broken extends Error {}

function demandEqual(what: string, found: unknown, expected: unknown): void {
  if (!isDeepStrictEqual(found, expected)) throw new Broken(`${what}: ${JSON.stringify(found)} instead of ${JSON.stringify(expected)}`);
}

/** Plays one history through community's use cases, in a conversation of its own, and holds everything that is answered or told against the model. */
export class HistoryPlay {
  readonly firms: readonly [string, string];
  readonly model = new ChatModel();
  readonly #peeringId = randomUUID();
  readonly #devices = new Map<string, Device>();
  /** What a process has in memory is kept by its room. */
  #room: Room;

  constructor(
    private readonly house: Room,
    private readonly owner: Pool,
    private readonly tell: Tell,
  ) {
    this.#room = house;
    this.firms = [randomUUID(), randomUUID()].toSorted() as [string, string];
  }

  async play(actions: readonly Action[]): Promise<void> {
    await this.#open();
    try {
      for (const action of actions) await this.#do(action);
      // Everybody who still reads is told everything, and after that the end: nothing came twice.
      await this.#do({ do: 'close', side: 0 });
      for (const device of this.#devices.values()) await this.#take(device);
      for (const side of [0, 1] as const) await this.#look(side);
      await this.#lookAsStranger();
    } finally {
      for (const { events } of this.#devices.values()) void events.return?.();
    }
  }

  async #open(): Promise<void> {
    await this.owner.query(
      `with member as (insert into community.membership (firm_id, verified, joined_at, metrics) select unnest($2::uuid[]), true, now(), '{DSO}'),
        match as (insert into community.peering (peering_id, subject, firm_0, firm_1, matched_at) values ($1, $3, ($2::uuid[])[1], ($2::uuid[])[2], now())),
        sides as (insert into community.peering_side (firm_id, peering_id, side, subject, customer_id, alias) select firm, $1, place - 1, $3, gen_random_uuid(), 'Heron 1000' from unnest($2::uuid[]) with ordinality as each (firm, place))
       insert into community.conversation (peering_id, opened_at) values ($1, now())`,
      [this.#peeringId, this.firms, randomBytes(32).toString('hex')],
    );
  }

  async #do(action: Action): Promise<void> {
    const { model } = this;
    switch (action.do) {
      case 'send': return this.#send(action);
      case 'sendBoth': return this.#sendBoth(action.ids);
      case 'read': return demandEqual('read', await this.#answer(() => noteRead(this.#room, this.firms[action.side], this.#peeringId, action.upTo)), model.read(action.side, action.upTo));
      case 'reveal': return demandEqual('reveal', await this.#answer(() => revealIdentity(this.#room, { firmId: this.firms[action.side] }, this.#peeringId)), model.reveal(action.side));
      case 'close': return demandEqual('close', await this.#answer(() => closeConversation(this.#room, { firmId: this.firms[action.side] }, this.#peeringId)), model.end());
      case 'block': return demandEqual('block', await this.#answer(() => blockPeer(this.#room, { firmId: this.firms[action.side] }, this.#peeringId, [])), model.end());
      case 'leave': return demandEqual('leave', await this.#answer(() => leaveCommunity(this.#room, this.firms[action.side])), model.end());
      case 'subscribe': return this.#subscribe(action.side, action.device, action.after);
      case 'take': {
        const device = this.#devices.get(`${action.side} ${action.device}`);
        return device && this.#take(device);
      }
      case 'restart': return this.#restart();
      case 'event': {
        await this.tell(this.firms[0], action);
        if (action.commits) model.revision = Math.max(model.revision ?? 0, action.revision);
      }
    }
  }

  async #send({ side, id, text, dies }: Action & { readonly do: 'send' }): Promise<void> {
    const clientId = clientIdOf(side, id);
    if (dies === 'before') {
      const before = this.model.find(side, clientId);
      const answer = await this.#answer(() => this.#trySend(side, clientId, `${text}${DEADLY}`));
      // What is there already is answered without a write, unless it went together with another history's that died. Nothing of it was kept.
      if (answer !== 'away') demandEqual('a send that dies', answer, before ?? (this.model.closed ? 'NOT_ALLOWED' : 'away'));
    }
    const answer = await this.#answer(() => this.#persist(() => this.#trySend(side, clientId, text)));
    demandEqual('send', answer, this.model.send(side, clientId, text));
    // Its answer lost, the client sends again, maybe to another process.
    if (dies !== 'after') return;
    await this.#restart();
    demandEqual('sent again', await this.#answer(() => this.#persist(() => this.#trySend(side, clientId, `${text}, again`))), answer);
  }

  async #sendBoth(ids: readonly [number, number]): Promise<void> {
    const sides = [0, 1] as const;
    const answers = await Promise.all(sides.map((side) => this.#answer(() => this.#persist(() => this.#trySend(side, clientIdOf(side, ids[side]), `both ${side}`)))));
    // Whichever came first: the numbers that were answered say it.
    const order = sides.toSorted((one, other) => seqOf(answers[one]!) - seqOf(answers[other]!));
    for (const side of order) demandEqual('sent at once', answers[side], this.model.send(side, clientIdOf(side, ids[side]), `both ${side}`));
  }

  async #trySend(side: Side, clientId: string, body: string): Promise<Told> {
    const row = await sendMessage(this.#room, this.firms[side], this.#peeringId, clientId, body);
    demandEqual('a message of its own', { mine: row.mine, clientId: row.client_id }, { mine: true, clientId });
    return { seq: row.seq, side, clientId, body: row.body };
  }

  /** One transaction may have held a deadly message of another history: then nobody's was kept. */
  async #persist<T>(work: () => Promise<T>): Promise<T> {
    for (let tries = 1; ; tries += 1) {
      try {
        return await work();
      } catch (error) {
        if (!(error instanceof DatabaseAway) || tries === 50) throw error;
        await new Promise((resolve) => setTimeout(resolve, Math.random() * 10));
      }
    }
  }

  async #answer(work: () => Promise<Told | void>): Promise<Answer | 'away'> {
    try {
      return (await work()) ?? 'done';
    } catch (error) {
      if (error instanceof DatabaseAway) return 'away';
      if (error instanceof Refusal && (error.code === 'NOT_ALLOWED' || error.code === 'INVALID')) return error.code;
      throw error;
    }
  }

  async #subscribe(side: Side, place: 0 | 1, after: number | undefined): Promise<void> {
    const key = `${side} ${place}`;
    await this.#devices.get(key)?.events.return?.();
    const events = (await this.#persist(() => receiveMessages(this.#room, this.firms[side], this.#peeringId, after)))[Symbol.asyncIterator]();
    this.#devices.set(key, { side, events, cursor: after ?? this.model.lastSeq });
  }

  async #take(device: Device): Promise<void> {
    for (const expected of this.model.behind(device.cursor)) {
      const step = await inTime(device.events.next(), `message ${expected.seq}`);
      demandEqual('told', step.done ? 'the end' : toldOf(step.value, device.side), shownTo(device.side, expected));
      device.cursor = expected.seq;
    }
    if (!this.model.closed) return;
    const last = await inTime(device.events.next(), 'the end');
    if (!last.done) throw new Broken(`told after everything: ${JSON.stringify(toldOf(last.value, device.side))}`);
  }

  async #restart(): Promise<void> {
    this.#room = { ...this.house };
    for (const [key, { side, events, cursor }] of [...this.#devices]) {
      void events.return?.();
      await this.#subscribe(side, Number(key.split(' ')[1]) as 0 | 1, cursor);
    }
  }

  /** The conversation as who comes for the first time reads it. */
  async #look(side: Side): Promise<void> {
    const { model } = this;
    const request = requestOf(this.#room, this.firms[side]);
    const conversation = await request.batch(readConversations, this.#peeringId);
    const messages = await request.batch(readMessageRanges, { peeringId: this.#peeringId, after: 0, before: 2_147_483_647, size: 100, fromEnd: false });
    const peer = (side === 0 ? 1 : 0) satisfies Side;
    demandEqual('the conversation', conversation && { closed: conversation.closed, last: conversation.last_seq, read: conversation.read_up_to, peer: conversation.peer_read_up_to, unread: conversation.unread_count },
      { closed: true, last: model.lastSeq, read: model.readUpTo[side], peer: model.readUpTo[peer], unread: model.unreadOf(side) });
    demandEqual('its messages', messages?.map((row) => toldOf(row, side)), model.messages.map((message) => shownTo(side, message)));
    const { rows: [own] } = await this.owner.query<{ peer_firm_id: string | null }>('select peer_firm_id from community.peering_side where peering_id = $1 and firm_id = $2', [this.#peeringId, this.firms[side]]);
    demandEqual('who the other one is', own?.peer_firm_id, model.revealed[0] && model.revealed[1] ? this.firms[peer] : null);
  }

  async #lookAsStranger(): Promise<void> {
    const request = requestOf(this.#room, randomUUID());
    demandEqual('what a stranger sees', [await request.batch(readConversations, this.#peeringId), await request.batch(readMessageRanges, { peeringId: this.#peeringId, after: 0, before: 100, size: 100, fromEnd: false })], [null, []]);
  }
}

function seqOf(answer: Answer | 'away'): number {
  return typeof answer === 'string' ? Number.POSITIVE_INFINITY : answer.seq;
}

/** A message as its reader was shown it. Whose it is and by which id is told to its sender alone: the model has to say the same. */
function toldOf(row: MessageRow, reader: Side): Told {
  const side = row.mine ? reader : ((1 - reader) as Side);
  if ((row.client_id === null) === row.mine) throw new Broken(`message ${row.seq} is shown with the id ${row.client_id} to ${row.mine ? 'its sender' : 'the other one'}`);
  return { seq: row.seq, side, clientId: row.client_id ?? '', body: row.body };
}

function requestOf(room: Room, firmId: string): Request {
  return new Request(room, { asker: { firmId, userId: undefined, role: 'OWNER', scopes: SCOPES }, requestId: randomUUID(), origin: '' });
}

async function inTime<T>(promise: Promise<T>, what: string): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Broken(`${what} did not come`)), PATIENCE_MILLISECONDS);
  try {
    return await Promise.race([promise, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
