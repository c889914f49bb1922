import { defineEntity, p, type InferEntity } from '@mikro-orm/postgresql';
import { ownFirm } from '../../../src/database/own-firm.js';
import type { RegistrationScheme } from '../../../src/values/registration.js';

/** Somebody the firm invoices, known by the firm's own reference. */
export const CustomerTable = defineEntity({
  name: 'Customer',
  tableName: 'customer',
  schema: 'portfolios',
  properties: {
    id: p.uuid().primary().defaultRaw('uuidv7()'),
    firmId: p.uuid().defaultRaw(`current_setting('app.firm_id')::uuid`),
    reference: p.text(),
    name: p.text(),
    country: p.text().nullable(),
    /** NACE Rev. 2. */
    sector: p.text().nullable(),
    registrationScheme: p.text().$type<RegistrationScheme>().nullable(),
    registrationValue: p.text().nullable(),
    /** A sole trader: never matched with another firm's customer. */
    naturalPerson: p.boolean().default(false),
    termsDays: p.integer().nullable(),
    termsEndOfMonth: p.text().nullable(),
    termsFixedDay: p.integer().nullable(),
    creditLimitMinor: p.bigint('bigint').nullable(),
    creditLimitCurrency: p.text().nullable(),
  },
  uniques: [{ properties: ['firmId', 'reference'] }],
  rowLevelSecurity: 'force',
  policies: [ownFirm],
});
export type CustomerRow = InferEntity<typeof CustomerTable>;
