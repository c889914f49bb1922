import { Refusal } from '../../../src/errors.js';
import { LONGEST_LABEL, parseLabel } from './label.js';

/** A name, a number or a reference of a mutation's input. */
export function demandLabel(text: string, path: readonly string[]): string {
  const label = parseLabel(text);
  if (label === undefined) throw new Refusal('INVALID', `This must have 1 to ${LONGEST_LABEL} characters and no control characters.`, path);
  return label;
}
