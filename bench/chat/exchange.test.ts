import { expect, test } from '@jest/globals';
import type { ChatPair, PairListener } from './chat-pair.js';
import { numberIn, textOf } from './chat-text.js';
import { exchange, type Exchanged } from './exchange.js';

/** A server of one process that may do wrong: `deliver` is given what is sent and says what the receiver gets. */
class Loop implements ChatPair {
  listener: PairListener | undefined;
  #place = 0;

  constructor(private readonly deliver: (number: number, text: string) => readonly { readonly text: string; readonly skip?: number }[]) {}

  send(number: number, text: string): void {
    setImmediate(() => {
      for (const { text: received, skip = 0 } of this.deliver(number, text)) this.listener?.received(received, (this.#place += 1 + skip));
      this.listener?.answered(number);
    });
  }

  close(): void {
    this.listener = undefined;
  }
}

function talk(...pairs: readonly ChatPair[]): Promise<Exchanged> {
  return exchange(pairs.map((pair, index) => ({ pair, index, sent: 0, place: 0 })), { pairs: pairs.length, window: 2, seconds: 0.05, bodyLength: 60 }, true);
}

test('pairs talk until the time is over, and everything said is counted', async () => {
  const right = (_: number, text: string) => [{ text }];
  const { messages, latencies, overtaken } = await talk(new Loop(right), new Loop(right));
  expect(messages).toBeGreaterThan(4);
  expect(latencies).toHaveLength(messages);
  expect(overtaken).toBe(0);
});

test.each<[string, (number: number, text: string) => readonly { text: string; skip?: number }[], string]>([
  ['a message that comes twice', (number, text) => (number === 3 ? [{ text }, { text }] : [{ text }]), 'message 3 came twice'],
  ['a text that is another one', (number, text) => [{ text: number === 3 ? `${text.slice(0, -1)}!` : text }], 'a text that nobody sent'],
  ['a number that is left out', (number, text) => [{ text, skip: number === 3 ? 1 : 0 }], 'number 4 came after 2'],
])('%s fails the exchange', async (_, deliver, expected) => {
  await expect(talk(new Loop(deliver))).rejects.toThrow(expected);
});

test('what overtakes is counted', async () => {
  let held: string | undefined;
  const swapped = new Loop((number, text) => {
    if (number === 1) held = text;
    return number === 1 ? [] : number === 2 ? [{ text }, { text: held! }] : [{ text }];
  });
  expect((await talk(swapped)).overtaken).toBe(1);
});

test('a text knows its number and has its length', () => {
  for (const number of [1, 27, 1000]) {
    const text = textOf(3, number, 120);
    expect(text).toHaveLength(120);
    expect(numberIn(text)).toBe(number);
    expect(text).not.toBe(textOf(3, number + 1, 120));
  }
});
