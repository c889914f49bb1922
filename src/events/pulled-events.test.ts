import { expect, test } from '@jest/globals';
import { pino } from 'pino';
import { PulledEvents, type Look } from './pulled-events.js';

const log = pino({ level: 'silent' });

/** A source whose looks give what is put in. */
function source() {
  const waiting: Look<number>[] = [];
  const state = { wake: () => undefined as void, watching: 0, looks: 0 };
  const events = new PulledEvents<number>(async () => {
    state.looks += 1;
    return waiting.shift() ?? { events: [], ended: false };
  }, (wake) => {
    state.wake = wake;
    state.watching += 1;
    return () => {
      state.watching -= 1;
    };
  }, log);
  return { events, state, put: (...given: number[]) => waiting.push({ events: given, ended: false }), end: () => waiting.push({ events: [], ended: true }) };
}

test('return ends a reader that waits, at once, and stops watching', async () => {
  const { events, state } = source();
  const next = events.next();
  await events.return();
  expect(await next).toEqual({ done: true, value: undefined });
  expect(state.watching).toBe(0);
  expect(await events.next()).toEqual({ done: true, value: undefined });
});

test('it looks only when somebody asks, and again only after a wake', async () => {
  const { events, state, put, end } = source();
  put(1, 2);
  expect(state.looks).toBe(0);
  expect([(await events.next()).value, (await events.next()).value]).toEqual([1, 2]);
  expect(state.looks).toBe(1);
  const third = events.next();
  put(3);
  state.wake();
  expect((await third).value).toBe(3);
  end();
  expect((await events.next()).done).toBe(true);
  expect(state.watching).toBe(0);
});

test('a wake during a look is not lost', async () => {
  let looks = 0;
  let wake: () => void = () => undefined;
  const events = new PulledEvents<number>(async () => {
    looks += 1;
    if (looks > 1) return { events: [7], ended: false };
    wake();
    return { events: [], ended: false };
  }, (given) => {
    wake = given;
    return () => undefined;
  }, log);
  expect((await events.next()).value).toBe(7);
});
