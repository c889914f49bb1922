import { formatMinor } from '../../src/values/money.js';
import type { DemoFirm } from './demo-network.js';

const COLUMNS = ['customer_reference', 'customer_name', 'registration_scheme', 'registration_value', 'country', 'invoice_number', 'invoice_kind', 'issue_date', 'due_date', 'currency', 'amount', 'settled_on'] as const;

/** The ledger of a firm as the CSV file that its accounting would export, in the columns that an import takes without a mapping. */
export function writeLedgerFile(firm: DemoFirm): string {
  const lines = firm.customers.flatMap((customer) =>
    customer.invoices.map((invoice) =>
      [
        customer.reference, quoted(customer.name), customer.registration?.scheme ?? '', customer.registration?.value ?? '', 'FR',
        invoice.number, invoice.kind, invoice.issueDate.toString(), invoice.dueDate.toString(), 'EUR', formatMinor(invoice.amountMinor, 'EUR'), invoice.settledOn?.toString() ?? '',
      ].join(','),
    ),
  );
  return `${[COLUMNS.join(','), ...lines].join('\n')}\n`;
}

function quoted(text: string): string {
  return /[",]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
