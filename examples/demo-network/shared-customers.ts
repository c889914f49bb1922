import { makeCompanyName } from './company-names.js';
import type { Dice } from './dice.js';
import { MEMBER_FIRMS, SHOWN_FIRMS, type MemberFirm } from './member-firms.js';
import { drawHabit } from './payment-times.js';
import { makeSiren } from './registration-numbers.js';

/** How a customer's lateness has moved over the last months. */
export type Course = 'STEADY' | 'WORSENING' | 'IMPROVING';

/** How a customer pays: on average so many days beyond terms, and from there on its course. */
export interface PaymentCharacter {
  readonly habitDays: number;
  readonly course: Course;
}

/** A company that several firms of the network sell to. */
export interface SharedCustomer {
  readonly name: string;
  readonly siren: string;
  readonly character: PaymentCharacter;
  readonly suppliers: readonly MemberFirm[];
  /** The one supplier that it pays on time, though it is late with all others: for that firm a hidden slow payer. */
  readonly favoured: MemberFirm | undefined;
}

/** Late enough to be shown as late, and with enough suppliers that one who is paid on time leaves the mean late. */
const FAVOURING = { habitDays: 15, suppliers: 6 } as const;

/** How the customer pays this supplier. */
export function characterFor({ character, favoured }: SharedCustomer, firm: MemberFirm): PaymentCharacter {
  return firm === favoured ? { ...character, habitDays: ON_TIME_DAYS } : character;
}

/** A habit of paying a little before the day: what comes a few days late makes up for it. */
const ON_TIME_DAYS = -2;

/**
 * How many customers are shared by how many firms: 60 in all. A firm sees one contributor fewer than there are suppliers,
 * so 2–3 suppliers give nothing to see, 4–5 a band, 6–10 a figure, 11 and more a figure with quartiles.
 */
const CUSTOMERS_BY_SUPPLIERS: readonly (readonly [suppliers: number, customers: number])[] = [
  [12, 1], [2, 6], [3, 8], [4, 8], [5, 8], [6, 6], [7, 5], [8, 4], [9, 3], [10, 3], [11, 3], [12, 1], [13, 2], [14, 2],
];

/** The first customer is everybody's example: sold to by all the firms whose sign-ins are shown, and worsening. */
export function makeSharedCustomers(dice: Dice, names: Set<string>, sirens: Set<string>): readonly SharedCustomer[] {
  const counts = CUSTOMERS_BY_SUPPLIERS.flatMap(([suppliers, customers]) => Array.from({ length: customers }, () => suppliers));
  const shown = MEMBER_FIRMS.filter((firm) => SHOWN_FIRMS.some((name) => name === firm.name));
  const others = MEMBER_FIRMS.filter((firm) => !shown.includes(firm));
  const favours = new Map(shown.map((firm) => [firm, 0]));
  return counts.map((count, index) => {
    const own = dice.of(`customer ${index}`);
    const suppliers = index === 0 ? [...shown, ...own.shuffled(others)].slice(0, count) : own.shuffled(MEMBER_FIRMS).slice(0, count);
    const name = makeCompanyName(own, names);
    const siren = makeSiren(own, sirens);
    const character = makeCharacter(own, index % 2 === 1 ? 'STEADY' : index % 4 === 0 ? 'WORSENING' : 'IMPROVING');
    const canFavour = character.course === 'STEADY' && character.habitDays >= FAVOURING.habitDays && count >= FAVOURING.suppliers;
    // Whoever of the shown firms has fewest of them.
    const favoured = canFavour ? shown.filter((firm) => suppliers.includes(firm)).toSorted((one, other) => favours.get(one)! - favours.get(other)!)[0] : undefined;
    if (favoured) favours.set(favoured, favours.get(favoured)! + 1);
    return { name, siren, character, suppliers, favoured };
  });
}

/** A customer can only worsen from a fair habit and only improve from a bad one. */
function makeCharacter(dice: Dice, course: Course): PaymentCharacter {
  const habit = drawHabit(dice);
  if (course === 'STEADY') return { habitDays: habit, course };
  const share = (habit + 20) / 80;
  return { habitDays: course === 'WORSENING' ? 2 + share * 18 : 38 + share * 14, course };
}
