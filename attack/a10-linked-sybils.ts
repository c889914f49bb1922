import type { Attack } from './attack.js';
import { Chance } from './chance.js';
import { rate } from './confidence.js';
import { decideCell } from '../subgraphs/community/benchmark/decide-cell.js';
import { POLICY } from '../subgraphs/community/benchmark/policy.js';
import { epochsOf, firmIdOf, LONG_AGO, play } from './play.js';
import { toldWorld } from './told-world.js';

/**
 * Verified firms that belong together, a ring for each tie that admission knows: a domain, a mailbox, a legal unit, a chain of
 * invitations, a bank account, a word of the operator. Each ring says that it shares the victim's customers. Control: the
 * engine with the same firms, of which nobody said that they are one.
 */
export const linkedSybils: Attack = {
  id: 'A10',
  title: 'verified but linked sybils',
  passLine: '≥ 95 % collapsed',
  house: 'TOLD',
  run: async (options) => {
    const { rings } = await toldWorld(options);
    const extra = rings.reduce((sum, { ring }) => sum + ring.firms.length - 1, 0);
    const left = rings.reduce((sum, { counted }) => sum + counted - 1, 0);
    const cells = rings.reduce((sum, ring) => sum + ring.cells, 0);
    const shown = rings.reduce((sum, ring) => sum + ring.shown, 0);
    const epochs = epochsOf('DSO', 1, POLICY);
    let published = 0;
    for (let number = 0; number < 200; number += 1) {
      const chance = Chance.from(options.seed, 'A10', number);
      const parts = Array.from({ length: 6 }, (_, place) => ({ firmId: firmIdOf(place), joinedOn: LONG_AGO, figures: [20 + 100 * chance.uniform()], admitted: [true] }));
      if (play('DSO', parts, epochs, POLICY, decideCell)[0]) published += 1;
    }
    return {
      trials: extra, ...rate(left, extra), control: rate(published, 200).excess, passed: left <= 0.05 * extra && shown === 0,
      notes: [
        `${extra - left} of ${extra} firms too many are counted as the one they belong to; ${shown} of ${cells} cells of the rings' customers published`,
        ...rings.filter(({ counted }) => counted > 1).map(({ ring: { tie, firms }, counted }) => `not collapsed by ${tie}: ${counted} of ${firms.length} count`),
        'firms that share nothing that can be seen are A11',
      ],
    };
  },
};
