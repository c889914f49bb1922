import { Refusal } from '../../../src/errors.js';
import { formatMinor, parseMinor, type Money } from '../../../src/values/money.js';

/** The most a credit limit may be, in minor units: ten billion euros. More is a typing error. */
const LARGEST_LIMIT_MINOR = 10n ** 12n;

/** An amount that somebody gave for a credit limit, or for a bound of one: from zero up, in digits that the currency has. */
export function parseLimit(input: { readonly amount: string; readonly currency: string }, path: readonly string[]): Money {
  const minor = parseMinor(input.amount, input.currency);
  if (minor === undefined || minor < 0n || minor > LARGEST_LIMIT_MINOR) {
    throw new Refusal('INVALID', `The amount is from zero to ${formatMinor(LARGEST_LIMIT_MINOR, input.currency)} ${input.currency}, with no more digits than ${input.currency} has.`, [...path, 'amount']);
  }
  return { minor, currency: input.currency };
}
