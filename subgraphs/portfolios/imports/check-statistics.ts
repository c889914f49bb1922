import type { EntityManager } from '@mikro-orm/postgresql';
import { sql } from 'kysely';

/** What a row of a small file is looked up in. */
const LOOKED_UP = ['customer', 'invoice', 'application'] as const;

/** Who expects fewer rows than this of a firm takes any index of the firm's for as good as another; with more than these rows it shows. */
const FEW = 100;
const MANY = 1_000;

/**
 * Whether PostgreSQL expects about the ledger that the firm has. Its statistics tell of the firms that there were when they
 * were taken; of any other it expects a row, and each lookup may then read through all that the firm has.
 */
export async function isLedgerExpected(em: EntityManager): Promise<boolean> {
  const db = em.getKysely<unknown>();
  for (const name of LOOKED_UP) {
    const table = sql.table(`portfolios.${name}`);
    const { rows: plans } = await sql<{ 'QUERY PLAN': readonly [{ readonly Plan: { readonly 'Plan Rows': number } }] }>`explain (format json) select from ${table}`.execute(db);
    if (plans[0]!['QUERY PLAN'][0].Plan['Plan Rows'] >= FEW) continue;
    const { rows } = await sql<{ many: boolean }>`select exists (select from ${table} offset ${sql.lit(MANY)}) as many`.execute(db);
    if (rows[0]!.many) return false;
  }
  return true;
}
