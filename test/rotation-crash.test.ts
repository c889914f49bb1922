import { once } from 'node:events';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Client } from 'pg';
import { readSecret } from '../src/keys.js';
import type { RoomName } from '../src/rooms.js';
import { countFound, dumpCommunity, withoutKey, withSecret } from './community-dump.js';
import { randomSiren, type FirmVisitor } from './house.js';
import { importFile } from './import-file.js';
import { BENCHMARK } from './network.js';
import { startSplitHouse, type SplitHouse } from './split-house.js';

/** An exchange of the matching key whose rooms are killed in the middle of it, at moments that are named. */
let house: SplitHouse;
let owner: Client;
/** Keeps the gates shut. */
let porter: Client;
beforeAll(async () => {
  house = await startSplitHouse();
  [owner, porter] = [await house.asOwner(), await house.asOwner()];
}, 120_000);
afterAll(() => house[Symbol.asyncDispose](), 60_000);

async function kill(room: RoomName): Promise<void> {
  const child = house.processes[room]!;
  child.kill('SIGKILL');
  await once(child, 'exit');
}

async function until(statement: string, expected: unknown): Promise<void> {
  const end = Date.now() + 60_000;
  for (;;) {
    const { rows: [row] } = await owner.query<{ found: unknown }>(statement);
    if (row!.found === expected || Date.now() > end) return expect(row!.found).toBe(expected);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** A moment of the exchange: somebody is about to do this, or has just done it and not committed yet. */
interface Moment {
  readonly room: RoomName;
  readonly name: string;
  /** When a trigger fires, and for which rows. `deferred` ones fire as the transaction commits: it does, but its process never hears. */
  readonly fires: string;
  readonly when: string;
  readonly deferred?: boolean;
  /** What is seen of the exchange after the kill: firms told, whether the pairs are told, whether the former key is retired. */
  readonly seen: readonly [told: number, paired: boolean, retired: boolean];
}

/** In the order in which an exchange comes to them. Firms are told in the order of their ids; one of them has no customers. */
function momentsOf(firms: readonly string[], empty: string): readonly Moment[] {
  const [, second, third] = firms.filter((id) => id !== empty) as [string, string, string];
  const every = firms.length;
  return [
    { room: 'portfolios', name: 'no firm is told', fires: 'before insert on portfolios.matching_key_told', when: 'true', seen: [0, false, false] },
    { room: 'portfolios', name: 'half of a firm is told', fires: 'after insert on events.delivery', when: `new.name = 'keys.paired' and new.firm_id = '${second}'`, seen: [firms.indexOf(second), false, false] },
    { room: 'portfolios', name: 'another firm is told, and nobody hears that it was', fires: 'after insert on portfolios.matching_key_told', when: `new.firm_id = '${third}'`, deferred: true, seen: [firms.indexOf(third) + 1, false, false] },
    { room: 'portfolios', name: 'every firm is told', fires: 'before update on portfolios.matching_key', when: 'old.paired_at is null and new.paired_at is not null', seen: [every, false, false] },
    { room: 'community', name: 'the first new key is heard', fires: 'before insert on community.subject_key', when: 'new.exchange = 1', seen: [every, true, false] },
    { room: 'community', name: 'pairs are taken, and not yet done with', fires: 'before delete on events.delivery', when: `old.name = 'keys.paired'`, seen: [every, true, false] },
    { room: 'portfolios', name: 'community is to be told that it is', fires: 'before insert on events.delivery', when: `new.name = 'keys.retired'`, seen: [every, true, false] },
    { room: 'portfolios', name: 'it is retired, and nobody hears that it was', fires: 'after update on portfolios.matching_key', when: 'old.retired_at is null and new.retired_at is not null', deferred: true, seen: [every, true, true] },
    { room: 'community', name: 'former keys are forgotten', fires: 'before delete on community.subject_key', when: 'true', seen: [every, true, true] },
  ];
}

const gateOf = (place: number): number => 7_100 + place;

/** Shuts a gate at each moment: whoever comes to it waits there. */
async function shutGates(all: readonly Moment[]): Promise<void> {
  await owner.query(`create function public.wait_at_gate() returns trigger language plpgsql as $$
    begin perform pg_advisory_xact_lock_shared(tg_argv[0]::bigint); return coalesce(new, old); end $$`);
  for (const [place, { fires, when, deferred }] of all.entries()) {
    await porter.query('select pg_advisory_lock($1)', [gateOf(place)]);
    await owner.query(`create ${deferred ? 'constraint trigger' : 'trigger'} gate_${place} ${fires} ${deferred ? 'deferrable initially deferred' : ''} for each row when (${when}) execute function public.wait_at_gate(${gateOf(place)})`);
  }
}

const waitingAt = (place: number): string => `select exists (
  select from pg_locks where locktype = 'advisory' and not granted and objid = ${gateOf(place)} and database = (select oid from pg_database where datname = current_database())) as found`;

/** Which firms' customers meet in one subject, by their registrations, and which subject it is: what the benchmark rests on. */
async function meetings(firms: readonly string[]): Promise<unknown> {
  const { rows: [row] } = await owner.query<Record<string, unknown>>(`
    select count(*)::int as customers, count(distinct subject)::int as subjects, md5(string_agg(concat_ws(' ', c.firm_id, c.registration_value, k.subject), E'\\n' order by c.id)) as content
    from portfolios.customer c join community.customer_key k on k.customer_id = c.id where c.firm_id = any($1) and k.subject is not null`, [firms]);
  return row;
}

async function setClock(day: string): Promise<void> {
  await house.nobody.get('mutation ($at: DateTime!) { sandboxClockSet(at: $at) }', { at: `${day}T12:00:00Z` });
}

async function member(): Promise<FirmVisitor> {
  const firm = await house.firm();
  await house.nobody.get('mutation ($id: ID!) { sandboxFirmVerify(firmId: $id) { verified } }', { id: firm.firmId });
  await firm.get('mutation { communityJoin(input: { metrics: [DSO, DAYS_BEYOND_TERMS, LATE_SHARE], acceptCharter: true }) { userErrors { code } } }');
  return firm;
}

/** Customers that all firms have, with invoices every month; and more of each firm's own than one event holds. */
const SHARED = Array.from({ length: 12 }, randomSiren);
const OWN = 520;

/** A firm's ledger: everybody pays it so many days late. */
function ledger(daysLate: number): { readonly sirens: readonly string[]; readonly csv: string } {
  const own = Array.from({ length: OWN }, randomSiren);
  const shared = SHARED.flatMap((siren, customer) => ['2026-05', '2026-06', '2026-07'].flatMap((month) => [3, 4, 5].map((day) => {
    const due = Temporal.PlainDate.from(`${month}-0${day}`).add({ days: 10 });
    return `S${customer},Garage,SIREN,${siren},F${customer}-${month}-${day},${month}-0${day},${due.toString()},EUR,100.00,${due.add({ days: daysLate }).toString()}`;
  })));
  const others = own.map((siren, customer) => `O${customer},Garage,SIREN,${siren},O${customer},2026-06-05,2026-06-15,EUR,10.00,`);
  return { sirens: own, csv: `customer_reference,customer_name,registration_scheme,registration_value,invoice_number,issue_date,due_date,currency,amount,settled_on\n${[...shared, ...others].join('\n')}\n` };
}

const SUMMARY = '{ benchmarkSummary { customerCount paidLater paidSimilar paidSooner hiddenSlowPayerCount epoch { id } largestGaps { customer { id } gap result { __typename } } } }';
const PAGE = `query ($ref: CustomerRef!) { customerBy(ref: $ref) { benchmark(metric: DAYS_BEYOND_TERMS) { ${BENCHMARK} } dso: benchmark(metric: DSO) { ${BENCHMARK} } } }`;

/** What members read, over and over: by question, every answer that was not an error, each once. */
class Readers implements AsyncDisposable {
  readonly answers = new Map<string, Set<string>>();
  count = 0;
  #ended = false;
  readonly #reading: Promise<void>;

  constructor(firms: readonly FirmVisitor[]) {
    const questions = firms.flatMap((firm, place) => [
      [`summary ${place}`, firm, SUMMARY, {}] as const,
      ...SHARED.slice(0, 3).map((siren) => [`page ${place} ${siren}`, firm, PAGE, { ref: { registration: { scheme: 'SIREN', value: siren } } }] as const),
    ]);
    this.#reading = (async () => {
      while (!this.#ended) {
        for (const [name, firm, query, variables] of questions) {
          const answer = await firm.ask(query, variables).catch(() => undefined);
          if (!answer?.data || answer.errors) continue;
          this.count += 1;
          this.answers.set(name, (this.answers.get(name) ?? new Set()).add(JSON.stringify(answer.data)));
        }
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    })();
  }

  /** Until so many more answers have come. */
  async hear(more: number): Promise<void> {
    const [enough, end] = [this.count + more, Date.now() + 20_000];
    while (this.count < enough && Date.now() < end) await new Promise((resolve) => setTimeout(resolve, 20));
    expect(this.count).toBeGreaterThanOrEqual(enough);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ended = true;
    await this.#reading;
  }
}

test('killed at any moment, an exchange of the key goes on by itself: no subject changes, nobody reads a difference, and no registration is in community without a key', async () => {
  await setClock('2026-01-10');
  const firms: FirmVisitor[] = [];
  const sirens = [...SHARED];
  for (let place = 0; place < 6; place += 1) {
    const firm = await member();
    const { csv, sirens: own } = ledger(8 + place);
    expect(await importFile(firm, { format: 'CSV' }, csv)).toMatchObject({ status: 'COMPLETED', rowsRejected: 0 });
    firms.push(firm);
    sirens.push(...own);
  }
  const newcomer = await member();
  await setClock('2026-08-31');
  await firms[0]!.get('mutation { sandboxEpochsClose { id } }');
  const ids = firms.map(({ firmId }) => firmId);
  const everybody = [...ids, newcomer.firmId].toSorted();
  const unique = [...new Set(sirens)];
  await until('select count(distinct subject)::int as found from community.customer_key', unique.length);
  const before = await meetings(ids);
  const theirs = withSecret(await readSecret(house.keyFiles.matchingKey));
  expect(countFound(await dumpCommunity(owner), unique, theirs)).toBe(unique.length);
  await owner.query('create table public.former as select blind_key from community.subject_key');
  await using readers = new Readers(firms.slice(0, 2));
  await readers.hear(16);

  // The exchange begins by itself: the key is found to be a year old at the room's next start.
  const all = momentsOf(everybody, newcomer.firmId);
  await shutGates(all);
  await owner.query(`update portfolios.first_matching_key set in_use_since = clock_timestamp() - interval '1 year 1 day'`);
  await kill('portfolios');
  await house.revive('portfolios');
  const seen: string[] = [];
  for (const [place, { room, name, seen: expected }] of all.entries()) {
    await until(waitingAt(place), true);
    // While somebody waits here, everybody reads.
    await readers.hear(4);
    await kill(room);
    const held = await dumpCommunity(owner);
    expect([name, countFound(held, unique, withoutKey), await meetings(ids)]).toEqual([name, 0, before]);
    // While community is behind, portfolios waits for it: it does not come to a later moment.
    const later = all.flatMap((moment, other) => (room === 'community' && moment.room === 'portfolios' && other > place ? [other] : []));
    for (const other of later) await until(waitingAt(other), false);
    await porter.query('select pg_advisory_unlock($1)', [gateOf(place)]);
    await until(waitingAt(place), false);
    // Community alone answers while portfolios is away.
    if (room === 'portfolios') await readers.hear(2);
    await until('select count(*)::int as found from portfolios.matching_key_told', expected[0]);
    await until('select paired_at is not null as found from portfolios.matching_key', expected[1]);
    await until('select retired_at is not null as found from portfolios.matching_key', expected[2]);
    await house.revive(room);
    seen.push(name);
    if (place !== 2) continue;
    // In the middle of it, a member adds a customer that the others have.
    const input = { reference: 'late', name: 'Garage', registration: { scheme: 'SIREN', value: SHARED[0] } };
    expect(await newcomer.get('mutation ($input: CustomerUpsertInput!) { customerUpsert(input: $input) { userErrors { code } } }', { input })).toEqual({ customerUpsert: { userErrors: [] } });
  }
  expect(seen).toEqual(all.map(({ name }) => name));

  await until(`select count(*)::int as found from events.delivery where consumer = 'community'`, 0);
  await until('select count(*)::int as found from community.subject_key', unique.length);
  await until('select count(*)::int as found from community.subject_key join public.former using (blind_key)', 0);
  expect(await meetings(ids)).toEqual(before);
  const { rows: met } = await owner.query(`select distinct k.subject from portfolios.customer c join community.customer_key k on k.customer_id = c.id where c.registration_value = $1`, [SHARED[0]]);
  expect(met).toHaveLength(1);
  const { rows: exchanges } = await owner.query(`select version, operator from portfolios.matching_key`);
  expect(exchanges).toEqual([{ version: 1, operator: 'Ardoise' }]);
  const held = await dumpCommunity(owner);
  expect([countFound(held, unique, withoutKey), countFound(held, unique, theirs)]).toEqual([0, 0]);

  await readers.hear(16);
  // One answer to each question, whenever it was asked; and figures among them, so that there was something to differ.
  for (const [question, answers] of readers.answers) expect([question, answers.size]).toEqual([question, 1]);
  expect([...readers.answers.values()].filter((answers) => [...answers][0]!.includes('BenchmarkFigure')).length).toBeGreaterThan(0);
  await owner.query('drop table public.former');
}, 300_000);
