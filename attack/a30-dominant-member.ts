import type { Cell } from '../subgraphs/community/benchmark/cell.js';
import { decideCell } from '../subgraphs/community/benchmark/decide-cell.js';
import { POLICY } from '../subgraphs/community/benchmark/policy.js';
import type { Attack } from './attack.js';
import { Chance } from './chance.js';
import { decideNaively } from './naive-build.js';
import { firmIdOf, type Decide } from './play.js';
import { attempt, CONTROL, FAST, FULL, isWithin, LINE_D, scenario } from './scenario.js';

const SEATS = 2;
/** The victim's part of what the customer owes to all members together. */
const DOMINANT = 0.95;

/** The naive build with a mean weighted by volume, as an average of invoices would be. */
const decideByVolume: Decide = (around, epoch, policy) => {
  const closing = decideNaively(around, epoch, policy);
  if (!closing) return undefined;
  const victim = firmIdOf(SEATS);
  const others = closing.inputs.filter(({ firmId }) => firmId !== victim);
  const mean = DOMINANT * closing.inputs.find(({ firmId }) => firmId === victim)!.input + (1 - DOMINANT) * (others.reduce((sum, { input }) => sum + input, 0) / others.length);
  const cell: Cell = { tier: 'T2', value: mean, roundedTo: 0, direction: null, lowerQuartile: null, upperQuartile: null };
  return { ...closing, shown: { cell, shiftedBy: 0 } };
};

/**
 * The victim does 95 % of the group's trade with the customer. A mean of invoices would be its figure. The engine is not even told
 * a volume, so the victim is one of n; what two members can learn then is held to the default line. Control: the weighted mean.
 */
export const dominantMember: Attack = {
  id: 'A30',
  title: 'one member with 95 % of the volume',
  passLine: `equals unweighted; ${LINE_D.words}`,
  run: async ({ seed, fast }) => {
    const effort = fast ? FAST : FULL;
    const outcomes = [4, 6, 11].filter((firms) => !fast || firms === 6).map((firms) => {
      const place = scenario({ name: `two of ${firms}`, firms, seats: SEATS });
      return { name: place.name, product: attempt(place, decideCell, POLICY, effort, Chance.from(seed, 'A30', firms), LINE_D), control: attempt(place, decideByVolume, POLICY, CONTROL, Chance.from(seed, 'A30', firms, 'control')) };
    });
    const worst = outcomes.toSorted((a, b) => b.product.bound - a.product.bound)[0]!;
    return {
      ...worst.product, trials: outcomes.reduce((sum, { product }) => sum + product.trials, 0), control: Math.max(...outcomes.map(({ control }) => control.excess)),
      passed: outcomes.every(({ product }) => isWithin(product, LINE_D, fast)),
      notes: outcomes.map(({ name, product, control }) => `${name}: ${product.excess.toFixed(1)} (≤ ${product.bound.toFixed(1)}); weighted by volume ${control.excess.toFixed(1)}`),
    };
  },
};
