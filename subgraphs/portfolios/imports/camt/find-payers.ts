import type { EntityManager } from '@mikro-orm/postgresql';
import { sql, type RawBuilder } from 'kysely';
import { legalUnit, type Registration } from '../../../../src/values/registration.js';
import { PayerRegister, type StagedPayer } from './payer-register.js';

/** Rows of a cursor that are held at once. */
const BATCH = 10_000;

/** Goes once through the firm's customers for those that the payers of `import_fresh_credit` may be. */
export async function findPayers(em: EntityManager): Promise<PayerRegister> {
  const register = new PayerRegister();
  await eachRow<StagedPayer>(em, sql`
    select distinct said.value->>'name' as name, said.value->'units' as units from import_fresh_credit c cross join jsonb_array_elements(c.payers) as said (value)
  `, (payer) => register.expect(payer));
  if (register.isEmpty) return register;
  await eachRow<{ id: string; name: string; scheme: Registration['scheme'] | null; value: string | null }>(em, sql`
    select id, name, registration_scheme as scheme, registration_value as value from portfolios.customer
  `, ({ id, name, scheme, value }) => register.tell({ id, name, unit: scheme !== null && value !== null ? legalUnit({ scheme, value }) : null }));
  return register;
}

/** Reads through a cursor what `query` selects. */
async function eachRow<Row>(em: EntityManager, query: RawBuilder<unknown>, take: (row: Row) => void): Promise<void> {
  const db = em.getKysely<unknown>();
  await sql`declare payer_row no scroll cursor for ${query}`.execute(db);
  for (;;) {
    const { rows } = await sql<Row>`fetch ${sql.lit(BATCH)} from payer_row`.execute(db);
    rows.forEach(take);
    if (rows.length < BATCH) break;
  }
  await sql`close payer_row`.execute(db);
}
