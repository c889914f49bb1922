import { execFile, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { deepStrictEqual } from 'node:assert/strict';
import { Client } from 'pg';
import { startBenchDatabase } from './bench-database.js';
import { signUpBenchFirm } from './bench-firm.js';
import { firstMatch, startBenchHouse, startProgram, stopProgram } from './bench-house.js';
import { startLoadGenerator, type LoadGenerator } from './load-generator.js';
import { cpuOf, logSlope, memoryOf, ratiosOf, ROUNDS, runInRounds, shortNumber, spreadOf, type Contender, type Sample } from './measure.js';
import { showSamples, type Bench, type Comparison, type Report } from './report.js';
import { seedLedger } from './seed-ledger.js';

/** Sizes of the ledgers, all in one database, each a firm's own; each with a SIREN of its own to sign up with. */
const LEDGERS = [
  { invoices: 10_000, siren: '732829320' },
  { invoices: 100_000, siren: '552100554' },
  { invoices: 1_000_000, siren: '542051180' },
] as const;

const CONTENDERS = join(import.meta.dirname, '..', '..', 'bench', 'contenders');

/** Whose rates are compared are kept busy for as many requests; the raw rows need a hundred times as long for one. */
const REQUESTS = { rate: 3000, rateOfRows: 120, latency: 200, latencyOfRows: 40 } as const;
const CONNECTIONS = 8;
/** For latencies one request is sent each so many times the time that one takes: the server is half idle. */
const SPACING = 2;

const OURS = 'Ardoise, all in one';
const ROWS = 'raw http + pg, SQL over the raw rows';
const FIGURES = 'raw http + pg, SQL over the figures';
const POSTGRAPHILE = 'PostGraphile 5, function over the figures';

/** What one request asks: of today, other ranges and another window each time. */
interface Asked {
  readonly asOf: string;
  readonly bounds: readonly number[];
  readonly days: number;
}

/** The answer, in the words of our API; money as decimals. */
interface Answer {
  readonly outstanding: string;
  readonly overdue: string;
  readonly buckets: readonly (readonly [fromDay: number | null, toDay: number | null, amount: string, count: number])[];
  readonly dso: number | null;
}

/** One server with its way to be asked. */
interface Server {
  readonly name: string;
  readonly pid: number;
  readonly url: string;
  headers(firm: Firm): Record<string, string>;
  body(firm: Firm, asked: Asked): string;
  answer(body: string): Answer;
}

interface Firm {
  readonly invoices: number;
  readonly firmId: string;
  readonly token: string;
}

const QUERY = `query Dashboard($asOf: Date, $bounds: [Int!], $days: Int) {
  portfolio(asOf: $asOf) {
    asOf currency
    indicators { outstanding { amount currency } overdue { amount } agedBalance(bounds: $bounds) { fromDay toDay amount { amount } invoiceCount } dso(days: $days) }
  }
}`;

/** The same for PostGraphile: types of what it answers, and one function. */
const BENCH_SCHEMA = `
  create schema bench;
  create type bench.bucket as (from_day int, to_day int, amount text, invoice_count int);
  create type bench.dashboard as (as_of date, currency text, outstanding text, overdue text, aged_balance bench.bucket[], dso float);
  create function bench.dashboard(firm uuid, as_of date, bounds int[], days int) returns bench.dashboard language sql stable as $$
    with bucket as (
      select width_bucket($2 - due_date, 1 || (select array_agg(b + 1 order by b) from unnest($3) b)) as place, sum(minor) as minor, sum(count)::int as count
      from (
        select due_date, open_minor as minor, open_count as count from portfolios.due_open where firm_id = $1 and currency = 'EUR'
        union all select due_date, -open_minor, -open_count from portfolios.due_movement where firm_id = $1 and currency = 'EUR' and not fresh and day > $2
        union all select due_date, -open_minor, -open_count from portfolios.due_movement where firm_id = $1 and currency = 'EUR' and fresh and day > $2
      ) o group by 1
    ), total as (
      select coalesce(sum(minor), 0) as outstanding, coalesce(sum(minor) filter (where place > 0), 0) as overdue from bucket
    ), sold as (
      select sum(sales_minor) as minor from portfolios.ledger_day where firm_id = $1 and currency = 'EUR' and day > $2 - $4 and day <= $2
    )
    select $2, 'EUR', (outstanding / 100)::numeric(20, 2)::text, (overdue / 100)::numeric(20, 2)::text,
      array(select row(case p when 0 then null when 1 then 1 else $3[p - 1] + 1 end, case p when 0 then 0 else $3[p] end, (coalesce(b.minor, 0) / 100)::numeric(20, 2)::text, coalesce(b.count, 0))::bench.bucket
        from generate_series(0, cardinality($3) + 1) p left join bucket b on b.place = p order by p),
      round(outstanding * $4 / nullif(sold.minor, 0), 6)::float
    from total, sold
  $$`;

const POSTGRAPHILE_QUERY = `query Dashboard($firm: UUID!, $asOf: Date!, $bounds: [Int!]!, $days: Int!) {
  dashboard(firm: $firm, asOf: $asOf, bounds: $bounds, days: $days) { asOf currency outstanding overdue agedBalance { fromDay toDay amount invoiceCount } dso }
}`;

interface OurIndicators {
  readonly outstanding: { readonly amount: string };
  readonly overdue: { readonly amount: string };
  readonly agedBalance: readonly { readonly fromDay: number | null; readonly toDay: number | null; readonly amount: { readonly amount: string }; readonly invoiceCount: number }[];
  readonly dso: number | null;
}

function readOurs(body: string): Answer {
  const { outstanding, overdue, agedBalance, dso } = (JSON.parse(body) as { data: { portfolio: { indicators: OurIndicators } } }).data.portfolio.indicators;
  return { outstanding: outstanding.amount, overdue: overdue.amount, buckets: agedBalance.map(({ fromDay, toDay, amount, invoiceCount }) => [fromDay, toDay, amount.amount, invoiceCount]), dso };
}

interface TheirDashboard extends Pick<Answer, 'outstanding' | 'overdue' | 'dso'> {
  readonly agedBalance: readonly { readonly fromDay: number | null; readonly toDay: number | null; readonly amount: string; readonly invoiceCount: number }[];
}

function readTheirs(body: string): Answer {
  const { outstanding, overdue, agedBalance, dso } = (JSON.parse(body) as { data: { dashboard: TheirDashboard } }).data.dashboard;
  return { outstanding, overdue, buckets: agedBalance.map(({ fromDay, toDay, amount, invoiceCount }) => [fromDay, toDay, amount, invoiceCount]), dso };
}

/** Never the same twice: the counter decides. */
function askedBy(count: number): Asked {
  const first = 5 + (count % 41);
  const second = first + 5 + (Math.floor(count / 41) % 43);
  return { asOf: new Date().toISOString().slice(0, 10), bounds: [first, second, second + 30 + (count % 7), second + 90], days: 30 + (count % 331) };
}

/** The dashboard of a firm on hand-written SQL, on PostGraphile and here. */
export const dashboard: Bench = {
  name: 'dashboard',
  async run(): Promise<Report> {
    await installContenders();
    await using database = await startBenchDatabase();
    await using house = await startBenchHouse(database.url, join(database.directory, 'ardoise'));
    await using load = await startLoadGenerator();
    const firms = await prepareFirms(house.url, database.url);
    const children: ChildProcess[] = [];
    const start = async (file: string, parameters: string[]): Promise<{ url: string; pid: number }> => {
      const child = startProgram(file, parameters, { NODE_ENV: 'production', GRAPHILE_ENV: 'production' });
      children.push(child);
      return { url: await firstMatch(child, /listening at (\S+)/), pid: child.pid! };
    };
    try {
      const rawProgram = join(import.meta.dirname, 'contenders', 'raw-dashboard.js');
      const [rows, figures, postgraphile] = await Promise.all([start(rawProgram, ['rows', database.url]), start(rawProgram, ['figures', database.url]), start(join(CONTENDERS, 'postgraphile.js'), [database.url])]);
      const raw = { headers: () => ({}), body: ({ firmId }: Firm, asked: Asked) => JSON.stringify({ firm: firmId, ...asked }), answer: readOurs };
      const servers: readonly Server[] = [
        { name: OURS, pid: house.pid, url: `${house.url}/graphql`, headers: ({ token }) => ({ authorization: `Bearer ${token}` }), body: (_, asked) => JSON.stringify({ query: QUERY, variables: asked }), answer: readOurs },
        { name: ROWS, ...rows, ...raw },
        { name: FIGURES, ...figures, ...raw },
        { name: POSTGRAPHILE, ...postgraphile, url: `${postgraphile.url}/graphql`, headers: () => ({}), body: ({ firmId }, asked) => JSON.stringify({ query: POSTGRAPHILE_QUERY, variables: { firm: firmId, ...asked } }), answer: readTheirs },
      ];
      for (const firm of firms) await demandEqualAnswers(servers, firm, load);
      const measured = new Map<number, ReadonlyMap<string, readonly Sample[]>>();
      for (const firm of firms) {
        console.error(`${firm.invoices.toLocaleString('en-US')} invoices`);
        measured.set(firm.invoices, await runInRounds(servers.map((server) => contenderOf(server, firm, load))));
      }
      console.error('one size after the other');
      const grown = await runInRounds(firms.map((firm) => sizeOf(servers[0]!, firm, load)));
      const memory = await memoryOf(house.pid);
      return makeReport(measured, grown, memory, house.startedIn);
    } finally {
      await Promise.all(children.map((child) => stopProgram(child)));
    }
  },
};

async function installContenders(): Promise<void> {
  if (existsSync(join(CONTENDERS, 'node_modules', 'postgraphile'))) return;
  console.error('installing the contenders');
  await promisify(execFile)('npm', ['ci', '--prefix', CONTENDERS, '--no-audit', '--no-fund']);
}

async function prepareFirms(url: string, databaseUrl: string): Promise<readonly Firm[]> {
  const owner = new Client({ connectionString: databaseUrl });
  await owner.connect();
  try {
    const firms: Firm[] = [];
    for (const { invoices, siren } of LEDGERS) {
      const { firmId, token } = await signUpBenchFirm(url, siren);
      console.error(`a ledger of ${invoices.toLocaleString('en-US')} invoices`);
      await seedLedger(owner, { firmId, invoices });
      firms.push({ invoices, firmId, token });
    }
    // What the hand-written SQL over the raw rows would have for its sales; ours does not need it.
    await owner.query('create index bench_sales on portfolios.invoice (firm_id, currency, issue_date) include (kind, amount_minor) where not cancelled');
    await owner.query(BENCH_SCHEMA);
    await waitForCompaction(owner);
    await owner.query('vacuum analyze');
    return firms;
  } finally {
    await owner.end();
  }
}

/** Until the job of the house has made one row of many, as it does some seconds after any large change. */
async function waitForCompaction(owner: Client): Promise<void> {
  const until = Date.now() + 120_000;
  for (;;) {
    const { rows } = await owner.query<{ count: number }>('select count(*)::int as count from portfolios.due_movement where fresh');
    if (rows[0]!.count < 100) return;
    if (Date.now() > until) throw new Error('the figures are not compacted');
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

let count = 0;

function bodiesOf(server: Server, firm: Firm, requests: number): string[] {
  return Array.from({ length: requests }, () => server.body(firm, askedBy((count += 1))));
}

/** Before anything is measured: the same questions have the same answers. */
async function demandEqualAnswers(servers: readonly Server[], firm: Firm, load: LoadGenerator): Promise<void> {
  const questions = Array.from({ length: 20 }, () => askedBy((count += 1)));
  const answers = [];
  for (const server of servers) {
    const { answers: bodies } = await load.send({ url: server.url, headers: server.headers(firm), bodies: questions.map((asked) => server.body(firm, asked)), connections: 1 });
    answers.push(bodies.map((body) => server.answer(body)));
  }
  for (const [index, answer] of answers.entries()) deepStrictEqual(answer, answers[0], `${servers[index]!.name} answers otherwise than ${servers[0]!.name}`);
}

function contenderOf(server: Server, firm: Firm, load: LoadGenerator): Contender {
  const slow = server.name === ROWS && firm.invoices > 10_000;
  return {
    name: server.name,
    async run() {
      const headers = server.headers(firm);
      const cpu = await cpuOf(server.pid);
      const bodies = bodiesOf(server, firm, slow ? REQUESTS.rateOfRows : REQUESTS.rate);
      const busy = await load.send({ url: server.url, headers, bodies, connections: CONNECTIONS });
      const cpuMilliseconds = ((await cpuOf(server.pid)) - cpu) / bodies.length;
      return { milliseconds: await calmLatency(server, firm, slow ? REQUESTS.latencyOfRows : REQUESTS.latency, load), perSecond: bodies.length / busy.seconds, cpuMilliseconds };
    },
  };
}

/** One size of ledger, to be asked of in turns with the others: how a cost grows does not show from minutes that lie apart. */
function sizeOf(server: Server, firm: Firm, load: LoadGenerator): Contender {
  return { name: `${firm.invoices.toLocaleString('en-US')} invoices`, run: async () => ({ milliseconds: await calmLatency(server, firm, REQUESTS.latency, load) }) };
}

/** The p50 of one connection while the server is half idle, in milliseconds. */
async function calmLatency(server: Server, firm: Firm, requests: number, load: LoadGenerator): Promise<number> {
  const headers = server.headers(firm);
  const single = await load.send({ url: server.url, headers, bodies: bodiesOf(server, firm, 10), connections: 1 });
  const everyMilliseconds = Math.max(spreadOf(single.latencies).median * SPACING, 2);
  const { latencies } = await load.send({ url: server.url, headers, bodies: bodiesOf(server, firm, requests), connections: 1, everyMilliseconds });
  return spreadOf(latencies).median;
}

function makeReport(measured: ReadonlyMap<number, ReadonlyMap<string, readonly Sample[]>>, grown: ReadonlyMap<string, readonly Sample[]>, memory: { readonly now: number; readonly highest: number }, startedIn: number): Report {
  const atMillion = measured.get(1_000_000)!;
  const of = (name: string): readonly Sample[] => atMillion.get(name)!;
  const rate = ({ perSecond }: Sample): number => perSecond!;
  const sizes = [...measured.keys()];
  const slopes = Array.from({ length: ROUNDS }, (_, round) => logSlope([...grown.values()].map((samples, place) => [sizes[place]!, samples[round]!.milliseconds] as const)));
  const comparisons: Comparison[] = [
    { what: 'p50 of a request at 1 M invoices: SQL over the raw rows ÷ ours', measured: ratiosOf(of(ROWS), of(OURS), ({ milliseconds }) => milliseconds), target: { atLeast: 20 } },
    { what: 'rate at 1 M invoices: ours ÷ raw http + pg over the figures', measured: ratiosOf(of(OURS), of(FIGURES), rate), target: { atLeast: 0.5 } },
    { what: 'rate at 1 M invoices: ours ÷ PostGraphile 5 over the figures', measured: ratiosOf(of(OURS), of(POSTGRAPHILE), rate), target: { atLeast: 1 } },
    { what: 'slope of log p50 against log invoices, 10 k to 1 M, in turns', measured: spreadOf(slopes), target: { atMost: 0.05 } },
  ];
  return {
    name: 'dashboard',
    about: `One request: outstanding, overdue, aged balance and DSO of a whole portfolio today, with other ranges and another window each time. Ours is asked as a client asks it, signed in, through the gateway, under row-level security; raw http and PostGraphile ask as the owner of the database and check nobody. Milliseconds are the p50 of one connection with requests at fixed times, half of the server's time idle, counted from when each was due; rates are of ${CONNECTIONS} busy connections; CPU is of the server's own process, a request, PostgreSQL apart. The SQL over the raw rows has an index of the open invoices and one of the sales to itself. After all of it the house held ${shortNumber(memory.now)} MB (${shortNumber(memory.highest)} MB at most); it had started in ${shortNumber(startedIn / 1000)} s on an empty database.`,
    comparisons,
    details: [...[...measured].map(([invoices, samples]) => showSamples(`${invoices.toLocaleString('en-US')} invoices`, samples)), showSamples(`${OURS}, the three ledgers in turns`, grown)],
  };
}
