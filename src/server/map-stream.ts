/**
 * A stream whose every item is mapped. Not a generator: its `return` must reach the source at once, also while the source
 * waits for an event, or it would be kept open for nobody.
 */
export function mapStream<From, To>(source: AsyncIterable<From>, map: (item: From) => To | Promise<To>): AsyncIterableIterator<To> {
  const iterator = source[Symbol.asyncIterator]();
  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    async next() {
      const step = await iterator.next();
      return step.done ? { value: undefined, done: true } : { value: await map(step.value), done: false };
    },
    async return() {
      await iterator.return?.();
      return { value: undefined, done: true };
    },
  };
}
