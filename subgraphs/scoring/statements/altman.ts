import { add, compare, roundHalfEven, type Fraction } from '../../../src/values/fraction.js';
import type { Figures } from './figures.js';

export const ALTMAN_ZONES = ['SAFE', 'GREY', 'DISTRESS'] as const;
export type AltmanZone = (typeof ALTMAN_ZONES)[number];

/** Above it a firm is in the safe zone of Z″, in hundredths. */
const SAFE_ABOVE: Fraction = { numerator: 260n, denominator: 100n };
/** Below it a firm is in the zone of distress, in hundredths. */
const DISTRESS_BELOW: Fraction = { numerator: 110n, denominator: 100n };

/** What Z″ is of: part of a statement of so many months. */
type Parts = Pick<Figures, 'currentAssets' | 'currentLiabilities' | 'totalAssets' | 'totalLiabilities' | 'equity' | 'retainedEarnings' | 'ebit'>;

/**
 * Altman's Z″ and its zone: 6.56 × working capital ÷ assets + 3.26 × retained earnings ÷ assets + 6.72 × EBIT of a year ÷ assets
 * + 1.05 × equity ÷ liabilities (INDICATORS.md, "Default risk and credit limit"). Six decimals; the zone is of the exact figure.
 * `null` without assets or liabilities. A period of other than twelve months gives the EBIT of a year in proportion.
 */
export function altmanZ(figures: Parts, months: number): { readonly value: number; readonly zone: AltmanZone } | null {
  const { currentAssets, currentLiabilities, totalAssets, totalLiabilities, equity, retainedEarnings, ebit } = figures;
  if (totalAssets === 0n || totalLiabilities === 0n) return null;
  const period = BigInt(months);
  // In hundredths, as the coefficients are; over the period, so that a year's EBIT stays whole.
  const ofAssets = (656n * (currentAssets - currentLiabilities) + 326n * retainedEarnings) * period + 672n * ebit * 12n;
  const z = add({ numerator: ofAssets, denominator: 100n * totalAssets * period }, { numerator: 105n * equity, denominator: 100n * totalLiabilities });
  return { value: roundHalfEven(z, 6), zone: zoneOf(z) };
}

function zoneOf(z: Fraction): AltmanZone {
  if (compare(z, SAFE_ABOVE) > 0n) return 'SAFE';
  return compare(z, DISTRESS_BELOW) < 0n ? 'DISTRESS' : 'GREY';
}
