import { parseLines } from '../../../src/values/written-text.js';

/** The most characters a note may have. */
export const LONGEST_NOTE = 2000;

/**
 * A note as it is kept: trimmed, in one Unicode form; `null` when nothing is left. `undefined` when it is longer than
 * 2,000 characters or holds control characters other than line ends and tabs.
 */
export function parseNote(text: string): string | null | undefined {
  const note = parseLines(text, LONGEST_NOTE);
  return note === '' ? null : note;
}
