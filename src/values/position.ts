/** Where a firm's own figure lies against what it is compared with. BELOW: it is paid sooner, or grants shorter terms. */
export const POSITIONS = ['BELOW', 'SIMILAR', 'ABOVE'] as const;
export type Position = (typeof POSITIONS)[number];
