import type { ExecutionResult } from 'graphql';
import { ApiError } from '../src/errors.js';
import type { Bearer } from './authenticate.js';

/**
 * A subscription must notice within five seconds that it may not go on. A check may meet an answer of identity that is
 * believed for another 2.5 seconds, and then the next one finds out.
 */
const CHECK_MILLISECONDS = 2000;

type Step = IteratorResult<ExecutionResult, undefined>;
const OVER: Step = { value: undefined, done: true };

/**
 * Passes a subscription's results on for as long as its asker may see them: until the token expires, the session or key is
 * revoked, or the role changes. Then it says UNAUTHENTICATED once and ends. Not a generator: a client's goodbye must reach
 * the source at once, also while the source waits for an event, or it would be kept open for nobody.
 */
export function guardSubscription(results: AsyncIterable<ExecutionResult>, bearer: Bearer): AsyncIterableIterator<ExecutionResult> {
  const iterator = results[Symbol.asyncIterator]();
  let state: 'open' | 'refused' | 'over' = 'open';
  /** Answers the `next` that waits. */
  let interrupt: (step: Step) => void = () => undefined;

  const finish = (): Step => {
    state = 'over';
    clearInterval(timer);
    // Not awaited: a source that waits for its next event would hold the client's goodbye.
    void iterator.return?.()?.then(undefined, () => undefined);
    return OVER;
  };
  const refusal = (): Step => {
    finish();
    return { value: { errors: [new ApiError('UNAUTHENTICATED', 'The token has expired or was revoked.')] }, done: false };
  };
  let waiting = false;
  const refuse = (): void => {
    if (state !== 'open') return;
    if (waiting) interrupt(refusal());
    else state = 'refused';
  };
  const timer = setInterval(() => {
    if (bearer.expiresAt !== undefined && bearer.expiresAt <= Date.now()) refuse();
    // Identity out of reach is no reason to end: the next check asks again.
    else bearer.isAlive().then((alive) => alive || refuse(), () => undefined);
  }, CHECK_MILLISECONDS);

  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    async next() {
      if (state === 'refused') return refusal();
      if (state === 'over') return OVER;
      waiting = true;
      try {
        const step = await new Promise<IteratorResult<ExecutionResult, unknown>>((resolve, reject) => {
          interrupt = resolve;
          iterator.next().then(resolve, reject);
        });
        return step.done ? finish() : step;
      } catch (error) {
        finish();
        throw error;
      } finally {
        waiting = false;
      }
    },
    async return() {
      interrupt(OVER);
      return finish();
    },
  };
}
