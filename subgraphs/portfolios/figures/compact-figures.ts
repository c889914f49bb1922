import type { EntityManager } from '@mikro-orm/postgresql';
import { sql } from 'kysely';
import type { FirmDatabase } from '../../../src/database/room-database.js';
import type { Job } from '../../../src/server/subgraph.js';
import { FIGURE_TABLES, type FigureTable } from './figure-tables.js';

/** Fewer fresh rows than this cost a reader less than it costs to compact them. */
const LEAST_ROWS = 100;

/** Makes one row of all rows of a key, where some are fresh; what adds up to nothing goes. No figure changes. */
export async function compactFigures(firm: FirmDatabase, firmId: string): Promise<void> {
  await firm.transaction(async (em) => {
    await lockFigures(em, firmId);
    for (const table of FIGURE_TABLES) await compactTable(em, table);
    await sql`insert into portfolios.figure_check default values on conflict (firm_id) do nothing`.execute(em.getKysely<unknown>());
  });
}

/** One at a time of a firm rewrites or mends its figures. Whoever changes the ledger only appends, and does not wait. */
export async function lockFigures(em: EntityManager, firmId: string): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`portfolios.figures ${firmId}`}, 0))`.execute(em.getKysely<unknown>());
}

async function compactTable(em: EntityManager, { name, keys, sums }: FigureTable): Promise<void> {
  const table = sql.raw(`portfolios.${name}`);
  const columns = sql.raw([...keys, ...sums].join(', '));
  const same = keys.map((key) => ` and kept.${key} = touched.${key}`).join('');
  const groups = sql.raw(keys.length === 0 ? '' : `group by ${keys.join(', ')}`);
  await sql`
    with appended as (
      delete from ${table} where fresh returning ${columns}
    ), touched as (
      select ${sql.raw(keys.length === 0 ? '1' : keys.join(', '))} from appended ${groups}
    ), replaced as (
      delete from ${table} kept using touched where not kept.fresh ${sql.raw(same)} returning ${sql.raw([...keys, ...sums].map((column) => `kept.${column}`).join(', '))}
    )
    insert into ${table} (${columns}, fresh)
    select ${sql.raw([...keys, ...sums.map((column) => `sum(${column})`)].join(', '))}, false from (select * from appended union all select * from replaced) rows ${groups}
    having ${sql.raw(sums.map((column) => `sum(${column}) <> 0`).join(' or '))}
  `.execute(em.getKysely<unknown>());
}

/** Keeps what readers add up short, firm by firm. */
export const compactDueFigures: Job = {
  name: 'compact figures',
  everySeconds: 2,
  async run(room) {
    const fresh = sql.join(FIGURE_TABLES.map(({ name }) => sql`select firm_id from ${sql.raw(`portfolios.${name}`)} where fresh`), sql` union all `);
    const { rows } = await room.db.asSystem().transaction((em) =>
      sql<{ firmId: string }>`select firm_id as "firmId" from (${fresh}) appended group by firm_id having count(*) >= ${LEAST_ROWS}`.execute(em.getKysely<unknown>()),
    );
    for (const { firmId } of rows) await compactFigures(room.db.forFirm(firmId), firmId);
  },
};
