import { z } from 'zod';
import type { RoomName } from '../rooms.js';
import { METRICS } from '../values/metric.js';
import { POSITIONS } from '../values/position.js';
import { REGISTRATION_SCHEMES } from '../values/registration.js';
import { TRENDS } from '../values/trend.js';

/**
 * Every event of the program: who tells it, who may read it, and all it can say. What a schema here has no field for
 * cannot reach its audience. Schemas are strict: an unknown key is refused when the event is recorded.
 */

const uuid = z.uuid();
const day = z.iso.date();
/** A calendar month, `2026-07`: the finest date that community may know. */
const month = z.string().regex(/^\d{4}-(0[1-9]|1[0-2])$/);
/** HMAC-SHA-256 of a legal unit: the same customer of two firms has the same one, and it says nothing else. */
const blindKey = z.string().regex(/^[0-9a-f]{64}$/);
/** A name made for one purpose that says nothing of what it names. */
const opaque = z.string().regex(/^[A-Za-z0-9_-]{22}$/);
/** A count that grows whenever the fact is told anew: a reader keeps the highest, so order does not matter. */
const revision = z.int().nonnegative();
/** While the matching key is exchanged: the blind key under the one before. */
const former = blindKey.optional();
/** How often the matching key had been exchanged when a key was made; never, when left out. */
const exchange = revision.optional();
const minor = z.string().regex(/^-?\d+$/);
/** What a firm is shown of a customer: a band or a value, never both, with its own figure; nothing where it is shown nothing. */
const shown = z
  .strictObject({
    from: z.number().nullable(), to: z.number().nullable(), value: z.number().nullable(), roundedTo: z.number().nullable(),
    direction: z.enum(TRENDS).nullable(), own: z.number().nullable(), position: z.enum(POSITIONS).nullable(),
  })
  .nullable();

/** As many as one event holds: a large import is told in few of them, and a hundred bytes each stay far below what a carrier takes. */
export const INVOICES_PER_EVENT = 1000;
/** The same of customers, of whom more is told. */
export const CUSTOMERS_PER_EVENT = 500;
/** As many broken promises as are told of one customer, the newest: who broke more is no better known by them. */
export const BROKEN_PER_CUSTOMER = 50;

/** Whether all of these lists say something of the same things. One that is not told yet is left out. */
function ofOneLength(columns: Readonly<Record<string, readonly unknown[] | undefined>>): boolean {
  return new Set(Object.values(columns).flatMap((column) => (column ? [column.length] : []))).size <= 1;
}

interface EventDefinition<Schema extends z.ZodType> {
  readonly version: number;
  readonly from: RoomName;
  readonly to: readonly RoomName[];
  readonly about: string;
  readonly data: Schema;
}

function event<Schema extends z.ZodType>(definition: EventDefinition<Schema>): EventDefinition<Schema> {
  return definition;
}

export const CATALOGUE = {
  'firm.registered': event({
    version: 1,
    from: 'identity',
    to: ['portfolios'],
    about: 'The registration under which the firm signed up: portfolios tells by it whether an accounting file is the firm\'s own.',
    data: z.strictObject({ scheme: z.enum(REGISTRATION_SCHEMES), value: z.string().max(20) }),
  }),
  'firm.verified': event({
    version: 1,
    from: 'identity',
    to: ['community'],
    about: 'The registration of the firm was checked by a person or a register, or that was taken back.',
    data: z.strictObject({ verified: z.boolean(), revision }),
  }),
  'firm.grouped': event({
    version: 1,
    from: 'identity',
    to: ['community'],
    about: 'Which group of linked firms the firm belongs to, by a mark that says nothing of why; none when it stands alone. Of a group one firm counts.',
    data: z.strictObject({ group: opaque.nullable(), revision }),
  }),
  'account.marked': event({
    version: 1,
    from: 'portfolios',
    to: ['identity'],
    about: 'The firm sent a statement of a bank account: a keyed hash of its number, by which two firms with one account are found. Identity holds neither the number nor the key.',
    data: z.strictObject({ mark: blindKey }),
  }),
  'membership.changed': event({
    version: 1,
    from: 'community',
    to: ['portfolios'],
    about: 'The firm joined the community for these metrics, or left (no metric). Portfolios tells community nothing about a firm without a metric.',
    data: z.strictObject({ metrics: z.array(z.enum(METRICS)), revision }),
  }),
  'customer.keyed': event({
    version: 1,
    from: 'portfolios',
    to: ['community'],
    about: "Which blind key a customer id of the firm stands for; no key when the customer may not be matched. `seekableUntil` is the last month in which the firm's invoices still show that it trades with the customer.",
    data: z.strictObject({
      exchange,
      customers: z.array(z.strictObject({ customerId: uuid, subject: blindKey.nullable(), former, seekableUntil: month.nullable(), revision })).max(500),
    }),
  }),
  'customer.asked': event({
    version: 1,
    from: 'community',
    to: ['portfolios'],
    about: 'Somebody of the firm uses a customer id that community does not know, or not enough of: it may have been added just now.',
    data: z.strictObject({ questionId: uuid, customerId: uuid }),
  }),
  'customer.answered': event({
    version: 1,
    from: 'portfolios',
    to: ['community'],
    about: "Whether the firm has the customer that was asked about, by the revision of `customer.keyed` that was told last of it: 0 when nothing was, none when there is no such customer of the firm's.",
    data: z.strictObject({ questionId: uuid, revision: revision.nullable() }),
  }),
  'contribution.closed': event({
    version: 1,
    from: 'portfolios',
    to: ['community'],
    about: "The firm's own figures for some customers over the three months that end with `month`. A figure is in days, or a share; no figure where there is nothing to tell. `evidenced` when at least three invoices to that customer lie in the window.",
    data: z.strictObject({
      month,
      exchange,
      contributions: z
        .array(z.strictObject({ subject: blindKey, former, evidenced: z.boolean(), figures: z.partialRecord(z.enum(METRICS), z.number()), revision }))
        .max(500),
    }),
  }),
  'keys.paired': event({
    version: 1,
    from: 'portfolios',
    to: ['community'],
    about: 'The matching key was exchanged, for the how manieth time: which blind key takes the place of which. Both stand for the same customer until `keys.retired`.',
    data: z.strictObject({ exchange: revision, pairs: z.array(z.strictObject({ subject: blindKey, former: blindKey })).max(500) }),
  }),
  'keys.retired': event({
    version: 1,
    from: 'portfolios',
    to: ['community'],
    about: 'Every blind key in use has been told under the matching key of this exchange: community forgets those under earlier ones.',
    data: z.strictObject({ exchange: revision }),
  }),
  'invoices.changed': event({
    version: 1,
    from: 'portfolios',
    to: ['scoring'],
    about: "What scoring needs of the firm's own invoices, a list for each column: what stands at one place of every list is one invoice. An invoice that no longer counts (cancelled, or a credit note) has amount 0. `openMinor` is what nothing was applied to yet, `creditedMinor` the amount of a credit note that counts, 0 of an invoice; events told before there were such lists do not have them.",
    data: z
      .strictObject({
        invoiceIds: z.array(uuid).max(INVOICES_PER_EVENT), customerIds: z.array(uuid), currencies: z.array(z.string().length(3)), amountsMinor: z.array(minor),
        openMinor: z.array(minor).optional(), creditedMinor: z.array(minor).optional(), issueDates: z.array(day), dueDates: z.array(day), settledOn: z.array(day.nullable()), revisions: z.array(revision),
      })
      .refine(ofOneLength, 'the lists are of one length'),
  }),
  'customers.changed': event({
    version: 1,
    from: 'portfolios',
    to: ['scoring'],
    about: "What scoring needs of the firm's own customers beside their invoices, a list for each column: what stands at one place of every list is one customer. Without a limit its amount and currency are null; what orders reserve is in the limit's currency, 0 without one. `brokenOn`: the day on which each promise of the last 24 months was broken, the day after the promised one.",
    data: z
      .strictObject({
        customerIds: z.array(uuid).max(CUSTOMERS_PER_EVENT), countries: z.array(z.string().length(2).nullable()), sectors: z.array(z.string().max(5).nullable()),
        limitCurrencies: z.array(z.string().length(3).nullable()), limitsMinor: z.array(minor.nullable()), reservedMinor: z.array(minor), openDisputes: z.array(z.int().nonnegative()),
        brokenOn: z.array(z.array(day).max(BROKEN_PER_CUSTOMER)), revisions: z.array(revision),
      })
      .refine(ofOneLength, 'the lists are of one length'),
  }),
  'benchmarks.published': event({
    version: 1,
    from: 'community',
    to: ['scoring'],
    about: "What the firm is shown of its customers in the latest epoch of a metric and in the one before: what `Customer.benchmark` answers it, and nothing else. A customer of whom it is shown nothing in either is left out; told in parts when they are many, and at least once. Told anew, with a higher revision, when the firm may read another part of it than before.",
    data: z.strictObject({
      metric: z.enum(METRICS), periodStart: day, periodEnd: day,
      customers: z.array(z.strictObject({ customerId: uuid, now: shown, before: shown })).max(CUSTOMERS_PER_EVENT), revision,
    }),
  }),
  'limit.approved': event({
    version: 1,
    from: 'scoring',
    to: ['portfolios'],
    about: 'Two people of the firm want a customer to have this credit limit: one asked for it, `approvedBy` approved it. The id of the request is one of the time when it was made.',
    data: z.strictObject({ requestId: uuid, customerId: uuid, limitMinor: minor, currency: z.string().length(3), approvedBy: uuid, byKey: z.boolean() }),
  }),
  'limit.settled': event({
    version: 1,
    from: 'portfolios',
    to: ['scoring'],
    about: 'What became of an approved credit limit: it is set, or the limit had been changed after the request was made, and that stands.',
    data: z.strictObject({ requestId: uuid, outcome: z.enum(['APPLIED', 'OVERTAKEN']) }),
  }),
  'sandbox.clock-moved': event({
    version: 1,
    from: 'identity',
    to: ['portfolios', 'scoring', 'community'],
    about: 'A sandbox moved business time: every room follows and does what became due.',
    data: z.strictObject({ offsetMilliseconds: z.int() }),
  }),
  'sandbox.settle-requested': event({
    version: 1,
    from: 'community',
    to: ['portfolios'],
    about: 'A sandbox is about to close epochs: portfolios tells what its ledgers made due, without waiting for its next run.',
    data: z.strictObject({}),
  }),
} as const;

export type EventName = keyof typeof CATALOGUE;
export type EventData<Name extends EventName> = z.infer<(typeof CATALOGUE)[Name]['data']>;
