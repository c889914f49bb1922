import { sql } from 'kysely';
import type { Asker } from '../../src/server/asker.js';
import type { OpenRoom } from '../../src/server/open-room.js';
import type { DemoCustomer, DemoFirm } from './demo-network.js';
import { inRoom } from './in-room.js';

/** What each firm has of each kind: enough for every figure made of it to say something. */
const OPEN_DISPUTES = ['PRICE', 'DELIVERY', 'QUALITY', 'LITIGATION'] as const;
const PAST_DISPUTES = ['PRICE', 'DELIVERY', 'QUALITY', 'QUANTITY', 'DELIVERY', 'ADMINISTRATIVE'] as const;
const PROMISED_IN_DAYS = [5, 12, 26, -4] as const;

const RESPONSIBLE: Readonly<Record<(typeof OPEN_DISPUTES)[number] | (typeof PAST_DISPUTES)[number], string>> = {
  PRICE: 'Commerce', QUANTITY: 'Logistique', DELIVERY: 'Logistique', QUALITY: 'Qualité', ADMINISTRATIVE: 'Comptabilité', LITIGATION: 'Contentieux',
};

/** Has some customers of the firm contest invoices, and some promise to pay. Done again it changes nothing. */
export async function loadClaims(portfolios: OpenRoom, asker: Asker, firm: DemoFirm, today: Temporal.PlainDate, stopping: AbortSignal): Promise<void> {
  const invoices = firm.customers.flatMap((customer) => customer.invoices).filter(({ kind }) => kind === 'INVOICE').toSorted((one, other) => (one.number < other.number ? -1 : 1));
  const overdue = invoices.filter(({ settledOn, dueDate }) => settledOn === null && Temporal.PlainDate.compare(dueDate, today.subtract({ days: 30 })) < 0);
  const late = invoices.filter(({ settledOn, dueDate, age }) => age < 300 && settledOn !== null && Temporal.PlainDate.compare(settledOn, dueDate.add({ days: 10 })) > 0);
  const ids = await idsOf(portfolios, asker, [...overdue, ...late]);
  const contest = async (invoice: DemoInvoiceOfFirm, reason: keyof typeof RESPONSIBLE): Promise<string> => {
    stopping.throwIfAborted();
    const { disputeOpen } = await inRoom<{ disputeOpen: { dispute: { id: string } } }>(portfolios, asker, 'mutation ($input: DisputeOpenInput!) { disputeOpen(input: $input) { dispute { id } userErrors { message } } }', {
      input: { invoiceId: ids.get(invoice.number), reason, responsible: RESPONSIBLE[reason], openedOn: invoice.dueDate.add({ days: 1 }).toString() },
    });
    return disputeOpen.dispute.id;
  };
  for (const [index, reason] of OPEN_DISPUTES.entries()) if (overdue[index]) await contest(overdue[index], reason);
  for (const [index, days] of PROMISED_IN_DAYS.entries()) {
    const invoice = overdue[OPEN_DISPUTES.length + index];
    if (!invoice) break;
    stopping.throwIfAborted();
    await inRoom(portfolios, asker, 'mutation ($input: PromiseRecordInput!) { promiseRecord(input: $input) { userErrors { message } } }', {
      input: { invoiceIds: [ids.get(invoice.number)], promisedOn: today.add({ days }).toString(), madeOn: today.subtract({ days: 9 }).toString() },
    });
  }
  // What a load that was cut short has resolved already stays as it is: contested again, it would be another dispute.
  const { disputes } = await inRoom<{ disputes: { nodes: { invoice: { number: string } }[] } }>(portfolios, asker, '{ disputes(first: 100, where: { open: false }) { nodes { invoice { number } } } }');
  const resolved = new Set(disputes.nodes.map(({ invoice }) => invoice.number));
  for (const [index, reason] of PAST_DISPUTES.entries()) {
    const invoice = late[index * 3];
    if (!invoice) break;
    if (resolved.has(invoice.number)) continue;
    await inRoom(portfolios, asker, 'mutation ($input: DisputeResolveInput!) { disputeResolve(input: $input) { userErrors { message } } }', {
      input: { id: await contest(invoice, reason), outcome: index % 3 === 0 ? 'ACCEPTED' : 'REJECTED', resolvedOn: invoice.settledOn!.subtract({ days: 2 }).toString() },
    });
  }
}

type DemoInvoiceOfFirm = DemoCustomer['invoices'][number];

async function idsOf({ room }: OpenRoom, asker: Asker, invoices: readonly DemoInvoiceOfFirm[]): Promise<ReadonlyMap<string, string>> {
  return room.db.forFirm(asker.firmId).transaction(async (em) => {
    const { rows } = await sql<{ id: string; number: string }>`select id, number from portfolios.invoice where number = any(${invoices.map(({ number }) => number)}::text[])`.execute(em.getKysely<unknown>());
    return new Map(rows.map((row) => [row.number, row.id]));
  });
}
