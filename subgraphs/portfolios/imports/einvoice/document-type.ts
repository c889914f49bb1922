/**
 * What a type of UNTDID 1001, of those that EN 16931 admits, is to a ledger. A corrected invoice (384) is a document of
 * its own: whether it replaces another or adds to it, the document does not say.
 */
const CREDIT_NOTES: ReadonlySet<string> = new Set(['81', '83', '261', '262', '296', '308', '381', '396', '420', '458', '502', '503', '532']);

const INVOICES: ReadonlySet<string> = new Set([
  '71', '80', '82', '84', '102', '130', '202', '203', '204', '211', '218', '219', '295', '326', '331', '380', '382', '383', '384', '385', '386', '387', '388', '389', '390', '393', '394',
  '395', '456', '457', '471', '472', '473', '500', '501', '527', '553', '575', '623', '633', '780', '817', '870', '875', '876', '877', '935',
]);

/** Pro forma invoices, and invoices for the accounts alone: nobody owes anything by them. */
const NO_CLAIMS: ReadonlySet<string> = new Set(['325', '751']);

/** `undefined` for a type that is no invoice. A document without a type is what its form is. */
export function documentType(code: string, isCreditNote: boolean): 'INVOICE' | 'CREDIT_NOTE' | 'NO_CLAIM' | undefined {
  if (NO_CLAIMS.has(code)) return 'NO_CLAIM';
  if (isCreditNote || CREDIT_NOTES.has(code)) return isCreditNote && INVOICES.has(code) ? undefined : 'CREDIT_NOTE';
  return INVOICES.has(code) ? 'INVOICE' : undefined;
}
