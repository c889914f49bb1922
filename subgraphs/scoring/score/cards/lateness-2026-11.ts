import type { TrainedCard } from '../trained-card.js';

/** Made by `npm run model`: figures, data and limits are in docs/MODEL.md. A version that was once used is never changed. */
export const LATENESS: TrainedCard = {
  version: 'lateness-2026-11',
  base: 568,
  at: 427.472,
  scale: 72.134752,
  characteristics: [
    { code: 'index', unknown: 0, bins: [{ below: 71.7, points: -59 }, { below: 75.3, points: -31 }, { below: 76.5, points: -25 }, { below: 77.5, points: -5 }, { below: 78.3, points: 2 }, { below: 78.8, points: 8 }, { below: null, points: 29 }] },
    { code: 'recentLateShare', unknown: 0, bins: [{ below: 0.0103, points: 42 }, { below: 0.0391, points: 37 }, { below: 0.0615, points: 24 }, { below: 0.08, points: 8 }, { below: 0.156, points: 4 }, { below: 0.232, points: -4 }, { below: 0.367, points: -29 }, { below: 0.562, points: -43 }, { below: null, points: -74 }] },
    { code: 'monthLateShare', unknown: 0, bins: [{ below: 0.0235, points: 43 }, { below: 0.05, points: 32 }, { below: 0.0667, points: 18 }, { below: 0.0933, points: 9 }, { below: 0.141, points: 5 }, { below: 0.3, points: -14 }, { below: 0.567, points: -45 }, { below: null, points: -71 }] },
    { code: 'recentDays', unknown: 0, bins: [{ below: 1.7, points: 20 }, { below: 2.71, points: 10 }, { below: 4.14, points: 3 }, { below: 5.73, points: -6 }, { below: 8.88, points: -19 }, { below: 15, points: -25 }, { below: null, points: -39 }] },
    { code: 'usualDays', unknown: 0, bins: [{ below: 2, points: 24 }, { below: 3, points: 8 }, { below: 5, points: -1 }, { below: 8, points: -14 }, { below: 18, points: -31 }, { below: null, points: -50 }] },
  ],
};
