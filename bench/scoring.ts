import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client } from 'pg';
import { startBenchDatabase } from './bench-database.js';
import { signUpBenchFirm, type BenchFirm } from './bench-firm.js';
import { startBenchHouse } from './bench-house.js';
import { askUntil, everythingDone, importFile, p99Of, waitSeconds } from './import-file.js';
import { sirenOf, writeLedger } from './make-ledger.js';
import { cpuOf, ROUNDS, shortNumber, spreadOf } from './measure.js';
import { showSpread, type Bench, type Report } from './report.js';

/** How large a run is. */
export interface ScoringPlan {
  readonly invoices: number;
  readonly customers: number;
  readonly payments: number;
  readonly rounds: number;
}

/** What a front end shows of a page of customers. */
const PAGE = `{ customers(first: 50) { nodes { id paymentBehaviour { index onTimeShare trend } riskScore { value band probabilityOfDefault factors { code contribution observed } } } } }`;
const PAYER = `query ($reference: String!) { customerBy(ref: { reference: $reference }) { id paymentBehaviour { invoiceCount } riskScore { value } } }`;
const PAY = `mutation ($input: PaymentRecordInput!) { paymentRecord(input: $input) { invoices { status } userErrors { code message } } }`;

/** Invoices of a customer that are paid when the payments begin: enough for a behaviour. */
const PAID_BEFORE = 20;
const PAYERS = 50;

/** What one round took, in seconds and milliseconds. */
interface Round {
  readonly import: number;
  readonly scored: number;
  readonly cpu: number;
  readonly idle: number;
  readonly scoring: number;
  readonly importing: number;
  readonly payment: number;
  readonly paymentBeside: number;
}

/** Scores behind an import, a payment and a page. */
export const scoringBench: Bench = { name: 'scoring', run: () => measureScoring({ invoices: 1_000_000, customers: 5000, payments: 200, rounds: ROUNDS }) };

/**
 * Times how long after the end of an import every customer of it is scored, and what another firm notices of it, that asks for a page
 * of 50 scores all the while; and how long after the acknowledgement of a payment its customer's figures show it.
 */
export async function measureScoring({ invoices, customers, payments, rounds }: ScoringPlan): Promise<Report> {
  await using database = await startBenchDatabase();
  const file = (name: string): string => join(database.directory, name);
  await writeLedger({ seed: 20260630, invoices, customers }, file('ledger.csv'), file('invoice.csv'));
  await writeLedger({ seed: 1, invoices: 20_000, customers: 1000 }, file('small.csv'), file('small-invoice.csv'));
  await using house = await startBenchHouse(database.url, file('data'));
  const owner = new Client({ connectionString: database.url });
  await owner.connect();
  try {
    let firms = 0;
    const signUp = (): Promise<BenchFirm> => signUpBenchFirm(house.url, sirenOf(20_000_000 + (firms += 1)));
    const taken: Round[] = [];
    for (let round = 1; round <= rounds; round += 1) {
      const bystander = await signUp();
      await importFile(bystander, file('small.csv'));
      const payer = await signUp();
      await writePayable(file('payable.csv'), 2 * payments);
      await importFile(payer, file('payable.csv'));
      await everythingDone(owner);
      await owner.query('vacuum analyze');
      const idle = await askUntil(bystander, PAGE, waitSeconds(5));
      const payment = p99Of(await timePayments(payer, 0, payments));
      const firm = await signUp();
      const job = importFile(firm, file('ledger.csv'));
      const importing = await askUntil(bystander, PAGE, job);
      const { seconds, job: { rowsAccepted } } = await job;
      if (rowsAccepted !== invoices) throw new Error(`the import took ${rowsAccepted} of ${invoices} rows`);
      const before = await cpuOf(house.pid);
      const scored = everythingDone(owner);
      const [scoring, paid] = await Promise.all([askUntil(bystander, PAGE, scored), timePayments(payer, payments, 2 * payments, scored)]);
      const cpu = (await cpuOf(house.pid)) - before;
      await demandScored(owner, firm.firmId, customers);
      taken.push({ import: seconds, scored: await scored, cpu: cpu / 1000, idle, scoring, importing, payment, paymentBeside: p99Of(paid) });
      console.error(`round ${round}  ${Object.entries(taken.at(-1)!).map(([name, value]) => `${name} ${shortNumber(value)}`).join(', ')}`);
    }
    return reportOf(taken, { invoices, customers, payments, rounds });
  } finally {
    await owner.end();
  }
}

function reportOf(taken: readonly Round[], { invoices, customers, payments, rounds }: ScoringPlan): Report {
  const of = (value: (round: Round) => number) => spreadOf(taken.map(value));
  const line = (name: string, value: (round: Round) => number, unit: string): string => `| ${name} | ${showSpread(of(value))} ${unit} |`;
  return {
    name: 'scoring',
    about: `${invoices.toLocaleString('en-US')} invoices of ${customers.toLocaleString('en-US')} customers imported as CSV; ${rounds} rounds, each with firms of its own in one house. A bystander, another firm of 20,000 invoices, asks for behaviour and score of 50 customers, one page after another. A third one records payments of invoices that were not due, one after another (${payments} when nothing else is done, others while the import is scored), and asks until the customer's behaviour counts it and the score is there.`,
    comparisons: [
      { what: 'from the end of the import until every customer is scored, s', measured: of(({ scored }) => scored), target: { atMost: 60 } },
      { what: "a bystander's page of 50 scores meanwhile, p99 against idle", measured: of(({ scoring, idle }) => scoring / idle), target: { atMost: 3 } },
      { what: 'from an acknowledged payment until the score shows it, p99, ms', measured: of(({ payment }) => payment), target: { atMost: 1000 } },
      { what: 'the same while the import is scored, p99, ms', measured: of(({ paymentBeside }) => paymentBeside), target: { atMost: 1000 } },
    ],
    details: [[
      '| work | |', '|---|---|',
      line('import', (round) => round.import, 's'), line('CPU of the whole house until everybody is scored', ({ cpu }) => cpu, 's'),
      line("bystander's page idle, p99", ({ idle }) => idle, 'ms'), line("bystander's page during the import, p99", ({ importing }) => importing, 'ms'),
      line("bystander's page while the import is scored, p99", ({ scoring }) => scoring, 'ms'),
    ].join('\n')],
  };
}

/** A ledger whose last invoices are not due yet, `count` of them in turns among the payers; whoever pays has paid before. */
async function writePayable(path: string, count: number): Promise<void> {
  const today = Temporal.Now.plainDateISO('UTC');
  const day = (days: number): string => today.add({ days }).toString();
  const row = (place: number, number: string, issued: number, settled?: number): string => `C${place % PAYERS},${number},${day(issued)},${day(issued + 30)},100.00,EUR,${settled === undefined ? '' : day(settled)}`;
  await writeFile(path, [
    'customer_reference,invoice_number,issue_date,due_date,amount,currency,settled_on',
    ...Array.from({ length: PAYERS * PAID_BEFORE }, (_, place) => row(place, `H${place}`, -200 - (place % 90), -170 - (place % 60))),
    ...Array.from({ length: count }, (_, place) => row(place, `P${place}`, -10)),
  ].join('\n'));
}

/** Pays invoices one after the other, until all of them or `ended`; how long after each acknowledgement it is counted, in milliseconds. */
async function timePayments(firm: BenchFirm, from: number, until: number, ended?: Promise<unknown>): Promise<readonly number[]> {
  const over = new AbortController();
  void ended?.finally(() => over.abort()).catch(() => undefined);
  const receivedOn = Temporal.Now.plainDateISO('UTC').toString();
  const times: number[] = [];
  for (let place = from; place < until && !over.signal.aborted; place += 1) {
    const ask = async () => (await firm.ask<{ customerBy: { id: string; paymentBehaviour: { invoiceCount: number }; riskScore: { value: number } | null } }>(PAYER, { reference: `C${place % PAYERS}` })).customerBy;
    const { id, paymentBehaviour: { invoiceCount } } = await ask();
    const { paymentRecord } = await firm.ask<{ paymentRecord: { userErrors: readonly unknown[] } }>(PAY, { input: { customerId: id, reference: `Z${place}`, receivedOn, amount: { amount: '100.00', currency: 'EUR' }, invoiceNumbers: [`P${place}`] } });
    if (paymentRecord.userErrors.length > 0) throw new Error(JSON.stringify(paymentRecord.userErrors));
    const start = performance.now();
    for (;;) {
      const { paymentBehaviour, riskScore } = await ask();
      if (paymentBehaviour.invoiceCount > invoiceCount && riskScore) break;
      await waitSeconds(0.02);
    }
    times.push(performance.now() - start);
  }
  return times;
}

/** Holds that everybody was scored, on all that is known. */
async function demandScored(owner: Client, firmId: string, customers: number): Promise<void> {
  const { rows: [found] } = await owner.query<{ customers: string; due: string }>('select (select count(*) from scoring.standing where firm_id = $1) as customers, (select count(*) from scoring.rescore_due where firm_id = $1) as due', [firmId]);
  if (Number(found?.customers) !== customers || Number(found?.due) !== 0) throw new Error(`not everybody is scored: ${JSON.stringify(found)}`);
}
