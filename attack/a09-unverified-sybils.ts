import { decideCell } from '../subgraphs/community/benchmark/decide-cell.js';
import { POLICY } from '../subgraphs/community/benchmark/policy.js';
import type { Attack } from './attack.js';
import { Chance } from './chance.js';
import { rate } from './confidence.js';
import { epochsOf, firmIdOf, LONG_AGO, play } from './play.js';
import { toldWorld } from './told-world.js';

/**
 * Four firms that nobody verified say that they share the victim's customers, with figures of their own making for months. If they
 * counted, every cell would be the victim's figure and four that the attacker knows. In a whole Ardoise nothing of these
 * customers may be published. Control: the same firms, admitted unasked.
 */
export const unverifiedSybils: Attack = {
  id: 'A09',
  title: 'unverified sybils, hand-typed invoices',
  passLine: '0 of 1,000 cells published',
  house: 'TOLD',
  run: async (options) => {
    const { sybils: { cells, shown } } = await toldWorld(options);
    const epochs = epochsOf('DSO', 1, POLICY);
    let admitted = 0;
    for (let number = 0; number < 200; number += 1) {
      const chance = Chance.from(options.seed, 'A09', number);
      const parts = Array.from({ length: 5 }, (_, place) => ({ firmId: firmIdOf(place), joinedOn: LONG_AGO, figures: [20 + 100 * chance.uniform()], admitted: [true] }));
      if (play('DSO', parts, epochs, POLICY, decideCell)[0]) admitted += 1;
    }
    return { trials: cells, ...rate(shown, cells), control: rate(admitted, 200).excess, passed: shown === 0, notes: [`${shown} of ${cells.toLocaleString('en')} cells published; where they are admitted ${admitted} of 200`] };
  },
};
