/**
 * What an invoice number and its mention have in common: letters A to Z in upper case and digits, without the zeros in
 * front. Empty when it has none of them. `numberKeyOf` in SQL is the same.
 */
export function numberKey(text: string): string {
  return text.replace(/[a-z]+/g, (letters) => letters.toUpperCase()).replace(/[^A-Z0-9]/g, '').replace(/^0+/, '');
}

/** A part of a text that may be an invoice number: its words `from` to `to`, the last not included. */
export interface Mention {
  readonly key: string;
  readonly from: number;
  readonly to: number;
}

/** A number is written with separators or without, and a bank breaks lines where it likes: so many words may be one number. */
const MOST_WORDS = 5;

/** No invoice number is longer; a number of our own has at most 200 characters, but nobody types them into a transfer. */
const LONGEST_KEY = 35;

/** A statement's remittance has at most 140 characters a line; what is beyond is no remittance. */
const LONGEST_TEXT = 2_000;

/**
 * All that may be an invoice number in a text: one to five words in a row that hold a digit, in the order of the text, the
 * longest first. Account numbers, days and amounts are none, and no number reaches across one.
 */
export function mentionsIn(text: string): readonly Mention[] {
  const words: string[] = [];
  const segments: (readonly [number, number])[] = [];
  for (const segment of withoutOtherNumbers(text.slice(0, LONGEST_TEXT)).split('\u0000')) {
    const start = words.length;
    words.push(...(segment.match(/[\p{L}\p{N}]+/gu) ?? []));
    segments.push([start, words.length]);
  }
  const mentions: Mention[] = [];
  for (const [start, end] of segments) {
    for (let from = start; from < end; from += 1) {
      for (let to = Math.min(end, from + MOST_WORDS); to > from; to -= 1) {
        const key = numberKey(words.slice(from, to).join(''));
        if (key.length <= LONGEST_KEY && /\d/.test(key)) mentions.push({ key, from, to });
      }
    }
  }
  return mentions;
}

/**
 * Whether a number could just as well be something else: a year, or fewer than three digits (an article, a month) unless at
 * least two letters go with them.
 * Such a number counts only for the invoices of a payer who is known.
 */
export function isWeak(key: string): boolean {
  return (key.replace(/\D/g, '').length < 3 && key.replace(/\d/g, '').length < 2) || /^(?:19|20)\d\d$/.test(key);
}

/** Not within a longer word or number. */
const BEFORE = String.raw`(?<![\p{L}\p{N}./,-])`;
const AFTER = String.raw`(?![\p{L}\p{N}]|[./,-]\d)`;
const CURRENCY = String.raw`(?:EUR|USD|GBP|CHF|SEK|NOK|DKK|PLN|CZK|RON|HUF|JPY|CAD|AUD|€|\$|£)`;
const AMOUNT = String.raw`\d{1,3}(?:[ .'\u00a0\u202f]\d{3})+(?:[.,]\d{1,2})?|\d+(?:[.,]\d{1,2})?`;
const OTHER_NUMBERS = [
  new RegExp(String.raw`${BEFORE}(?:\d{4}-\d{2}-\d{2}|\d{1,2}([./-])\d{1,2}\1(?:\d{4}|\d{2}))${AFTER}`, 'gu'),
  // Which of two numbers around a currency is the amount nobody knows: neither counts.
  new RegExp(String.raw`${BEFORE}(?:(?:${AMOUNT})\s?)?${CURRENCY}(?:\s?(?:${AMOUNT}))?${AFTER}`, 'giu'),
  new RegExp(String.raw`${BEFORE}(?:\d{1,3}(?:[ .,'\u00a0\u202f]\d{3})+|\d+)[.,]\d{2}${AFTER}`, 'gu'),
];

/** The text with a NUL for each account number, day and amount. */
function withoutOtherNumbers(text: string): string {
  let left = text.replaceAll('\u0000', ' ').replace(/(?<![\p{L}\p{N}])[A-Za-z]{2}\d{2}(?: ?[A-Za-z0-9]){11,30}(?![\p{L}\p{N}])/gu, (found) => dropIban(found));
  for (const expression of OTHER_NUMBERS) left = left.replace(expression, '\u0000');
  return left;
}

/** An IBAN is told by its check digits; words that follow it are left. */
function dropIban(found: string): string {
  for (let end = found.length; end >= 15; end -= 1) {
    if (end < found.length && found[end] !== ' ') continue;
    const account = found.slice(0, end).replaceAll(' ', '').toUpperCase();
    if (account.length >= 15 && account.length <= 34 && hasCheckDigits(account)) return `\u0000${found.slice(end)}`;
  }
  return found;
}

/** Whether the two digits behind the first two characters are the check digits of the rest (ISO 7064 MOD 97-10, as in an IBAN and in ISO 11649). */
export function hasCheckDigits(text: string): boolean {
  let remainder = 0;
  for (const character of text.slice(4) + text.slice(0, 4)) {
    const number = parseInt(character, 36);
    remainder = (remainder * (number > 9 ? 100 : 10) + number) % 97;
  }
  return remainder === 1;
}
