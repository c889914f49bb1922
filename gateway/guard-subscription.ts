import type { ExecutionResult } from 'graphql';
import { ApiError } from '../src/errors.js';
import type { Bearer } from './authenticate.js';

/** Below the five seconds within which a subscription must have noticed that it may not go on. */
const CHECK_MILLISECONDS = 4000;

/**
 * Passes a subscription's results on for as long as its asker may see them: until the token expires, the session or key is
 * revoked, or the role changes. Then it says UNAUTHENTICATED once and ends.
 */
export async function* guardSubscription(results: AsyncIterable<ExecutionResult>, bearer: Bearer): AsyncGenerator<ExecutionResult, void, void> {
  const ended = Promise.withResolvers<'ended'>();
  const timer = setInterval(() => {
    if (bearer.expiresAt !== undefined && bearer.expiresAt <= Date.now()) ended.resolve('ended');
    // Identity out of reach is no reason to end: the next check asks again.
    else bearer.isAlive().then((alive) => alive || ended.resolve('ended'), () => undefined);
  }, CHECK_MILLISECONDS);
  const iterator = results[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = await Promise.race([iterator.next(), ended.promise]);
      if (next === 'ended') {
        yield { errors: [new ApiError('UNAUTHENTICATED', 'The token has expired or was revoked.')] };
        return;
      }
      if (next.done) return;
      yield next.value;
    }
  } finally {
    clearInterval(timer);
    // Not awaited: a source that waits for its next event would hold the client's goodbye.
    void iterator.return?.()?.then(undefined, () => undefined);
  }
}
