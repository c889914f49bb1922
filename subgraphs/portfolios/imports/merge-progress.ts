import type { EntityManager } from '@mikro-orm/postgresql';
import { sql, type RawBuilder } from 'kysely';
import { MERGE_STEPS, weighMerge, type MergeStep, type MergeWork } from './merge-weight.js';
import type { StagedImport } from './plan-import.js';

/** A merge of fewer rows is over before anybody looks. */
const FEWEST_ROWS = 1_000;

/** Hundredths are shown, and the last one only when all of it is committed. */
const MOST_SHOWN = 99;

/** The part of a long statement during which it goes through its rows; what its triggers do with all of them follows. */
const STREAMED = 0.8;

/** The space of the locks that show how far the merge of a job is; its name is told by a column or a value. */
function lockSpace(jobId: RawBuilder<unknown>): RawBuilder<number> {
  return sql`hashtext('merge ' || ${jobId}::text)`;
}

/**
 * Shows how far a merge is while nothing of it can be seen: for each hundredth of the work it takes an advisory lock of its own,
 * shared, so that nobody ever waits for one. Every process sees who holds which lock, they go with the transaction however it
 * ends, and a statement can take them while it runs. How long the steps take is known from `weighMerge`.
 */
export class MergeProgress {
  readonly #em: EntityManager;
  readonly #job: StagedImport;
  #weights: Readonly<Record<MergeStep, number>>;
  #reached = 0;

  constructor(em: EntityManager, job: StagedImport) {
    this.#em = em;
    this.#job = job;
    this.#weights = weighMerge({ ...job, rows: job.rowsAccepted, fresh: job.format === 'CAMT053' ? 0 : job.rowsAccepted, changed: 0 });
  }

  /** What there is to do once it is known. */
  know(work: Pick<MergeWork, 'fresh' | 'changed'>): void {
    this.#weights = weighMerge({ ...this.#job, rows: this.#job.rowsAccepted, ...work });
  }

  /** A step is done, and all before it, or a share of it is. */
  async reach(step: MergeStep, share = 1): Promise<void> {
    const percent = this.#percentAt(step, share);
    if (!this.#isShown() || percent <= this.#reached) return;
    await sql`select count(${this.#take(sql`percent`)}) from generate_series(${this.#reached + 1}::int, ${percent}::int) as percent`.execute(this.#em.getKysely<unknown>());
    this.#reached = percent;
  }

  /**
   * A condition that always holds, for the long statement of a step: it shows how far the statement is as its rows pass, told
   * by their lines. `last` is a column of what is joined last, so that it is not asked of rows before they are joined.
   */
  passing(step: MergeStep, line: RawBuilder<unknown>, last: RawBuilder<unknown>): RawBuilder<boolean> {
    const from = this.#percentAt(step, 0);
    const count = this.#percentAt(step, STREAMED) - from;
    if (!this.#isShown() || count <= 0) return sql`true`;
    const every = Math.max(1, Math.floor(this.#job.rowsAccepted / count));
    return sql`case when ${line} % ${sql.lit(every)} = 0 and ${last} is not null then ${this.#take(sql`${sql.lit(from + 1)} + (${line} / ${sql.lit(every)}) % ${sql.lit(count)}`)} is not null else true end`;
  }

  #isShown(): boolean {
    return this.#job.rowsAccepted >= FEWEST_ROWS;
  }

  #take(percent: RawBuilder<unknown>): RawBuilder<boolean> {
    return sql`pg_try_advisory_xact_lock_shared(${lockSpace(sql.lit(this.#job.id))}, ${percent})`;
  }

  #percentAt(step: MergeStep, share: number): number {
    const total = MERGE_STEPS.reduce((sum, each) => sum + this.#weights[each], 0);
    const before = MERGE_STEPS.slice(0, MERGE_STEPS.indexOf(step)).reduce((sum, each) => sum + this.#weights[each], 0);
    return total === 0 ? 0 : Math.min(MOST_SHOWN, Math.floor((100 * (before + share * this.#weights[step])) / total));
  }
}

/** How far the merge of a job is, from 0 to 1, as every process sees it: a number for a query that has the job's id as `jobId`. */
export function mergeProgressOf(jobId: RawBuilder<unknown>): RawBuilder<number> {
  return sql`(
    select count(distinct held.objid)::float8 / 100 from pg_locks held
    where held.locktype = 'advisory' and held.objsubid = 2 and held.classid = ${lockSpace(jobId)}::oid and held.database = (select oid from pg_database where datname = current_database())
  )`;
}
