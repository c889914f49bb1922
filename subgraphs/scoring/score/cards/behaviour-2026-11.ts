import type { RiskModel } from '../model.js';

const below = (...bins: readonly (readonly [below: number, points: number])[]) => ({
  orElse: (points: number) => [...bins.map(([end, given]) => ({ below: end, points: given })), { below: null, points }],
});

/**
 * What the ledger tells of default risk. No public data joins ledgers to defaults: these points were set by experts, on the scale
 * of the card of statements, and every one of them is monotone. docs/MODEL.md, "What is not trained".
 */
export const BEHAVIOUR_2026_11: RiskModel['behaviour'] = [
  {
    code: 'PAYMENT_INDEX', feature: 'index', unit: 'POINTS', unknown: -20,
    label: { en: 'How it pays you, 0 to 100 (80 is on the due date)', fr: 'Comportement de paiement, de 0 à 100 (80 : à l’échéance)' },
    bins: below([40, -180], [50, -130], [60, -90], [70, -45], [78, -15], [80, 10], [85, 30]).orElse(45),
  },
  {
    code: 'PAYMENT_TREND', feature: 'trendPoints', unit: 'POINTS', unknown: 0,
    label: { en: 'Payment behaviour, last 3 months against 12', fr: 'Comportement de paiement, 3 derniers mois contre 12' },
    bins: below([-10, -40], [-3, -20], [3, 0]).orElse(10),
  },
  {
    code: 'OVERDUE_BEYOND_30', feature: 'shareBeyond30', unit: 'SHARE', unknown: 0,
    label: { en: 'Share of what it owes that is more than 30 days late', fr: 'Part de l’encours échue depuis plus de 30 jours' },
    bins: below([0.01, 15], [0.1, -10], [0.25, -35], [0.5, -70]).orElse(-110),
  },
  {
    code: 'CREDIT_UTILISATION', feature: 'utilisation', unit: 'SHARE', unknown: 0,
    label: { en: 'Use of its credit limit', fr: 'Utilisation de la limite de crédit' },
    bins: below([0.5, 10], [0.8, 0], [1, -15], [1.2, -40]).orElse(-70),
  },
  {
    code: 'OPEN_DISPUTES', feature: 'openDisputes', unit: 'COUNT', unknown: 0,
    label: { en: 'Open disputes', fr: 'Litiges en cours' },
    bins: below([1, 0], [2, -8], [4, -18]).orElse(-30),
  },
  {
    code: 'BROKEN_PROMISES', feature: 'brokenPromises', unit: 'COUNT', unknown: 0,
    label: { en: 'Promises to pay broken in 12 months', fr: 'Promesses de paiement non tenues en 12 mois' },
    bins: below([1, 0], [2, -30], [3, -55]).orElse(-80),
  },
  {
    code: 'RELATION_AGE', feature: 'relationMonths', unit: 'MONTHS', unknown: -25,
    label: { en: 'Months since your first invoice', fr: 'Mois depuis la première facture' },
    bins: below([6, -25], [12, -10], [36, 0], [84, 10]).orElse(20),
  },
  {
    code: 'BENCHMARK_GAP', feature: 'benchmarkGap', unit: 'DAYS', unknown: 0,
    label: { en: 'Days by which it pays other members later than you', fr: 'Jours de retard de plus chez d’autres membres que chez vous' },
    bins: below([-5, 5], [5, 0], [15, -10], [30, -25]).orElse(-40),
  },
  {
    code: 'INSOLVENCY_NOTICE', feature: 'insolvent', unit: 'FLAG', unknown: 0,
    label: { en: 'A public insolvency notice', fr: 'Procédure collective publiée' },
    bins: below([1, 0]).orElse(-450),
  },
];
