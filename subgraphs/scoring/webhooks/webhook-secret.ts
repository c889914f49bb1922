import { createHmac } from 'node:crypto';

/** Whose secret, and which of its secrets: a rotation gives the endpoint another `secretId`. */
export interface SecretOwner {
  readonly firmId: string;
  readonly endpointId: string;
  readonly secretId: string;
}

/**
 * The secret that signs what goes to an endpoint, 32 bytes: made of the room's key and of whose it is, so no database and
 * no backup of one holds it, and a row moved to another firm or endpoint makes another secret.
 */
export function secretOf(webhookKey: Buffer, { firmId, endpointId, secretId }: SecretOwner): Buffer {
  return createHmac('sha256', webhookKey).update(`ardoise webhook secret ${firmId} ${endpointId} ${secretId}`).digest();
}

/** A secret as its receiver is given it. */
export function printSecret(secret: Buffer): string {
  return `whsec_${secret.toString('base64')}`;
}
