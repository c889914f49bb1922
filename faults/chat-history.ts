import fc from 'fast-check';

type Side = 0 | 1;

/** What happens in one conversation, one after the other. */
export type Action =
  /** Sends under one of a few ids, so that many are sent again. `dies`: the process ends before the commit, or after it with the answer lost. */
  | { readonly do: 'send'; readonly side: Side; readonly id: number; readonly text: string; readonly dies?: 'before' | 'after' | undefined }
  /** Both sides send at the same moment. */
  | { readonly do: 'sendBoth'; readonly ids: readonly [number, number] }
  | { readonly do: 'read'; readonly side: Side; readonly upTo: number }
  | { readonly do: 'reveal' | 'close' | 'block' | 'leave'; readonly side: Side }
  /** One of a side's devices subscribes, from anywhere, or from now on. What it had before is over. */
  | { readonly do: 'subscribe'; readonly side: Side; readonly device: 0 | 1; readonly after: number | undefined }
  /** A device takes all that there is for it. */
  | { readonly do: 'take'; readonly side: Side; readonly device: 0 | 1 }
  /** The process is killed and started again: nothing is left of what it had in memory, and devices come back from where they were. */
  | { readonly do: 'restart' }
  | { readonly do: 'event'; readonly revision: number; readonly commits: boolean; readonly fails: number; readonly after: boolean };

const side = fc.constantFrom<Side>(0, 1);
const device = fc.constantFrom<0 | 1>(0, 1);
const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 8 }).filter((body) => !/[\p{Cc}\p{Cs}]/u.test(body));
const id = fc.integer({ min: 0, max: 4 });

const action: fc.Arbitrary<Action> = fc.oneof(
  { weight: 16, arbitrary: fc.record({ do: fc.constant('send' as const), side, id, text, dies: fc.option(fc.constantFrom('before' as const, 'after' as const), { nil: undefined, freq: 3 }) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('sendBoth' as const), ids: fc.tuple(id, id) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('read' as const), side, upTo: fc.integer({ min: -1, max: 8 }) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('reveal' as const), side }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('subscribe' as const), side, device, after: fc.option(fc.integer({ min: 0, max: 8 }), { nil: undefined }) }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('take' as const), side, device }) },
  { weight: 2, arbitrary: fc.constant({ do: 'restart' as const }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('event' as const), revision: fc.integer({ min: 1, max: 9 }), commits: fc.boolean(), fails: fc.constantFrom(0, 0, 0, 0, 1, 2), after: fc.boolean() }) },
  // What ends it is rare, or little would come after.
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('close' as const, 'block' as const, 'leave' as const), side }) },
);

export const history: fc.Arbitrary<readonly Action[]> = fc.array(action, { minLength: 1, maxLength: 16, size: 'max' });

export interface Told {
  readonly seq: number;
  readonly side: Side;
  readonly clientId: string;
  readonly body: string;
}

export type Answer = Told | 'NOT_ALLOWED' | 'INVALID' | 'done';

/** A message as a reader is shown it: by which id its sender knows it is the sender's alone. */
export function shownTo(reader: Side, message: Told): Told {
  return message.side === reader ? message : { ...message, clientId: '' };
}

export function clientIdOf(sender: Side, number: number): string {
  return `${sender}-${number}`;
}

/** What a conversation is after what was done in it, by its rules alone (subgraphs/community/chat/README.md). */
export class ChatModel {
  readonly messages: Told[] = [];
  readonly readUpTo: [number, number] = [0, 0];
  readonly revealed: [boolean, boolean] = [false, false];
  closed = false;
  /** The highest revision that was told of; none before the first. */
  revision: number | undefined;

  get lastSeq(): number {
    return this.messages.length;
  }

  /** The message that the sender's id stands for already. */
  find(sender: Side, clientId: string): Told | undefined {
    return this.messages.find((message) => message.side === sender && message.clientId === clientId);
  }

  send(sender: Side, clientId: string, body: string): Answer {
    const before = this.find(sender, clientId);
    if (before) return before;
    if (this.closed) return 'NOT_ALLOWED';
    const message = { seq: this.lastSeq + 1, side: sender, clientId, body };
    this.messages.push(message);
    return message;
  }

  read(reader: Side, upTo: number): Answer {
    if (upTo < 0 || upTo > this.lastSeq) return 'INVALID';
    this.readUpTo[reader] = Math.max(this.readUpTo[reader], upTo);
    return 'done';
  }

  reveal(by: Side): Answer {
    if (this.closed) return 'NOT_ALLOWED';
    this.revealed[by] = true;
    return 'done';
  }

  end(): Answer {
    this.closed = true;
    return 'done';
  }

  /** What a reader that has read up to `cursor` is still to be told. */
  behind(cursor: number): readonly Told[] {
    return this.messages.filter(({ seq }) => seq > cursor);
  }

  unreadOf(reader: Side): number {
    return this.messages.filter((message) => message.side !== reader && message.seq > this.readUpTo[reader]).length;
  }
}
