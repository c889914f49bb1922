import type { EntityManager } from '@mikro-orm/postgresql';
import { sql } from 'kysely';
import type { ChainedEntry, FoundContent } from './release.js';

/** The ledger of releases, the first entry first, and every epoch, entered or not, as of one instant. */
export interface Ledger {
  readonly chain: readonly ChainedEntry[];
  readonly epochIds: readonly string[];
}

export async function readLedger(em: EntityManager): Promise<Ledger> {
  const { rows } = await sql<ChainedEntry & { readonly publishedEpochId: string | null }>`
    select epoch.id as "publishedEpochId", release.number, release.epoch_id as "epochId", epoch.family,
      epoch.period_start::text as "periodStart", epoch.period_end::text as "periodEnd", epoch.published_on::text as "publishedOn",
      release.policy_version as "policyVersion", release.policy_digest as "policyDigest",
      release.cell_count as "cellCount", release.cells_digest as "cellsDigest", release.intake_digest as "intakeDigest",
      release.previous_hash as "previousHash", release.hash
    from community.release full join community.epoch on epoch.id = release.epoch_id
    order by release.number, epoch.closed_at, epoch.id
  `.execute(em.getKysely<unknown>());
  return {
    chain: rows.filter(({ number }) => number !== null).map(({ publishedEpochId: _published, ...entry }) => entry),
    epochIds: rows.flatMap(({ publishedEpochId }) => publishedEpochId ?? []),
  };
}

/**
 * The digests of what an epoch published and took, as the rows lie there now. What is hashed is PostgreSQL's binary form of each row's columns as arrays, which says
 * where each begins and which are null; first each row for itself, then their hashes in the order of the keys' bytes.
 */
export async function readContent(em: EntityManager, epochId: string): Promise<FoundContent> {
  const { rows } = await sql<{ digest: string }>`
    select encode(sha256(coalesce(string_agg(sha256(
      array_send(array[subject, metric]) || int4send(panel_size) || array_send(firm_ids) || array_send(figures) || array_send(inputs)
      -- Rows from before there were shifted edges keep their hashes.
      || case when shifted_by > 0 then float8send(shifted_by) else ''::bytea end
      ), '' order by subject collate "C", metric collate "C"), '')), 'hex') as digest
    from community.intake where epoch_id = ${epochId}
  `.execute(em.getKysely<unknown>());
  return { ...(await readPublished(em, epochId)), intakeDigest: rows[0]!.digest };
}

/** The same of what it published alone. */
export async function readPublished(em: EntityManager, epochId: string): Promise<Omit<FoundContent, 'intakeDigest'>> {
  const { rows } = await sql<Omit<FoundContent, 'intakeDigest'>>`
    select count(*)::int as "cellCount", encode(sha256(coalesce(string_agg(sha256(
      array_send(array[subject, metric, tier, direction])
      || array_send(array[band_from, band_to, value, rounded_to, lower_quartile, upper_quartile])
      || int4send(policy_version)), '' order by subject collate "C", metric collate "C"), '')), 'hex') as "cellsDigest"
    from community.cell where epoch_id = ${epochId}
  `.execute(em.getKysely<unknown>());
  return rows[0]!;
}
