/** What an entry shows beside a customer's account: the kinds of account on its other sides, and what its journal is for. One bit each. */
export const SIDES = {
  REVENUE: 1,
  TREASURY: 2,
  EXPENSE: 4,
  TAX: 8,
  THIRD_PARTY: 16,
  EQUITY: 32,
  OPENING_JOURNAL: 64,
  SALES_JOURNAL: 128,
  TREASURY_JOURNAL: 256,
} as const;

/** The side of an account by its number in the French chart of accounts; 0 for a customer's own (411) and for what tells nothing. */
export function sideOf(account: string): number {
  if (account.startsWith('411')) return 0;
  switch (account[0]) {
    case '7':
      return SIDES.REVENUE;
    case '6':
      return SIDES.EXPENSE;
    case '5':
      return SIDES.TREASURY;
    case '4':
      return account.startsWith('445') ? SIDES.TAX : SIDES.THIRD_PARTY;
    case '1':
      return /^1[0-2]/.test(account) ? SIDES.EQUITY : 0;
    default:
      return 0;
  }
}

/** What a journal is for, as far as its code or its name tells. A code tells less than the accounts of its entries do. */
export function journalSide(code: string, name: string): number {
  const bare = (text: string): string => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
  const label = bare(name);
  if (/^(an|ano|anv|ran|ouv|rano)$/.test(bare(code)) || /nouveau|ouverture|balance initiale|opening|report a/.test(label)) return SIDES.OPENING_JOURNAL;
  if (/^(bq|bnq|ban|bk|bnk|ca|cai|csh|cash|ccp|tr)\d*$/.test(bare(code)) || /banque|bank|caisse|cash|tresorerie|cheque|credit agricole|encaissement/.test(label)) return SIDES.TREASURY_JOURNAL;
  if (/^(v|ve|vt|vte|ven|vtes|vente|ventes|rev|fac|inv|fc)\d*$/.test(bare(code)) || /vente|sales|revenue|factur|customer invoice/.test(label)) return SIDES.SALES_JOURNAL;
  return 0;
}

/** Whether an entry opens the books: its journal says so, or it has equity on its other side and nothing of the year's own. */
export function isOpening(sides: number): boolean {
  if ((sides & SIDES.OPENING_JOURNAL) !== 0) return true;
  return (sides & SIDES.EQUITY) !== 0 && (sides & (SIDES.REVENUE | SIDES.EXPENSE | SIDES.SALES_JOURNAL | SIDES.TREASURY_JOURNAL)) === 0;
}
