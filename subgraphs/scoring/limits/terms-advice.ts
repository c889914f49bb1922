import { roundHalfEven, type Fraction } from '../../../src/values/fraction.js';
import type { Label } from '../score/scorecard.js';
import type { Band } from './recommendation.js';

/** Payment terms that firms agree on, in days from the invoice. */
const USUAL_TERMS = [8, 15, 30, 45, 60] as const;
/** More than 60 days from the invoice is against C. com. L441-10. */
const LEGAL_MOST = 60;
/** Days late on average for each step that terms are shortened by; two steps at most. */
const LATE_DAYS_PER_STEP = 15n;
const MOST_STEPS = 2;

/** The longest terms of a band, in days; 0 is payment before delivery. */
const MOST_DAYS: Readonly<Record<Band, number>> = { A: 60, B: 60, C: 30, D: 15, E: 0 };

export const TERMS_REASONS = ['KEEP', 'LEGAL_MAXIMUM', 'PAYS_LATE', 'RISK_BAND', 'PREPAYMENT'] as const;
export type TermsReason = (typeof TERMS_REASONS)[number];

export interface TermsAdvice {
  /** From the invoice; 0: payment before delivery. */
  readonly days: number;
  /** Why these and not others; KEEP alone when nothing speaks against the present ones. */
  readonly reasons: readonly TermsReason[];
}

/**
 * Which payment terms to agree on with a customer. Its present terms stay, unless they are longer than the law allows (60 days), it
 * pays late (one usual term shorter for each 15 days late on average, two at most), or its band of risk allows less: 30 days in C, 15
 * in D, payment before delivery in E. Terms are never made longer.
 */
export function adviseTerms(termsDays: Fraction, delayDays: Fraction | null, band: Band | null): TermsAdvice {
  const reasons: TermsReason[] = [];
  let days = Math.max(roundHalfEven(termsDays, 0), 0);
  if (days > LEGAL_MOST) {
    days = LEGAL_MOST;
    reasons.push('LEGAL_MAXIMUM');
  }
  const steps = stepsFor(delayDays);
  const shorter = USUAL_TERMS.filter((usual) => usual < days);
  if (steps > 0 && shorter.length > 0) {
    days = shorter.at(-steps) ?? shorter[0]!;
    reasons.push('PAYS_LATE');
  }
  if (band && MOST_DAYS[band] < days) {
    days = MOST_DAYS[band];
    reasons.push(days === 0 ? 'PREPAYMENT' : 'RISK_BAND');
  }
  return { days, reasons: reasons.length > 0 ? reasons : ['KEEP'] };
}

function stepsFor(delayDays: Fraction | null): number {
  if (!delayDays || delayDays.numerator <= 0n) return 0;
  return Math.min(Number(delayDays.numerator / (delayDays.denominator * LATE_DAYS_PER_STEP)), MOST_STEPS);
}

export const TERMS_REASON_LABELS: Readonly<Record<TermsReason, Label>> = {
  KEEP: { en: 'Nothing speaks against the present terms', fr: "Rien ne s'oppose aux conditions actuelles" },
  LEGAL_MAXIMUM: { en: 'More than 60 days from the invoice is against the law (C. com. L441-10)', fr: 'Plus de 60 jours date de facture est contraire à la loi (C. com. L441-10)' },
  PAYS_LATE: { en: 'It pays 15 days late or more on average', fr: 'Il paie en moyenne avec 15 jours de retard ou plus' },
  RISK_BAND: { en: 'Its risk band allows no longer terms', fr: 'Sa classe de risque ne permet pas un délai plus long' },
  PREPAYMENT: { en: 'Its risk band allows no credit: payment before delivery', fr: 'Sa classe de risque ne permet aucun crédit : paiement avant livraison' },
};
