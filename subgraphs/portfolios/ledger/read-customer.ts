import { sql } from 'kysely';
import type { BatchRead, Request } from '../../../src/server/request.js';
import { isUuid } from '../../../src/values/opaque-id.js';
import { legalUnit, type Registration, type RegistrationScheme } from '../../../src/values/registration.js';
import type { EndOfMonth } from '../terms/due-date.js';

/** A customer as the database gives it. */
export interface CustomerRecord {
  readonly id: string;
  readonly reference: string;
  readonly name: string;
  readonly country: string | null;
  readonly sector: string | null;
  readonly registrationScheme: RegistrationScheme | null;
  readonly registrationValue: string | null;
  readonly soleTrader: boolean;
  readonly termsDays: number | null;
  readonly termsEndOfMonth: EndOfMonth | null;
  readonly termsFixedDay: number | null;
  readonly creditLimitMinor: string | null;
  readonly creditLimitCurrency: string | null;
}

/** The columns of a `CustomerRecord`, of a customer `c`. */
export const customerColumns = sql`
  c.id, c.reference, c.name, c.country, c.sector, c.registration_scheme as "registrationScheme", c.registration_value as "registrationValue", c.sole_trader as "soleTrader",
  c.terms_days as "termsDays", c.terms_end_of_month as "termsEndOfMonth", c.terms_fixed_day as "termsFixedDay",
  c.credit_limit_minor::text as "creditLimitMinor", c.credit_limit_currency as "creditLimitCurrency"
`;

/** Customers by id; what is malformed, unknown or another firm's is null. */
export const readCustomers: BatchRead<string, CustomerRecord> = async (request, ids) => {
  const known = ids.filter(isUuid);
  if (known.length === 0) return ids.map(() => null);
  const { rows } = await request.read((em) =>
    sql<CustomerRecord>`select ${customerColumns} from portfolios.customer c where c.id = any(${known}::uuid[])`.execute(em.getKysely<unknown>()),
  );
  const byId = new Map(rows.map((row) => [row.id, row]));
  return ids.map((id) => byId.get(id) ?? null);
};

/** The customer with this reference of the firm's own. */
export async function readCustomerByReference(request: Request, reference: string): Promise<CustomerRecord | null> {
  const { rows } = await request.read((em) =>
    sql<CustomerRecord>`select ${customerColumns} from portfolios.customer c where c.reference = ${reference}`.execute(em.getKysely<unknown>()),
  );
  return rows[0] ?? null;
}

/**
 * The customer with this registration, else of the same legal unit: a SIRET or a French VAT number finds who is kept by its
 * SIREN, and the other way round. When the firm keeps several accounts for it, the one it opened first.
 */
export async function readCustomerByRegistration(request: Request, registration: Registration): Promise<CustomerRecord | null> {
  const { scheme, value } = registration;
  const { rows } = await request.read((em) =>
    sql<CustomerRecord>`
      select ${customerColumns} from portfolios.customer c where c.legal_unit = ${legalUnit(registration)}
      order by c.registration_scheme = ${scheme} and c.registration_value = ${value} desc, c.id limit 1
    `.execute(em.getKysely<unknown>()),
  );
  return rows[0] ?? null;
}
