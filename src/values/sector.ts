/** The first and last division of each section of NACE Rev. 2, from A (agriculture) to U (international organisations). */
export const SECTIONS: Readonly<Record<string, readonly [number, number]>> = {
  A: [1, 3], B: [5, 9], C: [10, 33], D: [35, 35], E: [36, 39], F: [41, 43], G: [45, 47], H: [49, 53], I: [55, 56], J: [58, 63], K: [64, 66],
  L: [68, 68], M: [69, 75], N: [77, 82], O: [84, 84], P: [85, 85], Q: [86, 88], R: [90, 93], S: [94, 96], T: [97, 98], U: [99, 99],
};

/**
 * Whether this is a code of NACE Rev. 2: a section (`C`), a division (`47`), a group (`47.1`) or a class (`47.11`). Sections and
 * divisions are those that exist; of groups and classes only the form is checked.
 */
export function isSector(code: string): boolean {
  if (code.length === 1) return Object.hasOwn(SECTIONS, code);
  if (!/^\d{2}(\.\d{1,2})?$/.test(code)) return false;
  const division = Number(code.slice(0, 2));
  return Object.values(SECTIONS).some(([first, last]) => first <= division && division <= last);
}
