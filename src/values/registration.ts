import { stdnum } from 'stdnum';

/** The registers a firm or a customer can be known by. */
export const REGISTRATION_SCHEMES = ['SIREN', 'SIRET', 'VAT', 'LEI', 'DUNS'] as const;
export type RegistrationScheme = (typeof REGISTRATION_SCHEMES)[number];

export interface Registration {
  readonly scheme: RegistrationScheme;
  /** Compact: upper case, no spaces, dots or dashes. */
  readonly value: string;
}

/**
 * Reads a registration and checks its check digits. `undefined` when they are wrong or the form is another one.
 * Spaces, dots and dashes are not significant; a VAT number starts with its country.
 */
export function parseRegistration(scheme: RegistrationScheme, text: string): Registration | undefined {
  const value = text.replace(/[\s.-]/g, '').toUpperCase();
  return isValid(scheme, value) ? { scheme, value } : undefined;
}

function isValid(scheme: RegistrationScheme, value: string): boolean {
  switch (scheme) {
    case 'SIREN':
      return /^\d{9}$/.test(value) && value !== '000000000' && stdnum['FR']!['siren']!.validate(value).isValid;
    case 'SIRET':
      return /^\d{14}$/.test(value) && value !== '00000000000000' && stdnum['FR']!['siret']!.validate(value).isValid;
    case 'VAT':
      return isVat(value);
    case 'LEI':
      return /^[A-Z0-9]{18}\d{2}$/.test(value) && modulo97(value) === 1;
    case 'DUNS':
      return /^\d{9}$/.test(value) && value !== '000000000';
  }
}

/** The validator of a country's VAT number in `stdnum`, where its name there is not `vat`. */
const VAT_VALIDATORS: Readonly<Record<string, readonly string[]>> = {
  AT: ['uid'], BG: ['vat'], CZ: ['dic'], DK: ['cvr'], EE: ['kmkr'], EL: ['vat'], ES: ['nif'], FI: ['alv'], FR: ['tva'],
  HU: ['anum'], IT: ['iva'], LT: ['pvm'], LU: ['tva'], LV: ['pvn'], NL: ['btw'], PL: ['nip'], PT: ['nif'], RO: ['cf'],
  SE: ['vat', 'orgnr'], SI: ['ddv'], SK: ['dph'], CH: ['vat', 'uid'], NO: ['mva'], HR: ['oib'], IE: ['vat'], DE: ['vat'],
};

function isVat(value: string): boolean {
  const match = /^([A-Z]{2})([A-Z0-9+*]{2,13})$/.exec(value);
  if (!match) return false;
  const prefix = match[1]!;
  const country = stdnum[prefix === 'EL' ? 'GR' : prefix];
  const names = [...(VAT_VALIDATORS[prefix] ?? []), 'vat'];
  const validator = country && names.map((name) => country[name]).find((candidate) => candidate !== undefined);
  if (!validator) return false;
  return validator.validate(value).isValid || validator.validate(match[2]!).isValid;
}

/** ISO 7064 MOD 97-10, letters counted from A = 10. */
function modulo97(value: string): number {
  let remainder = 0;
  for (const character of value) {
    const number = parseInt(character, 36);
    remainder = (remainder * (number > 9 ? 100 : 10) + number) % 97;
  }
  return remainder;
}

/**
 * The legal unit behind a registration, the one text by which two firms mean the same customer: a SIRET or a French VAT
 * number gives its SIREN; everything else stands for itself.
 */
export function legalUnit({ scheme, value }: Registration): string {
  if (scheme === 'SIRET') return `SIREN:${value.slice(0, 9)}`;
  if (scheme === 'VAT' && /^FR[A-Z0-9]{2}\d{9}$/.test(value)) return `SIREN:${value.slice(4)}`;
  return `${scheme}:${value}`;
}
