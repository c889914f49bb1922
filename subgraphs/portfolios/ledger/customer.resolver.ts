import { Arg, Ctx, Directive, Field, ID, InputType, Mutation, ObjectType, Query, Resolver } from 'type-graphql';
import { answer, Refusal, type UserError } from '../../../src/errors.js';
import { Money, MoneyInput, toMoney } from '../../../src/graph/money.graph.js';
import { demandRegistration, Registration, RegistrationInput } from '../../../src/graph/registration.graph.js';
import { CountryCodeScalar } from '../../../src/graph/scalars.js';
import { UserErrorObject } from '../../../src/graph/user-error.graph.js';
import { Request } from '../../../src/server/request.js';
import type { ReferenceResolver } from '../../../src/server/subgraph.js';
import { parseMinor, type Money as MinorMoney } from '../../../src/values/money.js';
import { parseRegistration } from '../../../src/values/registration.js';
import { isSector } from '../../../src/values/sector.js';
import { setCreditLimit } from '../credit/set-credit-limit.js';
import { demandTerms, PaymentTerms, PaymentTermsInput } from '../terms/terms.resolver.js';
import { parseLabel } from './label.js';
import { readCustomerByReference, readCustomerByRegistration, readCustomers, type CustomerRecord } from './read-customer.js';
import { upsertCustomer } from './upsert-customer.js';

@Directive('@key(fields: "id")')
@ObjectType({ description: 'Somebody your firm invoices. It is your own record; other members that invoice the same customer have theirs.' })
export class Customer {
  @Field(() => ID, { description: 'Opaque.' })
  id!: string;

  @Field(() => String, { description: "Your firm's own customer number." })
  reference!: string;

  @Field(() => String, { description: 'The name your firm gave.' })
  name!: string;

  @Field(() => CountryCodeScalar, { nullable: true, description: 'Where it is registered; null when your firm did not say.' })
  country!: string | null;

  @Field(() => String, { nullable: true, description: 'Its business in NACE Rev. 2: a section as one letter (`C`), or a division, group or class (`47`, `47.1`, `47.11`). Null when your firm did not say.' })
  sector!: string | null;

  @Field(() => Registration, { nullable: true, description: 'How a register names it. Null: it is never matched with the community.' })
  registration!: Registration | null;

  @Field(() => Boolean, { description: 'Whether it is a natural person (a sole trader), because your firm said so or its name does, as "Dupont EI". It is never matched with the community then, nor is another account of your firm for the same legal unit.' })
  naturalPerson!: boolean;

  @Field(() => PaymentTerms, { nullable: true, description: 'The terms agreed with it. Null: invoices without a due date follow the terms of their import, else are due 30 days after their issue.' })
  terms!: PaymentTerms | null;

  @Field(() => Money, { nullable: true, description: 'The most your firm is willing to be owed; null when no limit was set.' })
  creditLimit!: Money | null;
}

export function toCustomer(record: CustomerRecord): Customer {
  const { id, reference, name, country, sector } = record;
  return {
    id, reference, name, country, sector,
    registration: record.registrationScheme !== null && record.registrationValue !== null ? { scheme: record.registrationScheme, value: record.registrationValue } : null,
    terms: record.termsDays === null ? null : { days: record.termsDays, endOfMonth: record.termsEndOfMonth ?? 'NONE', fixedDay: record.termsFixedDay },
    naturalPerson: record.soleTrader,
    creditLimit: record.creditLimitMinor !== null && record.creditLimitCurrency !== null ? toMoney(BigInt(record.creditLimitMinor), record.creditLimitCurrency) : null,
  };
}

/** The customer of this id as the asker's firm keeps it; null when it has none such. */
export async function findCustomer(request: Request, id: string): Promise<Customer | null> {
  request.demand('ledger:read');
  const record = await request.batch(readCustomers, id);
  return record && toCustomer(record);
}

export const customerByReference: ReferenceResolver = (reference, request) => findCustomer(request, String(reference['id']));

@Directive('@oneOf')
@InputType({ description: 'One way to name a customer; exactly one field must be given.' })
class CustomerRef {
  @Field(() => ID, { nullable: true, description: 'Its id.' })
  id?: string;

  @Field(() => String, { nullable: true, description: "Your firm's own customer number." })
  reference?: string;

  @Field(() => RegistrationInput, { nullable: true, description: 'How a register names it; a SIRET, a SIREN and a French VAT number of the same legal unit find one another. When your firm keeps several accounts for it, the one with this very registration, else the one it opened first.' })
  registration?: RegistrationInput;
}

@InputType({ description: 'What your firm knows of a customer. A field that is left out stays as it is; null takes its value away.' })
class CustomerUpsertInput {
  @Field(() => String, { description: "Your firm's own customer number: the same number again changes the same customer." })
  reference!: string;

  @Field(() => String, { description: 'Its name, 1 to 200 characters.' })
  name!: string;

  @Field(() => CountryCodeScalar, { nullable: true, description: 'Where it is registered.' })
  country?: string | null;

  @Field(() => String, { nullable: true, description: 'Its business as a code of NACE Rev. 2, from the section to the class: `C`, `47`, `47.1`, `47.11`. Context events are about sectors, so a customer without one is in none.' })
  sector?: string | null;

  @Field(() => RegistrationInput, { nullable: true, description: 'How a register names it; check digits are verified.' })
  registration?: RegistrationInput | null;

  @Field(() => Boolean, { nullable: true, description: 'Whether it is a natural person (a sole trader): it is then never matched with the community. Null takes back what your firm said; a name that says so still counts.' })
  naturalPerson?: boolean | null;

  @Field(() => PaymentTermsInput, { nullable: true, description: 'The terms agreed with it. They hold for invoices to come.' })
  terms?: PaymentTermsInput | null;
}

@InputType({ description: 'A credit limit.' })
class CreditLimitSetInput {
  @Field(() => ID, { description: 'The customer.' })
  customerId!: string;

  @Field(() => MoneyInput, { nullable: true, description: 'The most your firm is willing to be owed, zero or more; null takes the limit away.' })
  limit?: MoneyInput | null;
}

@ObjectType({ description: 'The customer after the change, or why there was none.' })
class CustomerUpsertPayload {
  @Field(() => Customer, { nullable: true, description: 'The customer; null when refused.' })
  customer!: Customer | null;

  @Field(() => [UserErrorObject], { description: 'Why it was refused; empty when it was done.' })
  userErrors!: readonly UserError[];
}

const NO_CUSTOMER: { readonly customer: Customer | null } = { customer: null };

@Resolver(() => Customer)
export class CustomerResolver {
  @Query(() => Customer, { nullable: true, description: 'A customer of your firm; null when it has none such. Needs the scope ledger:read.' })
  customer(@Arg('id', () => ID, { description: 'Its id.' }) id: string, @Ctx() request: Request): Promise<Customer | null> {
    return findCustomer(request, id);
  }

  @Query(() => Customer, { nullable: true, description: 'A customer of your firm by whatever you know it; null when it has none such. Needs the scope ledger:read.' })
  async customerBy(@Arg('ref', () => CustomerRef, { description: 'How you know it.' }) ref: CustomerRef, @Ctx() request: Request): Promise<Customer | null> {
    request.demand('ledger:read');
    if (ref.id !== undefined) return findCustomer(request, ref.id);
    const reference = ref.reference === undefined ? undefined : parseLabel(ref.reference);
    const registration = ref.registration && parseRegistration(ref.registration.scheme, ref.registration.value);
    const record = reference !== undefined ? await readCustomerByReference(request, reference) : registration ? await readCustomerByRegistration(request, registration) : null;
    return record && toCustomer(record);
  }

  @Mutation(() => CustomerUpsertPayload, { description: "Takes a customer by your firm's own number, new or known. The same again changes nothing. Needs the scope ledger:write." })
  customerUpsert(@Arg('input', () => CustomerUpsertInput, { description: 'The customer.' }) input: CustomerUpsertInput, @Ctx() request: Request): Promise<CustomerUpsertPayload> {
    const { firmId } = request.demand('ledger:write');
    return answer(NO_CUSTOMER, async () => {
      const id = await upsertCustomer(request.db, firmId, {
        reference: input.reference,
        name: input.name,
        ...(input.country !== undefined && { country: input.country }),
        ...(input.sector !== undefined && { sector: input.sector === null ? null : demandSector(input.sector) }),
        ...(input.registration !== undefined && { registration: input.registration && demandRegistration(input.registration, ['input', 'registration']) }),
        ...(input.naturalPerson !== undefined && { naturalPerson: input.naturalPerson }),
        ...(input.terms !== undefined && { terms: input.terms && demandTerms(input.terms, ['input', 'terms']) }),
      }, request.room.clock.today());
      return { customer: await this.#changed(request, id) };
    });
  }

  @Mutation(() => CustomerUpsertPayload, { description: 'Sets or takes away the credit limit of a customer; Customer.creditLimitHistory keeps who changed it. Needs the scope credit:write.' })
  creditLimitSet(@Arg('input', () => CreditLimitSetInput, { description: 'The limit.' }) input: CreditLimitSetInput, @Ctx() request: Request): Promise<CustomerUpsertPayload> {
    const asker = request.demand('credit:write');
    return answer(NO_CUSTOMER, async () => {
      await setCreditLimit(request.db, asker, input.customerId, input.limit ? demandLimit(input.limit) : null, request.room.clock);
      return { customer: await this.#changed(request, input.customerId) };
    });
  }

  /** The customer as it is after a change; who may write a ledger sees what was written. */
  async #changed(request: Request, id: string): Promise<Customer | null> {
    request.forget();
    const record = await request.batch(readCustomers, id);
    return record && toCustomer(record);
  }
}

function demandSector(code: string): string {
  if (!isSector(code)) throw new Refusal('INVALID', 'This is no code of NACE Rev. 2, from the section to the class: C, 47, 47.1 or 47.11.', ['input', 'sector']);
  return code;
}

function demandLimit(input: MoneyInput): MinorMoney {
  const minor = parseMinor(input.amount, input.currency);
  if (minor === undefined || minor < 0n) throw new Refusal('INVALID', `The limit must be zero or more, with no more digits than ${input.currency} has.`, ['input', 'limit', 'amount']);
  return { minor, currency: input.currency };
}
