import type { Candidate } from './credit-match.js';

/** The invoices that the credits of a file met so far. What is left of one, once met, is what credits left of it. */
export class MetInvoices {
  readonly #byId = new Map<string, Candidate>();
  #byOpen: Map<string, Candidate[]> | undefined;

  /** Takes an invoice as the ledger has it, unless it was met before. */
  meet(invoice: Candidate): Candidate {
    const known = this.#byId.get(invoice.invoiceId);
    if (known) return known;
    this.#byId.set(invoice.invoiceId, invoice);
    if (this.#byOpen) addTo(this.#byOpen, invoice);
    return invoice;
  }

  /**
   * Those of a customer of which an amount may be open. To be asked once no credit takes a part any more: from then on what
   * is open of an invoice stays or goes whole.
   */
  openBy(customerId: string, currency: string, minor: bigint): readonly Candidate[] {
    if (!this.#byOpen) {
      this.#byOpen = new Map();
      for (const invoice of this.#byId.values()) addTo(this.#byOpen, invoice);
    }
    return this.#byOpen.get(keyOf(customerId, currency, minor)) ?? [];
  }
}

function addTo(byOpen: Map<string, Candidate[]>, invoice: Candidate): void {
  const key = keyOf(invoice.customerId, invoice.currency, invoice.openMinor);
  const known = byOpen.get(key);
  if (known) known.push(invoice);
  else byOpen.set(key, [invoice]);
}

function keyOf(customerId: string, currency: string, minor: bigint): string {
  return `${customerId} ${currency} ${minor}`;
}
