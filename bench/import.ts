import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { chmod, mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { request as httpRequest, Agent } from 'node:http';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { parseArgs } from 'node:util';
import { Client } from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { startEmbeddedPostgres } from '../src/database/embedded-postgres.js';
import { sirenOf, writeLedger, type LedgerSum } from './make-ledger.js';

/**
 * Times the import of a ledger through the upload URL against `\copy` of the same invoices into a table of the same
 * columns and indexes: what PostgreSQL alone takes to have the rows. Rounds are interleaved on one server, and each
 * contender's answer is held to the ledger's own sums before its time counts.
 *
 * `node dist/bench/import.js [--rows 1000000] [--rounds 5] [--customers 5000]`
 */
const { values: options } = parseArgs({
  options: { rows: { type: 'string', default: '1000000' }, rounds: { type: 'string', default: '5' }, customers: { type: 'string', default: '5000' } },
});
const plan = { seed: 20260630, invoices: Number(options.rows), customers: Number(options.customers) };
const rounds = Number(options.rounds);

/** The dashboard of a front end, asked by a firm that has nothing to do with the import. */
const DASHBOARD = `{ portfolio { openInvoiceCount indicators { outstanding { amount currency } overdue { amount } dso(days: 90) agedBalance { amount { amount } } } } }`;

let members = 0;
const agent = new Agent({ keepAlive: true });

interface Round {
  readonly copySeconds: number;
  readonly firstSeconds: number;
  readonly uploadSeconds: number;
  readonly againSeconds: number;
  readonly heardSeconds: number;
  readonly growthMegabytes: number;
  readonly idleMilliseconds: number;
  readonly besideMilliseconds: number;
}

interface Job {
  readonly status: string;
  readonly rowsRead: number;
  readonly rowsAccepted: number;
  readonly rowsUnchanged: number;
  readonly rowsRejected: number;
  readonly failure: unknown;
}

const directory = await mkdtemp(join(tmpdir(), 'ardoise-bench-'));
await chmod(directory, 0o755);
const postgres = await startEmbeddedPostgres(join(directory, 'database'));
const owner = new Client({ connectionString: postgres.url });
let server: ChildProcess | undefined;
try {
  const uploadPath = join(directory, 'ledger.csv');
  const invoicePath = join(directory, 'invoice.csv');
  const sum = await writeLedger(plan, uploadPath, invoicePath);
  const warmUpPath = join(directory, 'warm-up.csv');
  await writeLedger({ ...plan, seed: 1, invoices: 20_000 }, warmUpPath, join(directory, 'warm-up-invoice.csv'));
  const house = await startServer(postgres.url);
  server = house.process;
  await owner.connect();
  const psql = await hasPsql();
  const bystander = await signUp(house.url, 'Bystander');
  await importFile(house.url, bystander, warmUpPath);
  await heard(owner);
  const taken: Round[] = [];
  for (let round = 1; round <= rounds; round += 1) {
    await emptyLedgers(owner, bystander.firmId);
    const copySeconds = await copyInto(owner, psql, invoicePath, sum);
    await emptyLedgers(owner, bystander.firmId);
    const idleMilliseconds = await dashboardP99(house.url, bystander, waitSeconds(5));
    const firm = await signUp(house.url, `Firm ${round}`);
    const memory = watchMemory(house.process.pid!);
    const importing = importFile(house.url, firm, uploadPath);
    const beside = dashboardP99(house.url, bystander, importing);
    const first = await importing;
    const growthMegabytes = memory.stop();
    const besideMilliseconds = await beside;
    demand(first.job, { rowsRead: sum.rows, rowsAccepted: sum.rows, rowsUnchanged: 0, rowsRejected: 0 });
    await demandSum(owner, 'portfolios.invoice', firm.firmId, sum);
    const heardSeconds = await heard(owner);
    await owner.query('checkpoint');
    const again = await importFile(house.url, firm, uploadPath);
    demand(again.job, { rowsRead: sum.rows, rowsAccepted: sum.rows, rowsUnchanged: sum.rows, rowsRejected: 0 });
    await demandSum(owner, 'portfolios.invoice', firm.firmId, sum);
    taken.push({ copySeconds, firstSeconds: first.seconds, uploadSeconds: first.uploadSeconds, againSeconds: again.seconds, heardSeconds, growthMegabytes, idleMilliseconds, besideMilliseconds });
    process.stderr.write(`round ${round}: ${JSON.stringify(taken.at(-1), (_, value: unknown) => (typeof value === 'number' ? Number(value.toFixed(2)) : value))}\n`);
  }
  process.stdout.write(`${report(taken, psql)}\n`);
} finally {
  if (server?.exitCode === null) {
    server.kill('SIGTERM');
    await once(server, 'exit');
  }
  await owner.end();
  await postgres.stop();
  await rm(directory, { recursive: true, force: true });
}

function report(taken: readonly Round[], psql: boolean): string {
  const line = (what: string, against: string, unit: string, ratio: (round: Round) => number, target: number, ours: (round: Round) => number, theirs?: (round: Round) => number): string => {
    const ratios = taken.map(ratio).toSorted((one, other) => one - other);
    const middle = median(ratios);
    const side = (value: ((round: Round) => number) | undefined): string => (value ? `${median(taken.map(value)).toFixed(2)} ${unit}` : '');
    return `| ${what} | ${side(ours)} | ${against} | ${side(theirs)} | ${middle.toFixed(2)} (${ratios[0]!.toFixed(2)}–${ratios.at(-1)!.toFixed(2)}) | ≤ ${target} | ${middle <= target ? 'met' : 'MISSED'} |`;
  };
  return [
    `${plan.invoices} rows, ${plan.customers} customers, ${taken.length} rounds; medians, ratios with minimum and maximum`,
    '| work | ardoise | against | | ratio | target | |',
    '|---|---|---|---|---|---|---|',
    line('import through the upload URL', psql ? 'psql \\copy into the same indexed table' : 'COPY through the driver (no psql here) into the same indexed table', 's', (round) => round.firstSeconds / round.copySeconds, 2, (round) => round.firstSeconds, (round) => round.copySeconds),
    line('the same file again, zero changes', 'the first import', 's', (round) => round.againSeconds / round.firstSeconds, 0.5, (round) => round.againSeconds, (round) => round.firstSeconds),
    line('growth of memory', '', 'MB', (round) => round.growthMegabytes, 64, (round) => round.growthMegabytes),
    line("another firm's dashboard meanwhile, p99", 'idle', 'ms', (round) => round.besideMilliseconds / round.idleMilliseconds, 3, (round) => round.besideMilliseconds, (round) => round.idleMilliseconds),
    `Of the import the upload takes ${median(taken.map((round) => round.uploadSeconds)).toFixed(2)} s. Scoring has heard of all ${median(taken.map((round) => round.heardSeconds)).toFixed(2)} s after its end.`,
  ].join('\n');
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  return (sorted[(sorted.length - 1) >> 1]! + sorted[sorted.length >> 1]!) / 2;
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

/** Every round begins with the tables as they are at first; only the bystander keeps its ledger. */
async function emptyLedgers(owner: Client, keptFirmId: string): Promise<void> {
  await heard(owner);
  await owner.query('drop schema if exists contender cascade');
  const { rows } = await owner.query<{ table: string }>(`
    select format('%I.%I', table_schema, table_name) as table from information_schema.columns c join information_schema.tables t using (table_schema, table_name)
    where table_schema in ('portfolios', 'scoring') and column_name = 'firm_id' and table_type = 'BASE TABLE'
  `);
  const tables = rows.map(({ table }) => table);
  await owner.query('begin');
  for (const [index, table] of tables.entries()) await owner.query(`create temp table kept_${index} on commit drop as select * from ${table} where firm_id = '${keptFirmId}'`);
  await owner.query(`truncate ${tables.join(', ')}`);
  // Kept rows come back as they were: neither references nor triggers have anything to say to them.
  await owner.query(`set local session_replication_role = replica`);
  for (const [index, table] of tables.entries()) await owner.query(`insert into ${table} select * from kept_${index}`);
  await owner.query('commit');
  await owner.query('vacuum analyze');
  await owner.query('checkpoint');
}

/** Waits until every event has been heard; returns for how long. */
async function heard(owner: Client): Promise<number> {
  const start = performance.now();
  for (;;) {
    const { rows } = await owner.query<{ waiting: string }>(`select (select count(*) from events.delivery where not set_aside) + (select count(*) from portfolios.contribution_due) as waiting`);
    if (rows[0]!.waiting === '0') return (performance.now() - start) / 1000;
    await waitSeconds(0.1);
  }
}

/** The contender: the invoices of the ledger, nothing else, into a table with the columns and indexes of ours. */
async function copyInto(owner: Client, psql: boolean, path: string, sum: LedgerSum): Promise<number> {
  const firmId = '018f0000-0000-7000-8000-000000000001';
  await owner.query(`create schema contender`);
  await owner.query(`create table contender.invoice (like portfolios.invoice including all)`);
  await owner.query(`alter table contender.invoice alter firm_id set default '${firmId}'`);
  await owner.query('checkpoint');
  const columns = (await readFile(path, { encoding: 'utf8' })).split('\n', 1)[0]!;
  const start = performance.now();
  if (psql) {
    const child = spawn('psql', ['-X', '-q', '-d', postgres.url, '-c', `\\copy contender.invoice (${columns}) from '${path}' with (format csv, header)`], { stdio: ['ignore', 'ignore', 'inherit'] });
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

/** The whole of Ardoise as one process of its own, on this database. */
async function startServer(databaseUrl: string): Promise<{ readonly url: string; readonly process: ChildProcess }> {
  const probe = createServer();
  await once(probe.listen(0, '127.0.0.1'), 'listening');
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  const child = spawn(process.execPath, [...process.execArgv, join(import.meta.dirname, '..', 'subgraphs', 'start-all.js')], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, PORT: String(port), HOST: '127.0.0.1', DATABASE_URL: databaseUrl, ARDOISE_DATA_DIR: join(directory, 'data'), ARDOISE_DEMO: '0', ARDOISE_SANDBOX: '0' },
  });
  const url = `http://127.0.0.1:${port}`;
  for (const until = Date.now() + 60_000; Date.now() < until && child.exitCode === null; ) {
    const ready = await fetch(url).then(() => true, () => false);
    if (ready) return { url, process: child };
    await waitSeconds(0.1);
  }
  throw new Error('the server did not start');
}

interface Member {
  readonly token: string;
  readonly firmId: string;
}

async function ask<Data>(url: string, token: string | undefined, query: string, variables: object = {}): Promise<Data> {
  const outgoing = httpRequest(`${url}/graphql`, { agent, method: 'POST', headers: { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) } });
  outgoing.end(JSON.stringify({ query, variables }));
  const [incoming] = (await once(outgoing, 'response')) as [AsyncIterable<Buffer>];
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk);
  const { data, errors } = JSON.parse(Buffer.concat(chunks).toString()) as { data: Data; errors?: unknown };
  if (errors) throw new Error(JSON.stringify(errors));
  return data;
}

async function signUp(url: string, name: string): Promise<Member> {
  const { firmSignUp } = await ask<{ firmSignUp: { session: { accessToken: string } } }>(url, undefined, 'mutation ($input: FirmSignUpInput!) { firmSignUp(input: $input) { session { accessToken } userErrors { message } } }', {
    input: { firmName: name, country: 'FR', registration: { scheme: 'SIREN', value: sirenOf(20_000_000 + (members += 1)) }, userName: 'Camille', email: `${name.replace(' ', '-')}@example.test`, password: 'un mot de passe long' },
  });
  const { accessToken: token } = firmSignUp.session;
  const { viewer } = await ask<{ viewer: { firm: { id: string } } }>(url, token, '{ viewer { firm { id } } }');
  return { token, firmId: viewer.firm.id };
}

/** Sends a file and waits for its end, as a client would. */
async function importFile(url: string, member: Member, path: string): Promise<{ readonly seconds: number; readonly uploadSeconds: number; readonly job: Job }> {
  const { importCreate } = await ask<{ importCreate: { job: { id: string; uploadUrl: string } } }>(url, member.token, 'mutation { importCreate(input: { format: CSV }) { job { id uploadUrl } userErrors { message } } }');
  const { size } = await stat(path);
  const start = performance.now();
  const outgoing = httpRequest(importCreate.job.uploadUrl, { method: 'PUT', headers: { authorization: `Bearer ${member.token}`, 'content-length': size } });
  const answered = once(outgoing, 'response') as Promise<[NodeJS.ReadableStream & { statusCode: number }]>;
  await pipeline(createReadStream(path, { highWaterMark: 1 << 18 }), outgoing);
  const [answer] = await answered;
  answer.resume();
  if (answer.statusCode !== 202) throw new Error(`the upload was answered ${answer.statusCode}`);
  const uploadSeconds = (performance.now() - start) / 1000;
  for (;;) {
    const { importJob: job } = await ask<{ importJob: Job }>(url, member.token, 'query ($id: ID!) { importJob(id: $id) { status rowsRead rowsAccepted rowsUnchanged rowsRejected failure { code message } } }', { id: importCreate.job.id });
    if (job.status !== 'RUNNING') return { seconds: (performance.now() - start) / 1000, uploadSeconds, job };
    await waitSeconds(0.05);
  }
}

/** Asks for a dashboard, one question after another, until `ended`; the slowest but one in a hundred, in milliseconds. */
async function dashboardP99(url: string, member: Member, ended: Promise<unknown>): Promise<number> {
  let over = false;
  void ended.finally(() => (over = true)).catch(() => undefined);
  const times: number[] = [];
  while (!over) {
    const start = performance.now();
    await ask(url, member.token, DASHBOARD);
    times.push(performance.now() - start);
    await waitSeconds(0.01);
  }
  return times.toSorted((one, other) => one - other)[Math.floor(times.length * 0.99)]!;
}

/** Watches how much memory a process holds; `stop` says by how many MB it grew at most. */
function watchMemory(pid: number): { stop(): number } {
  let first: number | undefined;
  let most = 0;
  const look = async (): Promise<void> => {
    const text = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
    const held = Number(/^VmRSS:\s*(\d+) kB$/m.exec(text)?.[1] ?? Number.NaN) / 1024;
    first ??= held;
    most = Math.max(most, held);
  };
  const timer = setInterval(() => void look(), 100);
  void look();
  return {
    stop() {
      clearInterval(timer);
      return most - (first ?? 0);
    },
  };
}

function waitSeconds(seconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, seconds * 1000));
}
