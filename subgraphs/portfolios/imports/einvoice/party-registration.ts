import { parseRegistration, type Registration, type RegistrationScheme } from '../../../../src/values/registration.js';
import type { Stated, StatedParty } from './stated-invoice.js';

/** The registers of ISO/IEC 6523 that are ours too, and those of the codes that e-mail addresses of invoices use (EAS). */
const SCHEMES: Readonly<Record<string, readonly RegistrationScheme[]>> = {
  // Many give the establishment's number where the register is that of legal units.
  '0002': ['SIREN', 'SIRET'],
  '0009': ['SIRET'],
  '0060': ['DUNS'],
  '0199': ['LEI'],
  '0225': ['SIREN', 'SIRET'],
  '9957': ['VAT'],
};

/**
 * The register by which the community may know a party: its legal registration, else its VAT number, else an identifier or
 * an address of a register. `undefined` when there is none whose check digits are right: without one a customer is simply
 * not shared.
 */
export function registrationOf(party: StatedParty): Registration | undefined {
  return registrationsOf(party)[0];
}

/** Every registration of a party whose check digits are right, the likeliest first. */
export function registrationsOf({ legal, vat, identifiers, endpoint }: StatedParty): readonly Registration[] {
  const taxed = vat.text === '' ? undefined : parseRegistration('VAT', vat.text);
  return [registered(legal), taxed, ...[...identifiers, endpoint].map(registered)].filter((found) => found !== undefined);
}

/** What a party states as its legal registration or its VAT number, and is neither; `undefined` when nothing is wrong. */
export function wrongRegistration({ legal, vat }: StatedParty): Stated | undefined {
  if (legal.text !== '' && SCHEMES[legal.qualifier ?? ''] !== undefined && registered(legal) === undefined) return legal;
  return vat.text !== '' && parseRegistration('VAT', vat.text) === undefined ? vat : undefined;
}

function registered({ text, qualifier }: Stated): Registration | undefined {
  if (text === '') return undefined;
  return (SCHEMES[qualifier ?? ''] ?? []).map((scheme) => parseRegistration(scheme, text)).find((found) => found !== undefined);
}
