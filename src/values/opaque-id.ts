import { createCipheriv, createDecipheriv, createHmac, type Cipheriv, type Decipheriv } from 'node:crypto';

/** What can be named to a firm though it does not belong to it. */
export type SharedKind = 'Firm' | 'Group' | 'Peer' | 'Conversation' | 'Message' | 'Attachment' | 'BenchmarkEpoch';

const MOST_CIPHERS = 4096;

interface Ciphers {
  readonly encipher: Cipheriv;
  readonly decipher: Decipheriv;
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Whether a text has the form of an id of an object that belongs to one firm. */
export function isUuid(text: string): boolean {
  return UUID.test(text);
}

/**
 * Ids of objects that more than one firm sees. Each firm gets another id for the same object, so two firms that put
 * their answers side by side find no id in common, and an id says nothing about when its object was made.
 *
 * An id is the object's uuid enciphered as one AES block under a key of that firm and kind: a bijection, so nothing is
 * stored; a wrong guess decodes to a uuid that does not exist, so it needs no error of its own.
 */
export class OpaqueIds {
  readonly #secret: Buffer;
  /** Those of the firms that asked last: to make one costs far more than a block of it. */
  readonly #ciphers = new Map<string, Ciphers>();

  constructor(secret: Buffer) {
    this.#secret = secret;
  }

  encode(firmId: string, kind: SharedKind, uuid: string): string {
    return this.#of(firmId, kind).encipher.update(uuid.replaceAll('-', ''), 'hex').toString('base64url');
  }

  /** The uuid behind an id; for a malformed id a uuid that belongs to nothing. */
  decode(firmId: string, kind: SharedKind, id: string): string {
    const block = Buffer.from(id, 'base64url');
    if (block.length !== 16 || block.toString('base64url') !== id) return '00000000-0000-0000-0000-000000000000';
    const hex = this.#of(firmId, kind).decipher.update(block).toString('hex');
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
  }

  #of(firmId: string, kind: SharedKind): Ciphers {
    const name = `${kind}:${firmId}`;
    let ciphers = this.#ciphers.get(name);
    if (!ciphers) {
      const key = createHmac('sha256', this.#secret).update(name).digest();
      // Single blocks without padding and chaining: each goes in and comes out whole, so one object serves for all.
      ciphers = { encipher: createCipheriv('aes-256-ecb', key, null).setAutoPadding(false), decipher: createDecipheriv('aes-256-ecb', key, null).setAutoPadding(false) };
      if (this.#ciphers.size >= MOST_CIPHERS) this.#ciphers.delete(this.#ciphers.keys().next().value!);
      this.#ciphers.set(name, ciphers);
    }
    return ciphers;
  }
}
