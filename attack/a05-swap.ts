import type { Attack } from './attack.js';
import { attemptAll, changed, LINE_D, onlyIn, scenario } from './scenario.js';

/**
 * One goes and one comes in the same quarter, and the panel stays as large as it was. Worst where an attacker is the one that
 * goes, so that only the victim's coming is unknown; or the one that comes, when the victim goes.
 */
export const swap: Attack = {
  id: 'A05',
  title: 'one in, one out',
  passLine: LINE_D.words,
  run: async (options) => attemptAll('A05', [
    ...[4, 8, 13].flatMap((firms) => [
      scenario({ name: `an attacker goes, the victim comes, ${firms - 1} each time`, inFast: firms === 8, firms, seats: 2, months: 12, reads: () => true }, (parts) =>
        changed(parts, { 1: (part) => onlyIn(part, (month) => month < 6), 2: (part) => onlyIn(part, (month) => month >= 6) })),
      scenario({ name: `the victim goes, an attacker comes, ${firms - 1} each time`, inFast: firms === 4, firms, seats: 2, months: 12, target: 5, reads: () => true }, (parts) =>
        changed(parts, { 1: (part) => onlyIn(part, (month) => month >= 6), 2: (part) => onlyIn(part, (month) => month < 6) })),
    ]),
  ], options),
};
