import { sql } from 'kysely';
import type { Reader } from '../../../src/database/firm-reads.js';
import type { Metric } from '../../../src/values/metric.js';
import { POLICY } from '../benchmark/policy.js';
import { holdsFigure } from './contribution.table.js';

export const ADMISSION_STEPS = ['FIRM_VERIFIED', 'TENURE', 'EVIDENCE'] as const;
export type AdmissionStep = (typeof ADMISSION_STEPS)[number];

export interface Standing {
  readonly member: boolean;
  readonly sharing: readonly Metric[];
  readonly joinedAt: Date | string | null;
  readonly missing: readonly AdmissionStep[];
}

interface StandingRow {
  readonly verified: boolean;
  readonly joined_at: Date | string | null;
  readonly metrics: readonly Metric[];
  readonly tenured: boolean | null;
  readonly evidenced: boolean;
}

/** Where the asker's firm stands in the community on `today`: what it shares, and what is missing until that counts. */
export async function readStanding(em: Reader, today: Temporal.PlainDate): Promise<Standing> {
  const { rows } = await sql<StandingRow>`
    select verified, joined_at, metrics,
      (joined_at at time zone 'UTC')::date + ${POLICY.tenureDays}::int <= ${String(today)}::date as tenured,
      exists (
        select from community.contribution
        where contribution.firm_id = membership.firm_id and evidenced and ${holdsFigure('contribution')}
          and month = (select max(month) from community.contribution as latest where latest.firm_id = membership.firm_id)
      ) as evidenced
    from community.membership
  `.execute(em.getKysely<unknown>());
  const row = rows[0];
  const member = row?.joined_at != null;
  const reached: Readonly<Record<AdmissionStep, boolean>> = {
    FIRM_VERIFIED: row?.verified === true,
    TENURE: row?.tenured === true,
    EVIDENCE: row?.evidenced === true,
  };
  return {
    member,
    sharing: row?.metrics ?? [],
    joinedAt: row?.joined_at ?? null,
    missing: ADMISSION_STEPS.filter((step) => !reached[step]),
  };
}
