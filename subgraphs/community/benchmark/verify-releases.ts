import type { Room } from '../../../src/server/room.js';
import { findBroken, type BrokenEntry, type FoundContent } from './release.js';
import { readContent, readLedger } from './read-releases.js';

export interface Verified {
  readonly entries: number;
  /** The hash of the last entry, for somebody outside to keep; null: there is none. */
  readonly head: string | null;
  /** The first entry that does not stand; null: all do. */
  readonly broken: BrokenEntry | null;
}

/**
 * Recomputes the ledger of releases from what was published and what it was made of, and names the first entry that does
 * not stand. `head`, kept from an earlier run, shows also that nothing was cut off since. Changes nothing.
 */
export async function verifyReleases(room: Room, head?: string): Promise<Verified> {
  return room.db.asSystem().transaction(async (em) => {
    const { chain, epochIds } = await readLedger(em);
    const found = new Map<string, FoundContent>();
    for (const epochId of epochIds) found.set(epochId, await readContent(em, epochId));
    return { entries: chain.length, head: chain.at(-1)?.hash ?? null, broken: findBroken(chain, found, head) ?? null };
  });
}
