import { Refusal } from '../../../src/errors.js';

/** How long what a firm has just told its ledger may take to be known here, in milliseconds. */
const LONGEST_MILLISECONDS = 1000;
const PAUSE_MILLISECONDS = 40;

/**
 * Does `work`, and does it again for a short while when it refuses because of a customer: a firm that adds a customer or
 * its invoices may use them at once, and its ledger's news is still on its way here. What nobody has, another firm's and
 * a malformed id wait alike, so the time tells nothing.
 */
export async function awaitOwnFacts<T>(work: () => Promise<T>): Promise<T> {
  const until = performance.now() + LONGEST_MILLISECONDS;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      const isOfCustomer = error instanceof Refusal && (error.code === 'NOT_FOUND' || error.code === 'NOT_ALLOWED') && error.path.at(-1) === 'customerId';
      if (!isOfCustomer || performance.now() > until) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MILLISECONDS));
  }
}
