import { parseLine } from '../../../src/values/written-text.js';

/** The most characters a name, a number or a reference may have; no real one comes near. */
export const LONGEST_LABEL = 200;

/** Letters of Western Europe without a space at either end are in that form already: all but a few labels. */
const PLAIN = /^[!-~\u00a1-\u00ff](?:[ -~\u00a0-\u00ff]*[!-~\u00a1-\u00ff])?$/;

/**
 * A name, a number or a reference as it is kept: trimmed, in one Unicode form. `undefined` when nothing is left, when it
 * is longer than 200 characters, or holds control characters (PostgreSQL cannot keep a NUL).
 */
export function parseLabel(text: string): string | undefined {
  if (text.length <= LONGEST_LABEL && PLAIN.test(text)) return text;
  return parseLine(text, LONGEST_LABEL) || undefined;
}
