/** Why a customer contests an invoice. */
export const DISPUTE_REASONS = ['PRICE', 'QUANTITY', 'QUALITY', 'DELIVERY', 'ADMINISTRATIVE', 'DUPLICATE', 'LITIGATION', 'OTHER'] as const;
export type DisputeReason = (typeof DISPUTE_REASONS)[number];

/** How a dispute ended. */
export const DISPUTE_OUTCOMES = ['ACCEPTED', 'PARTLY_ACCEPTED', 'REJECTED', 'WITHDRAWN'] as const;
export type DisputeOutcome = (typeof DISPUTE_OUTCOMES)[number];
