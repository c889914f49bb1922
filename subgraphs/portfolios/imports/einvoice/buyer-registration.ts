import { parseRegistration, type Registration, type RegistrationScheme } from '../../../../src/values/registration.js';
import type { Stated, StatedBuyer } from './stated-invoice.js';

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
 * The register by which the community may know the buyer: its legal registration, else its VAT number, else an identifier
 * or an address of a register. `undefined` when there is none whose check digits are right: without one the customer is
 * simply not shared.
 */
export function registrationOf({ legal, vat, identifiers, endpoint }: StatedBuyer): Registration | undefined {
  return registered(legal) ?? (vat.text === '' ? undefined : parseRegistration('VAT', vat.text)) ?? [...identifiers, endpoint].map(registered).find((found) => found !== undefined);
}

function registered({ text, qualifier }: Stated): Registration | undefined {
  if (text === '') return undefined;
  return (SCHEMES[qualifier ?? ''] ?? []).map((scheme) => parseRegistration(scheme, text)).find((found) => found !== undefined);
}
