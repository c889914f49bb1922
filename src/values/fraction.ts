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
  return Number(roundToWhole({ numerator: numerator * scale, denominator })) / Number(scale);
}

/** The nearest whole number; half-way it is the even one. */
export function roundToWhole({ numerator, denominator }: Fraction): bigint {
  const negative = numerator < 0n;
  const size = negative ? -numerator : numerator;
  const whole = size / denominator;
  const twiceTheRest = (size % denominator) * 2n;
  const up = twiceTheRest > denominator || (twiceTheRest === denominator && whole % 2n === 1n);
  const rounded = whole + (up ? 1n : 0n);
  return negative ? -rounded : rounded;
}
