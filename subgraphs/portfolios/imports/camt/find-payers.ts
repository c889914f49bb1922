import type { EntityManager } from '@mikro-orm/postgresql';
import { sql } from 'kysely';
import { legalUnit, type Registration } from '../../../../src/values/registration.js';
import { payerNameKey } from './payer-name.js';

/** The customer that a bank's words mean, the likeliest payer first; null when none or more than one does. */
export type FindPayer = (payers: readonly { readonly name: string | null; readonly units: readonly string[] }[]) => string | null;

/** Customers are gone through so many at a time: only those that a statement could mean are kept. */
const BATCH = 10_000;

/**
 * Finds the firm's customers that the payers of `import_fresh_credit` may be: by registration, else by a name that is the
 * same without case, accents and legal form. Who shares either with another customer is not found by it.
 */
export async function findPayers(em: EntityManager): Promise<FindPayer> {
  const db = em.getKysely<unknown>();
  const byUnit = new Map<string, string | null>();
  const byName = new Map<string, string | null>();
  /** Reads through a cursor what `query` selects. */
  const eachRow = async <Row>(query: ReturnType<typeof sql>, take: (row: Row) => void): Promise<void> => {
    await sql`declare payer_row no scroll cursor for ${query}`.execute(db);
    for (;;) {
      const { rows } = await sql<Row>`fetch ${sql.lit(BATCH)} from payer_row`.execute(db);
      rows.forEach(take);
      if (rows.length < BATCH) break;
    }
    await sql`close payer_row`.execute(db);
  };
  await eachRow<{ name: string | null; units: readonly string[] }>(sql`
    select distinct said.value->>'name' as name, said.value->'units' as units from import_fresh_credit c cross join jsonb_array_elements(c.payers) as said (value)
  `, ({ name, units }) => {
    for (const unit of units) byUnit.set(unit, null);
    const key = name === null ? '' : payerNameKey(name);
    if (key !== '') byName.set(key, null);
  });
  if (byUnit.size === 0 && byName.size === 0) return () => null;
  const shared = new Set<string>();
  const note = (known: Map<string, string | null>, key: string, id: string): void => {
    if (!known.has(key)) return;
    if (known.get(key) !== null) shared.add(`${known === byUnit ? 'unit' : 'name'}:${key}`);
    known.set(key, id);
  };
  await eachRow<{ id: string; name: string; scheme: Registration['scheme'] | null; value: string | null }>(sql`
    select id, name, registration_scheme as scheme, registration_value as value from portfolios.customer
  `, ({ id, name, scheme, value }) => {
    if (scheme !== null && value !== null) note(byUnit, legalUnit({ scheme, value }), id);
    note(byName, payerNameKey(name), id);
  });
  for (const key of shared) (key.startsWith('unit:') ? byUnit : byName).set(key.slice(5), null);
  return (payers) => {
    for (const { units } of payers) for (const unit of units) if (byUnit.get(unit)) return byUnit.get(unit)!;
    for (const { name } of payers) {
      const id = name === null ? undefined : byName.get(payerNameKey(name));
      if (id) return id;
    }
    return null;
  };
}
