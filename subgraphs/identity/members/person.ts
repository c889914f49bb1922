import { Refusal } from '../../../src/errors.js';

/** A name as given, trimmed: 1 to 200 characters, none of them a control character. */
export function demandName(text: string, path: readonly string[]): string {
  const name = text.trim();
  if (name === '') throw new Refusal('REQUIRED', 'A name is needed.', path);
  if (name.length > 200 || /\p{Cc}|\p{Cs}/u.test(name)) throw new Refusal('INVALID', 'A name has at most 200 characters and no control characters.', path);
  return name;
}

/** Whether a text has the form of an address: one @, a dot behind it, neither spaces nor control characters. */
export function isEmail(text: string): boolean {
  return text.length <= 254 && /^[^\s@\p{Cc}\p{Cs}]+@[^\s@\p{Cc}\p{Cs}]+\.[^\s@.\p{Cc}\p{Cs}]+$/u.test(text);
}

/** An e-mail address in lower case. Whether it exists, only a message to it could tell. */
export function demandEmail(text: string, path: readonly string[]): string {
  const email = text.trim().toLowerCase();
  if (!isEmail(email)) throw new Refusal('INVALID', 'This is no e-mail address.', path);
  return email;
}
