/** The figures that members compare: what each is, INDICATORS.md says. */
export const METRICS = ['DSO', 'DAYS_BEYOND_TERMS', 'LATE_SHARE', 'PAYMENT_TERMS'] as const;
export type Metric = (typeof METRICS)[number];
