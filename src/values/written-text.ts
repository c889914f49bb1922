/**
 * A line that somebody wrote as it is kept: trimmed, in one Unicode form; '' when nothing is left. `undefined` when it is longer than
 * `most` characters, or holds control characters (PostgreSQL cannot keep a NUL) or half of a character.
 */
export function parseLine(text: string, most: number): string | undefined {
  const line = text.trim().normalize('NFC');
  return line.length > most || /\p{Cc}|\p{Cs}/u.test(line) ? undefined : line;
}

/** The same of a text of several lines: it may hold line ends and tabs. */
export function parseLines(text: string, most: number): string | undefined {
  const lines = text.trim().normalize('NFC');
  return lines.length > most || /[^\P{Cc}\t\r\n]|\p{Cs}/u.test(lines) ? undefined : lines;
}
