import { sql } from 'kysely';
import { SCOPES_BY_ROLE, type Asker } from '../../src/server/asker.js';
import type { OpenRoom } from '../../src/server/open-room.js';
import { formatMinor } from '../../src/values/money.js';
import { signUpFirm } from '../../subgraphs/identity/firms/sign-up-firm.js';
import { verifyFirm } from '../../subgraphs/identity/firms/verify-firm.js';
import { claimImport } from '../../subgraphs/portfolios/imports/claim-import.js';
import { createImport } from '../../subgraphs/portfolios/imports/create-import.js';
import { readJob } from '../../subgraphs/portfolios/imports/import-job.table.js';
import { mergeNextImport } from '../../subgraphs/portfolios/imports/merge-import.js';
import { stageFile } from '../../subgraphs/portfolios/imports/stage-file.js';
import { CustomerTable } from '../../subgraphs/portfolios/ledger/customer.table.js';
import { tellCustomerChanges } from '../../subgraphs/portfolios/ledger/tell-customer-change.js';
import type { DemoFirm } from './demo-network.js';
import { inRoom } from './in-room.js';
import { writeLedgerFile } from './ledger-file.js';
import { DEMO_PASSWORD } from './member-firms.js';

/** Signs the firm up and has it verified; finds it where an earlier load came so far. Returns its owner as one who asks. */
export async function loadFirm({ room }: OpenRoom, firm: DemoFirm): Promise<Asker> {
  const known = await findOwner({ room }, firm.owner.email);
  if (!known) {
    await signUpFirm(room, {
      firmName: firm.name, country: 'FR', registration: { scheme: 'SIREN', value: firm.siren }, userName: firm.owner.name, email: firm.owner.email, password: DEMO_PASSWORD,
    });
  }
  const { firmId, userId } = known ?? (await findOwner({ room }, firm.owner.email))!;
  await verifyFirm(room, firmId, { by: 'demo network', why: 'Its firms are invented.' });
  return { firmId, userId, role: 'OWNER', scopes: SCOPES_BY_ROLE.OWNER };
}

async function findOwner({ room }: Pick<OpenRoom, 'room'>, email: string): Promise<{ firmId: string; userId: string } | undefined> {
  return room.db.asSystem().transaction(async (em) => {
    const { rows } = await sql<{ firmId: string; userId: string }>`
      select firm_id as "firmId", id as "userId" from identity.person where email = ${email}
    `.execute(em.getKysely<unknown>());
    return rows[0];
  });
}

/** Gives the firm its customers, with terms and limits, and its ledger by the same import that any firm's file takes. */
export async function loadLedger({ room }: OpenRoom, asker: Asker, firm: DemoFirm): Promise<void> {
  const database = room.db.forFirm(asker.firmId);
  await database.transaction(async (em) => {
    const known = new Set((await em.findAll(CustomerTable, { fields: ['reference'] })).map(({ reference }) => reference));
    for (const customer of firm.customers) {
      if (known.has(customer.reference)) continue;
      em.create(CustomerTable, {
        reference: customer.reference, name: customer.name, country: 'FR', sector: customer.sector,
        registrationScheme: customer.registration?.scheme ?? null, registrationValue: customer.registration?.value ?? null,
        termsDays: customer.terms.days, termsEndOfMonth: customer.terms.endOfMonth,
        ...(customer.creditLimit !== null && { creditLimitMinor: BigInt(customer.creditLimit) * 100n, creditLimitCurrency: 'EUR' }),
      });
    }
    await em.flush();
    await tellCustomerChanges(em, asker.firmId, room.clock.today(), sql`select id as customer_id from portfolios.customer`);
  });
  const jobId = await createImport(database, {
    format: 'CSV', mode: 'DELTA', dryRun: false, currency: 'EUR', terms: undefined, mapping: undefined, dateFormat: undefined, delimiter: ',', fileName: 'ledger.csv',
  });
  const job = await claimImport(database, jobId);
  const file = Buffer.from(writeLedgerFile(firm));
  await stageFile(database, room.hints, job, inPieces(file), 'utf-8', room.clock.today());
  // One that an interrupted load had staged comes first.
  while ((await mergeNextImport(database, asker.firmId, room.keys.matchingKey)) !== undefined);
  const done = await database.transaction((em) => readJob(em, jobId));
  if (done?.status !== 'COMPLETED' || done.rowsRejected > 0) throw new Error(`the ledger of ${firm.name} was not taken: ${JSON.stringify(done)}`);
}

/** A file as an upload brings it: a buffer at a time. */
async function* inPieces(file: Buffer): AsyncGenerator<Buffer, void, void> {
  const size = 64 * 1024;
  for (let start = 0; start < file.length; start += size) yield file.subarray(start, start + size);
}

/** Records the part payments of open invoices and what some customers paid in advance. */
export async function loadPayments(portfolios: OpenRoom, asker: Asker, firm: DemoFirm, stopping: AbortSignal): Promise<void> {
  const { ids } = await portfolios.room.db.forFirm(asker.firmId).transaction(async (em) => {
    const { rows } = await sql<{ id: string; reference: string }>`select id, reference from portfolios.customer`.execute(em.getKysely<unknown>());
    return { ids: new Map(rows.map((row) => [row.reference, row.id])) };
  });
  for (const { reference, invoices, advance } of firm.customers) {
    const payments = [
      ...invoices.flatMap(({ number, partPaid }) => (partPaid ? [{ reference: `VIR ${number}`, ...partPaid, invoiceNumbers: [number] }] : [])),
      ...(advance ? [{ reference: `ACOMPTE ${reference}`, ...advance, invoiceNumbers: [] }] : []),
    ];
    for (const payment of payments) {
      stopping.throwIfAborted();
      await inRoom(portfolios, asker, 'mutation ($input: PaymentRecordInput!) { paymentRecord(input: $input) { userErrors { message } } }', {
        input: {
          customerId: ids.get(reference), reference: payment.reference, receivedOn: payment.on.toString(),
          amount: { amount: formatMinor(payment.amountMinor, 'EUR'), currency: 'EUR' }, invoiceNumbers: payment.invoiceNumbers,
        },
      });
    }
  }
}
