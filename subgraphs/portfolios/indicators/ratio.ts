/** Digits of a Float at the edge. INDICATORS.md: six decimals, half-even. */
const DECIMALS = 1_000_000n;

/**
 * A quotient of whole numbers as the API's Float: exact until it is rounded to six decimals, half-even. `null` where the
 * divisor is not above zero: such a quotient has no meaning for any figure here.
 */
export function ratio(dividend: bigint, divisor: bigint): number | null {
  if (divisor <= 0n) return null;
  const negative = dividend < 0n;
  const scaled = (negative ? -dividend : dividend) * DECIMALS;
  const whole = scaled / divisor;
  const twiceRest = (scaled % divisor) * 2n;
  const up = twiceRest > divisor || (twiceRest === divisor && whole % 2n === 1n);
  const rounded = whole + (up ? 1n : 0n);
  return Number(negative ? -rounded : rounded) / Number(DECIMALS);
}
