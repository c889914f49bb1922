/** What members of the community may share of a customer. DSO, DAYS_BEYOND_TERMS and PAYMENT_TERMS in days, LATE_SHARE from 0 to 1. */
export const METRICS = ['DSO', 'DAYS_BEYOND_TERMS', 'LATE_SHARE', 'PAYMENT_TERMS'] as const;
export type Metric = (typeof METRICS)[number];
