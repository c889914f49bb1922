import { MAIL_PROVIDERS, SHARED_ENDINGS } from './mail-provider.js';

/** Providers for whom a dot in the name means nothing, by the domain that stands for all of theirs. */
const DOTLESS: Readonly<Record<string, string>> = { 'gmail.com': 'gmail.com', 'googlemail.com': 'gmail.com' };

/** The mailbox behind an e-mail address: what is delivered to one place is one, however it is written. */
export function mailboxOf(email: string): string {
  const address = email.trim().toLowerCase();
  const at = address.lastIndexOf('@');
  const name = address.slice(0, at).replace(/(?<=.)\+.*$/, '');
  const domain = address.slice(at + 1);
  const dotless = DOTLESS[domain];
  return dotless === undefined ? `${name}@${domain}` : `${name.replaceAll('.', '')}@${dotless}`;
}

/** The domain that a firm must own for an address to be its own; `undefined` under a public mail provider. */
export function firmDomainOf(email: string): string | undefined {
  const labels = email.trim().toLowerCase().slice(email.trim().lastIndexOf('@') + 1).split('.').filter(Boolean);
  const ending = labels.slice(-2).join('.');
  const domain = labels.slice(SHARED_ENDINGS.has(ending) ? -3 : -2).join('.');
  return MAIL_PROVIDERS.has(domain) ? undefined : domain;
}
