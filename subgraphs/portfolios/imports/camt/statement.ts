import { elementAt, textAt, type XmlElement } from '../xml/xml-element.js';
import { formatExact, parseExact } from './exact-decimal.js';

/** What an entry does to the balance, in billionths, below zero for a debit; `undefined` when that cannot be told. */
export interface Movement {
  readonly currency: string;
  readonly exact: bigint;
}

/** A balance as a statement tells it. */
export interface Balance {
  /** OPBD, CLBD and the like (ISO 20022, external code set of balance types). */
  readonly code: string;
  readonly currency: string;
  /** In billionths, below zero for a debit; `undefined` when it cannot be read. */
  readonly exact: bigint | undefined;
}

/** What of a statement decides whether it is taken, gathered while it is read. */
export interface StatementSums {
  readonly balances: readonly Balance[];
  /** One of several pages: it begins or ends between two days. */
  readonly paged: boolean;
  /** Of all booked entries, by currency, in billionths. */
  readonly movements: ReadonlyMap<string, bigint>;
  /** The line of the first booked entry whose amount cannot be told. */
  readonly unreadableLine: number | undefined;
}

/** Reads a `Bal`. */
export function readBalance(balance: XmlElement): Balance {
  const amount = elementAt(balance, 'Amt');
  const exact = amount && parseExact(amount.text);
  return {
    code: textAt(balance, 'Tp', 'CdOrPrtry', 'Cd') ?? textAt(balance, 'Tp', 'Cd') ?? '',
    currency: amount?.attributes.get('Ccy') ?? '',
    exact: exact === undefined ? undefined : textAt(balance, 'CdtDbtInd') === 'DBIT' ? -exact : exact,
  };
}

/** The account of a statement: its IBAN, else the number that the bank gives it. */
export function readAccount(account: XmlElement | undefined): string | undefined {
  const id = elementAt(account, 'Id');
  const number = textAt(id, 'IBAN') ?? textAt(id, 'Othr', 'Id') ?? textAt(id, 'BBAN') ?? textAt(id, 'PrtryAcct', 'Id');
  return number?.replace(/[\s\p{Cc}]+/gu, '').toUpperCase().slice(0, 40);
}

/** Adds what an entry moves. */
export function addMovement(movements: Map<string, bigint>, { currency, exact }: Movement): void {
  movements.set(currency, (movements.get(currency) ?? 0n) + exact);
}

/** Whether a statement is taken: `OPEN` says that it lacks a balance to be held against. */
export type Reconciliation =
  | { readonly verdict: 'RECONCILED' | 'OPEN' }
  | { readonly verdict: 'REFUSED'; readonly reason: string; readonly difference: string | null };

/**
 * Holds a statement to its balances: the opening balance and all booked entries, debits below zero, must give the closing
 * balance, to the last digit written and in one currency.
 */
export function reconcile({ balances, paged, movements, unreadableLine }: StatementSums): Reconciliation {
  const { opening, closing } = endsOf(balances, paged);
  if (!opening || !closing) return { verdict: 'OPEN' };
  const { currency } = opening;
  const refused = (reason: string, difference: string | null = null): Reconciliation => ({ verdict: 'REFUSED', reason, difference });
  if (opening.exact === undefined || closing.exact === undefined) return refused(`its ${opening.exact === undefined ? 'opening' : 'closing'} balance is no plain decimal`);
  if (closing.currency !== currency) return refused(`its opening balance is in ${currency} and its closing balance in ${closing.currency}`);
  if (unreadableLine !== undefined) return refused(`the amount of its entry of line ${unreadableLine} cannot be read, so that it cannot be added up`);
  const other = [...movements.keys()].find((moved) => moved !== currency);
  if (other !== undefined) return refused(`its balances are in ${currency} and an entry in ${other}`);
  const moved = movements.get(currency) ?? 0n;
  const difference = closing.exact - opening.exact - moved;
  if (difference === 0n) return { verdict: 'RECONCILED' };
  const show = (exact: bigint): string => `${formatExact(exact, currency)} ${currency}`;
  return refused(
    `its opening balance of ${show(opening.exact)} and its entries of ${show(moved)} give ${show(opening.exact + moved)}, but its closing balance is ${show(closing.exact)}: the difference is ${show(difference)}`,
    show(difference),
  );
}

/** Where a statement begins and ends. A page of several may begin or end with an interim balance. */
function endsOf(balances: readonly Balance[], paged: boolean): { readonly opening: Balance | undefined; readonly closing: Balance | undefined } {
  const first = (code: string): Balance | undefined => balances.find((balance) => balance.code === code);
  const opening = first('OPBD') ?? first('PRCD');
  const closing = first('CLBD');
  const interim = paged ? balances.filter(({ code }) => code === 'ITBD') : [];
  return { opening: opening ?? (closing ? interim[0] : interim.length === 2 ? interim[0] : undefined), closing: closing ?? interim.at(-1) };
}
