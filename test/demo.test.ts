import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { DEMO_MESSAGES } from '../examples/demo-network/conversation.js';
import { DEMO_PASSWORD, MEMBER_FIRMS, SHOWN_FIRMS } from '../examples/demo-network/member-firms.js';
import { MODEL_QUERY, SCORE_FIELDS, unexplained, type ShownModel, type ShownScore } from './explained-score.js';
import { endProcess } from './split-house.js';

const START = join(import.meta.dirname, '..', 'subgraphs', 'start-all.js');
const LOAD_DEADLINE = 240_000;

let directory: string;
const started: ChildProcess[] = [];
beforeAll(async () => {
  directory = await mkdtemp(join(process.env['ARDOISE_TEST_DIRECTORY']!, 'demo-'));
  await chmod(directory, 0o755);
});
afterAll(async () => {
  await Promise.all(started.map(endProcess));
  await rm(directory, { recursive: true, force: true });
});

/** Starts Ardoise as a newcomer does, in a directory that is kept from one start to the next. */
function start(): { child: ChildProcess; says(text: RegExp): Promise<string> } {
  const child = spawn(process.execPath, [START], {
    env: { PATH: process.env['PATH'], HOST: '127.0.0.1', PORT: '0', ARDOISE_DATA_DIR: join(directory, 'data') },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  started.push(child);
  let said = '';
  const chunks = (chunk: Buffer): void => void (said += chunk.toString());
  child.stdout?.on('data', chunks);
  child.stderr?.on('data', chunks);
  return {
    child,
    says: (text) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const found = text.exec(said);
          if (found) resolve(found[1] ?? found[0]);
        };
        child.stdout?.on('data', look);
        child.stderr?.on('data', look);
        child.once('exit', () => reject(new Error(`it ended: ${said}`)));
        look();
      }),
  };
}

async function ask<Data>(url: string, query: string, token?: string): Promise<Data> {
  const response = await fetch(`${url}/graphql`, { method: 'POST', headers: { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) }, body: JSON.stringify({ query }) });
  const { data, errors } = (await response.json()) as { data: Data; errors?: unknown };
  if (errors) throw new Error(JSON.stringify(errors));
  return data;
}

async function signIn(url: string, email: string): Promise<string> {
  const { sessionCreate } = await ask<{ sessionCreate: { session: { accessToken: string } } }>(url, `mutation { sessionCreate(input: { email: "${email}", password: "${DEMO_PASSWORD}" }) { session { accessToken } } }`);
  return sessionCreate.session.accessToken;
}

interface Summary {
  readonly customerCount: number;
  readonly paidLater: number;
  readonly paidSimilar: number;
  readonly paidSooner: number;
  readonly hiddenSlowPayerCount: number;
  readonly hiddenSlowPayers: readonly { readonly gap: number; readonly customer: { readonly benchmarkHistory: readonly unknown[] } }[];
}

interface Benchmarked {
  readonly customers: { readonly nodes: readonly { readonly benchmark: { readonly contributors?: string; readonly direction?: string | null } }[] };
}

test('the first start loads the demo network, one that is killed half-way is completed by the next, and a newcomer finds every tier, directions, hidden slow payers, a comparison with one peer and an open chat', async () => {
  const killed = start();
  await killed.says(/what the rooms tell one another/);
  killed.child.kill('SIGKILL');
  await once(killed.child, 'exit');

  const house = start();
  const url = await house.says(/Ardoise is at (\S+)\/graphql/);
  const shown = MEMBER_FIRMS.filter(({ name }) => SHOWN_FIRMS.some((other) => other === name));
  for (const { name, owner } of shown) await house.says(new RegExp(`${owner.email} +${name}`));

  for (const { name, owner } of shown) {
    const token = await signIn(url, owner.email);
    const seen = await ask<{ viewer: { firm: { name: string; verified: boolean } }; portfolio: { openInvoiceCount: number } } & Benchmarked>(
      url, '{ viewer { firm { name verified } } portfolio { openInvoiceCount } customers(first: 100) { nodes { benchmark(metric: DAYS_BEYOND_TERMS) { ... on BenchmarkBand { contributors direction } ... on BenchmarkFigure { contributors direction } } } } }', token,
    );
    expect(seen.viewer.firm).toEqual({ name, verified: true });
    expect(seen.portfolio.openInvoiceCount).toBeGreaterThan(50);
    const results = seen.customers.nodes.map(({ benchmark }) => benchmark);
    expect([...new Set(results.map(({ contributors }) => contributors ?? 'NONE'))].toSorted()).toEqual(['FIVE_TO_NINE', 'NONE', 'TEN_OR_MORE', 'THREE_TO_FOUR']);
    expect(results.map(({ direction }) => direction)).toEqual(expect.arrayContaining(['IMPROVING', 'STABLE', 'WORSENING']));
    const { benchmarkSummary: summary } = await ask<{ benchmarkSummary: Summary }>(
      url, '{ benchmarkSummary { customerCount paidLater paidSimilar paidSooner hiddenSlowPayerCount hiddenSlowPayers { gap customer { benchmarkHistory(metric: DAYS_BEYOND_TERMS) { epoch { periodEnd } } } } } }', token);
    expect(summary.paidSooner).toBeGreaterThan(0);
    expect(summary.paidSimilar).toBeGreaterThan(0);
    expect(summary.paidLater + summary.paidSimilar + summary.paidSooner).toBe(summary.customerCount);
    expect(summary.hiddenSlowPayers).toHaveLength(summary.hiddenSlowPayerCount);
    expect(summary.hiddenSlowPayerCount).toBeGreaterThan(0);
    // A year of it, for a chart.
    for (const { gap, customer } of summary.hiddenSlowPayers) expect([gap < 0, customer.benchmarkHistory.length]).toEqual([true, expect.any(Number)]);
    expect(Math.max(...summary.hiddenSlowPayers.map(({ customer }) => customer.benchmarkHistory.length))).toBeGreaterThan(6);
  }

  await expectExplainedScores(url);

  const [trade, software] = await Promise.all(shown.slice(0, 2).map(({ owner }) => signIn(url, owner.email)));
  const { conversations: { nodes: [conversation] } } = await ask<{ conversations: { nodes: [{ id: string; lastSeq: number }] } }>(url, '{ conversations { nodes { id lastSeq } } }', trade);
  expect(conversation.lastSeq).toBe(DEMO_MESSAGES.length);
  const words = await Promise.all([trade, software].map(async (token) => {
    const { conversations: { nodes: [{ peer }] } } = await ask<{ conversations: { nodes: [{ peer: { id: string; comparing: string[] } }] } }>(url, '{ conversations { nodes { peer { id comparing } } } }', token);
    expect(peer.comparing).toEqual(['DSO', 'DAYS_BEYOND_TERMS', 'LATE_SHARE']);
    const { pairCompare } = await ask<{ pairCompare: { comparison: { metric: string; yours: string }[] } }>(url, `mutation { pairCompare(input: { peerId: "${peer.id}", metrics: [${peer.comparing.join()}] }) { comparison { metric yours } } }`, token);
    return pairCompare.comparison;
  }));
  const opposite: Readonly<Record<string, string>> = { BELOW: 'ABOVE', SIMILAR: 'SIMILAR', ABOVE: 'BELOW' };
  expect(words[0]!.map(({ metric }) => metric)).toEqual(['DSO', 'DAYS_BEYOND_TERMS', 'LATE_SHARE']);
  expect(words[1]).toEqual(words[0]!.map(({ metric, yours }) => ({ metric, yours: opposite[yours] })));
  const heard = hear(url, trade!, conversation.id, conversation.lastSeq - 1);
  const { conversations: { nodes: [theirs] } } = await ask<{ conversations: { nodes: [{ id: string }] } }>(url, '{ conversations { nodes { id } } }', software);
  expect(theirs.id).not.toBe(conversation.id);
  await ask(url, `mutation { messageSend(input: { conversationId: "${theirs.id}", clientId: "mine-1", body: "Merci encore." }) { userErrors { message } } }`, software);
  expect(await heard).toEqual([DEMO_MESSAGES.at(-1)!.body, 'Merci encore.']);
  const again = await ask<{ customers: { totalCount: number } }>(url, '{ customers { totalCount } }', trade);
  await endProcess(house.child);

  const later = start();
  const third = await later.says(/Ardoise is at (\S+)\/graphql/);
  expect(await ask(third, '{ customers { totalCount } }', await signIn(third, shown[0]!.owner.email))).toEqual(again);
}, LOAD_DEADLINE);

interface Scored {
  readonly customers: { readonly nodes: readonly { readonly reference: string; readonly creditLimit: object | null; readonly riskScore: ShownScore | null }[]; readonly pageInfo: { readonly endCursor: string | null; readonly hasNextPage: boolean } };
}

/** Every customer of every firm has a score that the model and its factors explain to the point; and they are not all alike. */
async function expectExplainedScores(url: string): Promise<void> {
  const bands = new Set<string>();
  const codes = new Set<string>();
  for (const { name, owner } of MEMBER_FIRMS) {
    const token = await signIn(url, owner.email);
    const { riskModel } = await ask<{ riskModel: ShownModel }>(url, MODEL_QUERY, token);
    for (let after: string | null = null; ;) {
      const { customers: { nodes, pageInfo } }: Scored = await ask<Scored>(
        url, `{ customers(first: 100${after === null ? '' : `, after: "${after}"`}) { nodes { reference creditLimit { amount } riskScore { ${SCORE_FIELDS} } } pageInfo { endCursor hasNextPage } } }`, token);
      for (const { reference, creditLimit, riskScore } of nodes) {
        expect([name, reference, riskScore && unexplained(riskModel, riskScore)]).toEqual([name, reference, []]);
        bands.add(riskScore!.band);
        const observed = new Map(riskScore!.factors.map((factor) => [factor.code, factor.observed]));
        for (const code of observed.keys()) codes.add(code);
        // What the ledger knows of the customer came to the score.
        expect([name, reference, observed.get('OPEN_DISPUTES') !== null, observed.get('CREDIT_UTILISATION') !== null]).toEqual([name, reference, true, creditLimit !== null]);
      }
      if (!pageInfo.hasNextPage) break;
      after = pageInfo.endCursor;
    }
  }
  expect([...bands].toSorted()).toEqual(['A', 'B', 'C', 'D', 'E']);
  expect([...codes]).toEqual(expect.arrayContaining(['CONTEXT_EVENT', 'ebitdaMargin', 'threeYearEbitToAssets']));
}

/** The next two messages of a conversation after one, over WebSocket. */
async function hear(url: string, token: string, conversationId: string, after: number): Promise<string[]> {
  const client = createClient({ url: `${url.replace('http', 'ws')}/graphql`, webSocketImpl: WebSocket, connectionParams: { authorization: `Bearer ${token}` }, retryAttempts: 0 });
  const bodies: string[] = [];
  try {
    for await (const { data } of client.iterate<{ messageReceived: { body: string } }>({ query: `subscription { messageReceived(conversationId: "${conversationId}", after: ${after}) { body } }` })) {
      if (data) bodies.push(data.messageReceived.body);
      if (bodies.length === 2) break;
    }
  } finally {
    await client.dispose();
  }
  return bodies;
}

const MODEL: ShownModel = {
  version: '2020-01', base: 600, even: 319, scale: 72, bands: [{ band: 'A', from: 700 }, { band: 'B', from: 500 }],
  characteristics: [
    { code: 'INDEX', source: 'LEDGER', unknown: -20, bins: [{ below: 80, points: -15 }, { below: null, points: 30 }] },
    { code: 'SHARE', source: 'LEDGER', unknown: 0, bins: [{ below: 0.1, points: 15 }, { below: null, points: -10 }] },
    { code: 'growth', source: 'LISTED_STATEMENT', unknown: 0, bins: [{ below: null, points: 7 }] },
    { code: 'cash', source: 'UNLISTED_STATEMENT', unknown: 0, bins: [{ below: 1, points: -5 }, { below: null, points: 8 }] },
  ],
};

function scoreWith(more: Partial<ShownScore> = {}): ShownScore {
  const named = (code: string, observed: string | null, contribution: number) => ({ code, en: `${code} in English`, fr: `${code} en français`, observed, contribution });
  return {
    value: 573, band: 'B', probabilityOfDefault: 1 / (1 + Math.exp((573 - 319) / 72)), base: 600, modelVersion: '2020-01',
    factors: [named('INDEX', '72', -15), named('SHARE', '10 %', -10), named('cash', '1.5', 8), named('CONTEXT_EVENT', 'Hail', -10)], ...more,
  };
}

test('a score that does not explain itself is found, whatever is wrong with it', () => {
  const { factors } = scoreWith();
  const changed = (place: number, more: Partial<ShownScore['factors'][number]>) => scoreWith({ factors: factors.map((factor, each) => (each === place ? { ...factor, ...more } : factor)) });
  expect(unexplained(MODEL, scoreWith())).toEqual([]);
  expect(unexplained(MODEL, scoreWith({ value: 574 }))).toEqual([expect.stringContaining('probability of 574'), 'base and contributions are 573, not 574']);
  expect(unexplained(MODEL, scoreWith({ band: 'C' }))).toEqual(['C is not the band of 573']);
  expect(unexplained(MODEL, scoreWith({ base: 601 }))).toHaveLength(2);
  expect(unexplained(MODEL, changed(1, { observed: '9.9 %' }))).toEqual(['SHARE: 9.9 % gives 15, not -10']);
  expect(unexplained(MODEL, changed(0, { observed: null }))).toEqual(['INDEX: not known gives -20, not -15']);
  expect(unexplained(MODEL, changed(2, { fr: 'cash in English' }))).toEqual(['cash has no name of its own in each language']);
  expect(unexplained(MODEL, changed(1, { code: 'OTHER' }))).toEqual(['its factors are not those of the model, in its order']);
  // A part that would go beyond the end gives what is left, and no more.
  const low = [{ ...factors[0]! }, { ...factors[1]! }, { ...factors[3]!, contribution: -575 }];
  const atTheEnd = { value: 0, band: 'E', probabilityOfDefault: 1 / (1 + Math.exp(-319 / 72)) };
  expect(unexplained(MODEL, scoreWith({ ...atTheEnd, factors: low }))).toEqual([]);
  expect(unexplained(MODEL, scoreWith({ ...atTheEnd, factors: [...low, { ...factors[3]!, contribution: -3 }] }))).toEqual([expect.stringContaining('gives 0, not -3'), 'base and contributions are -3, not 0']);
});
