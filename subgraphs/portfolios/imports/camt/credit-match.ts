import { isWeak, type Mention } from './invoice-mention.js';

/** An invoice that a credit may settle. What it can take shrinks as credits give to it. */
export interface Candidate {
  readonly invoiceId: string;
  readonly customerId: string;
  readonly number: string;
  readonly currency: string;
  readonly issueDate: string;
  openMinor: bigint;
  /** What a file only stated as settled, without saying by what: a payment that names the invoice is what settled it. */
  statedMinor: bigint;
}

/** What of a credit tells where it belongs. */
export interface MatchedCredit {
  readonly currency: string;
  readonly amountMinor: bigint;
  readonly bookedOn: string;
  /** The customer that structured data or a name tells; null when neither does. */
  readonly payerId: string | null;
  /** For each structured reference the keys that it may stand for, the likeliest first. */
  readonly references: readonly (readonly string[])[];
  /** What may be invoice numbers in the text. */
  readonly mentions: readonly Mention[];
}

/** How a credit found its invoices: the first rule that does decides. */
export type MatchRule = 'REFERENCE' | 'NUMBERS' | 'AMOUNT';

export interface Match {
  readonly rule: MatchRule;
  readonly customerId: string;
  /** In the order in which they take from the credit. */
  readonly invoices: readonly Candidate[];
}

/** The invoices by the key of their number, settled ones among them: who names one of these again has not paid another. */
export type CandidatesByKey = ReadonlyMap<string, readonly Candidate[]>;

/**
 * The invoices that a credit names: by structured reference, else by numbers in its text, in the order written. All are of
 * one customer and in the credit's currency. What could be meant for two customers is nobody's.
 */
export function matchByNumber(credit: MatchedCredit, candidates: CandidatesByKey): Match | undefined {
  // Of an unknown payer a settled invoice says nothing: it could be anybody's number.
  const known = (key: string): readonly Candidate[] =>
    candidates.get(key)?.filter((invoice) => invoice.currency === credit.currency && (invoice.customerId === credit.payerId || takeable(invoice) > 0n)) ?? [];
  const referred = credit.references.map((keys) => keys.find((key) => known(key).length > 0)).filter((key) => key !== undefined);
  return choose('REFERENCE', credit, [...new Set(referred)], known) ?? choose('NUMBERS', credit, mentioned(credit, known), known);
}

/** The one open invoice of the payer that is exactly as high as the credit, when there is one and only one, and it was issued by then. */
export function matchByAmount(credit: MatchedCredit, ofPayer: readonly Candidate[]): Match | undefined {
  let exact: Candidate | undefined;
  for (const invoice of ofPayer) {
    const { customerId, currency, issueDate, openMinor } = invoice;
    if (openMinor !== credit.amountMinor || customerId !== credit.payerId || currency !== credit.currency || issueDate > credit.bookedOn) continue;
    if (exact) return undefined;
    exact = invoice;
  }
  return exact && { rule: 'AMOUNT', customerId: exact.customerId, invoices: [exact] };
}

/** What an invoice takes of a credit. */
export interface Taken {
  readonly invoice: Candidate;
  readonly minor: bigint;
}

/** Lets each invoice take what is open of it, in their order, as far as the credit reaches. What is left stays unapplied. */
export function takeFrom(amountMinor: bigint, invoices: readonly Candidate[]): readonly Taken[] {
  let left = amountMinor;
  const taken: Taken[] = [];
  for (const invoice of invoices) {
    const minor = least(left, takeable(invoice));
    if (minor === 0n) continue;
    const fromOpen = least(minor, invoice.openMinor);
    invoice.openMinor -= fromOpen;
    invoice.statedMinor -= minor - fromOpen;
    left -= minor;
    taken.push({ invoice, minor });
  }
  return taken;
}

/** What an invoice can take of a payment that names it. */
function takeable({ openMinor, statedMinor }: Candidate): bigint {
  return openMinor + statedMinor;
}

function least(one: bigint, other: bigint): bigint {
  return one < other ? one : other;
}

/** The keys of the mentions that are invoices, in the order of the text; of two that overlap the longer counts. */
function mentioned({ mentions, payerId }: MatchedCredit, known: (key: string) => readonly Candidate[]): readonly string[] {
  const keys = new Set<string>();
  let free = 0;
  for (const { key, from, to } of mentions) {
    if (from < free) continue;
    const found = known(key);
    if (isWeak(key) ? !found.some(({ customerId }) => customerId === payerId) : found.length === 0) continue;
    keys.add(key);
    free = to;
  }
  return [...keys];
}

function choose(rule: MatchRule, credit: MatchedCredit, keys: readonly string[], known: (key: string) => readonly Candidate[]): Match | undefined {
  const named = keys.map(known);
  const ofCustomer = (id: string): readonly Candidate[] => named.flatMap((invoices) => invoices.filter(({ customerId }) => customerId === id));
  const isExact = (id: string): boolean => ofCustomer(id).reduce((sum, invoice) => sum + takeable(invoice), 0n) === credit.amountMinor;
  const match = (customerId: string): Match => ({ rule, customerId, invoices: ofCustomer(customerId) });
  const customers = [...new Set(named.flat().map(({ customerId }) => customerId))];
  if (credit.payerId !== null && customers.includes(credit.payerId)) return match(credit.payerId);
  const whole = customers.filter((id) => named.every((invoices) => invoices.some(({ customerId }) => customerId === id)));
  // A reference was given out by the firm itself; a number that a known payer writes is another customer's only to the cent.
  if (whole.length === 1 && (credit.payerId === null || rule === 'REFERENCE' || isExact(whole[0]!))) return match(whole[0]!);
  const exact = customers.filter(isExact);
  return exact.length === 1 ? match(exact[0]!) : undefined;
}
