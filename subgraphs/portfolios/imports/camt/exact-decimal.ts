import { minorDigits } from '../../../../src/values/money.js';

/** Digits behind the point that are kept: a bank gives at most five. */
const DIGITS = 9;

/**
 * Reads a decimal without a sign to nine digits behind its point, as a whole number of billionths: a statement is added up
 * before its amounts are held to the digits of their currency. `undefined` when it is no such decimal.
 */
export function parseExact(text: string): bigint | undefined {
  const match = /^\+?(\d{1,18})(?:\.(\d*))?$/.exec(text);
  if (!match) return undefined;
  const fraction = (match[2] ?? '').replace(/0+$/, '');
  return fraction.length > DIGITS ? undefined : BigInt(match[1]! + fraction.padEnd(DIGITS, '0'));
}

/** Writes billionths as a decimal with the digits of `currency`, and with more where there are more. */
export function formatExact(value: bigint, currency: string): string {
  const text = (value < 0n ? -value : value).toString().padStart(DIGITS + 1, '0');
  const fraction = text.slice(-DIGITS).replace(/0+$/, '').padEnd(minorDigits(currency), '0');
  return `${value < 0n ? '-' : ''}${text.slice(0, -DIGITS)}${fraction && `.${fraction}`}`;
}
