import { numberIn, textOf } from './chat-text.js';
import type { ChatPair } from './chat-pair.js';

/** How pairs are to talk. */
export interface Exchange {
  /** How many of the pairs. */
  readonly pairs: number;
  /** How many messages of a pair are under way at once. */
  readonly window: number;
  /** Nothing new is sent after so long. */
  readonly seconds: number;
  readonly bodyLength: number;
}

/** What came of it. */
export interface Exchanged {
  readonly messages: number;
  /** From the first sent until the last was with its receiver and its sender had its answer. */
  readonly seconds: number;
  /** From the sending to the receiver's having it, in milliseconds, of each message. */
  readonly latencies: readonly number[];
  /** Messages that a later one of the same sender overtook. */
  readonly overtaken: number;
  /** What the process of the clients spent. */
  readonly cpuMilliseconds: number;
}

/** A pair with what it has said in all exchanges so far. */
export interface TalkingPair {
  readonly pair: ChatPair;
  readonly index: number;
  sent: number;
  /** How many of them the receiver has; the last number of the conversation, where the server numbers. */
  place: number;
}

/** How long silence may last, in milliseconds. */
const PATIENCE = 20_000;

/**
 * Lets pairs talk for a time. Throws unless every message came exactly once, with its own text and, where the server numbers
 * them, the next number.
 */
export async function exchange(talking: readonly TalkingPair[], { pairs, window, seconds, bodyLength }: Exchange, answers: boolean): Promise<Exchanged> {
  const latencies: number[] = [];
  let overtaken = 0;
  let open = 0;
  let heard = performance.now();
  const began = performance.now();
  const until = began + seconds * 1000;
  const cpu = process.cpuUsage();
  const done = Promise.withResolvers<void>();
  const watch = setInterval(() => {
    if (performance.now() - heard > PATIENCE) done.reject(new Error(`${open} messages did not come`));
  }, 1000);
  for (const talker of talking.slice(0, pairs)) {
    const { pair, index } = talker;
    /** What is under way: when it was sent, and whether one of its two marks is there. */
    const under = new Map<number, { readonly sentAt: number; half: boolean; pushed: boolean }>();
    let latest = 0;
    const sendNext = (): void => {
      const number = (talker.sent += 1);
      under.set(number, { sentAt: performance.now(), half: !answers, pushed: false });
      open += 1;
      pair.send(number, textOf(index, number, bodyLength));
    };
    const note = (number: number): void => {
      const message = under.get(number)!;
      if (!message.half) {
        message.half = true;
        return;
      }
      under.delete(number);
      open -= 1;
      heard = performance.now();
      if (heard < until) sendNext();
      else if (open === 0) done.resolve();
    };
    pair.listener = {
      answered(number) {
        if (!under.has(number)) return done.reject(new Error(`an answer to ${number}, which is not under way`));
        note(number);
      },
      received(text, place) {
        const number = numberIn(text);
        const message = under.get(number);
        if (text !== textOf(index, number, bodyLength)) return done.reject(new Error(`a text that nobody sent: ${text}`));
        if (!message || message.pushed) return done.reject(new Error(`message ${number} came twice`));
        if (place !== undefined && place !== talker.place + 1) return done.reject(new Error(`number ${place} came after ${talker.place}`));
        talker.place += 1;
        message.pushed = true;
        latencies.push(performance.now() - message.sentAt);
        if (number < latest) overtaken += 1;
        else latest = number;
        note(number);
      },
      failed: done.reject,
    };
    for (let slot = 0; slot < window; slot += 1) sendNext();
  }
  try {
    await done.promise;
  } finally {
    clearInterval(watch);
    for (const { pair } of talking) pair.listener = undefined;
  }
  const { user, system } = process.cpuUsage(cpu);
  return { messages: latencies.length, seconds: (performance.now() - began) / 1000, latencies, overtaken, cpuMilliseconds: (user + system) / 1000 };
}
