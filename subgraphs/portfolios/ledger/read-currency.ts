import { sql } from 'kysely';
import type { Request } from '../../../src/server/request.js';
import { DEFAULT_CURRENCY } from '../figures/read-portfolio-figures.js';

/** The currency meant when none is named: the only one of the ledger, else the one of most invoices, EUR when it is empty. */
export async function readDefaultCurrency(request: Request): Promise<string> {
  const { rows } = await request.read((em) => sql<{ currency: string }>`select ${DEFAULT_CURRENCY} as currency`.execute(em.getKysely<unknown>()));
  return rows[0]!.currency;
}
