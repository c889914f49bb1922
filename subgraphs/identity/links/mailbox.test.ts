import { expect, test } from '@jest/globals';
import { firmDomainOf, mailboxOf } from './mailbox.js';

test.each([
  ['Claire@Rivelaine.fr', 'claire@rivelaine.fr'],
  ['claire+second@rivelaine.fr', 'claire@rivelaine.fr'],
  // Elsewhere a dot is part of the name.
  ['c.laire@rivelaine.fr', 'c.laire@rivelaine.fr'],
  ['c.laire+x+y@googlemail.com', 'claire@gmail.com'],
  // A name that begins with a plus has no tag.
  ['+claire@rivelaine.fr', '+claire@rivelaine.fr'],
])('the mailbox of %s is %s', (email, mailbox) => {
  expect(mailboxOf(email)).toBe(mailbox);
});

test.each([
  ['claire@rivelaine.fr', 'rivelaine.fr'],
  ['claire@compta.rivelaine.fr', 'rivelaine.fr'],
  ['claire@rivelaine.co.uk', 'rivelaine.co.uk'],
  ['claire@mail.rivelaine.co.uk', 'rivelaine.co.uk'],
  ['claire@gmail.com', undefined],
  ['claire@Orange.FR', undefined],
  ['claire@example.test', undefined],
])('the domain of %s is %s', (email, domain) => {
  expect(firmDomainOf(email)).toBe(domain);
});
