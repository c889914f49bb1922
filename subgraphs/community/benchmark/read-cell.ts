import type { Trend } from '../../../src/values/trend.js';
import type { Cell } from './cell.js';
import type { Tier } from './tier.js';

/** The columns of a published cell. */
export interface CellRow {
  readonly tier: Tier;
  readonly band_from: number | null;
  readonly band_to: number | null;
  readonly value: number | null;
  readonly rounded_to: number | null;
  readonly direction: Trend | null;
  readonly lower_quartile: number | null;
  readonly upper_quartile: number | null;
}

export function toCell({ tier, direction, ...row }: CellRow): Cell {
  return tier === 'T1'
    ? { tier, from: row.band_from!, to: row.band_to!, direction }
    : { tier, value: row.value!, roundedTo: row.rounded_to!, direction, lowerQuartile: row.lower_quartile, upperQuartile: row.upper_quartile };
}
