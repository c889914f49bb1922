/** An entry of a chain of hashes. Entries count from 1 without gaps; each names the hash of the one before. */
export interface ChainLink {
  readonly number: number;
  /** Null: the first. */
  readonly previousHash: string | null;
  readonly hash: string;
}

export type LinkFault = 'MISSING' | 'CHAIN_BROKEN' | 'ENTRY_CHANGED';

/**
 * Why an entry does not stand behind the one `before`; `undefined` when it does. `hashOf` is over all that an entry says,
 * the hash of the one before included.
 *
 * Claim: in a chain that is walked from its first entry, whatever was changed, taken out, put in or exchanged is found at the
 * first entry concerned, but for a tail cut off whole: that shows by a last hash that was kept elsewhere.
 * Why: to change an entry and keep the next one's word is to find another text with the same SHA-256.
 */
export function faultOfLink<Link extends ChainLink>(link: Link, before: ChainLink | undefined, hashOf: (link: Link) => string): LinkFault | undefined {
  if (link.number !== (before?.number ?? 0) + 1) return 'MISSING';
  if (link.previousHash !== (before?.hash ?? null)) return 'CHAIN_BROKEN';
  return hashOf(link) === link.hash ? undefined : 'ENTRY_CHANGED';
}
