import { ratio } from './ratio.js';

/** What is open of some invoices. */
export interface OpenPart {
  readonly outstandingMinor: bigint;
  readonly overdueMinor: bigint;
  readonly invoiceCount: number;
  readonly customerCount: number;
}

/** What is left of a whole without some of its parts. */
export function without(whole: OpenPart, parts: readonly OpenPart[]): OpenPart {
  return parts.reduce(
    (left, part) => ({
      outstandingMinor: left.outstandingMinor - part.outstandingMinor, overdueMinor: left.overdueMinor - part.overdueMinor,
      invoiceCount: left.invoiceCount - part.invoiceCount, customerCount: left.customerCount - part.customerCount,
    }),
    whole,
  );
}

/** The share of the whole outstanding that these customers owe, from 0 to 1; `null` when nothing is outstanding. */
export function concentration(customers: readonly OpenPart[], whole: OpenPart): number | null {
  return ratio(customers.reduce((sum, { outstandingMinor }) => sum + outstandingMinor, 0n), whole.outstandingMinor);
}
