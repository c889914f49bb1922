import { sql } from 'kysely';
import type { EntityManager } from '@mikro-orm/postgresql';
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
 * wrote past the triggers or against their rules. The ledger may be written meanwhile: a table is compared in one statement,
 * which sees both sides as of one moment.
 */
export async function checkFigures(firm: FirmDatabase, firmId: string): Promise<readonly FigureDifference[]> {
  return firm.transaction(async (em) => {
    await lockFigures(em, firmId);
    const found: FigureDifference[] = [];
    for (const table of FIGURE_TABLES) found.push(...(await mendTable(em, table)));
    return found;
  });
}

async function mendTable(em: EntityManager, { name, keys, sums, source }: FigureTable): Promise<readonly FigureDifference[]> {
  const columns = [...keys, ...sums].join(', ');
  const groups = keys.length === 0 ? '' : `group by ${keys.join(', ')}`;
  const { rows } = await sql<Record<string, unknown>>`
    insert into ${sql.raw(`portfolios.${name}`)} as kept (${sql.raw(columns)})
    select ${sql.raw([...keys, ...sums.map((column) => `sum(${column}) as ${column}`)].join(', '))}
    from (
      select ${sql.raw(columns)} from (${sql.raw(source)}) counted
      union all
      select ${sql.raw([...keys, ...sums.map((column) => `-${column}`)].join(', '))} from ${sql.raw(`portfolios.${name}`)}
    ) difference ${sql.raw(groups)}
    having ${sql.raw(sums.map((column) => `sum(${column}) <> 0`).join(' or '))}
    returning ${sql.raw([...keys.map((key) => `kept.${key}::text as ${key}`), ...sums.map((column) => `kept.${column}::text as ${column}`)].join(', '))}
  `.execute(em.getKysely<unknown>());
  return rows.map((row) => ({ table: name, row }));
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
