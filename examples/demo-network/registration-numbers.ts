import type { Registration } from '../../src/values/registration.js';
import type { Dice } from './dice.js';

/**
 * Registrations that pass their check digits and were made up here. The numbers are drawn among those that begin with
 * 69; should one be somebody's, nothing said about it in the demo is about them.
 */

/** A SIREN that `taken` does not hold yet, and now does: eight digits and their Luhn digit. */
export function makeSiren(dice: Dice, taken: Set<string>): string {
  for (;;) {
    const siren = withLuhnDigit(`69${digits(dice, 6)}`);
    if (taken.has(siren)) continue;
    taken.add(siren);
    return siren;
  }
}

/** The SIRET of a legal unit's establishment: the SIREN, the establishment's number (from 1) and a Luhn digit. */
function siretOf(siren: string, establishment: number): string {
  return withLuhnDigit(`${siren}${String(establishment).padStart(4, '0')}`);
}

/** The French VAT number of a legal unit: its key is (12 + 3 × (SIREN mod 97)) mod 97. */
function vatOf(siren: string): string {
  return `FR${String((12 + 3 * (Number(siren) % 97)) % 97).padStart(2, '0')}${siren}`;
}

/** The legal unit as one of its suppliers happens to have noted it. */
export function notedRegistration(dice: Dice, siren: string): Registration {
  return dice.pickByWeight<Registration>([
    [{ scheme: 'SIREN', value: siren }, 5],
    [{ scheme: 'SIRET', value: siretOf(siren, dice.whole(1, 3)) }, 3],
    [{ scheme: 'VAT', value: vatOf(siren) }, 2],
  ]);
}

function digits(dice: Dice, count: number): string {
  return Array.from({ length: count }, () => dice.whole(0, 9)).join('');
}

function withLuhnDigit(body: string): string {
  const sum = [...body].toReversed().reduce((total, digit, index) => {
    // The check digit will stand to the right, so the last digit of the body is the first to be doubled.
    const value = Number(digit) * (index % 2 === 0 ? 2 : 1);
    return total + (value > 9 ? value - 9 : value);
  }, 0);
  return `${body}${(10 - (sum % 10)) % 10}`;
}
