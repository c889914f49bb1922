import { SECTIONS } from '../../../src/values/sector.js';

/**
 * What the code of a business in this sector begins with: `47` for all of 47, 47.1 and 47.11. A section stands for its divisions,
 * and for itself where no more is known of a business than its section.
 */
export function prefixesOf(sector: string): readonly string[] {
  const section = SECTIONS[sector];
  if (!section) return [sector];
  const [first, last] = section;
  return [sector, ...Array.from({ length: last - first + 1 }, (_, index) => String(first + index).padStart(2, '0'))];
}
