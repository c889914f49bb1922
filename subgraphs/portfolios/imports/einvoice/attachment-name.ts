/** The names under which Factur-X, ZUGFeRD and XRechnung attach an invoice to a PDF, the newest first. */
export const INVOICE_NAMES: readonly string[] = ['factur-x.xml', 'zugferd-invoice.xml', 'xrechnung.xml'];

/** What is attached to a PDF. */
export interface Attachment {
  readonly key: string;
  readonly name: string;
}

/** The invoice among what is attached; upper and lower case do not count. Two under one name are no invoice. */
export function chooseAttachment(attachments: readonly Attachment[]): Attachment | { readonly fault: 'NO_INVOICE' | 'SEVERAL_INVOICES'; readonly names: readonly string[] } {
  for (const name of INVOICE_NAMES) {
    const named = attachments.filter((attachment) => attachment.name.toLowerCase() === name);
    if (named.length > 1) return { fault: 'SEVERAL_INVOICES', names: named.map((attachment) => attachment.name) };
    if (named[0]) return named[0];
  }
  return { fault: 'NO_INVOICE', names: attachments.map((attachment) => attachment.name) };
}
