/**
 * What an endpoint can ask to be told of: the name in the API, and the `type` that a receiver sees. A type once sent keeps
 * its meaning and the fields of its `data`; fields may be added.
 */
export const WEBHOOK_EVENTS = {
  ALERT_RAISED: 'alert.raised',
} as const;
export type WebhookType = (typeof WEBHOOK_EVENTS)[keyof typeof WEBHOOK_EVENTS];

/** What `webhookTest` sends, to any endpoint. */
export const TEST_TYPE = 'webhook.test';

/** Bytes of a body at most: whoever has more to say gives an id to ask for. */
export const LARGEST_BODY = 20_000;

/** The body of a webhook: the very text that is signed and sent. `at` is when it happened, in real time. */
export function bodyOf(type: WebhookType | typeof TEST_TYPE, at: Temporal.Instant, data: Readonly<Record<string, unknown>>): string {
  return JSON.stringify({ type, timestamp: at.toString({ smallestUnit: 'millisecond' }), data });
}
