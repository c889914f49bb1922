import { daysBetween } from '../../../../src/values/day.js';
import { isOpening, SIDES } from './entry-side.js';

/** One entry on a customer's account. Days are `yyyy-MM-dd`; amounts are minor units, debit above zero. */
export interface AccountEntry {
  readonly line: number;
  readonly journal: string;
  readonly entry: string;
  readonly day: string;
  readonly piece: string | null;
  readonly pieceDay: string | null;
  readonly dueDay: string | null;
  readonly minor: bigint;
  readonly letter: string | null;
  readonly letterDay: string | null;
  /** Bits of `SIDES`. */
  readonly sides: number;
}

/** What the ledger has of the customer before the file. */
export interface KnownAccount {
  /** Whether it has any document from before the file's opening balances. */
  readonly hasPast: boolean;
  readonly invoices: ReadonlyMap<string, KnownInvoice>;
  /** By reference. */
  readonly receipts: ReadonlyMap<string, KnownReceipt>;
}

export interface KnownInvoice {
  readonly kind: 'INVOICE' | 'CREDIT_NOTE';
  readonly issueDay: string;
  readonly amountMinor: bigint;
  /** What was open at the end of the day before the opening balances. */
  readonly openMinor: bigint;
}

export interface KnownReceipt {
  readonly receivedOn: string;
  readonly amountMinor: bigint;
  /** What was unapplied at the end of the day before the opening balances. */
  readonly openMinor: bigint;
}

export const NOTHING_KNOWN: KnownAccount = { hasPast: false, invoices: new Map(), receipts: new Map() };

export interface AccountInvoice {
  readonly line: number;
  readonly number: string;
  readonly kind: 'INVOICE' | 'CREDIT_NOTE';
  readonly issueDay: string;
  readonly dueDay: string | null;
  readonly amountMinor: bigint;
}

export interface AccountReceipt {
  readonly line: number;
  readonly reference: string;
  /** Whether the matches are the whole of what it settles; of one that opening balances stand for, only what they add. */
  readonly isWhole: boolean;
  readonly receivedOn: string;
  readonly amountMinor: bigint;
}

/** So much of an invoice settled by a receipt or by a credit note. */
export interface AccountMatch {
  readonly line: number;
  readonly invoiceNumber: string;
  readonly receiptReference: string | null;
  readonly creditNoteNumber: string | null;
  readonly appliedOn: string;
  readonly amountMinor: bigint;
}

export interface ReadAccount {
  /** Invoices and credit notes. */
  readonly invoices: readonly AccountInvoice[];
  readonly receipts: readonly AccountReceipt[];
  readonly matches: readonly AccountMatch[];
  /** Numbers of documents of the ledger that the file's opening balances stand for. */
  readonly referred: readonly string[];
  /** The first line of the opening balances when they are not what the ledger has; null otherwise. */
  readonly openingDiffers: { readonly line: number; readonly saidMinor: bigint; readonly knownMinor: bigint } | null;
}

/** What settles or is settled: an invoice, or a slice of one that the ledger already has; likewise a receipt or a credit note. */
interface Item {
  readonly line: number;
  readonly day: string;
  readonly piece: string | null;
  readonly letter: string | null;
  readonly letterDay: string | null;
  readonly invoiceNumber: string | null;
  readonly receiptReference: string | null;
  /** What of it is not matched yet; above zero on either side. */
  left: bigint;
}

/** The lines of one entry that are one document. */
interface Document {
  readonly entry: AccountEntry;
  readonly minor: bigint;
  /** Which document of its entry it is, from 1. */
  readonly place: number;
  readonly role: 'INVOICE' | 'CREDIT_NOTE' | 'RECEIPT' | 'OPENING';
}

/**
 * Reads one customer's account, its entries in the order of their days, as invoices, credit notes, receipts, and what
 * settles what. Debits less credits of the entries are always what is then outstanding less what is unapplied; where
 * opening balances stand for what the ledger already has, of both together.
 */
export function readAccount(entries: readonly AccountEntry[], known: KnownAccount): ReadAccount {
  const whole = { invoices: [] as AccountInvoice[], receipts: [] as AccountReceipt[], matches: [] as AccountMatch[], referred: new Set<string>(), openingDiffers: null as ReadAccount['openingDiffers'] };
  const taken = new Set<string>();
  let past = known;
  for (const year of splitYears(entries)) {
    const documents = toDocuments(year);
    const book = new Book(past, taken);
    const openingDiffers = book.open(documents.filter(({ role }) => role === 'OPENING'));
    for (const document of documents) if (document.role !== 'OPENING') book.add(document);
    const matched = match(book.debits, book.credits);
    past = closeYear(past, book, matched);
    // One by one: as arguments of one call hundreds of thousands do not fit the stack.
    for (const invoice of book.invoices) whole.invoices.push(invoice);
    for (const receipt of book.receipts) whole.receipts.push(receipt);
    for (const one of matched) whole.matches.push(one);
    for (const number of book.referred) whole.referred.add(number);
    whole.openingDiffers ??= openingDiffers;
  }
  // What the file has itself need not be named again.
  for (const { number } of whole.invoices) whole.referred.delete(number);
  return { ...whole, referred: [...whole.referred] };
}

/** Books of several years open several times: each opening begins a year, for which the years before are the past. */
function splitYears(entries: readonly AccountEntry[]): AccountEntry[][] {
  const openings = [...new Set(entries.filter(({ sides }) => isOpening(sides)).map(({ day }) => day))].toSorted();
  const years = Map.groupBy(entries, ({ day }) => openings.findLast((opening) => opening <= day) ?? '');
  return [...years].toSorted(([one], [other]) => (one < other ? -1 : 1)).map(([, year]) => year);
}

/** What the ledger will have once a year's entries are in it. */
function closeYear(past: KnownAccount, { invoices, receipts }: Book, matches: readonly AccountMatch[]): KnownAccount {
  const invoicesThen = new Map(past.invoices);
  const receiptsThen = new Map(past.receipts);
  for (const { number, kind, issueDay, amountMinor } of invoices) invoicesThen.set(number, { kind, issueDay, amountMinor, openMinor: amountMinor });
  for (const { reference, receivedOn, amountMinor, isWhole } of receipts) if (isWhole) receiptsThen.set(reference, { receivedOn, amountMinor, openMinor: amountMinor });
  const take = <Known extends { readonly openMinor: bigint }>(known: Map<string, Known>, name: string | null, minor: bigint): void => {
    const document = name === null ? undefined : known.get(name);
    if (name !== null && document) known.set(name, { ...document, openMinor: document.openMinor > minor ? document.openMinor - minor : 0n });
  };
  for (const { invoiceNumber, creditNoteNumber, receiptReference, amountMinor } of matches) {
    take(invoicesThen, invoiceNumber, amountMinor);
    take(invoicesThen, creditNoteNumber, amountMinor);
    take(receiptsThen, receiptReference, amountMinor);
  }
  return { hasPast: past.hasPast || invoices.length + receipts.length > 0, invoices: invoicesThen, receipts: receiptsThen };
}

/** Lines of one entry with the same piece, letter and due date are one document: a sale booked by rate of VAT, for one. */
function toDocuments(entries: readonly AccountEntry[]): Document[] {
  const sums = new Map<string, { entry: AccountEntry; minor: bigint }>();
  for (const entry of entries) {
    if (entry.minor === 0n) continue;
    const own = [entry.journal, entry.entry, entry.day, entry.minor > 0n, entry.piece, entry.letter, entry.letterDay, entry.dueDay];
    // Each line of an opening balance is an item of its own.
    const key = JSON.stringify(isOpening(entry.sides) ? [...own, entry.line] : own);
    const sum = sums.get(key);
    if (sum) sum.minor += entry.minor;
    else sums.set(key, { entry, minor: entry.minor });
  }
  const places = new Map<string, number>();
  return [...sums.values()].map(({ entry, minor }) => {
    const key = JSON.stringify([entry.journal, entry.entry, entry.day]);
    const place = (places.get(key) ?? 0) + 1;
    places.set(key, place);
    return { entry, minor, place, role: roleOf(entry) };
  });
}

/**
 * What an entry is. A debit is an invoice: a sale, or a payment that was rejected or paid back, by which as much is owed
 * again. A credit beside money is a receipt; beside revenue, tax or an expense (a loss, a discount) it is a credit note;
 * against another third party (set-off, bills) it is a receipt. With no other side the journal decides.
 */
function roleOf(entry: AccountEntry): Document['role'] {
  const has = (...sides: readonly number[]): boolean => sides.some((side) => (entry.sides & side) !== 0);
  if (isOpening(entry.sides)) return 'OPENING';
  if (entry.minor > 0n) return 'INVOICE';
  if (has(SIDES.TREASURY)) return 'RECEIPT';
  if (has(SIDES.REVENUE, SIDES.TAX, SIDES.EXPENSE)) return 'CREDIT_NOTE';
  if (has(SIDES.THIRD_PARTY)) return 'RECEIPT';
  return has(SIDES.SALES_JOURNAL) ? 'CREDIT_NOTE' : 'RECEIPT';
}

/** The documents of an account under the names that the ledger has or will have for them. */
class Book {
  readonly invoices: AccountInvoice[] = [];
  readonly receipts: AccountReceipt[] = [];
  readonly referred = new Set<string>();
  readonly debits: Item[] = [];
  readonly credits: Item[] = [];
  /** What opening balances have named. */
  readonly #named = new Set<string>();

  /** `taken` are the numbers that the file has given away, in whatever year. */
  constructor(
    readonly known: KnownAccount,
    readonly taken: Set<string>,
  ) {}

  /** A document of the file's own period. */
  add({ entry, minor, place, role }: Document): void {
    if (role === 'RECEIPT') return this.#receive(entry, -minor, ownName(entry, place));
    const kind = minor > 0n ? 'INVOICE' : 'CREDIT_NOTE';
    this.#invoice(entry, kind, minor > 0n ? minor : -minor, this.#numberOf(entry, place, kind, minor > 0n ? minor : -minor));
  }

  /**
   * Opening balances. What an earlier import of the same entry made is made again. A piece that the ledger knows is that
   * document. What is left is new when the ledger has nothing of the time before, and stands for what was open when it has.
   */
  open(documents: readonly Document[]): ReadAccount['openingDiffers'] {
    const left: Document[] = [];
    for (const document of documents) if (!this.#openKnown(document)) left.push(document);
    const first = left[0];
    if (!first) return null;
    if (!this.known.hasPast) {
      for (const document of left) this.#openNew(document);
      return null;
    }
    const before = this.#openBefore();
    const saidMinor = left.reduce((sum, { minor }) => sum + minor, 0n);
    const knownMinor = sum(before.debits) - sum(before.credits);
    standFor(left.filter(({ minor }) => minor > 0n), before.debits, this.debits);
    standFor(left.filter(({ minor }) => minor < 0n), before.credits, this.credits);
    for (const { invoiceNumber, receiptReference, line } of [...this.debits, ...this.credits]) this.#refer(invoiceNumber, receiptReference, line);
    for (const { invoiceNumber } of [...before.debits, ...before.credits]) if (invoiceNumber !== null) this.referred.add(invoiceNumber);
    return saidMinor === knownMinor ? null : { line: first.entry.line, saidMinor, knownMinor };
  }

  /** Takes an opening balance that the ledger has under the name it would get, or under its piece. */
  #openKnown({ entry, minor, place }: Document): boolean {
    const own = ownName(entry, place);
    const amountMinor = minor > 0n ? minor : -minor;
    const again = minor > 0n ? this.known.invoices.has(own) : this.known.receipts.has(own);
    if (again) {
      if (minor > 0n) this.#invoice(entry, 'INVOICE', amountMinor, own);
      else this.#receive(entry, amountMinor, own);
      return true;
    }
    const piece = realPiece(entry);
    const document = piece === null ? undefined : this.known.invoices.get(piece);
    if (piece === null || !document || this.#named.has(piece) || (document.kind === 'INVOICE') !== minor > 0n) return false;
    this.#named.add(piece);
    this.referred.add(piece);
    (minor > 0n ? this.debits : this.credits).push({ ...itemOf(entry), invoiceNumber: piece, receiptReference: null, left: amountMinor });
    return true;
  }

  #openNew({ entry, minor, place }: Document): void {
    const piece = realPiece(entry);
    if (minor < 0n) return this.#receive(entry, -minor, ownName(entry, place));
    this.#invoice(entry, 'INVOICE', minor, piece !== null && !this.taken.has(piece) ? piece : ownName(entry, place));
  }

  /** What was open before the file and no opening balance has named yet, oldest first. */
  #openBefore(): { readonly debits: Item[]; readonly credits: Item[] } {
    const debits: Item[] = [];
    const credits: Item[] = [];
    const bare = { line: 0, piece: null, letter: null, letterDay: null };
    for (const [number, { kind, issueDay, openMinor }] of this.known.invoices) {
      if (openMinor > 0n && !this.#named.has(number)) (kind === 'INVOICE' ? debits : credits).push({ ...bare, day: issueDay, invoiceNumber: number, receiptReference: null, left: openMinor });
    }
    for (const [reference, { receivedOn, openMinor }] of this.known.receipts) {
      if (openMinor > 0n) credits.push({ ...bare, day: receivedOn, invoiceNumber: null, receiptReference: reference, left: openMinor });
    }
    return { debits: debits.toSorted(byDay), credits: credits.toSorted(byDay) };
  }

  /** Says a document of the ledger again, as it stands there. */
  #refer(invoiceNumber: string | null, receiptReference: string | null, line: number): void {
    if (invoiceNumber !== null) this.referred.add(invoiceNumber);
    const receipt = receiptReference === null ? undefined : this.known.receipts.get(receiptReference);
    if (receiptReference !== null && receipt && !this.#named.has(`receipt ${receiptReference}`)) {
      this.#named.add(`receipt ${receiptReference}`);
      this.receipts.push({ line, reference: receiptReference, isWhole: false, receivedOn: receipt.receivedOn, amountMinor: receipt.amountMinor });
    }
  }

  /**
   * The number of a new document: its piece, for the first that has it; else the piece with the entry behind it. A piece
   * without a digit ("sans", "-") is no number, and one that the ledger has as another document is not taken for it.
   */
  #numberOf(entry: AccountEntry, place: number, kind: AccountInvoice['kind'], amountMinor: bigint): string {
    const own = ownName(entry, place);
    const piece = entry.minor > 0n && isPaidBack(entry) ? null : realPiece(entry);
    if (piece === null) return own;
    const known = this.known.invoices.get(piece);
    return (!known || isSame(known, entry, kind, amountMinor)) && !this.taken.has(piece) ? piece : `${piece} (${own})`.slice(0, LONGEST_NUMBER);
  }

  #invoice(entry: AccountEntry, kind: AccountInvoice['kind'], amountMinor: bigint, number: string): void {
    this.taken.add(number);
    this.#named.add(number);
    const issueDay = entry.pieceDay ?? entry.day;
    const dueDay = entry.dueDay !== null && entry.dueDay >= issueDay ? entry.dueDay : null;
    this.invoices.push({ line: entry.line, number, kind, issueDay, dueDay, amountMinor });
    (kind === 'INVOICE' ? this.debits : this.credits).push({ ...itemOf(entry), day: issueDay, invoiceNumber: number, receiptReference: null, left: amountMinor });
  }

  #receive(entry: AccountEntry, amountMinor: bigint, reference: string): void {
    this.receipts.push({ line: entry.line, reference, isWhole: true, receivedOn: entry.day, amountMinor });
    this.credits.push({ ...itemOf(entry), invoiceNumber: null, receiptReference: reference, left: amountMinor });
  }
}

/** Programs give an invoice a day that may differ a little from the one of its entry; numbers that begin anew each year differ more. */
const SAME_DAYS = 10;

/** Whether what the ledger has under a piece is this entry: of its day, or of its amount and about that day. */
function isSame(known: KnownInvoice, entry: AccountEntry, kind: AccountInvoice['kind'], amountMinor: bigint): boolean {
  if (known.kind !== kind) return false;
  const away = Math.min(...[entry.day, entry.pieceDay ?? entry.day].map((day) => Math.abs(daysBetween(Temporal.PlainDate.from(known.issueDay), Temporal.PlainDate.from(day)))));
  return away === 0 || (away <= SAME_DAYS && known.amountMinor === amountMinor);
}

/** As long as a number may be. */
const LONGEST_NUMBER = 200;

/** The name that no other document of any year has: the journal, the entry and its day, and which of several it is. */
function ownName({ journal, entry, day }: AccountEntry, place: number): string {
  return `${entry.startsWith(journal) ? entry : `${journal} ${entry}`.trim()} ${day}${place === 1 ? '' : ` #${place}`}`.slice(0, LONGEST_NUMBER);
}

function realPiece({ piece }: AccountEntry): string | null {
  return piece !== null && /\d/.test(piece) ? piece : null;
}

/** A debit beside money and no revenue: a payment that came back. It often carries the piece of what it had paid. */
function isPaidBack({ sides }: AccountEntry): boolean {
  return (sides & SIDES.TREASURY) !== 0 && (sides & SIDES.REVENUE) === 0;
}

function itemOf({ line, day, piece, letter, letterDay }: AccountEntry): Pick<Item, 'line' | 'day' | 'piece' | 'letter' | 'letterDay'> {
  return { line, day, piece, letter, letterDay };
}

function sum(items: readonly Item[]): bigint {
  return items.reduce((total, { left }) => total + left, 0n);
}

function byDay(one: Item, other: Item): number {
  return one.day < other.day ? -1 : one.day > other.day ? 1 : 0;
}

/** Cuts what was open into slices, one for each opening balance that stands for it: of the same amount first, else the oldest. */
function standFor(openings: readonly Document[], open: readonly Item[], into: Item[]): void {
  const rest = new Map(open.map((item) => [item, item.left]));
  const take = (opening: Document, item: Item, wanted: bigint): bigint => {
    const has = rest.get(item)!;
    const taken = has < wanted ? has : wanted;
    if (taken === 0n) return 0n;
    rest.set(item, has - taken);
    into.push({ ...item, ...itemOf(opening.entry), day: item.day, left: taken });
    return taken;
  };
  const sizeOf = ({ minor }: Document): bigint => (minor > 0n ? minor : -minor);
  // The oldest of an amount last: it is the first to go.
  const bySize = Map.groupBy(open.toReversed(), ({ left }) => left);
  const inexact = openings.filter((opening) => {
    const whole = bySize.get(sizeOf(opening))?.pop();
    return !whole || take(opening, whole, sizeOf(opening)) === 0n;
  });
  let next = 0;
  for (const opening of inexact) {
    let wanted = sizeOf(opening);
    for (; next < open.length; next += 1) {
      wanted -= take(opening, open[next]!, wanted);
      if (wanted === 0n) break;
    }
  }
}

/** What settles what, group by group of the lettering. */
function match(debits: readonly Item[], credits: readonly Item[]): AccountMatch[] {
  const matches: AccountMatch[] = [];
  const lettered = ({ letter }: Item): boolean => letter !== null;
  const creditsByLetter = Map.groupBy(credits.filter(lettered), ({ letter }) => letter);
  for (const [letter, group] of Map.groupBy(debits.filter(lettered), (item) => item.letter)) {
    for (const [owed, paid] of splitByDay(group, creditsByLetter.get(letter) ?? [])) matchGroup(owed, paid, matches);
  }
  return matches;
}

/**
 * A letter may be used again in another period: items of one letter and one day of lettering that net to zero are a group
 * of their own, and what is left of the letter is another.
 */
function splitByDay(debits: readonly Item[], credits: readonly Item[]): (readonly [readonly Item[], readonly Item[]])[] {
  const groups: [Item[], Item[]][] = [];
  const rest: [Item[], Item[]] = [[], []];
  const creditsByDay = Map.groupBy(credits, ({ letterDay }) => letterDay);
  const debitsByDay = Map.groupBy(debits, ({ letterDay }) => letterDay);
  for (const day of new Set([...debitsByDay.keys(), ...creditsByDay.keys()])) {
    const pair: [Item[], Item[]] = [debitsByDay.get(day) ?? [], creditsByDay.get(day) ?? []];
    if (sum(pair[0]) === sum(pair[1])) groups.push(pair);
    else {
      for (const debit of pair[0]) rest[0].push(debit);
      for (const credit of pair[1]) rest[1].push(credit);
    }
  }
  return [...groups, rest];
}

/** Within a group: what has the same piece, then what has the same amount, then the oldest first. */
function matchGroup(debits: readonly Item[], credits: readonly Item[], matches: AccountMatch[]): void {
  const owed = debits.toSorted(byDay);
  const paid = credits.toSorted(byDay);
  pairUp(owed, paid, matches, ({ piece }) => piece);
  pairUp(owed, paid, matches, ({ left }) => String(left));
  let next = 0;
  for (const credit of paid) {
    while (credit.left > 0n && next < owed.length) {
      settle(owed[next]!, credit, matches);
      if (owed[next]!.left === 0n) next += 1;
    }
  }
}

/** Matches items of the same key, each credit with the first debit that is not yet settled. */
function pairUp(owed: readonly Item[], paid: readonly Item[], matches: AccountMatch[], keyOf: (item: Item) => string | null): void {
  // The first that is open is the last of its list: there it is taken away without moving the others.
  const open = Map.groupBy(owed.filter(({ left }) => left > 0n).toReversed(), keyOf);
  for (const credit of paid) {
    const key = credit.left > 0n ? keyOf(credit) : null;
    const queue = key === null ? undefined : open.get(key);
    const first = queue?.at(-1);
    if (!queue || !first) continue;
    settle(first, credit, matches);
    if (first.left === 0n) queue.pop();
  }
}

function settle(debit: Item, credit: Item, matches: AccountMatch[]): void {
  const amountMinor = debit.left < credit.left ? debit.left : credit.left;
  if (amountMinor === 0n) return;
  debit.left -= amountMinor;
  credit.left -= amountMinor;
  matches.push({
    line: credit.line, invoiceNumber: debit.invoiceNumber!, receiptReference: credit.receiptReference, creditNoteNumber: credit.invoiceNumber,
    appliedOn: credit.day > debit.day ? credit.day : debit.day, amountMinor,
  });
}
