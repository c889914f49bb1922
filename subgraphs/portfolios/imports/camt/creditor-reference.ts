import { hasCheckDigits, numberKey } from './invoice-mention.js';

/**
 * The keys of the invoice numbers that a structured reference may stand for, the likeliest first: the reference itself
 * without the marks of ISO 11649 (`RF18 5390 0754 7034`), then without the check digits that national forms end with.
 */
export function referenceKeys(reference: string): readonly string[] {
  const compact = reference.replace(/[^A-Za-z0-9]/g, '').toUpperCase();
  const body = /^RF\d{2}[A-Z0-9]{1,21}$/.test(compact) && hasCheckDigits(compact) ? compact.slice(4) : compact;
  const keys = [body, ...withoutCheckDigits(body)].map(numberKey).filter((key) => /\d/.test(key));
  return [...new Set(keys)];
}

/** Shorter numbers than this pass a check of one digit too easily to be cut. */
const SHORTEST_CHECKED = 4;

function withoutCheckDigits(body: string): readonly string[] {
  if (!/^\d+$/.test(body) || body.length < SHORTEST_CHECKED) return [];
  const head = body.slice(0, -1);
  const last = Number(body.at(-1));
  // Belgium: ten digits and their remainder by 97.
  if (body.length === 12 && Number(BigInt(body.slice(0, 10)) % 97n || 97n) === Number(body.slice(10))) return [body.slice(0, 10)];
  // Switzerland: 27 digits, modulo 10 recursive.
  if (body.length === 27) return swissCheckDigit(head) === last ? [head] : [];
  // Finland: weights 7, 3, 1 from the right.
  return body.length <= 20 && finnishCheckDigit(head) === last ? [head] : [];
}

const SWISS_TABLE = [0, 9, 4, 6, 8, 2, 7, 1, 3, 5];

function swissCheckDigit(digits: string): number {
  let carry = 0;
  for (const digit of digits) carry = SWISS_TABLE[(carry + Number(digit)) % 10]!;
  return (10 - carry) % 10;
}

function finnishCheckDigit(digits: string): number {
  let sum = 0;
  [...digits].toReversed().forEach((digit, index) => (sum += Number(digit) * [7, 3, 1][index % 3]!));
  return (10 - (sum % 10)) % 10;
}
