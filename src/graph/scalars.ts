import { GraphQLError, GraphQLScalarType, Kind } from 'graphql';
import { isCountry } from '../values/country.js';
import { parseDay } from '../values/day.js';
import { parseInstant } from '../values/instant.js';
import { isCurrency } from '../values/money.js';

function scalar<Internal>(name: string, description: string, parse: (text: string) => Internal | undefined, print: (value: unknown) => string): GraphQLScalarType<Internal, string> {
  const read = (value: unknown): Internal => {
    const parsed = typeof value === 'string' ? parse(value) : undefined;
    if (parsed === undefined) throw new GraphQLError(`${name} cannot be ${JSON.stringify(value)}.`, { extensions: { code: 'BAD_USER_INPUT' } });
    return parsed;
  };
  return new GraphQLScalarType<Internal, string>({
    name,
    description,
    serialize: print,
    parseValue: read,
    parseLiteral: (node) => read(node.kind === Kind.STRING ? node.value : undefined),
  });
}

export const DateScalar = scalar<Temporal.PlainDate>(
  'Date',
  'A calendar day without time or zone, `2026-11-22`, from 1970 to 2099. Days of the business are days in UTC.',
  (text) => parseDay(text),
  String,
);

export const DateTimeScalar = scalar<Temporal.Instant>(
  'DateTime',
  'An instant in UTC with milliseconds, `2026-11-22T10:00:00.000Z`, from 1970 to 2099. Any offset is accepted as input.',
  parseInstant,
  // An instant of the domain, or a timestamptz as the driver gives it.
  (value) => new Date(value instanceof Temporal.Instant ? value.epochMilliseconds : (value as string | Date)).toISOString(),
);

export const DecimalScalar = scalar<string>(
  'Decimal',
  'An exact decimal as a string, `"1234.56"`; never a float. No exponent, no grouping.',
  (text) => (/^-?\d{1,18}(\.\d{1,9})?$/.test(text) ? text : undefined),
  String,
);

export const CurrencyCodeScalar = scalar<string>('CurrencyCode', 'A currency of ISO 4217, `EUR`.', (text) => (isCurrency(text) ? text : undefined), String);

export const CountryCodeScalar = scalar<string>(
  'CountryCode',
  'A country of ISO 3166-1 as two letters, `FR`.',
  (text) => (isCountry(text) ? text : undefined),
  String,
);
