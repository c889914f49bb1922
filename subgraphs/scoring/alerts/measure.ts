import { invariant } from '../../../src/errors.js';
import { minorDigits } from '../../../src/values/money.js';
import type { AlertMetric } from './alert-metric.js';

const DIGITS = 6;
const PARTS_OF_ONE = 10n ** BigInt(DIGITS);

/** From the worst to the best: the band of rank 1 first. */
const BANDS = ['E', 'D', 'C', 'B', 'A'];

/** A figure as it is compared: exact, whatever its metric. */
export interface Measure {
  /** Millionths. */
  readonly parts: bigint;
  /** Of an amount; amounts of two currencies are not compared. */
  readonly currency: string | null;
}

/** A number of the API as millionths; what lies behind the sixth decimal is rounded. */
export function partsOf(value: number): bigint {
  return parseParts(value.toFixed(DIGITS));
}

/** Reads a plain decimal with at most six decimals as millionths. */
export function parseParts(text: string): bigint {
  const match = /^(-?)(\d+)(?:\.(\d{1,6}))?$/.exec(text);
  invariant(match, `a measure is a decimal with at most ${DIGITS} digits behind its point`);
  const parts = BigInt(match[2]! + (match[3] ?? '').padEnd(DIGITS, '0'));
  return match[1] === '-' ? -parts : parts;
}

/** Writes millionths as a plain decimal, without zeros at its end. */
export function printParts(parts: bigint, leastDigits = 0): string {
  const size = parts < 0n ? -parts : parts;
  const fraction = (size % PARTS_OF_ONE).toString().padStart(DIGITS, '0').replace(/0+$/, '').padEnd(leastDigits, '0');
  return `${parts < 0n ? '-' : ''}${size / PARTS_OF_ONE}${fraction && `.${fraction}`}`;
}

/** Reads what was computed: a number, its text, a band (`B`), or an amount with its currency (`1250.00 EUR`). */
export function toMeasure(metric: AlertMetric, value: number | string): Measure {
  if (metric === 'RISK_BAND') {
    const rank = BANDS.indexOf(String(value)) + 1;
    invariant(rank > 0, 'a band is a letter from A to E');
    return { parts: BigInt(rank) * PARTS_OF_ONE, currency: null };
  }
  if (typeof value === 'number') return { parts: partsOf(value), currency: null };
  const [amount, currency, ...rest] = value.split(' ');
  invariant(rest.length === 0, 'a measure is a number, or an amount and its currency');
  return { parts: parseParts(amount!), currency: currency ?? null };
}

/** Writes a measure so that `toMeasure` reads the same: what is equal is the same text. */
export function printMeasure(metric: AlertMetric, { parts, currency }: Measure): string {
  if (metric === 'RISK_BAND') return BANDS[Number(parts / PARTS_OF_ONE) - 1]!;
  return currency === null ? printParts(parts) : `${printParts(parts, minorDigits(currency))} ${currency}`;
}
