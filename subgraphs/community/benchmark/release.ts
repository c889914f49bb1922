import { createHash } from 'node:crypto';
import { faultOfLink, type LinkFault } from '../../../src/values/hash-chain.js';
import { writeTexts } from './packed.js';
import type { Family } from './policy.js';

/** What an epoch published and took, as the ledger of releases holds it. Digests and hashes are SHA-256, in hexadecimal. */
export interface LedgerEntry {
  /** Counts from 1, without gaps. */
  readonly number: number;
  readonly epochId: string;
  readonly family: Family;
  /** ISO days. */
  readonly periodStart: string;
  readonly periodEnd: string;
  readonly publishedOn: string;
  readonly policyVersion: number;
  /** Of every number of the policy, so that one changed without its version shows; of `null` for an epoch entered under a later policy. */
  readonly policyDigest: string;
  readonly cellCount: number;
  /** Of the cells, in the order of customer and metric. */
  readonly cellsDigest: string;
  /** Of whom each cell was made, their figures and inputs, in the same order. */
  readonly intakeDigest: string;
  /** Of the entry before; null: the first. */
  readonly previousHash: string | null;
}

export interface ChainedEntry extends LedgerEntry {
  readonly hash: string;
}

/** The hash of an entry: over all that it says, the hash of the one before included, as a JSON array in this order. */
export function hashOf(release: LedgerEntry): string {
  const { number, epochId, family, periodStart, periodEnd, publishedOn, policyVersion, policyDigest, cellCount, cellsDigest, intakeDigest, previousHash } = release;
  return sha256(JSON.stringify([number, epochId, family, periodStart, periodEnd, publishedOn, policyVersion, policyDigest, cellCount, cellsDigest, intakeDigest, previousHash]));
}

/** The same for the same content, whatever the order in which names were written. */
export function digestOf(content: unknown): string {
  return sha256(JSON.stringify(content, (_, value: unknown) => (isRecord(value) ? Object.fromEntries(Object.entries(value).toSorted(([one], [other]) => (one < other ? -1 : 1))) : value)));
}

/** What an epoch took of one cell as the row holds it, arrays in PostgreSQL's binary form. */
export interface PackedIntake {
  readonly subject: string;
  readonly metric: string;
  readonly panelSize: number;
  readonly firmIds: Buffer;
  readonly figures: Buffer;
  readonly inputs: Buffer;
  /** By how many days at most the mean was shifted before it was shown (edge-shift.ts). */
  readonly shiftedBy: number;
}

/** The hash of such a row, as it goes into the digest of its epoch. */
export interface HashedIntake extends Pick<PackedIntake, 'subject' | 'metric'> {
  readonly hash: Buffer;
}

/** The hash that the database makes of the row when it is verified (`readContent`): whoever writes it has these bytes already. */
export function hashIntake({ subject, metric, panelSize, firmIds, figures, inputs, shiftedBy }: PackedIntake): HashedIntake {
  const size = Buffer.alloc(4);
  size.writeInt32BE(panelSize);
  // Rows from before there were shifted edges keep their hashes.
  const shift = Buffer.alloc(shiftedBy > 0 ? 8 : 0);
  if (shiftedBy > 0) shift.writeDoubleBE(shiftedBy);
  const hash = createHash('sha256').update(writeTexts([subject, metric])).update(size).update(firmIds).update(figures).update(inputs).update(shift).digest();
  return { subject, metric, hash };
}

/** The digest of all rows of an epoch: over their hashes, in the order of the keys' bytes. */
export function digestOfIntakes(rows: readonly HashedIntake[]): string {
  const ordered = rows
    .map(({ subject, metric, hash }) => ({ subject: Buffer.from(subject), metric: Buffer.from(metric), hash }))
    .toSorted((one, other) => Buffer.compare(one.subject, other.subject) || Buffer.compare(one.metric, other.metric));
  return createHash('sha256').update(Buffer.concat(ordered.map(({ hash }) => hash))).digest('hex');
}

/** The digests of what lies in the tables now, by epoch. */
export type FoundContent = Pick<LedgerEntry, 'cellCount' | 'cellsDigest' | 'intakeDigest'>;

/** The first entry that does not stand, and why. */
export interface BrokenEntry {
  readonly number: number;
  readonly epochId: string | null;
  readonly reason: LinkFault | 'CELLS_CHANGED' | 'INTAKE_CHANGED' | 'EPOCH_NOT_ENTERED' | 'CUT_OFF';
}

/**
 * The first entry of the chain that does not stand against what the tables hold; `undefined` when all do.
 *
 * Claim: whoever changed, removed, added or exchanged anything published, what it was made of, or an entry, is found, but
 * for a tail cut off whole; that is found by `head`, the last hash that somebody outside has kept.
 * Why: grants and triggers hold everybody but a superuser. Argument: disclosure.proof.md, "The ledger of releases".
 */
export function findBroken(chain: readonly ChainedEntry[], found: ReadonlyMap<string, FoundContent>, head?: string): BrokenEntry | undefined {
  for (const [index, entry] of chain.entries()) {
    const broken = (reason: BrokenEntry['reason']): BrokenEntry => ({ number: index + 1, epochId: reason === 'MISSING' ? null : entry.epochId, reason });
    const fault = faultOfLink(entry, chain[index - 1], hashOf);
    if (fault) return broken(fault);
    const content = found.get(entry.epochId);
    if (content?.cellsDigest !== entry.cellsDigest || content.cellCount !== entry.cellCount) return broken('CELLS_CHANGED');
    if (content.intakeDigest !== entry.intakeDigest) return broken('INTAKE_CHANGED');
  }
  const entered = new Set(chain.map(({ epochId }) => epochId));
  const stray = [...found.keys()].find((epochId) => !entered.has(epochId));
  if (stray !== undefined) return { number: chain.length + 1, epochId: stray, reason: 'EPOCH_NOT_ENTERED' };
  if (head !== undefined && !chain.some(({ hash }) => hash === head)) return { number: chain.length + 1, epochId: null, reason: 'CUT_OFF' };
  return undefined;
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
