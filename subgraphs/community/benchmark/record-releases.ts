import type { EntityManager } from '@mikro-orm/postgresql';
import { sql } from 'kysely';
import type { DisclosurePolicy } from './policy.js';
import { digestOf, digestOfIntakes, hashOf, type HashedIntake, type LedgerEntry } from './release.js';
import { readContent, readLedger, readPublished } from './read-releases.js';

type Unentered = Pick<LedgerEntry, 'epochId' | 'family' | 'periodStart' | 'periodEnd' | 'publishedOn' | 'policyVersion'>;

/**
 * Enters every epoch that is not in the ledger of releases yet, in the order in which they closed: the one that closes now
 * in its own transaction, and first those from before there was a ledger, as they stand. The caller holds the lock of closing.
 *
 * `closing`: the epoch that closes now, and the hashes of the rows that were just written of it. To read back what it took
 * would cost as much as to write it.
 */
export async function recordReleases(em: EntityManager, policy: DisclosurePolicy, closing: { readonly epochId: string; readonly taken: readonly HashedIntake[] }): Promise<void> {
  const db = em.getKysely<unknown>();
  const { rows: epochs } = await sql<Unentered>`
    select id as "epochId", family, period_start::text as "periodStart", period_end::text as "periodEnd", published_on::text as "publishedOn", policy_version as "policyVersion"
    from community.epoch where not exists (select from community.release where release.epoch_id = epoch.id)
    order by closed_at, id
  `.execute(db);
  const last = (await readLedger(em)).chain.at(-1);
  let [number, previousHash] = [last?.number ?? 0, last?.hash ?? null];
  for (const epoch of epochs) {
    number += 1;
    const { cellCount, cellsDigest, intakeDigest } =
      epoch.epochId === closing.epochId ? { ...(await readPublished(em, epoch.epochId)), intakeDigest: digestOfIntakes(closing.taken) } : await readContent(em, epoch.epochId);
    const release: LedgerEntry = { ...epoch, number, policyDigest: digestOf(epoch.policyVersion === policy.version ? policy : null), cellCount, cellsDigest, intakeDigest, previousHash };
    const hash = hashOf(release);
    await sql`
      insert into community.release (epoch_id, number, policy_version, policy_digest, cell_count, cells_digest, intake_digest, previous_hash, hash)
      values (${release.epochId}, ${number}, ${release.policyVersion}, ${release.policyDigest}, ${cellCount}, ${cellsDigest}, ${intakeDigest}, ${previousHash}, ${hash})
    `.execute(db);
    previousHash = hash;
  }
}
