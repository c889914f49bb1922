import { legalUnit, parseRegistration, type RegistrationScheme } from '../../../../src/values/registration.js';
import { elementAt, childrenOf, textAt, type XmlElement } from '../xml/xml-element.js';

/** Who paid, as a bank tells it. */
export interface Payer {
  readonly name: string | undefined;
  /** Legal units of valid registrations, as `legalUnit` writes them. */
  readonly units: readonly string[];
}

/** Codes of identifications of organisations (ISO 20022, external code set), and the registers they mean. */
const SCHEMES: Readonly<Record<string, readonly RegistrationScheme[]>> = { SREN: ['SIREN'], SRET: ['SIRET'], DUNS: ['DUNS'], TXID: ['VAT', 'SIREN'], COID: ['SIREN', 'SIRET'] };

/** What an identification without a code shows by its own form. */
const TOLD_BY_FORM: readonly RegistrationScheme[] = ['LEI', 'VAT'];

/** Reads a debtor; from version 8 on the party lies a level deeper. A person has a name and no registration. */
export function readPayer(debtor: XmlElement | undefined): Payer | undefined {
  if (!debtor) return undefined;
  const party = elementAt(debtor, 'Pty') ?? debtor;
  const name = textAt(party, 'Nm') ?? textAt(debtor, 'Agt', 'FinInstnId', 'Nm');
  const organisation = elementAt(party, 'Id', 'OrgId');
  const units = new Set<string>();
  const lei = textAt(organisation, 'LEI');
  const given: (readonly [string, readonly RegistrationScheme[]])[] = lei === undefined ? [] : [[lei, ['LEI']]];
  for (const other of childrenOf(organisation, 'Othr')) {
    const id = textAt(other, 'Id');
    const code = textAt(other, 'SchmeNm', 'Cd');
    if (id !== undefined) given.push([id, code === undefined ? TOLD_BY_FORM : (SCHEMES[code] ?? TOLD_BY_FORM)]);
  }
  for (const [id, schemes] of given) {
    for (const scheme of schemes) {
      const registration = parseRegistration(scheme, id);
      if (registration) units.add(legalUnit(registration));
    }
  }
  return name === undefined && units.size === 0 ? undefined : { name, units: [...units] };
}
