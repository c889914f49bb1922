import type { Registration } from '../../src/values/registration.js';
import { Calendar } from './calendar.js';
import { makeCompanyName, makeSoleTraderName, notedName, sectorOf } from './company-names.js';
import { Dice } from './dice.js';
import { MEMBER_FIRMS, type MemberFirm } from './member-firms.js';
import { drawHabit } from './payment-times.js';
import { makeSiren, notedRegistration } from './registration-numbers.js';
import { characterFor, makeSharedCustomers, type SharedCustomer } from './shared-customers.js';
import { drawTerms, makeInvoices, type DemoInvoice, type DemoTerms } from './trading.js';

/** A customer as one firm's ledger has it. */
export interface DemoCustomer {
  readonly reference: string;
  readonly name: string;
  /** Null: a sole trader, or nobody noted it. */
  readonly registration: Registration | null;
  /** NACE Rev. 2; null: nobody noted it. */
  readonly sector: string | null;
  readonly terms: DemoTerms;
  /** Whole euros; null: none was set. */
  readonly creditLimit: number | null;
  readonly invoices: readonly (DemoInvoice & { readonly number: string })[];
  /** A payment that no invoice has taken; null: none. */
  readonly advance: { readonly on: Temporal.PlainDate; readonly amountMinor: bigint } | null;
}

export interface DemoFirm extends MemberFirm {
  readonly siren: string;
  readonly customers: readonly DemoCustomer[];
}

export interface DemoNetwork {
  readonly firms: readonly DemoFirm[];
  readonly sharedCustomers: readonly SharedCustomer[];
}

const DEMO_SEED = 20_261;

const OWN_CUSTOMERS = 34;
const SOLE_TRADER_SHARE = 0.15;
const CREDIT_LIMIT_SHARE = 0.6;
const ADVANCE_SHARE = 0.05;

/** Makes the whole demo network. The same `today` and `seed` make the same network, to the last byte. */
export function makeDemoNetwork(today: Temporal.PlainDate, seed: number = DEMO_SEED): DemoNetwork {
  const calendar = new Calendar(today);
  const dice = new Dice(seed);
  const names = new Set<string>();
  const sirens = new Set<string>();
  const sharedCustomers = makeSharedCustomers(dice.of('shared'), names, sirens);
  const firms = MEMBER_FIRMS.map((firm) => {
    const own = dice.of(firm.name);
    const siren = makeSiren(own, sirens);
    const shared = sharedCustomers.filter(({ suppliers }) => suppliers.includes(firm)).map((customer) => makeShared(own.of(customer.siren), firm, customer, calendar));
    const others = Array.from({ length: OWN_CUSTOMERS }, (_, index) => makeOwn(own.of(`own ${index}`), firm, names, sirens, calendar));
    return { ...firm, siren, customers: numbered(firm, own.shuffled([...shared, ...others])) };
  });
  return { firms, sharedCustomers };
}

type Unnumbered = Omit<DemoCustomer, 'reference' | 'invoices'> & { readonly invoices: readonly DemoInvoice[] };

function makeShared(dice: Dice, firm: MemberFirm, customer: SharedCustomer, calendar: Calendar): Unnumbered {
  const { name, siren } = customer;
  const usualAmount = dice.between(600, 6000);
  const trade = { terms: drawTerms(dice, firm.sector), invoicesPerMonth: dice.between(2, 4.4), usualAmount, character: characterFor(customer, firm) };
  return {
    name: notedName(dice, name), registration: notedRegistration(dice, siren), sector: sectorOf(name), terms: trade.terms,
    creditLimit: drawLimit(dice, usualAmount * trade.invoicesPerMonth),
    invoices: makeInvoices(dice, trade, calendar), advance: drawAdvance(dice, usualAmount, calendar),
  };
}

function makeOwn(dice: Dice, firm: MemberFirm, names: Set<string>, sirens: Set<string>, calendar: Calendar): Unnumbered {
  const isSoleTrader = dice.chance(SOLE_TRADER_SHARE);
  const usualAmount = isSoleTrader ? dice.between(80, 500) : dice.between(200, 3500);
  const trade = { terms: drawTerms(dice, firm.sector), invoicesPerMonth: dice.between(0.3, 1.6), usualAmount, character: { habitDays: drawHabit(dice), course: 'STEADY' as const } };
  const name = isSoleTrader ? makeSoleTraderName(dice) : makeCompanyName(dice, names);
  return {
    name, sector: isSoleTrader ? null : sectorOf(name),
    registration: isSoleTrader ? null : notedRegistration(dice, makeSiren(dice, sirens)),
    terms: trade.terms, creditLimit: drawLimit(dice, usualAmount * trade.invoicesPerMonth), invoices: makeInvoices(dice, trade, calendar), advance: drawAdvance(dice, usualAmount, calendar),
  };
}

function drawAdvance(dice: Dice, usualAmount: number, calendar: Calendar): DemoCustomer['advance'] {
  return dice.chance(ADVANCE_SHARE) ? { on: calendar.day(dice.whole(1, 20)), amountMinor: BigInt(Math.round(usualAmount * dice.between(20, 60))) } : null;
}

/** A round limit of some months' sales. */
function drawLimit(dice: Dice, salesPerMonth: number): number | null {
  if (!dice.chance(CREDIT_LIMIT_SHARE)) return null;
  return Math.max(500, Math.round((salesPerMonth * dice.between(2, 5)) / 500) * 500);
}

/** Gives customers their references and invoices their numbers, counted over the firm in the order of issue, a year at a time. */
function numbered(firm: MemberFirm, customers: readonly Unnumbered[]): DemoCustomer[] {
  const issued = customers.flatMap((customer) => customer.invoices).toSorted((one, other) => other.age - one.age);
  const counts = new Map<number, number>();
  const numbers = new Map<DemoInvoice, string>();
  for (const invoice of issued) {
    const { year } = invoice.issueDate;
    const count = (counts.get(year) ?? 0) + 1;
    counts.set(year, count);
    numbers.set(invoice, `${firm.prefix}${year}-${String(count).padStart(5, '0')}`);
  }
  return customers.map((customer, index) => ({
    ...customer,
    reference: `411${String(index + 1).padStart(4, '0')}`,
    invoices: customer.invoices.map((invoice) => ({ ...invoice, number: numbers.get(invoice)! })),
  }));
}
