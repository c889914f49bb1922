import { Directive, Field, InputType, ObjectType, registerEnumType } from 'type-graphql';
import { Refusal } from '../errors.js';
import { parseRegistration, REGISTRATION_SCHEMES, type Registration as ParsedRegistration, type RegistrationScheme } from '../values/registration.js';
import { enumOf } from './enum-of.js';

const RegistrationSchemeEnum = enumOf(REGISTRATION_SCHEMES);
registerEnumType(RegistrationSchemeEnum, {
  name: 'RegistrationScheme',
  description: 'The register a firm is known in.',
  valuesConfig: {
    SIREN: { description: 'French legal unit, 9 digits with a Luhn check digit.' },
    SIRET: { description: 'French establishment, 14 digits: its SIREN and five more.' },
    VAT: { description: 'VAT number with its country in front.' },
    LEI: { description: 'Legal Entity Identifier, 20 characters (ISO 17442).' },
    DUNS: { description: 'Nine digits given by Dun & Bradstreet; it has no check digit.' },
  },
});

@Directive('@shareable')
@ObjectType({ description: 'How a register names a firm. Check digits were verified.' })
export class Registration {
  @Field(() => RegistrationSchemeEnum, { description: 'The register.' })
  scheme!: RegistrationScheme;

  @Field(() => String, { description: 'The number, upper case, without spaces, dots or dashes.' })
  value!: string;
}

@InputType({ description: 'How a register names a firm.' })
export class RegistrationInput {
  @Field(() => RegistrationSchemeEnum, { description: 'The register.' })
  scheme!: RegistrationScheme;

  @Field(() => String, { description: 'The number; spaces, dots and dashes are not significant. Its check digits are verified.' })
  value!: string;
}

/** A registration of a mutation's input; refused when its check digits are wrong. */
export function demandRegistration(input: RegistrationInput, path: readonly string[]): ParsedRegistration {
  const registration = parseRegistration(input.scheme, input.value);
  if (!registration) throw new Refusal('INVALID', `This is no valid ${input.scheme}.`, [...path, 'value']);
  return registration;
}
