import type { EntityManager } from '@mikro-orm/postgresql';
import { sql } from 'kysely';
import type { Metric } from '../../../src/values/metric.js';
import { monthOf } from '../../../src/values/day.js';
import type { Admitted, EarlierInput } from './decide-cell.js';
import type { Epoch } from './epoch.js';
import { metricsOf, type DisclosurePolicy } from './policy.js';

type OfCell<Known> = Known & { readonly subject: string; readonly metric: Metric };

export interface ToldFigure {
  readonly subject: string;
  readonly metric: Metric;
  readonly firmId: string;
  readonly figure: number;
}

export interface PanelRow {
  readonly subject: string;
  readonly metric: Metric;
  readonly quarter: string;
  readonly members: readonly string[];
  readonly withheld: boolean;
}

/** The next customers, by blind key, of which somebody told a figure for the epoch. Read by keys, so that memory stays flat. */
export async function readSubjects(em: EntityManager, epoch: Epoch, after: string, count: number): Promise<readonly string[]> {
  const { rows } = await sql<{ subject: string }>`
    select distinct subject from community.contribution
    where month = ${monthOf(epoch.periodEnd)} and subject > ${after} and metric = any(${[...metricsOf(epoch.family)]}::text[])
    order by subject limit ${count}
  `.execute(em.getKysely<unknown>());
  return rows.map(({ subject }) => subject);
}

/**
 * Who counts, on the day of publication: verified, a member long enough, and not keeping the customer out. Their
 * memberships stay locked until the epoch is out, so whoever leaves is either not in it or leaves after it.
 */
export async function readAdmitted(em: EntityManager, epoch: Epoch, subjects: readonly string[], policy: DisclosurePolicy): Promise<readonly (Admitted & { readonly subject: string })[]> {
  const { rows } = await sql<Admitted & { readonly subject: string }>`
    select key.subject, membership.firm_id as "firmId", membership.metrics, (membership.joined_at at time zone 'UTC')::date::text as "joinedOn"
    from community.customer_key as key join community.membership on membership.firm_id = key.firm_id
    where key.subject = any(${[...subjects]}::text[]) and membership.verified and membership.joined_at is not null
      and (membership.joined_at at time zone 'UTC')::date + ${policy.tenureDays}::int <= ${String(epoch.publishedOn)}::date
      and not exists (
        select from community.sharing_exclusion as kept_out
        join community.customer_key as other on other.firm_id = kept_out.firm_id and other.customer_id = kept_out.customer_id
        where kept_out.firm_id = key.firm_id and other.subject = key.subject
      )
    order by membership.firm_id
    for share of membership
  `.execute(em.getKysely<unknown>());
  return rows;
}

/** The evidenced figures of the epoch's window. */
export async function readFigures(em: EntityManager, epoch: Epoch, subjects: readonly string[]): Promise<readonly ToldFigure[]> {
  const { rows } = await sql<ToldFigure>`
    select subject, metric, firm_id as "firmId", figure from community.contribution
    where subject = any(${[...subjects]}::text[]) and month = ${monthOf(epoch.periodEnd)} and metric = any(${[...metricsOf(epoch.family)]}::text[])
      and evidenced and figure is not null
  `.execute(em.getKysely<unknown>());
  return rows;
}

/** The last panel of each cell up to `quarter`. */
export async function readPanels(em: EntityManager, epoch: Epoch, subjects: readonly string[], quarter: string): Promise<readonly PanelRow[]> {
  const { rows } = await sql<PanelRow>`
    select distinct on (subject, metric) subject, metric, quarter, members, withheld from community.panel
    where subject = any(${[...subjects]}::text[]) and metric = any(${[...metricsOf(epoch.family)]}::text[]) and quarter <= ${quarter}
    order by subject, metric, quarter desc
  `.execute(em.getKysely<unknown>());
  return rows;
}

/** What earlier epochs took, as far back as a figure may stand in or a direction looks; the latest last. */
export async function readEarlierInputs(em: EntityManager, epoch: Epoch, subjects: readonly string[], policy: DisclosurePolicy): Promise<readonly OfCell<EarlierInput>[]> {
  const from = epoch.periodEnd.with({ day: 1 }).subtract({ months: Math.max(policy.carryMonths, policy.direction.months) });
  const { rows } = await sql<OfCell<EarlierInput>>`
    select taken.subject, taken.metric, taken.firm_id as "firmId", taken.input, to_char(epoch.period_end, 'YYYY-MM') as month, taken.figure is not null as told
    from community.cell_input as taken join community.epoch on epoch.id = taken.epoch_id
    where taken.subject = any(${[...subjects]}::text[]) and taken.metric = any(${[...metricsOf(epoch.family)]}::text[])
      and epoch.family = ${epoch.family} and epoch.period_end >= ${String(from)}::date and epoch.period_end < ${String(epoch.periodEnd)}::date
    order by epoch.period_end
  `.execute(em.getKysely<unknown>());
  return rows;
}
