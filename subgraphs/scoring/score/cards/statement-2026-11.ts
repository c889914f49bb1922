import type { TrainedCard } from '../trained-card.js';

/** Made by `npm run model`: figures, data and limits are in docs/MODEL.md. A version that was once used is never changed. */
export const LISTED_STATEMENT: TrainedCard = {
  version: 'statement-listed-2026-11',
  base: 467,
  at: 323.416,
  scale: 72.134752,
  characteristics: [
    { code: 'netIncomeToAssets', unknown: 0, bins: [{ below: -0.192, points: -18 }, { below: -0.033, points: -14 }, { below: -0.0144, points: -4 }, { below: 0.00386, points: -2 }, { below: 0.0269, points: 19 }, { below: 0.0697, points: 36 }, { below: 0.114, points: 41 }, { below: null, points: 44 }] },
    { code: 'inventoryDays', unknown: 0, bins: [{ below: 2.26, points: 26 }, { below: 59.8, points: -6 }, { below: 81.4, points: -8 }, { below: 96.4, points: -9 }, { below: null, points: -30 }] },
    { code: 'equityToFixedAssets', unknown: 0, bins: [{ below: 0.217, points: -17 }, { below: 0.329, points: -9 }, { below: 0.529, points: -5 }, { below: 0.622, points: 3 }, { below: 0.826, points: 6 }, { below: 1.2, points: 7 }, { below: 1.36, points: 14 }, { below: 1.54, points: 15 }, { below: 3.21, points: 19 }, { below: null, points: 25 }] },
    { code: 'marketToLiabilities', unknown: 0, bins: [{ below: 0.194, points: -49 }, { below: 0.367, points: -24 }, { below: 0.482, points: -12 }, { below: 0.608, points: -10 }, { below: 0.751, points: -9 }, { below: 0.9, points: 4 }, { below: 1.31, points: 20 }, { below: 1.55, points: 21 }, { below: 2.61, points: 29 }, { below: 4.77, points: 51 }, { below: null, points: 56 }] },
    { code: 'cashToMarketAssets', unknown: 0, bins: [{ below: 0.0264, points: -13 }, { below: 0.0401, points: -11 }, { below: 0.105, points: -8 }, { below: 0.12, points: 0 }, { below: 0.253, points: 1 }, { below: 0.299, points: 15 }, { below: 0.479, points: 29 }, { below: null, points: 50 }] },
    { code: 'marketValueChange', unknown: 0, bins: [{ below: 0.0955, points: -31 }, { below: 0.344, points: -20 }, { below: 0.667, points: -15 }, { below: 0.745, points: -2 }, { below: 0.874, points: 4 }, { below: 1.12, points: 16 }, { below: 1.59, points: 20 }, { below: null, points: 24 }] },
  ],
};

export const UNLISTED_STATEMENT: TrainedCard = {
  version: 'statement-unlisted-2026-11',
  base: 505,
  at: 280.573,
  scale: 72.134752,
  characteristics: [
    { code: 'retainedEarningsToAssets', unknown: 0, bins: [{ below: -0.101, points: -15 }, { below: -0.00131, points: -5 }, { below: 0.148, points: -1 }, { below: null, points: 21 }] },
    { code: 'quickRatio', unknown: 0, bins: [{ below: 0.259, points: -48 }, { below: 0.359, points: -26 }, { below: 0.427, points: -22 }, { below: 0.773, points: -14 }, { below: 0.829, points: 6 }, { below: 1.21, points: 19 }, { below: 1.88, points: 26 }, { below: null, points: 34 }] },
    { code: 'currentLiabilitiesToAssets', unknown: 0, bins: [{ below: 0.24, points: 14 }, { below: 0.338, points: 10 }, { below: 0.444, points: 0 }, { below: 0.629, points: -5 }, { below: 0.875, points: -10 }, { below: null, points: -16 }] },
    { code: 'ebitdaMargin', unknown: 0, bins: [{ below: -0.0336, points: -48 }, { below: 0.00306, points: -25 }, { below: 0.0155, points: -22 }, { below: 0.0233, points: -20 }, { below: 0.043, points: -9 }, { below: 0.0576, points: -4 }, { below: 0.0971, points: -2 }, { below: null, points: 45 }] },
    { code: 'threeYearEbitToAssets', unknown: 0, bins: [{ below: -0.139, points: -30 }, { below: 0.0328, points: -22 }, { below: 0.0471, points: -13 }, { below: 0.0985, points: -3 }, { below: 0.143, points: 7 }, { below: 0.185, points: 9 }, { below: 0.237, points: 12 }, { below: 0.377, points: 27 }, { below: null, points: 33 }] },
  ],
};
