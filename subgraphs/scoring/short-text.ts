/**
 * A text of one line as it is kept: trimmed, in one Unicode form. `undefined` when nothing is left, when it is longer than
 * `most` characters, or holds control characters (PostgreSQL cannot keep a NUL).
 */
export function parseShortText(text: string, most: number): string | undefined {
  const line = text.trim().normalize('NFC');
  return line === '' || line.length > most || /\p{Cc}|\p{Cs}/u.test(line) ? undefined : line;
}
