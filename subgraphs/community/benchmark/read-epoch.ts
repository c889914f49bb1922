import { sql } from 'kysely';
import type { Reader } from '../../../src/database/firm-reads.js';
import type { Family } from './policy.js';

/** A published epoch. Its days are ISO days. */
export interface EpochRow {
  readonly id: string;
  readonly family: Family;
  readonly periodStart: string;
  readonly periodEnd: string;
  readonly publishedOn: string;
}

/** Every epoch published by `today`, the latest first. */
export async function readEpochs(em: Reader, today: Temporal.PlainDate): Promise<readonly EpochRow[]> {
  const { rows } = await sql<EpochRow>`
    select id, family, period_start::text as "periodStart", period_end::text as "periodEnd", published_on::text as "publishedOn"
    from community.epoch where published_on <= ${String(today)}::date
    order by published_on desc, period_end desc
  `.execute(em.getKysely<unknown>());
  return rows;
}

/** The latest published epoch of the payment metrics; without one, of any. */
export async function readLatestEpoch(em: Reader, today: Temporal.PlainDate): Promise<EpochRow | undefined> {
  const epochs = await readEpochs(em, today);
  return epochs.find(({ family }) => family === 'PAYMENT') ?? epochs[0];
}
