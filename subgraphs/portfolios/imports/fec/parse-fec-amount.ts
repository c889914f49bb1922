import { minorDigits, parseMinor } from '../../../../src/values/money.js';
import type { RejectionCode } from '../rejection.js';

/**
 * Reads an amount of a FEC as minor units. A comma and a dot both are the decimal point (the decree knows no grouping), zeros
 * and spaces pad, a sign may lead or end. An empty cell is zero.
 */
export function parseFecAmount(text: string, currency: string): bigint | RejectionCode {
  const bare = text.replace(/[\s\u00a0\u202f]+/g, '');
  if (bare === '') return 0n;
  const match = /^([+-]?)0*(\d+)(?:[.,](\d*))?([+-]?)$/.exec(bare);
  if (!match || (match[1] !== '' && match[4] !== '')) return 'AMOUNT_UNREADABLE';
  const fraction = (match[3] ?? '').replace(/0+$/, '');
  if (fraction.length > minorDigits(currency)) return 'AMOUNT_TOO_PRECISE';
  const minor = parseMinor(`${match[2]!}${fraction === '' ? '' : `.${fraction}`}`, currency);
  if (minor === undefined) return 'AMOUNT_TOO_LARGE';
  return match[1] === '-' || match[4] === '-' ? -minor : minor;
}
