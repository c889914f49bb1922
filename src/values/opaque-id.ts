import { createCipheriv, createDecipheriv, createHmac } from 'node:crypto';

/** What can be named to a firm though it does not belong to it. */
export type SharedKind = 'Firm' | 'Group' | 'Peer' | 'Conversation' | 'Message' | 'Attachment' | 'BenchmarkEpoch';

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
  readonly #keys = new Map<string, Buffer>();

  constructor(secret: Buffer) {
    this.#secret = secret;
  }

  encode(firmId: string, kind: SharedKind, uuid: string): string {
    const cipher = createCipheriv('aes-256-ecb', this.#key(firmId, kind), null).setAutoPadding(false);
    return Buffer.concat([cipher.update(Buffer.from(uuid.replaceAll('-', ''), 'hex')), cipher.final()]).toString('base64url');
  }

  /** The uuid behind an id; for a malformed id a uuid that belongs to nothing. */
  decode(firmId: string, kind: SharedKind, id: string): string {
    const block = Buffer.from(id, 'base64url');
    if (block.length !== 16 || block.toString('base64url') !== id) return '00000000-0000-0000-0000-000000000000';
    const decipher = createDecipheriv('aes-256-ecb', this.#key(firmId, kind), null).setAutoPadding(false);
    const hex = Buffer.concat([decipher.update(block), decipher.final()]).toString('hex');
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
  }

  /** The 10,000 keys derived last are kept: deriving one costs more than using it. */
  #key(firmId: string, kind: SharedKind): Buffer {
    const name = `${kind}:${firmId}`;
    let key = this.#keys.get(name);
    if (!key) {
      key = createHmac('sha256', this.#secret).update(name).digest();
      if (this.#keys.size >= 10_000) this.#keys.delete(this.#keys.keys().next().value!);
      this.#keys.set(name, key);
    }
    return key;
  }
}
