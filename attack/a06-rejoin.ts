import type { Attack } from './attack.js';
import { attemptAll, butNever, changed, LINE_D, onlyIn, scenario } from './scenario.js';
import { toldWorld } from './told-world.js';

/** Out from the fifth month on, back at once; the tenure of 90 days runs anew, so three epochs pass without it. */
const inAgain = (month: number): boolean => month < 4 || month >= 8;

/**
 * An attacker leaves, joins again, and compares the group with and without itself. While it is out it reads nothing; a second
 * attacker that stays may read for it.
 */
export const rejoin: Attack = {
  id: 'A06',
  title: 'leave and rejoin yourself',
  passLine: `no access while out; ${LINE_D.words}`,
  house: 'TOLD',
  run: async (options) => {
    const result = attemptAll('A06', [
    ...[2, 4, 6].map((firms) => scenario({ name: `alone, one of ${firms}`, inFast: firms === 2, firms, seats: 1, months: 12, reads: inAgain }, (parts) => changed(parts, { 0: (part) => onlyIn(part, inAgain) }))),
    ...[3, 5, 7].map((firms) => scenario({ name: `another stays, two of ${firms}`, inFast: firms === 5, firms, seats: 2, months: 12, reads: () => true }, (parts) => changed(parts, { 1: (part) => onlyIn(part, inAgain) }))),
    ], options);
    const { read, shown } = await (await toldWorld(options)).readAsLeaver();
    return butNever(result, shown, read, 'answers with a figure to a member that left, and to the same one just back');
  },
};
