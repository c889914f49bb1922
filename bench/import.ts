import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { Client } from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { startBenchDatabase } from './bench-database.js';
import { signUpBenchFirm, type BenchFirm } from './bench-firm.js';
import { startBenchHouse } from './bench-house.js';
import { askUntil, everythingDone, importFile, waitSeconds, type Job } from './import-file.js';
import { sirenOf, writeLedger, type LedgerSum } from './make-ledger.js';
import { memoryOf, ROUNDS, shortNumber, spreadOf } from './measure.js';
import { showSpread, type Bench, type Report } from './report.js';

/** How large a run is. */
export interface ImportPlan {
  readonly rows: number;
  readonly customers: number;
  readonly rounds: number;
}

/** The dashboard of a front end, asked by a firm that has nothing to do with the import. */
const DASHBOARD = `{ portfolio { openInvoiceCount indicators { outstanding { amount currency } overdue { amount } dso(days: 90) agedBalance { amount { amount } } } } }`;

/** What one round took, in seconds, megabytes and milliseconds. */
interface Round {
  readonly copy: number;
  readonly first: number;
  readonly upload: number;
  readonly again: number;
  readonly heard: number;
  readonly growth: number;
  readonly idle: number;
  readonly beside: number;
}

/** A million rows through the upload URL. */
export const importBench: Bench = { name: 'import', run: () => measureImport({ rows: 1_000_000, customers: 5000, rounds: ROUNDS }) };

/**
 * Times the import of a ledger through the upload URL against `\copy` of the same invoices into a table of the same columns
 * and indexes: what PostgreSQL alone takes to have the rows. Both take turns on one server, begin with empty tables, and
 * are held to the ledger's own sums before their time counts. Fairness is measured in an import of its own.
 */
export async function measureImport({ rows, customers, rounds }: ImportPlan): Promise<Report> {
  await using database = await startBenchDatabase();
  const file = (name: string): string => join(database.directory, name);
  const sum = await writeLedger({ seed: 20260630, invoices: rows, customers }, file('ledger.csv'), file('invoice.csv'));
  await writeLedger({ seed: 1, invoices: 20_000, customers }, file('small.csv'), file('small-invoice.csv'));
  await using house = await startBenchHouse(database.url, file('data'));
  const owner = new Client({ connectionString: database.url });
  await owner.connect();
  try {
    const psql = await hasPsql();
    let firms = 0;
    const signUp = (): Promise<BenchFirm> => signUpBenchFirm(house.url, sirenOf(20_000_000 + (firms += 1)));
    const taken: Round[] = [];
    for (let round = 1; round <= rounds; round += 1) {
      await emptyLedgers(owner);
      const copy = await copyInto(owner, database.url, psql, file('invoice.csv'), sum);
      await emptyLedgers(owner);
      const firm = await signUp();
      const memory = await watchMemory(house.pid);
      const first = await importFile(firm, file('ledger.csv'));
      const growth = memory.stop();
      demand(first.job, { rowsRead: rows, rowsAccepted: rows, rowsUnchanged: 0, rowsRejected: 0 });
      await demandSum(owner, 'portfolios.invoice', firm.firmId, sum);
      const heard = await everythingDone(owner);
      await owner.query('checkpoint');
      const again = await importFile(firm, file('ledger.csv'));
      demand(again.job, { rowsRead: rows, rowsAccepted: rows, rowsUnchanged: rows, rowsRejected: 0 });
      await demandSum(owner, 'portfolios.invoice', firm.firmId, sum);
      await emptyLedgers(owner);
      // Another one each time: all rounds together outlive a session.
      const bystander = await signUp();
      await importFile(bystander, file('small.csv'));
      await everythingDone(owner);
      const idle = await askUntil(bystander, DASHBOARD, waitSeconds(5));
      const importing = importFile(await signUp(), file('ledger.csv'));
      const beside = await askUntil(bystander, DASHBOARD, importing);
      await importing;
      taken.push({ copy, first: first.seconds, upload: first.uploadSeconds, again: again.seconds, heard, growth, idle, beside });
      console.error(`round ${round}  ${Object.entries(taken.at(-1)!).map(([name, value]) => `${name} ${shortNumber(value)}`).join(', ')}`);
    }
    return reportOf(taken, { rows, customers, rounds }, psql);
  } finally {
    await owner.end();
  }
}

function reportOf(taken: readonly Round[], plan: ImportPlan, psql: boolean): Report {
  const of = (value: (round: Round) => number) => spreadOf(taken.map(value));
  const copied = psql ? 'psql \\copy' : 'COPY through the driver (there is no psql here)';
  const line = (name: string, value: (round: Round) => number, unit: string): string => `| ${name} | ${showSpread(of(value))} ${unit} |`;
  return {
    name: 'import',
    about: `${plan.rows.toLocaleString('en-US')} rows of ${plan.customers.toLocaleString('en-US')} customers as CSV, nine in ten settled, from the first byte of the PUT until the job is COMPLETED, against ${copied} of the same invoices into a table with the columns and indexes of \`portfolios.invoice\`; ${plan.rounds} rounds in turn on one PostgreSQL, tables empty at the start of each. Count, sum and settled invoices are held equal first. The bystander is another firm of 20,000 invoices that asks for its dashboard, one request after another.`,
    comparisons: [
      { what: `import through the upload URL, against ${copied}`, measured: of(({ first, copy }) => first / copy), target: { atMost: 2 } },
      { what: 'the same file again with zero changes, against the first time', measured: of(({ again, first }) => again / first), target: { atMost: 0.5 } },
      { what: 'growth of the process, MB', measured: of(({ growth }) => growth), target: { atMost: 64 } },
      { what: "a bystander's dashboard during an import, p99 against idle", measured: of(({ beside, idle }) => beside / idle), target: { atMost: 3 } },
    ],
    details: [[
      '| work | |', '|---|---|',
      line(copied, ({ copy }) => copy, 's'), line('import', ({ first }) => first, 's'), line('of it until the upload is answered', ({ upload }) => upload, 's'),
      line('import again', ({ again }) => again, 's'), line('until scoring has heard of all and scored it, after the end', ({ heard }) => heard, 's'),
      line("bystander's dashboard idle, p99", ({ idle }) => idle, 'ms'), line("bystander's dashboard during an import, p99", ({ beside }) => beside, 'ms'),
    ].join('\n')],
  };
}

function demand(job: Job, wanted: Partial<Job>): void {
  for (const [name, value] of Object.entries({ status: 'COMPLETED', ...wanted })) {
    if (job[name as keyof Job] !== value) throw new Error(`the import ended otherwise: ${JSON.stringify(job)}`);
  }
}

async function demandSum(owner: Client, table: string, firmId: string, wanted: LedgerSum): Promise<void> {
  const { rows: [found] } = await owner.query<{ rows: string; minor: string; settled: string }>(`select count(*) as rows, sum(amount_minor) as minor, count(settled_on) as settled from ${table} where firm_id = $1`, [firmId]);
  if (Number(found?.rows) !== wanted.rows || BigInt(found?.minor ?? 0) !== wanted.minor || Number(found?.settled) !== wanted.settled) throw new Error(`${table} holds something else: ${JSON.stringify(found)}`);
}

/** Every contender begins with the tables as they are at first. */
async function emptyLedgers(owner: Client): Promise<void> {
  await everythingDone(owner);
  await owner.query('drop schema if exists contender cascade');
  const { rows } = await owner.query<{ table: string }>(`
    select format('%I.%I', table_schema, table_name) as table from information_schema.columns join information_schema.tables using (table_schema, table_name)
    where table_schema in ('portfolios', 'scoring') and column_name = 'firm_id' and table_type = 'BASE TABLE'
  `);
  await owner.query(`truncate ${rows.map(({ table }) => table).join(', ')}`);
  await owner.query('vacuum analyze');
  await owner.query('checkpoint');
}

/** The contender: the invoices of the ledger, nothing else, into a table with the columns and indexes of ours. */
async function copyInto(owner: Client, url: string, psql: boolean, path: string, sum: LedgerSum): Promise<number> {
  const firmId = '018f0000-0000-7000-8000-000000000001';
  await owner.query(`create schema contender`);
  await owner.query(`create table contender.invoice (like portfolios.invoice including all)`);
  await owner.query(`alter table contender.invoice alter firm_id set default '${firmId}'`);
  await owner.query('checkpoint');
  const columns = (await readFile(path, { encoding: 'utf8' })).split('\n', 1)[0]!;
  const start = performance.now();
  if (psql) {
    const child = spawn('psql', ['-X', '-q', '-d', url, '-c', `\\copy contender.invoice (${columns}) from '${path}' with (format csv, header)`], { stdio: ['ignore', 'ignore', 'inherit'] });
    const [code] = (await once(child, 'exit')) as [number];
    if (code !== 0) throw new Error(`psql ended with ${code}`);
  } else {
    await pipeline(createReadStream(path), owner.query(copyFrom(`copy contender.invoice (${columns}) from stdin with (format csv, header)`)));
  }
  const seconds = (performance.now() - start) / 1000;
  await demandSum(owner, 'contender.invoice', firmId, sum);
  return seconds;
}

async function hasPsql(): Promise<boolean> {
  const child = spawn('psql', ['--version'], { stdio: 'ignore' });
  return new Promise((resolve) => child.once('error', () => resolve(false)).once('exit', (code) => resolve(code === 0)));
}

/** Watches how much memory a process holds; `stop` says by how many MB it grew at most. */
async function watchMemory(pid: number): Promise<{ stop(): number }> {
  const { now: first } = await memoryOf(pid);
  let most = first;
  const look = async (): Promise<void> => {
    most = Math.max(most, (await memoryOf(pid)).now);
  };
  const timer = setInterval(() => void look(), 100);
  return {
    stop() {
      clearInterval(timer);
      return most - first;
    },
  };
}
