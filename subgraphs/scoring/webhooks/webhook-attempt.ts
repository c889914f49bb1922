/** Why an attempt was none that delivered. */
export const WEBHOOK_FAILURES = ['STATUS', 'REDIRECT', 'TIMEOUT', 'NO_PUBLIC_ADDRESS', 'CERTIFICATE', 'CONNECTION'] as const;
export type WebhookFailure = (typeof WEBHOOK_FAILURES)[number];

/** The status by which a receiver says that it wants nothing any more. */
export const GONE = 410;

/** After so many days of nothing but failures an endpoint is disabled. */
export const MOST_FAILING_DAYS = 5;

/** Why an endpoint is told nothing. */
export const DISABLED_REASONS = ['ASKED', 'GONE', 'FAILING'] as const;
export type DisabledReason = (typeof DISABLED_REASONS)[number];

/** Where a delivery stands. */
export const DELIVERY_STATES = ['PENDING', 'DELIVERED', 'GIVEN_UP'] as const;
export type DeliveryState = (typeof DELIVERY_STATES)[number];
