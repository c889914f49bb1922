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

/** The validators of a country's VAT number in `stdnum`, where they are not named `vat` there. One that accepts is enough. */
const VAT_VALIDATORS: Readonly<Record<string, readonly string[]>> = {
  AT: ['uid'], CH: ['vat', 'uid'], CZ: ['dic'], DK: ['cvr'], EE: ['kmkr'], ES: ['nif'], FI: ['alv'], FR: ['tva'], HR: ['oib'],
  HU: ['anum'], IT: ['iva'], LT: ['pvm'], LU: ['tva'], LV: ['pvn'], NL: ['btw'], NO: ['mva', 'orgnr'], PL: ['nip'], PT: ['nif'],
  RO: ['cui'], RS: ['pib'], RU: ['inn'], SI: ['ddv'], SK: ['dph'],
};

/** Prefixes of VAT numbers that are not their country's code in ISO 3166: Greece and Northern Ireland. */
const VAT_COUNTRIES: Readonly<Record<string, string>> = { EL: 'GR', XI: 'GB' };

function isVat(value: string): boolean {
  const match = /^([A-Z]{2})([A-Z0-9+*]{2,14})$/.exec(value);
  if (!match) return false;
  const prefix = match[1]!;
  const country = VAT_COUNTRIES[prefix] ?? prefix;
  // The validators strip a country of their own accord, and a French key may be two letters: written twice it is a mistake.
  const number = match[2]!;
  if (number.startsWith(prefix) && passes(country, number.slice(2))) return false;
  return passes(country, value) || passes(country, number);
}

function passes(country: string, number: string): boolean {
  return (VAT_VALIDATORS[country] ?? ['vat']).some((name) => stdnum[country]?.[name]?.validate(number).isValid);
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
