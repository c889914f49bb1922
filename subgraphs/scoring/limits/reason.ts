import { Refusal } from '../../../src/errors.js';
import { parseLines } from '../../../src/values/written-text.js';

/** The most characters a reason or a note may have. */
const LONGEST_NOTE = 2000;

/** A note as it is kept: trimmed, in one Unicode form; null when nothing is left of it. */
export function parseNote(text: string | null | undefined, path: readonly string[]): string | null {
  const note = parseLines(text ?? '', LONGEST_NOTE);
  if (note === undefined) throw new Refusal('INVALID', `A note has at most ${LONGEST_NOTE} characters and no control characters.`, path);
  return note === '' ? null : note;
}

/** A reason: a note that there must be. */
export function parseReason(text: string, path: readonly string[]): string {
  const reason = parseNote(text, path);
  if (reason === null) throw new Refusal('REQUIRED', 'Say why: whoever decides reads it.', path);
  return reason;
}
