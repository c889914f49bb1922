import { payerNameKey } from './payer-name.js';

/** Who paid, as it is staged: a name, and legal units as `legalUnit` writes them. */
export interface StagedPayer {
  readonly name: string | null;
  readonly units: readonly string[];
}

/** A customer as far as a bank could know it. */
export interface KnownCustomer {
  readonly id: string;
  readonly name: string;
  /** Its legal unit; null when the firm did not say. */
  readonly unit: string | null;
}

/**
 * Which customer a bank's words mean. Only customers that a payer could mean are kept, so that a firm may have any number
 * of them: first every payer is announced, then every customer is told, then it can be asked.
 */
export class PayerRegister {
  readonly #byUnit = new Map<string, KnownCustomer[]>();
  readonly #byName = new Map<string, KnownCustomer[]>();

  expect({ name, units }: StagedPayer): void {
    for (const unit of units) this.#byUnit.set(unit, []);
    const key = name === null ? '' : payerNameKey(name);
    if (key !== '') this.#byName.set(key, []);
  }

  get isEmpty(): boolean {
    return this.#byUnit.size === 0 && this.#byName.size === 0;
  }

  /** Of those that share a unit or a name two are enough to know that it tells none of them. */
  tell(customer: KnownCustomer): void {
    for (const found of [this.#byName.get(payerNameKey(customer.name)), customer.unit === null ? undefined : this.#byUnit.get(customer.unit)]) if (found && found.length < 2) found.push(customer);
  }

  /**
   * The customer of a payer, the likeliest payer first: by registration, else by a name that is the same without case,
   * accents and legal form. Null when none is found, or more than one. A name does not outweigh another registration.
   */
  find(payers: readonly StagedPayer[]): string | null {
    for (const { units } of payers) {
      for (const unit of units) {
        const found = this.#byUnit.get(unit) ?? [];
        if (found.length === 1) return found[0]!.id;
      }
    }
    for (const { name, units } of payers) {
      const [customer, other] = name === null ? [] : (this.#byName.get(payerNameKey(name)) ?? []);
      if (customer && !other && !contradicts(units, customer.unit)) return customer.id;
    }
    return null;
  }
}

/** Whether one register gives the two different numbers. */
function contradicts(units: readonly string[], known: string | null): boolean {
  if (known === null) return false;
  const scheme = known.slice(0, known.indexOf(':') + 1);
  return !units.includes(known) && units.some((unit) => unit.startsWith(scheme));
}
