import { createHmac } from 'node:crypto';

/** What is signed: the id of what is told, the second of this attempt, and the very bytes of the body. */
export interface Signed {
  readonly webhookId: string;
  /** Seconds since 1970. */
  readonly timestamp: number;
  readonly body: string;
}

/** The `webhook-signature` of Standard Webhooks: `v1,` and HMAC-SHA-256 in base64, for each secret that holds just now. */
export function signatureOf(secrets: readonly Buffer[], { webhookId, timestamp, body }: Signed): string {
  return secrets.map((secret) => `v1,${createHmac('sha256', secret).update(`${webhookId}.${timestamp}.${body}`).digest('base64')}`).join(' ');
}
