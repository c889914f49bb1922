import type { LatenessHabit } from './lateness-habits.js';
import type { Label } from './scorecard.js';

/** Names of the habits of payment in English and French. */
export const HABIT_LABELS: Readonly<Record<LatenessHabit, Label>> = {
  index: { en: 'How it pays you, 0 to 100 (80 is on the due date)', fr: 'Comportement de paiement, de 0 à 100 (80 : à l’échéance)' },
  averageDaysBeyondTerms: { en: 'Average days beyond terms, by amount', fr: 'Retard moyen en jours, pondéré par les montants' },
  lateShare: { en: 'Share more than 7 days late, of what was due in two years', fr: 'Part en retard de plus de 7 jours, échéances de deux ans' },
  recentLateShare: { en: 'Share more than 7 days late, of what was due in the last quarter', fr: 'Part en retard de plus de 7 jours, échéances du dernier trimestre' },
  monthLateShare: { en: 'Share more than 7 days late, of what was due in the last month', fr: 'Part en retard de plus de 7 jours, échéances du dernier mois' },
  recentDays: { en: 'Average days late, of what was due in the last quarter', fr: 'Retard moyen en jours, échéances du dernier trimestre' },
  usualDays: { en: 'Days late as a rule: half are paid sooner, two years', fr: 'Retard habituel en jours : la moitié est payée plus tôt, sur deux ans' },
  slowDays: { en: 'Days late of the slowest fifth, two years', fr: 'Retard en jours du cinquième le plus lent, sur deux ans' },
};
