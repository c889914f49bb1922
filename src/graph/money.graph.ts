import { Directive, Field, InputType, ObjectType } from 'type-graphql';
import { Refusal } from '../errors.js';
import { formatMinor, parseMinor, type Money as MinorMoney } from '../values/money.js';
import { CurrencyCodeScalar, DecimalScalar } from './scalars.js';

@Directive('@shareable')
@ObjectType({ description: 'An amount of one currency.' })
export class Money {
  @Field(() => DecimalScalar, { description: "The exact amount, with as many digits as the currency has (ISO 4217)." })
  amount!: string;

  @Field(() => CurrencyCodeScalar, { description: 'The currency of the amount.' })
  currency!: string;
}

@InputType({ description: 'An amount of one currency.' })
export class MoneyInput {
  @Field(() => DecimalScalar, { description: 'The exact amount, with no more digits than the currency has (ISO 4217).' })
  amount!: string;

  @Field(() => CurrencyCodeScalar, { description: 'The currency of the amount.' })
  currency!: string;
}

/** Minor units as the API shows them. */
export function toMoney(minor: bigint, currency: string): Money {
  return { amount: formatMinor(minor, currency), currency };
}

/** An amount of a mutation's input; refused when it has more digits than its currency, or is not above zero. */
export function demandPositive(input: MoneyInput, path: readonly string[]): MinorMoney {
  const minor = parseMinor(input.amount, input.currency);
  if (minor === undefined) throw new Refusal('INVALID', `The amount has more digits than ${input.currency} has, or is too large.`, [...path, 'amount']);
  if (minor <= 0n) throw new Refusal('INVALID', 'The amount must be above zero.', [...path, 'amount']);
  return { minor, currency: input.currency };
}
