import { roundHalfEven } from '../../../src/values/fraction.js';

/** Digits of a Float at the edge. INDICATORS.md, in its first lines. */
const DECIMALS = 6;

/**
 * A quotient of whole numbers as the API's Float: exact until it is rounded to six decimals, half-even. `null` where the
 * divisor is not above zero: such a quotient has no meaning for any figure here.
 */
export function ratio(dividend: bigint, divisor: bigint): number | null {
  return divisor > 0n ? roundHalfEven({ numerator: dividend, denominator: divisor }, DECIMALS) : null;
}
