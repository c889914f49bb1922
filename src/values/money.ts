/**
 * Money as whole minor units of one currency: exact, and as wide as a bigint. It becomes a decimal text only at the
 * edges (API, files).
 */
export interface Money {
  /** Minor units, e.g. cents; negative for what is owed the other way. */
  readonly minor: bigint;
  /** ISO 4217, e.g. `EUR`. */
  readonly currency: string;
}

/** Digits after the decimal point by currency; every currency of ISO 4217 that is not listed here has two. */
const OTHER_DIGITS: Readonly<Record<string, number>> = {
  BIF: 0, CLP: 0, DJF: 0, GNF: 0, ISK: 0, JPY: 0, KMF: 0, KRW: 0, PYG: 0, RWF: 0, UGX: 0, UYI: 0, VND: 0, VUV: 0,
  XAF: 0, XOF: 0, XPF: 0, BHD: 3, IQD: 3, JOD: 3, KWD: 3, LYD: 3, OMR: 3, TND: 3, CLF: 4, UYW: 4,
};

/** The currencies of ISO 4217 as the runtime's own copy of the list knows them. */
const CURRENCIES: ReadonlySet<string> = new Set([...Intl.supportedValuesOf('currency'), 'EUR', 'USD', 'GBP', 'CHF', 'XPF']);

/** The most a single amount may be, in minor units: far above any invoice, far below what a column holds. */
const LARGEST_MINOR = 10n ** 15n;

export function isCurrency(code: string): boolean {
  return CURRENCIES.has(code);
}

/** How many digits follow the decimal point in `currency` (ISO 4217). */
export function minorDigits(currency: string): number {
  return OTHER_DIGITS[currency] ?? 2;
}

/**
 * Reads a decimal such as `-1234.5` as minor units of `currency`. `undefined` when the text is no plain decimal, has more
 * digits than the currency (`1.005` EUR; zeros behind them are no digits) or is beyond 10¹⁵ minor units.
 */
export function parseMinor(text: string, currency: string): bigint | undefined {
  const match = /^([+-]?)(\d{1,18})(?:\.(\d{1,9}))?$/.exec(text);
  if (!match) return undefined;
  const digits = minorDigits(currency);
  const fraction = (match[3] ?? '').replace(/0+$/, '');
  if (fraction.length > digits) return undefined;
  const minor = BigInt((match[2] ?? '') + fraction.padEnd(digits, '0'));
  if (minor > LARGEST_MINOR) return undefined;
  return match[1] === '-' ? -minor : minor;
}

/** Writes minor units as the decimal of the API, with the currency's own number of digits: 150 EUR cents → `1.50`. */
export function formatMinor(minor: bigint, currency: string): string {
  const digits = minorDigits(currency);
  const text = (minor < 0n ? -minor : minor).toString().padStart(digits + 1, '0');
  const sign = minor < 0n ? '-' : '';
  return digits === 0 ? sign + text : `${sign}${text.slice(0, -digits)}.${text.slice(-digits)}`;
}
