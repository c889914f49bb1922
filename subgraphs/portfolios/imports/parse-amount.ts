import { minorDigits, parseMinor } from '../../../src/values/money.js';
import type { RejectionCode } from './rejection.js';

/**
 * Reads an amount of a file as minor units. A dot is the decimal point; a comma is taken for one only where it cannot
 * group thousands (one or two digits behind it, no dot), and spaces only where they group them. `1,005` could be either
 * and is refused rather than guessed.
 */
export function parseAmount(text: string, currency: string): bigint | RejectionCode {
  const plain = toPlainDecimal(text);
  if (plain === undefined) return 'AMOUNT_UNREADABLE';
  const minor = parseMinor(plain, currency);
  if (minor !== undefined) return minor < 0n ? 'AMOUNT_NEGATIVE' : minor;
  if (plain.startsWith('-')) return 'AMOUNT_NEGATIVE';
  const fraction = /\.(\d*?)0*$/.exec(plain)?.[1] ?? '';
  return fraction.length > minorDigits(currency) ? 'AMOUNT_TOO_PRECISE' : 'AMOUNT_TOO_LARGE';
}

function toPlainDecimal(text: string): string | undefined {
  if (/^[+-]?\d+(\.\d+)?$/.test(text)) return text;
  const match = /^([+-]?)(\d{1,3}(?:[ \u00a0\u202f]\d{3})*|\d+)(?:\.(\d+)|,(\d{1,2}))?$/.exec(text);
  if (!match) return undefined;
  const fraction = match[3] ?? match[4];
  return `${match[1]}${match[2]!.replace(/\D/g, '')}${fraction === undefined ? '' : `.${fraction}`}`;
}
