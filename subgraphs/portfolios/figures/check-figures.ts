import { sql } from 'kysely';
import type { FirmDatabase } from '../../../src/database/room-database.js';
import type { Job } from '../../../src/server/subgraph.js';
import { lockFigures } from './compact-figures.js';
import { FIGURE_TABLES, type FigureTable } from './figure-tables.js';

/** How often the figures of a firm are counted anew, in hours. */
const CHECK_HOURS = 24;

/** A key whose figures were not what the ledger's rows make them; the sums are what was missing. */
export interface FigureDifference {
  readonly table: string;
  readonly row: Readonly<Record<string, unknown>>;
}

/**
 * Counts a firm's figures anew from the rows of its ledger, appends what they lack and returns it: nothing, unless somebody
 * wrote past the triggers or against their rules. The ledger may be written meanwhile: all is compared in one statement,
 * which sees both sides as of one moment.
 */
export async function checkFigures(firm: FirmDatabase, firmId: string): Promise<readonly FigureDifference[]> {
  return firm.transaction(async (em) => {
    await lockFigures(em, firmId);
    const db = em.getKysely<unknown>();
    // The whole ledger is grouped: in memory, and by hashing, though PostgreSQL expects few rows of what it knows little of.
    await sql`set local work_mem = '64MB'`.execute(db);
    await sql`set local enable_sort = off`.execute(db);
    const { rows } = await sql<FigureDifference>`
      with movement as materialized (
        select currency, day, due_date, sum(open_minor) as open_minor, sum(open_count) as open_count from portfolios.ledger_movement group by currency, day, due_date
      ), change as materialized (
        select * from portfolios.ledger_change
      ), ${sql.raw(FIGURE_TABLES.map(mending).join(', '))}
      ${sql.raw(FIGURE_TABLES.map(({ name }) => `select '${name}' as "table", to_jsonb(mended) as "row" from ${name}_mended mended`).join(' union all '))}
    `.execute(db);
    return rows;
  });
}

/** As a part of a statement: appends to a table what it lacks, and returns it as texts. */
function mending({ name, keys, sums, source }: FigureTable): string {
  const columns = [...keys, ...sums].join(', ');
  return `${name}_mended as (
    insert into portfolios.${name} as kept (${columns})
    select ${[...keys, ...sums.map((column) => `sum(${column}) as ${column}`)].join(', ')}
    from (
      select ${columns} from (${source}) counted
      union all
      select ${[...keys, ...sums.map((column) => `-${column}`)].join(', ')} from portfolios.${name}
    ) difference ${keys.length === 0 ? '' : `group by ${keys.join(', ')}`}
    having ${sums.map((column) => `sum(${column}) <> 0`).join(' or ')}
    returning ${[...keys, ...sums].map((column) => `kept.${column}::text as ${column}`).join(', ')}
  )`;
}

/** Checks the firm whose figures were not for the longest time, when a day has passed. What differs is logged and mended. */
export const checkDueFigures: Job = {
  name: 'check figures',
  everySeconds: 60,
  async run(room) {
    const { rows } = await room.db.asSystem().transaction((em) =>
      sql<{ firmId: string }>`
        select firm_id as "firmId" from portfolios.figure_check where checked_at < clock_timestamp() - make_interval(hours => ${CHECK_HOURS}) order by checked_at limit 1
      `.execute(em.getKysely<unknown>()),
    );
    for (const { firmId } of rows) {
      const firm = room.db.forFirm(firmId);
      const differences = await checkFigures(firm, firmId);
      if (differences.length > 0) room.log.error({ firmId, differences: differences.slice(0, 20), count: differences.length }, 'figures were not what the ledger makes them; they are mended');
      await firm.transaction((em) => sql`update portfolios.figure_check set checked_at = clock_timestamp()`.execute(em.getKysely<unknown>()));
    }
  },
};
