import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Seat } from '../bench/chat/ardoise-client.js';

/** Many clients that sit and wait: each has one subscription to what comes in its conversation. */
export interface Sitting {
  readonly url: string;
  readonly seats: readonly Seat[];
  readonly each: number;
}

/** Many clients that come, are let in, and leave at once. */
export interface Storm {
  readonly url: string;
  readonly token: string;
  readonly perSecond: number;
  readonly seconds: number;
  /** Addresses of this machine that they come from, in turn: each has some 28,000 ports. */
  readonly from: readonly string[];
}

/** What came of a storm. */
export interface Stormed {
  readonly entered: number;
  readonly failed: number;
  readonly why: readonly string[];
  /** From the first connect to the last. */
  readonly comingSeconds: number;
  /** From the first connect until the last was let in. */
  readonly seconds: number;
  /** From the connect until it was let in, in milliseconds. */
  readonly milliseconds: readonly number[];
}

/** How the clients that sit are. */
export interface Seen {
  readonly open: number;
  /** How many of them were told each number so many times: by seat, number by number. */
  readonly told: readonly Readonly<Record<number, number>>[];
}

/** What a process of clients can be asked to do, and what each gives. */
export interface Deeds {
  sit: { asked: Sitting; given: number };
  look: { asked: undefined; given: Seen };
  leave: { asked: undefined; given: number };
  storm: { asked: Storm; given: Stormed };
}
export type Asked = { [Deed in keyof Deeds]: { readonly deed: Deed; readonly asked: Deeds[Deed]['asked'] } }[keyof Deeds];

/** A process of clients: what they spend is then nobody else's. */
export class Crowd implements AsyncDisposable {
  private constructor(private readonly child: ChildProcess) {}

  static async start(): Promise<Crowd> {
    const child = fork(join(import.meta.dirname, 'crowd-process.js'), { execArgv: [], serialization: 'advanced' });
    await once(child, 'message');
    return new Crowd(child);
  }

  async perform<Deed extends keyof Deeds>(deed: Deed, asked: Deeds[Deed]['asked']): Promise<Deeds[Deed]['given']> {
    this.child.send({ deed, asked });
    const [answer] = (await once(this.child, 'message')) as [{ done?: Deeds[Deed]['given']; failed?: string }];
    if (answer.failed !== undefined) throw new Error(`the clients failed: ${answer.failed}`);
    return answer.done as Deeds[Deed]['given'];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const ended = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await ended;
  }
}
