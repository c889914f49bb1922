import { Refusal } from '../../../src/errors.js';
import { LONGEST_NOTE, parseNote } from './note.js';

/** A note of a mutation's input; null when there is none. */
export function demandNote(text: string | null | undefined, path: readonly string[]): string | null {
  if (text === null || text === undefined) return null;
  const note = parseNote(text);
  if (note === undefined) throw new Refusal('INVALID', `A note has at most ${LONGEST_NOTE} characters and no control characters.`, path);
  return note;
}
