/** Codes that the runtime names although they stand for no country: unions, unknown, pseudo-locales, exceptional reservations. */
const NO_COUNTRIES: ReadonlySet<string> = new Set(['AC', 'CP', 'CQ', 'DG', 'EA', 'EU', 'EZ', 'IC', 'QO', 'TA', 'UK', 'UN', 'XA', 'XB', 'ZZ']);

const COUNTRY_NAMES = new Intl.DisplayNames('en', { type: 'region', fallback: 'none' });

const LETTERS = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ'];
const COUNTRIES: ReadonlySet<string> = new Set(
  LETTERS.flatMap((first) => LETTERS.map((second) => first + second)).filter((code) => !NO_COUNTRIES.has(code) && COUNTRY_NAMES.of(code) !== undefined),
);

/** Whether these are the two letters of a country in ISO 3166-1, and XK, which Kosovo uses. */
export function isCountry(code: string): boolean {
  return COUNTRIES.has(code);
}
