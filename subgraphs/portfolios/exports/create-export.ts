import { sql } from 'kysely';
import type { FirmDatabase } from '../../../src/database/room-database.js';
import { ExportTable, type ExportContent, type ExportFilter, type ExportFormat } from './export.table.js';

/** Opens a download and returns its id. Those that expired go: nobody can use them any more. */
export async function createExport(firm: FirmDatabase, asked: { readonly content: ExportContent; readonly format: ExportFormat; readonly filter: ExportFilter }): Promise<string> {
  return firm.transaction(async (em) => {
    await sql`delete from portfolios.export where expires_at < clock_timestamp() - interval '24 hours'`.execute(em.getKysely<unknown>());
    const created = em.create(ExportTable, asked);
    await em.flush();
    return created.id;
  });
}
