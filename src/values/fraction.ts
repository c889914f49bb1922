/** An exact quotient. The denominator is above zero. */
export interface Fraction {
  readonly numerator: bigint;
  readonly denominator: bigint;
}

export const ZERO: Fraction = { numerator: 0n, denominator: 1n };

export function add(left: Fraction, right: Fraction): Fraction {
  return {
    numerator: left.numerator * right.denominator + right.numerator * left.denominator,
    denominator: left.denominator * right.denominator,
  };
}

/** Below zero, zero or above it, as `left` is less than, equal to or more than `right`. */
export function compare(left: Fraction, right: Fraction): bigint {
  return left.numerator * right.denominator - right.numerator * left.denominator;
}

/** The nearest number with `digits` decimals; half-way it is the one whose last digit is even. */
export function roundHalfEven({ numerator, denominator }: Fraction, digits: number): number {
  const scale = 10n ** BigInt(digits);
  const negative = numerator < 0n;
  const scaled = (negative ? -numerator : numerator) * scale;
  const whole = scaled / denominator;
  const twiceTheRest = (scaled % denominator) * 2n;
  const up = twiceTheRest > denominator || (twiceTheRest === denominator && whole % 2n === 1n);
  const rounded = whole + (up ? 1n : 0n);
  return Number(negative && rounded > 0n ? -rounded : rounded) / Number(scale);
}
