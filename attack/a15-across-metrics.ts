import type { Attack } from './attack.js';
import { attemptAll, LINE_D, scenario } from './scenario.js';
import { WORLD } from './world.js';

const ALL = ['DSO', 'DAYS_BEYOND_TERMS', 'LATE_SHARE', 'PAYMENT_TERMS'] as const;

/** Algebra across metrics: how late, how often late and on what terms together tell more of how long than each alone. */
export const acrossMetrics: Attack = {
  id: 'A15',
  title: 'algebra across metrics',
  passLine: LINE_D.words,
  run: async (options) => attemptAll('A15', [
    ...[3, 4, 6, 11].map((firms) => scenario({ name: `DSO, two of ${firms}`, inFast: firms === 3, firms, seats: 2, metrics: ALL })),
    ...[4, 6].map((firms) => scenario({ name: `days beyond terms, two of ${firms}`, firms, seats: 2, metrics: ALL, secret: 'DAYS_BEYOND_TERMS' })),
    ...[4, 6, 11].map((firms) => scenario({ name: `terms, two of ${firms}`, inFast: firms === 6, firms, seats: 2, metrics: ALL, secret: 'PAYMENT_TERMS' })),
    scenario({ name: 'terms, two of 6, where a customer has no say in them', firms: 6, seats: 2, metrics: ALL, secret: 'PAYMENT_TERMS', world: { ...WORLD, customs: 0 } }),
  ], options),
};
