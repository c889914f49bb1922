/** Which way a figure moves: IMPROVING is paid sooner than before, WORSENING later. */
export const TRENDS = ['IMPROVING', 'STABLE', 'WORSENING'] as const;
export type Trend = (typeof TRENDS)[number];
