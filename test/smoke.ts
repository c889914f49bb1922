import { randomUUID } from 'node:crypto';
import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { TALKING_FIRMS } from '../examples/demo-network/conversation.js';
import { DEMO_PASSWORD, MEMBER_FIRMS } from '../examples/demo-network/member-firms.js';

/**
 * Tries a running Ardoise with its demo network from outside: `node dist/test/smoke.js http://localhost:4000`. One query
 * over all rooms, one chat message over a WebSocket. Ends with 0, or with 1 and a line that says what was not as it should.
 */

const READY_SECONDS = 60;
const MESSAGE_SECONDS = 10;

class Smoke extends Error {}

function demand(condition: unknown, what: string): asserts condition {
  if (!condition) throw new Smoke(what);
}

async function becomeReady(url: string): Promise<void> {
  const deadline = Date.now() + READY_SECONDS * 1000;
  while (!(await fetch(`${url}/ready`).then(({ ok }) => ok, () => false))) {
    demand(Date.now() < deadline, `${url}/ready does not answer within ${READY_SECONDS} seconds`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

async function ask<Data>(url: string, token: string | undefined, query: string, variables: Record<string, unknown> = {}): Promise<Data> {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(token !== undefined && { authorization: `Bearer ${token}` }) },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = (await response.json()) as { data: Data; errors?: unknown };
  demand(!errors, `${query.slice(0, 60)} answered ${JSON.stringify(errors)}`);
  return data;
}

/** Signs the owner of a demo firm in and returns the access token. */
async function signIn(url: string, firmName: string): Promise<string> {
  const firm = MEMBER_FIRMS.find(({ name }) => name === firmName);
  demand(firm, `the demo has no firm ${firmName}`);
  const { sessionCreate } = await ask<{ sessionCreate: { session: { accessToken: string } | null } }>(
    url, undefined, 'mutation ($input: SessionCreateInput!) { sessionCreate(input: $input) { session { accessToken } } }', { input: { email: firm.owner.email, password: DEMO_PASSWORD } },
  );
  demand(sessionCreate.session, `${firm.owner.email} cannot sign in`);
  return sessionCreate.session.accessToken;
}

interface Overview {
  readonly portfolio: { readonly openInvoiceCount: number; readonly indicators: { readonly outstanding: { readonly amount: string } } };
  readonly customers: { readonly nodes: readonly { readonly name: string; readonly paymentBehaviour: { readonly index: number } | null; readonly benchmark: { readonly __typename: string } }[] };
}

/** Portfolios, scoring and community in one operation: some customer has something to show from each. */
async function tryFederation(url: string, token: string): Promise<string> {
  const { portfolio, customers } = await ask<Overview>(url, token, `{
    portfolio { openInvoiceCount indicators { outstanding { amount } } }
    customers(first: 100) { nodes { name paymentBehaviour { index } benchmark(metric: DAYS_BEYOND_TERMS) { __typename } } }
  }`);
  demand(portfolio.openInvoiceCount > 0 && Number(portfolio.indicators.outstanding.amount) > 0, 'nothing is outstanding in the demo');
  const whole = customers.nodes.find(({ paymentBehaviour, benchmark }) => paymentBehaviour && benchmark.__typename !== 'BenchmarkUnavailable');
  demand(whole, 'no customer of the demo has both a payment behaviour and a benchmark');
  return `${portfolio.openInvoiceCount} open invoices; ${whole.name} has the payment index ${whole.paymentBehaviour?.index} and a ${whole.benchmark.__typename}`;
}

interface Message {
  readonly seq: number;
  readonly body: string;
  readonly mine: boolean;
}

/** One member writes, the other one hears it over a WebSocket; written twice, it is one message. */
async function tryChat(url: string, writer: string, reader: string): Promise<string> {
  const conversationOf = async (token: string): Promise<{ id: string; lastSeq: number }> => {
    const { conversations } = await ask<{ conversations: { nodes: { id: string; lastSeq: number }[] } }>(url, token, '{ conversations(first: 1) { nodes { id lastSeq } } }');
    demand(conversations.nodes[0], 'the demo has no conversation');
    return conversations.nodes[0];
  };
  const [written, read] = await Promise.all([conversationOf(writer), conversationOf(reader)]);
  const client = createClient({ url: `${url.replace(/^http/, 'ws')}/graphql`, webSocketImpl: WebSocket, connectionParams: { authorization: `Bearer ${reader}` }, retryAttempts: 0, lazy: false });
  const late = setTimeout(() => client.terminate(), MESSAGE_SECONDS * 1000);
  try {
    const heard = client.iterate<{ messageReceived: Message }>({
      query: 'subscription ($id: ID!, $after: Int) { messageReceived(conversationId: $id, after: $after) { seq body mine } }', variables: { id: read.id, after: read.lastSeq },
    });
    const first = heard.next();
    const input = { conversationId: written.id, clientId: randomUUID(), body: `Smoke test ${new Date().toISOString()}` };
    const sent: Message[] = [];
    for (const _ of ['once', 'and again']) {
      const { messageSend } = await ask<{ messageSend: { message: Message | null; userErrors: unknown } }>(url, writer, 'mutation ($input: MessageSendInput!) { messageSend(input: $input) { message { seq body mine } userErrors { code message } } }', { input });
      demand(messageSend.message, `the message was refused: ${JSON.stringify(messageSend.userErrors)}`);
      sent.push(messageSend.message);
    }
    demand(sent[0]!.seq === sent[1]!.seq, 'a message sent twice became two');
    const message = (await first).value?.data?.messageReceived;
    demand(message, `no message came over the WebSocket within ${MESSAGE_SECONDS} seconds`);
    demand(message.body === input.body && message.seq === sent[0]!.seq && !message.mine, `another message came: ${JSON.stringify(message)}`);
    return `message ${message.seq} came over the WebSocket`;
  } finally {
    clearTimeout(late);
    await client.dispose();
  }
}

try {
  const url = process.argv[2]?.replace(/\/+$/, '');
  demand(url, 'give the address of a running Ardoise, e.g. http://localhost:4000');
  await becomeReady(url);
  const [writer, reader] = await Promise.all(TALKING_FIRMS.map((name) => signIn(url, name)));
  console.log(`smoke: ${await tryFederation(url, writer!)}`);
  console.log(`smoke: ${await tryChat(url, writer!, reader!)}`);
} catch (error) {
  console.error(`smoke: ${error instanceof Smoke ? error.message : String(error)}`);
  process.exit(1);
}
