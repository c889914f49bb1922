import { LockMode } from '@mikro-orm/postgresql';
import { sql } from 'kysely';
import type { FirmDatabase } from '../../../src/database/room-database.js';
import { invariant } from '../../../src/errors.js';
import type { Registration } from '../../../src/values/registration.js';
import type { PaymentTerms } from '../terms/due-date.js';
import { CustomerTable } from './customer.table.js';
import { demandLabel } from './demand-label.js';
import { tellCustomerChange } from './tell-customer-change.js';
import { markContributionsDue } from './tell-ledger-change.js';

/** What is known of a customer: a field left out stays as it is, null takes it away. */
export interface CustomerFacts {
  readonly reference: string;
  readonly name: string;
  readonly country?: string | null;
  /** NACE Rev. 2. */
  readonly sector?: string | null;
  readonly registration?: Registration | null;
  readonly naturalPerson?: boolean | null;
  readonly terms?: PaymentTerms | null;
}

/** Takes a customer by the firm's own reference, new or known, and returns its id. The same again changes nothing. */
export async function upsertCustomer(firm: FirmDatabase, firmId: string, facts: CustomerFacts, today: Temporal.PlainDate): Promise<string> {
  const reference = demandLabel(facts.reference, ['input', 'reference']);
  const name = demandLabel(facts.name, ['input', 'name']);
  return firm.transaction(async (em) => {
    // Two at once with a new reference: one inserts, the other waits for it here and then finds its row.
    const { rows: added } = await sql`insert into portfolios.customer (reference, name) values (${reference}, ${name}) on conflict (firm_id, reference) do nothing returning id`.execute(em.getKysely<unknown>());
    const customer = await em.findOne(CustomerTable, { reference }, { lockMode: LockMode.PESSIMISTIC_WRITE });
    invariant(customer, 'a customer just inserted is there');
    // Community hears of a new customer even without a registration: it knows whose customers are whose. A name may say that
    // a customer is a natural person.
    let renamed = added.length > 0 || customer.name !== name;
    customer.name = name;
    if (facts.naturalPerson !== undefined && customer.naturalPerson !== (facts.naturalPerson ?? false)) {
      customer.naturalPerson = facts.naturalPerson ?? false;
      renamed = true;
    }
    if (facts.country !== undefined) customer.country = facts.country;
    if (facts.sector !== undefined) customer.sector = facts.sector;
    if (facts.terms !== undefined) {
      customer.termsDays = facts.terms?.days ?? null;
      customer.termsEndOfMonth = facts.terms?.endOfMonth ?? null;
      customer.termsFixedDay = facts.terms?.fixedDay ?? null;
    }
    if (facts.registration !== undefined) {
      const scheme = facts.registration?.scheme ?? null;
      const value = facts.registration?.value ?? null;
      if (scheme !== (customer.registrationScheme ?? null) || value !== (customer.registrationValue ?? null)) {
        customer.registrationScheme = scheme;
        customer.registrationValue = value;
        renamed = true;
      }
    }
    if (renamed) await markContributionsDue(em, [customer.id]);
    await em.flush();
    await tellCustomerChange(em, firmId, today, customer.id);
    return customer.id;
  });
}
