import { createHash } from 'node:crypto';
import type { ChainLink } from '../../../src/values/hash-chain.js';
import { writeTexts } from '../benchmark/packed.js';

/** What stands in a firm's log. The object of an entry is the customer of a mark, a match, or a conversation. */
export const AUDIT_ACTIONS = [
  'MARK_MADE', 'MARK_TAKEN_BACK', 'MATCH_SHOWN', 'PEER_BLOCKED',
  'CONVERSATION_STARTED', 'IDENTITY_REVEAL_ASKED', 'IDENTITIES_REVEALED', 'CONVERSATION_CLOSED', 'CONVERSATION_REPORTED',
] as const;
export type AuditAction = (typeof AUDIT_ACTIONS)[number];

/** What stands in the log of the network alone, which no firm reads. The object is a report, or nothing. */
export type NetworkAction = 'REPORT_EXPORTED' | 'REPORT_HANDLED' | 'TEXTS_ERASED' | 'REPORT_TEXTS_ERASED';

/** An entry as the chain holds it; null: there is no such. */
export interface AuditEntry extends ChainLink {
  readonly id: string;
  readonly firmId: string | null;
  /** UTC, with milliseconds. */
  readonly enteredAt: string;
  readonly action: AuditAction | NetworkAction;
  readonly personId: string | null;
  readonly byKey: boolean;
  readonly operator: string | null;
  readonly objectId: string | null;
  /** Of a report its id and the digest of what it holds; why an operator read or handled one; how much was erased. */
  readonly detail: string | null;
}

/** The hash of an entry, in hexadecimal: the same that the database makes of it as it is written. */
export function hashOfEntry({ number, id, firmId, enteredAt, action, personId, byKey, operator, objectId, detail, previousHash }: AuditEntry): string {
  const texts = [String(number), id, firmId ?? '', enteredAt, action, personId ?? '', String(byKey), operator ?? '', objectId ?? '', detail ?? '', previousHash ?? ''];
  return createHash('sha256').update(writeTexts(texts)).digest('hex');
}
