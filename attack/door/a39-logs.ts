import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { METRICS } from '../../src/values/metric.js';
import { administer, TestHouse, type FirmVisitor } from '../../test/house.js';
import { achieved, never, type Achieved, type DoorAttack } from './door-attack.js';
import { post, publicDoor } from './door.js';
import { sirenOf } from './siren.js';
import { importRows, type DoorWorld } from './world.js';

/**
 * A39. Whoever reads the logs, metrics and traces of the machine looks for who shares which customer. A whole Ardoise runs as
 * a process of its own, at its most talkative level, while six firms share customers, an epoch closes, two of them talk, and
 * all goes wrong that can: bad requests, and a database that refuses what the program writes.
 * Pass: what it printed and what its answers' heads say name no firm, person, customer, registration, blind key or subject, no
 * text of a message and no token; and there is no page of metrics to be had.
 */
export const logs: DoorAttack = {
  id: 'A39',
  title: 'logs, metrics, traces',
  passLine: 'no membership in them',
  passes: never,
  run: async (world) => {
    const { printed, heads, secrets, requests } = await overhear(world);
    // A door that writes down what it is asked and what it answers, as many do.
    return { product: search(`${printed}\n${heads}`, secrets), control: search(`${printed}\n${requests}`, secrets) };
  },
};

interface Overheard {
  readonly printed: string;
  /** Heads of all answers, and pages that might hold figures about requests. */
  readonly heads: string;
  readonly secrets: ReadonlyMap<string, string>;
  readonly requests: string;
}

async function overhear(world: DoorWorld): Promise<Overheard> {
  const name = `logs_${randomBytes(6).toString('hex')}`;
  const { databaseUrl } = world.network.house;
  await administer(databaseUrl, `create database ${name} template ardoise`);
  const url = new URL(databaseUrl);
  url.pathname = `/${name}`;
  const directory = await mkdtemp(join(tmpdir(), 'ardoise-logs-'));
  const child = spawn(process.execPath, [join(import.meta.dirname, '..', '..', 'subgraphs', 'start-all.js')], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PORT: '0', HOST: '127.0.0.1', DATABASE_URL: url.href, ARDOISE_DATA_DIR: directory, ARDOISE_DEMO: '0', ARDOISE_SANDBOX: '1', ARDOISE_LOG_LEVEL: 'trace' },
  });
  const printed: string[] = [];
  const owner = new Client({ connectionString: url.href });
  try {
    const house = new TestHouse({ url: await firstUrl(child, printed), get rooms(): never { throw new Error('the rooms are in another process'); }, stop: async () => undefined }, url.href, async () => undefined);
    await owner.connect();
    const told = await tellStory(house, owner);
    const secrets = await secretsOf(owner, told.firms);
    await stop(child);
    return { ...told, printed: printed.join(''), secrets };
  } finally {
    await owner.end();
    await stop(child);
    await administer(databaseUrl, `drop database ${name} with (force)`);
    await rm(directory, { recursive: true, force: true });
  }
}

const BODY = 'He always pays us after the second letter';

async function tellStory(house: TestHouse, owner: Client): Promise<{ readonly firms: readonly FirmVisitor[]; readonly heads: string; readonly requests: string }> {
  const heads: string[] = [];
  const requests: string[] = [];
  const ask = async (who: FirmVisitor, query: string, variables: Readonly<Record<string, unknown>> = {}): Promise<string> => {
    const answer = await publicDoor(who, query, variables);
    requests.push(`${who.token ?? ''} ${query} ${JSON.stringify(variables)} ${answer}`);
    return answer;
  };
  const clock = async (at: string): Promise<unknown> => house.nobody.get('mutation ($at: DateTime!) { sandboxClockSet(at: $at) }', { at });
  const firms = await Promise.all(Array.from({ length: 6 }, (_, place) => house.firm(`Secret Firm ${place} ${randomUUID()}`)));
  await clock('2026-01-10T12:00:00Z');
  for (const firm of firms) {
    await house.nobody.get('mutation ($id: ID!) { sandboxFirmVerify(firmId: $id) { verified } }', { id: firm.firmId });
    await ask(firm, 'mutation ($metrics: [BenchmarkMetric!]!) { communityJoin(input: { metrics: $metrics, acceptCharter: true }) { userErrors { code } } }', { metrics: METRICS });
  }
  await clock('2026-08-31T12:00:00Z');
  const sirens = [1, 2, 3].map((number) => sirenOf(700_000 + number));
  await Promise.all(firms.map((firm) => importRows(firm, sirens.flatMap((siren, customer) => [4, 5, 6, 7].map((month) => `R${customer},Secret Customer ${customer},SIREN,${siren},F${month},2026-0${month}-10,2026-0${month + 1}-10,EUR,100.00,2026-0${month + 1}-20`)))));
  await clock('2026-08-31T13:00:00Z');
  // What the program writes is refused by the database: a full disk, a fault of ours, it is all one.
  await plantFaults(owner);
  await ask(firms[0]!, 'mutation { sandboxEpochsClose { id } }');
  const { rows } = await owner.query<{ id: string; firm_id: string }>(`select id, firm_id from portfolios.customer where reference = 'R0'`);
  const idOf = (firm: FirmVisitor): string => rows.find((row) => row.firm_id === firm.firmId)!.id;
  for (const firm of firms.slice(0, 2)) await ask(firm, 'mutation ($id: ID!) { peerSeek(input: { customerId: $id }) { customer { peers { id alias } } userErrors { code } } }', { id: idOf(firm) });
  for (const firm of firms.slice(2, 4)) await ask(firm, 'mutation ($id: ID!) { customerSharingSet(input: { customerId: $id, shared: false }) { userErrors { code } } }', { id: idOf(firm) });
  await ask(firms[4]!, 'mutation { communityLeave { userErrors { code } } }');
  await house.nobody.ask('mutation ($email: String!) { sessionCreate(input: { email: $email, password: "wrong password" }) { userErrors { code } } }', { email: firms[0]!.email });
  await removeFaults(owner);
  await ask(firms[0]!, 'mutation { sandboxEpochsClose { id } }');
  for (const firm of firms.slice(0, 2)) {
    const answer = await ask(firm, 'mutation ($id: ID!) { peerSeek(input: { customerId: $id }) { customer { peers { id } } } }', { id: idOf(firm) });
    const peer = /"peers":\[\{"id":"([^"]+)"/.exec(answer)?.[1];
    if (peer === undefined) continue;
    const started = await ask(firm, 'mutation ($id: ID!) { conversationStart(input: { peerId: $id }) { conversation { id } } }', { id: peer });
    const id = /"id":"([^"]+)"/.exec(started)?.[1];
    await ask(firm, 'mutation ($input: MessageSendInput!) { messageSend(input: $input) { message { id } } }', { input: { conversationId: id, clientId: 'c', body: BODY } });
    await ask(firm, 'mutation ($id: ID!, $metrics: [BenchmarkMetric!]!) { pairCompare(input: { peerId: $id, metrics: $metrics }) { comparison { metric yours } userErrors { code } } }', { id: peer, metrics: METRICS });
  }
  for (const firm of firms) {
    await ask(firm, '{ viewer { firm { id name } user { id email } } customers { nodes { id name registration { value } } } }');
    for (const metric of METRICS) await ask(firm, 'query ($id: ID!, $metric: BenchmarkMetric!) { customer(id: $id) { benchmark(metric: $metric) { __typename } peers { id } } }', { id: idOf(firm), metric });
    await ask(firm, 'query ($id: ID!) { customer(id: $id) { benchmark(metric: NOPE) { __typename } } }', { id: idOf(firm) });
    const refused = await post(firm, `{"query": "{ customer(id: \\"${idOf(firm)}\\") { benchmark(metric: DSO) { __typename } } }", `);
    requests.push(refused.text);
  }
  for (const path of ['/metrics', '/graphql/metrics', '/trace', '/debug', '/health', '/ready', '/status', '/stats', '/.well-known/apollo/server-health', '/']) {
    const response = await fetch(`${house.url}${path}`);
    heads.push(`${path} ${response.status} ${JSON.stringify([...response.headers])} ${await response.text()}`);
  }
  for (const firm of firms) {
    const response = await fetch(`${house.url}/graphql`, { method: 'POST', headers: { 'content-type': 'application/json', authorization: `Bearer ${firm.token}` }, body: JSON.stringify({ query: 'query ($id: ID!) { customer(id: $id) { benchmark(metric: DSO) { __typename } } }', variables: { id: idOf(firm) } }) });
    await response.text();
    heads.push(JSON.stringify([...response.headers]));
  }
  return { firms, heads: heads.join('\n'), requests: requests.join('\n') };
}

/** Tables in which nothing can be written while a fault is planted: all whose rows say who shares what, and a session's. */
async function faultyTables(owner: Client): Promise<readonly string[]> {
  const { rows } = await owner.query<{ name: string }>(
    `select format('%I.%I', table_schema, table_name) as name from information_schema.columns where column_name in ('subject', 'firm_id', 'firm_ids') and table_schema = 'community' and table_name <> 'membership'
     union select 'portfolios.contribution_key' union select 'portfolios.contribution' union select 'identity.session'`);
  return rows.map(({ name }) => name);
}

async function plantFaults(owner: Client): Promise<void> {
  for (const table of await faultyTables(owner)) await owner.query(`alter table ${table} add constraint planted check (false) not valid`);
  // Leaving fails halfway.
  await owner.query(`create function public.planted() returns trigger language plpgsql as $$ begin raise exception 'membership of firm % failed', new.firm_id using detail = new::text; end $$`);
  await owner.query('create trigger planted before update on community.membership for each row when (new.joined_at is null) execute function public.planted()');
}

async function removeFaults(owner: Client): Promise<void> {
  for (const table of await faultyTables(owner)) await owner.query(`alter table ${table} drop constraint planted`);
  await owner.query('drop trigger planted on community.membership');
}

/** What must be in no log, and what it is. */
async function secretsOf(owner: Client, firms: readonly FirmVisitor[]): Promise<ReadonlyMap<string, string>> {
  const { rows } = await owner.query<{ secret: string; kind: string }>(`
    select id::text as secret, 'firm' as kind from identity.firm union select name, 'firm name' from identity.firm union select id::text, 'person' from identity.person union select email, 'e-mail' from identity.person
    union select id::text, 'customer' from portfolios.customer union select name, 'customer name' from portfolios.customer union select registration_value, 'registration' from portfolios.customer where registration_value is not null
    union select subject, 'blind key' from portfolios.contribution_key where subject is not null union select subject, 'subject' from community.customer_key where subject is not null union select peering_id::text, 'match' from community.peering`);
  return new Map([...rows.map(({ secret, kind }) => [secret, kind] as const), [BODY, 'message'], ...firms.flatMap(({ token, refreshToken }) => [[token ?? '', 'token'], [refreshToken, 'token']] as const)]);
}

function search(text: string, secrets: ReadonlyMap<string, string>): Achieved {
  const found = [...secrets].filter(([secret]) => text.includes(secret));
  const kinds = new Set(secrets.values());
  const told = new Set(found.map(([, kind]) => kind));
  const lines = text.split('\n').filter((line) => line.includes('"level"')).length;
  return achieved(kinds.size, told.size, `${found.length} of ${secrets.size} secrets in ${lines} lines of log${told.size > 0 ? `: ${[...told].join(', ')}` : ''}`);
}

async function firstUrl(child: ChildProcess, printed: string[]): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const hear = (chunk: Buffer): void => {
    printed.push(chunk.toString());
    const url = /(http:\/\/[\w.:[\]-]+)\/graphql/.exec(printed.join(''))?.[1];
    if (url !== undefined) resolve(url);
  };
  child.stdout?.on('data', hear);
  child.stderr?.on('data', hear);
  child.once('exit', (code) => reject(new Error(`the house exited with ${code}: ${printed.join('')}`)));
  return promise;
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  await ended;
}
