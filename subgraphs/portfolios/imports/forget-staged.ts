import type { EntityManager } from '@mikro-orm/postgresql';
import { sql } from 'kysely';

/** What of a job lies in staging tables beside its invoices (`import_row`) and its warnings, which stay. */
const FORGOTTEN: readonly string[] = ['import_receipt', 'import_application', 'import_entry', 'import_entry_side', 'import_credit', 'import_statement'];

/** Takes away what is staged of a job beside its invoices, once it has ended or is given back. */
export async function forgetStaged(em: EntityManager, jobId: string): Promise<void> {
  const db = em.getKysely<unknown>();
  for (const table of FORGOTTEN) await sql`delete from ${sql.table(`portfolios.${table}`)} where job_id = ${jobId}`.execute(db);
}
