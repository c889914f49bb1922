import { deepStrictEqual } from 'node:assert/strict';
import { join } from 'node:path';
import { DEMO_PASSWORD, MEMBER_FIRMS, SHOWN_FIRMS } from '../examples/demo-network/member-firms.js';
import { invariant } from '../src/errors.js';
import { signInBenchFirm } from './bench-firm.js';
import { firstMatch, startProgram, stopProgram } from './bench-house.js';
import { startChatHouse, type ChatHouse } from './chat/chat-house.js';
import { everythingDone } from './import-file.js';
import { startLoadGenerator, type LoadGenerator } from './load-generator.js';
import { cpuOf, ratiosOf, runInRounds, spreadOf, type Contender } from './measure.js';
import { showSamples, type Bench, type Report } from './report.js';

const OURS = 'Ardoise, all in one';
const RAW = 'raw http + pg, one SQL over the three schemas';
const REQUESTS = { rate: 1500, latency: 300 } as const;
const CONNECTIONS = 8;
const METRICS = ['DSO', 'DAYS_BEYOND_TERMS', 'LATE_SHARE'];

const PAGE = `query Page($metric: BenchmarkMetric!, $first: Int!) {
  customers(first: $first) {
    nodes {
      id name
      riskScore { value base band probabilityOfDefault factors { code contribution observed } }
      benchmark(metric: $metric) { __typename ... on BenchmarkBand { from to own } ... on BenchmarkFigure { value roundedTo own } }
    }
  }
}`;

/** What one request asks. */
interface Asked {
  readonly metric: string;
  readonly first: number;
}

interface Server {
  readonly name: string;
  readonly pid: number;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: (asked: Asked) => string;
}

/** A page of customers with score and benchmark, here and on hand-written SQL. */
export const page: Bench = {
  name: 'page',
  async run(): Promise<Report> {
    await using house = await startChatHouse({ ARDOISE_DEMO: '1' });
    await everythingDone(house.owner);
    await house.owner.query('vacuum analyze');
    await using load = await startLoadGenerator();
    const firm = await signInBenchFirm(house.url, emailOf(SHOWN_FIRMS[0]), DEMO_PASSWORD);
    const child = startProgram(join(import.meta.dirname, 'contenders', 'raw-page.js'), [house.databaseUrl], { NODE_ENV: 'production' });
    try {
      const raw = await firstMatch(child, /listening at (\S+)/);
      const servers = [
        { name: OURS, pid: house.pid, url: `${house.url}/graphql`, headers: { authorization: `Bearer ${firm.token}` }, body: (asked: Asked) => JSON.stringify({ query: PAGE, variables: asked }) },
        { name: RAW, pid: child.pid!, url: raw, headers: {}, body: (asked: Asked) => JSON.stringify({ firm: firm.firmId, ...asked }) },
      ];
      await demandEqualAnswers(servers, load);
      return reportOf(await runInRounds(servers.map((server) => contenderOf(server, house, load))));
    } finally {
      await stopProgram(child);
    }
  },
};

function emailOf(firmName: string): string {
  const firm = MEMBER_FIRMS.find(({ name }) => name === firmName);
  invariant(firm, 'a firm that is shown is a member');
  return firm.owner.email;
}

let count = 0;

/** Another page each time, of 41 to 50 customers. */
function askNext(): Asked {
  count += 1;
  return { metric: METRICS[count % METRICS.length]!, first: 50 - (count % 10) };
}

/** Before anything is measured: the same questions have the same answers, and they tell something. */
async function demandEqualAnswers(servers: readonly Server[], load: LoadGenerator): Promise<void> {
  const questions = Array.from({ length: 30 }, askNext);
  const answers: unknown[][] = [];
  for (const { url, headers, body } of servers) {
    const loaded = await load.send({ url, headers, bodies: questions.map((asked) => body(asked)), connections: 1 });
    answers.push(loaded.answers.map((answer) => JSON.parse(answer) as unknown));
  }
  const [ours, theirs] = answers;
  deepStrictEqual(ours, theirs, 'both answer alike');
  for (const word of ['BenchmarkFigure', 'BenchmarkBand', 'contribution']) invariant(JSON.stringify(ours).includes(word), `some answer has ${word}`);
}

function contenderOf({ name, pid, url, headers, body }: Server, house: ChatHouse, load: LoadGenerator): Contender {
  const bodiesOf = (requests: number): string[] => Array.from({ length: requests }, () => body(askNext()));
  const cpu = async (): Promise<number> => (await cpuOf(pid)) + (await house.cpu()).database;
  return {
    name,
    async run() {
      const before = await cpu();
      const busy = await load.send({ url, headers, bodies: bodiesOf(REQUESTS.rate), connections: CONNECTIONS });
      const cpuMilliseconds = ((await cpu()) - before) / REQUESTS.rate;
      const { latencies } = await load.send({ url, headers, bodies: bodiesOf(REQUESTS.latency), connections: 1 });
      return { milliseconds: spreadOf(latencies).median, perSecond: REQUESTS.rate / busy.seconds, cpuMilliseconds };
    },
  };
}

function reportOf(samples: Awaited<ReturnType<typeof runInRounds>>): Report {
  const [ours, raw] = [samples.get(OURS)!, samples.get(RAW)!];
  return {
    name: 'page',
    about: `A page of 41 to 50 customers of a firm of the demo network, each with its risk score, every factor of it, and a benchmark. Ours is asked as a client asks it, signed in, through the gateway, under row-level security and the policy of disclosure; raw http asks as the owner of the database and checks nobody. Milliseconds are the p50 of one connection, rates are of ${CONNECTIONS} busy connections; CPU is of a request, the server's own process and PostgreSQL together.`,
    comparisons: [
      { what: 'CPU of a request, PostgreSQL included: ours ÷ one hand-written SQL', measured: ratiosOf(ours, raw, ({ cpuMilliseconds }) => cpuMilliseconds!), target: { atMost: 2 } },
    ],
    details: [showSamples('a page', samples)],
  };
}
