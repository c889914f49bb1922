import { sql } from 'kysely';
import type { Asker } from '../../src/server/asker.js';
import type { House } from '../../subgraphs/house.js';
import { makeStatements } from './company-statements.js';
import type { DemoCustomer, DemoFirm } from './demo-network.js';
import { Dice } from './dice.js';
import { inRoom } from './in-room.js';

/** Of so many companies the firm has asked for statements. */
const COMPANIES_WITH_STATEMENTS = 8;
/** The event of the demo began so many days ago, the proceedings were opened so many. */
const EVENT_DAYS_AGO = 30;
const OPENED_DAYS_AGO = 12;

/**
 * Enters what the firm's ledger does not know: statements of some companies, an insolvency notice, and an event that makes a
 * sector riskier. Done again it changes nothing.
 */
export async function loadKnowledge({ portfolios, scoring }: House['rooms'], asker: Asker, firm: DemoFirm, today: Temporal.PlainDate, stopping: AbortSignal): Promise<void> {
  const { ids } = await portfolios.room.db.forFirm(asker.firmId).transaction(async (em) => {
    const { rows } = await sql<{ id: string; reference: string }>`select id, reference from portfolios.customer`.execute(em.getKysely<unknown>());
    return { ids: new Map(rows.map((row) => [row.reference, row.id])) };
  });
  const dice = new Dice(0).of(`knowledge of ${firm.name}`);
  const [failing, ...companies] = byTrade(firm.customers);
  for (const company of dice.shuffled(companies).slice(0, COMPANIES_WITH_STATEMENTS)) {
    for (const { periodEnd, figures } of makeStatements(dice.of(company.reference), today)) {
      stopping.throwIfAborted();
      await inRoom(scoring, asker, 'mutation ($input: FinancialStatementUpsertInput!) { financialStatementUpsert(input: $input) { userErrors { message } } }', {
        input: { customerId: ids.get(company.reference), periodEnd: periodEnd.toString(), currency: 'EUR', ...Object.fromEntries(Object.entries(figures).map(([name, amount]) => [name, String(amount)])) },
      });
    }
  }
  stopping.throwIfAborted();
  await inRoom(scoring, asker, 'mutation ($input: InsolvencyNoticeRecordInput!) { insolvencyNoticeRecord(input: $input) { userErrors { message } } }', {
    input: { customerId: ids.get(failing!.reference), kind: 'REORGANISATION', openedOn: today.subtract({ days: OPENED_DAYS_AGO }).toString(), source: 'Invented for the demo network' },
  });
  await inRoom(scoring, asker, 'mutation ($input: ContextEventCreateInput!) { contextEventCreate(input: $input) { userErrors { message } } }', {
    input: { name: 'Prix du bois', kind: 'SUPPLY', countries: ['FR'], sectors: ['16', '17', '31'], from: today.subtract({ days: EVENT_DAYS_AGO }).toString(), shift: -40 },
  });
}

/** Companies of the firm, those with fewest invoices first. */
function byTrade(customers: readonly DemoCustomer[]): readonly DemoCustomer[] {
  return customers.filter(({ registration }) => registration !== null).toSorted((one, other) => one.invoices.length - other.invoices.length || (one.reference < other.reference ? -1 : 1));
}
