import { expect, test } from '@jest/globals';
import { z } from 'zod';
import { CATALOGUE } from '../../src/events/catalogue.js';
import { ROOMS } from '../../src/rooms.js';

/**
 * Everything that community may ever be told, key by key with its form. None of it is a name, an identifier, an invoice,
 * an amount or a date finer than a month. A new key is a decision about privacy: it is made here, in sight.
 */
const TOLD_TO_COMMUNITY: Readonly<Record<string, readonly string[]>> = {
  'firm.verified': ['revision: integer', 'verified: boolean'],
  'firm.grouped': ['group: opaque id', 'revision: integer'],
  'customer.keyed': ['customers[].customerId: uuid', 'customers[].former: blind key', 'customers[].revision: integer', 'customers[].seekableUntil: month', 'customers[].subject: blind key', 'exchange: integer'],
  'customer.answered': ['questionId: uuid', 'revision: integer'],
  'contribution.closed': [
    'contributions[].evidenced: boolean', 'contributions[].figures{DAYS_BEYOND_TERMS|DSO|LATE_SHARE|PAYMENT_TERMS}: number', 'contributions[].former: blind key', 'contributions[].revision: integer',
    'contributions[].subject: blind key', 'exchange: integer', 'month: month',
  ],
  'keys.paired': ['exchange: integer', 'pairs[].former: blind key', 'pairs[].subject: blind key'],
  'keys.retired': ['exchange: integer'],
  'sandbox.clock-moved': ['offsetMilliseconds: integer'],
};

interface JsonSchema {
  readonly type?: string;
  readonly format?: string;
  readonly pattern?: string;
  readonly enum?: readonly string[];
  readonly const?: unknown;
  readonly anyOf?: readonly JsonSchema[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly items?: JsonSchema;
  readonly propertyNames?: JsonSchema;
  readonly additionalProperties?: boolean | JsonSchema;
}

const FORMS: Readonly<Record<string, string>> = { '^\\d{4}-(0[1-9]|1[0-2])$': 'month', '^[0-9a-f]{64}$': 'blind key', '^[A-Za-z0-9_-]{22}$': 'opaque id' };

/** Every key of a schema with the form of its value. A text without a form of its own, or an object open to more keys, is named as what it is. */
function keysOf(schema: JsonSchema, path = ''): string[] {
  if (schema.anyOf) return [...new Set(schema.anyOf.filter(({ type }) => type !== 'null').flatMap((part) => keysOf(part, path)))];
  if (schema.type === 'array') return keysOf(schema.items ?? {}, `${path}[]`);
  if (schema.properties) {
    const open = schema.additionalProperties === false ? [] : [`${path}: any other key`];
    return [...Object.entries(schema.properties).flatMap(([key, value]) => keysOf(value, path === '' ? key : `${path}.${key}`)), ...open].toSorted();
  }
  if (typeof schema.additionalProperties === 'object') {
    const names = schema.propertyNames?.enum;
    return keysOf(schema.additionalProperties, `${path}{${names ? names.toSorted().join('|') : 'any key'}}`);
  }
  if (schema.type === 'string') return [`${path}: ${schema.enum?.toSorted().join('|') ?? FORMS[schema.pattern ?? ''] ?? schema.format ?? 'free text'}`];
  return [`${path}: ${schema.type ?? 'anything'}`];
}

type Told = Readonly<Record<string, { readonly to: readonly string[]; readonly data: z.ZodType }>>;

/** What an event would tell community beyond the list, or no longer tells it. */
function beyond(catalogue: Told, list: Readonly<Record<string, readonly string[]>>): string[] {
  const told = Object.entries(catalogue).filter(([, { to }]) => to.includes('community')).flatMap(([name, { data }]) => keysOf(z.toJSONSchema(data) as JsonSchema).map((key) => `${name} ${key}`));
  const listed = Object.entries(list).flatMap(([name, keys]) => keys.map((key) => `${name} ${key}`));
  return [...told.filter((key) => !listed.includes(key)).map((key) => `${key} is not on the list`), ...listed.filter((key) => !told.includes(key)).map((key) => `${key} is told no more`)];
}

test('community is told what is on the list, and nothing else', () => {
  expect(beyond(CATALOGUE, TOLD_TO_COMMUNITY)).toEqual([]);
});

test.each<[string, z.ZodType, string]>([
  ['a name', z.strictObject({ verified: z.boolean(), name: z.string() }), 'firm.verified name: free text is not on the list'],
  ['a day', z.strictObject({ verified: z.boolean(), on: z.iso.date() }), 'firm.verified on: date is not on the list'],
  ['a wider form', z.strictObject({ verified: z.string() }), 'firm.verified verified: free text is not on the list'],
  ['an open object', z.looseObject({ verified: z.boolean() }), 'firm.verified : any other key is not on the list'],
  ['a record of any key', z.strictObject({ verified: z.boolean(), more: z.record(z.string(), z.number()) }), 'firm.verified more{any key}: number is not on the list'],
  ['an identifier within a list', z.strictObject({ verified: z.boolean(), all: z.array(z.strictObject({ invoiceId: z.uuid() })) }), 'firm.verified all[].invoiceId: uuid is not on the list'],
])('planted, %s in an event for community is found', (_, data, expected) => {
  expect(beyond({ 'firm.verified': { to: ['community'], data } }, { 'firm.verified': ['verified: boolean'] })).toContain(expected);
});

test('planted, a new event for community is found, one for another room is not', () => {
  const data = z.strictObject({ days: z.number() });
  expect(beyond({ 'invoice.paid': { to: ['scoring', 'community'], data }, 'invoice.sent': { to: ['scoring'], data } }, {})).toEqual(['invoice.paid days: number is not on the list']);
});

test('every event has a version, a teller, readers other than its teller and a sentence of what it is about', () => {
  for (const [name, { version, from, to, about }] of Object.entries(CATALOGUE)) {
    expect({ name, known: [from, ...to].every((room) => ROOMS.includes(room)), version: version >= 1, readers: to.length > 0 && !(to as readonly string[]).includes(from), about: about.length > 20 })
      .toEqual({ name, known: true, version: true, readers: true, about: true });
    expect(name).toMatch(/^[a-z]+\.[a-z-]+$/);
  }
});

test('no event takes a key that its schema does not have', () => {
  for (const [name, { data }] of Object.entries(CATALOGUE)) expect({ name, closed: keysOf(z.toJSONSchema(data) as JsonSchema).every((key) => !key.includes('any other key')) }).toEqual({ name, closed: true });
});
