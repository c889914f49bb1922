import 'reflect-metadata';
import { join } from 'node:path';
import { Client } from 'pg';
import { Clock } from '../src/clock.js';
import { migrate } from '../src/database/migrate.js';
import { RoomDatabase } from '../src/database/room-database.js';
import { invariant } from '../src/errors.js';
import { MemoryHints } from '../src/events/hints.js';
import { openLog } from '../src/log.js';
import { RoomKeys, type Room } from '../src/server/room.js';
import { endOfMonth, monthOf } from '../src/values/day.js';
import { closeEpoch } from '../subgraphs/community/benchmark/close-epoch.js';
import type { Epoch } from '../subgraphs/community/benchmark/epoch.js';
import { verifyReleases } from '../subgraphs/community/benchmark/verify-releases.js';
import { hearContributionClosed } from '../subgraphs/community/membership/hear-portfolio.js';
import { community } from '../subgraphs/community/subgraph.js';
import { SUBGRAPHS } from '../subgraphs/all.js';
import { startBenchDatabase } from './bench-database.js';
import { signUpBenchFirm, type BenchFirm } from './bench-firm.js';
import { startBenchHouse } from './bench-house.js';
import { startLoadGenerator, type LoadGenerator } from './load-generator.js';
import { ratiosOf, runInRounds, spreadOf, type Contender, type Sample } from './measure.js';
import { showSamples, type Bench, type Report } from './report.js';
import { PLAIN_MEANS, reopenEpoch, seedNetwork, seedPast, seededKey } from './seed-network.js';

const SMALL = { firms: 10, customers: 10, invoicesEach: 10 };
const LARGE = { firms: 1000, customers: 1000, invoicesEach: 10 };

/** A closing and its contender take minutes together. */
const ROUNDS_OF_CLOSING = 3;
const CHANGES = 300;
const READS = 300;
/** Customers that the reading firm has. */
const READ_CUSTOMERS = 200;

const SQL = 'one SQL statement, plain means';
const CLOSING = 'closing the epoch';
const CELL = 'Customer.benchmark';
const KEY = 'Customer.paymentBehaviour of a customer without invoices';

/** The community benchmark: told, closed and read. */
export const benchmark: Bench = { name: 'benchmark', run: () => measureBenchmark(LARGE) };

/** What is measured of a network of this size against one of ten firms and customers. */
export async function measureBenchmark(large: typeof LARGE): Promise<Report> {
  await using database = await startBenchDatabase();
  await using house = await startBenchHouse(database.url, join(database.directory, 'ardoise'));
  await using load = await startLoadGenerator();
  const firm = await signUpBenchFirm(house.url, '732829320');
  const epoch = latestEpoch();
  await using network = await openNetwork(database.url);
  await using small = await openNetwork(await makeDatabase(network.owner, database.url));
  console.error('seeding the networks');
  await seedNetwork(small.owner, SMALL, epoch);
  await seedNetwork(network.owner, large, epoch);
  await seedReader(network.owner, firm, epoch);
  await seedPast(network.owner, epoch, 3);
  await network.owner.query('vacuum analyze');
  await network.owner.query('checkpoint');

  const closed = await runInRounds([sqlOf(network, epoch), closingOf(network, epoch)], ROUNDS_OF_CLOSING);
  await closeEpoch(network.room, epoch);
  await demandMeans(network, epoch);
  const readable = await customersWithCell(network.owner, firm, epoch);
  const { broken } = await verifyReleases(network.room);
  invariant(!broken, `the ledger of releases stands: ${JSON.stringify(broken)}`);
  const names = [`${SMALL.firms} firms × ${SMALL.customers} customers`, `${large.firms.toLocaleString('en-US')} firms × ${large.customers.toLocaleString('en-US')} customers`] as const;
  const changed = await runInRounds([await changesOf(small, names[0], epoch), await changesOf(network, names[1], epoch)]);
  const read = await runInRounds([readsOf(CELL, CELL_QUERY, house.url, firm, readable, load), readsOf(KEY, KEY_QUERY, house.url, firm, readable, load)]);

  const milliseconds = (sample: Sample): number => sample.milliseconds;
  return {
    name: 'benchmark',
    about: `${large.firms.toLocaleString('en-US')} firms that each invoiced each of ${large.customers.toLocaleString('en-US')} customers ten times in a quarter. Closing: admission, panels, inputs held against three epochs before, cells, and the entry in the ledger of releases, in one transaction; against one statement that takes each firm's figures for each customer from the raw invoices (a heap with the columns of the ledger's) and averages them, in the same PostgreSQL. A changed contribution: from the event that community hears to its committed row. A read: one request at the gateway for one customer, signed in, beside a field of another room that looks up one key and finds nothing.`,
    comparisons: [
      { what: `closing ${large.customers.toLocaleString('en-US')} customers of ${large.firms.toLocaleString('en-US')} firms ÷ ${SQL}`, measured: ratiosOf(closed.get(CLOSING)!, closed.get(SQL)!, milliseconds), target: { atMost: 1 } },
      { what: 'one changed contribution, p50 in ms', measured: spreadOf(changed.get(names[1])!.map(milliseconds)), target: { atMost: 2 } },
      { what: `one changed contribution: ${names[1]} ÷ ${names[0]}`, measured: ratiosOf(changed.get(names[1])!, changed.get(names[0])!, milliseconds), target: { atMost: 1.3 } },
      { what: 'one changed contribution against the full rebuild: times as fast', measured: spreadOf(closed.get(CLOSING)!.map((sample, round) => sample.milliseconds / changed.get(names[1])![round]!.milliseconds)), target: { atLeast: 5000 } },
      { what: 'p50 of reading a cell ÷ of looking up one key, same HTTP', measured: ratiosOf(read.get(CELL)!, read.get(KEY)!, milliseconds), target: { atMost: 1.3 } },
    ],
    details: [showSamples('closing', closed), showSamples('one changed contribution, p50', changed), showSamples('one read, p50', read)],
  };
}

/** A community database, as its room and as its owner. */
interface Network extends AsyncDisposable {
  readonly room: Room;
  readonly owner: Client;
}

async function openNetwork(url: string): Promise<Network> {
  const owner = new Client({ connectionString: url });
  await owner.connect();
  const hints = new MemoryHints();
  const db = await RoomDatabase.open('community', await migrate(url, 'community', community.migrations), community.tables, hints);
  return {
    room: { name: 'community', db, clock: new Clock(), hints, nats: undefined, keys: new RoomKeys({}), log: openLog('warn'), sandbox: false, uploadSilenceSeconds: 30 },
    owner,
    async [Symbol.asyncDispose]() {
      await db.close();
      await owner.end();
    },
  };
}

/** Another database of the same server. */
async function makeDatabase(owner: Client, url: string): Promise<string> {
  await owner.query('create database small');
  const small = new URL(url);
  small.pathname = '/small';
  for (const subgraph of SUBGRAPHS) await migrate(small.href, subgraph.name, subgraph.migrations);
  return small.href;
}

/** The last epoch of the payment metrics that may be out today. */
function latestEpoch(): Epoch {
  const periodEnd = endOfMonth(Temporal.Now.plainDateISO('UTC').subtract({ days: 31 }).subtract({ months: 1 }));
  return { family: 'PAYMENT', periodStart: periodEnd.with({ day: 1 }).subtract({ months: 2 }), periodEnd, publishedOn: periodEnd.add({ days: 30 }) };
}

/** Makes the firm a member like the others, that has some of their customers and told figures of them. */
async function seedReader(owner: Client, { firmId }: BenchFirm, epoch: Epoch): Promise<void> {
  await owner.query('begin');
  await owner.query(`select set_config('app.firm_id', $1, true)`, [firmId]);
  const { rows } = await owner.query<{ id: string }>(`insert into portfolios.customer (reference, name, country) select 'C' || n, 'Customer ' || n, 'FR' from generate_series(1, $1::int) n returning id`, [READ_CUSTOMERS]);
  await owner.query('commit');
  const ids = rows.map(({ id }) => id);
  await owner.query(`insert into community.membership (firm_id, verified, joined_at, metrics) values ($1, true, now() - interval '2 years', '{DSO,DAYS_BEYOND_TERMS,LATE_SHARE,PAYMENT_TERMS}')
    on conflict (firm_id) do update set verified = true, joined_at = excluded.joined_at, metrics = excluded.metrics`, [firmId]);
  await owner.query(
    `insert into community.customer_key (firm_id, customer_id, subject, revision)
     select $1, id, subject, 1 from unnest($2::uuid[]) with ordinality as mine (id, place)
     join (select subject, row_number() over (order by subject) as place from (select distinct subject from community.customer_key) as customer) as theirs using (place)
     on conflict (firm_id, customer_id) do update set subject = excluded.subject`, [firmId, ids]);
  await owner.query(
    `insert into community.contribution (subject, firm_id, month, dso, days_beyond_terms, late_share, payment_terms, evidenced, revision)
     select subject, firm_id, $2, 40, 40, 0.5, 40, true, 1 from community.customer_key where firm_id = $1`, [firmId, monthOf(epoch.periodEnd)]);
}

/** The firm's customers of which something was published: what may not be shown is not a cell that is read. */
async function customersWithCell(owner: Client, { firmId }: BenchFirm, epoch: Epoch): Promise<readonly string[]> {
  const { rows } = await owner.query<{ id: string }>(
    `select customer_id as id from community.customer_key as key join community.cell using (subject) join community.epoch on epoch.id = epoch_id
     where key.firm_id = $1 and metric = 'DSO' and family = $2 and period_end = $3`, [firmId, epoch.family, String(epoch.periodEnd)]);
  invariant(rows.length > 0, 'something was published of the customers of the reading firm');
  return rows.map(({ id }) => id);
}

async function timed(work: () => Promise<unknown>): Promise<Sample> {
  const [began, cpu] = [performance.now(), process.cpuUsage()];
  await work();
  const { user, system } = process.cpuUsage(cpu);
  return { milliseconds: performance.now() - began, cpuMilliseconds: (user + system) / 1000 };
}

function sqlOf({ owner }: Network, epoch: Epoch): Contender {
  return { name: SQL, run: () => timed(() => owner.query(PLAIN_MEANS, [String(epoch.periodStart), String(epoch.periodEnd)])) };
}

function closingOf({ room, owner }: Network, epoch: Epoch): Contender {
  return {
    name: CLOSING,
    async run() {
      const sample = await timed(async () => invariant(await closeEpoch(room, epoch), 'the epoch was open'));
      await reopenEpoch(owner, epoch);
      return sample;
    },
  };
}

/** What was published lies where the plain means do, as near as its rounding, its buckets and the movement allowed let it. */
async function demandMeans({ owner }: Network, epoch: Epoch): Promise<void> {
  const { rows: means } = await owner.query<{ subject: string; DSO: number }>(PLAIN_MEANS, [String(epoch.periodStart), String(epoch.periodEnd)]);
  const { rows: cells } = await owner.query<{ subject: string; value: number; rounded_to: number }>(
    `select subject, value, rounded_to from community.cell join community.epoch on epoch.id = epoch_id where family = $1 and period_end = $2 and metric = 'DSO' and value is not null`, [epoch.family, String(epoch.periodEnd)]);
  const published = new Map(cells.map((cell) => [cell.subject, cell]));
  invariant(published.size > means.length / 2, `most customers have a figure: ${published.size} of ${means.length}`);
  for (const { subject, DSO } of means) {
    const cell = published.get(subject);
    if (cell && Math.abs(cell.value - DSO) > cell.rounded_to) throw new Error(`a cell says ${cell.value} where the mean is ${DSO}`);
  }
}

/** One changed contribution after another, of any firm and customer, from the event to the committed row. */
async function changesOf({ room, owner }: Network, name: string, epoch: Epoch): Promise<Contender> {
  const { rows: pairs } = await owner.query<{ firm_id: string; subject: string }>('select firm_id, subject from community.customer_key order by random() limit 5000');
  let revision = 1;
  return {
    name,
    async run() {
      const times: number[] = [];
      for (let change = 0; change < CHANGES; change += 1) {
        revision += 1;
        const { firm_id: firmId, subject } = pairs[revision % pairs.length]!;
        const figures = { DSO: 20 + (revision % 60), DAYS_BEYOND_TERMS: revision % 30, LATE_SHARE: (revision % 10) / 10, PAYMENT_TERMS: 30 };
        const began = performance.now();
        await hearContributionClosed(room, { firmId, data: { month: monthOf(epoch.periodEnd), contributions: [{ subject: seededKey(subject), evidenced: true, figures, revision }] } });
        times.push(performance.now() - began);
      }
      const { firm_id: firmId, subject } = pairs[revision % pairs.length]!;
      const { rows: [row] } = await owner.query<{ dso: number }>(`select dso from community.contribution where subject = $1 and month = $2 and firm_id = $3`, [subject, monthOf(epoch.periodEnd), firmId]);
      invariant(row?.dso === 20 + (revision % 60), 'the last change has arrived');
      return { milliseconds: spreadOf(times).median };
    },
  };
}

const CELL_QUERY = 'query ($id: ID!) { customer(id: $id) { id benchmark(metric: DSO) { __typename ... on BenchmarkBand { from to own } ... on BenchmarkFigure { value roundedTo own } } } }';
const KEY_QUERY = 'query ($id: ID!) { customer(id: $id) { id paymentBehaviour { __typename } } }';

function readsOf(name: string, query: string, url: string, firm: BenchFirm, customers: readonly string[], load: LoadGenerator): Contender {
  let count = 0;
  const bodies = (requests: number): string[] => Array.from({ length: requests }, () => JSON.stringify({ query, variables: { id: customers[(count += 1) % customers.length] } }));
  const headers = { authorization: `Bearer ${firm.token}` };
  return {
    name,
    async run() {
      const single = await load.send({ url: `${url}/graphql`, headers, bodies: bodies(20), connections: 1 });
      const wanted = name === CELL ? /"(value|from)":/ : /"paymentBehaviour":null/;
      for (const answer of single.answers) if (!wanted.test(answer)) throw new Error(`answered with ${answer}`);
      const { latencies } = await load.send({ url: `${url}/graphql`, headers, bodies: bodies(READS), connections: 1 });
      return { milliseconds: spreadOf(latencies).median };
    },
  };
}
