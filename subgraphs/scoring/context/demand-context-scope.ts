import { Refusal } from '../../../src/errors.js';
import { isSector } from '../../../src/values/sector.js';
import { parseLine } from '../../../src/values/written-text.js';
import { LONGEST_NAME, MOST_NAMED, MOST_SHIFT, type ContextScope } from './context-event.js';

/** The name of an event of an input. */
export function demandName(text: string, path: readonly string[]): string {
  const name = parseLine(text, LONGEST_NAME);
  if (!name) throw new Refusal('INVALID', `A name has 1 to ${LONGEST_NAME} characters and no control characters.`, path);
  return name;
}

/** Whom an event of an input concerns, each country and sector once and in order; refused when it moves nothing, or too much. */
export function demandContextScope({ countries, sectors, shift }: ContextScope, path: readonly string[]): ContextScope {
  for (const [field, named] of [['countries', countries], ['sectors', sectors]] as const) {
    if (named.length > MOST_NAMED) throw new Refusal('INVALID', `At most ${MOST_NAMED} are named; none means all.`, [...path, field]);
  }
  const wrong = sectors.find((sector) => !isSector(sector));
  if (wrong !== undefined) throw new Refusal('INVALID', 'One of them is no code of NACE Rev. 2, from the section to the class: C, 47, 47.1 or 47.11.', [...path, 'sectors']);
  if (shift === 0 || Math.abs(shift) > MOST_SHIFT) throw new Refusal('INVALID', `An event moves a score by 1 to ${MOST_SHIFT} points, up or down.`, [...path, 'shift']);
  return { countries: [...new Set(countries)].toSorted(), sectors: [...new Set(sectors)].toSorted(), shift };
}
