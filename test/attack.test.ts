import { randomUUID } from 'node:crypto';
import { on, once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import { WebSocket } from 'ws';
import { raiseAlerts } from '../subgraphs/scoring/alerts/raise-alerts.js';
import { PASSWORD, startHouse, Visitor, type Answer, type FirmVisitor, type TestHouse } from './house.js';

let house: TestHouse;
let acme: FirmVisitor;
beforeAll(async () => {
  house = await startHouse();
  acme = await house.firm('Acme');
});
afterAll(() => house[Symbol.asyncDispose]());

test('many operations of several mutations each at once do not wait for one another in a circle', async () => {
  const upsert = (place: number): string => `c${place}: customerUpsert(input: { reference: "R-${place}", name: "Garage" }) { customer { id name invoices { totalCount } } userErrors { code } }`;
  const document = `mutation { ${[1, 2, 3].map(upsert).join(' ')} }`;
  const answers = await Promise.all(Array.from({ length: 40 }, () => acme.ask(document)));
  expect(answers.flatMap(({ errors }) => errors ?? [])).toEqual([]);
  expect((await acme.get<{ customers: { totalCount: number } }>('{ customers { totalCount } }')).customers.totalCount).toBe(3);
}, 30_000);

const codesOf = (answer: Answer<unknown>): string[] => (answer.errors ?? []).map(({ extensions }) => extensions.code);

describe('what only the gateway may ask a room', () => {
  test.each([
    ['by its name', '{ askersOf(sessionIds: ["x"], apiKeyHashes: []) { firmId } }'],
    ['by an alias', '{ viewer: askersOf(sessionIds: ["x"], apiKeyHashes: []) { firmId } }'],
    ['through a fragment', '{ ...F } fragment F on Query { askersOf(sessionIds: ["x"], apiKeyHashes: []) { firmId } }'],
    ['through an inline fragment', '{ ... on Query { askersOf(sessionIds: [], apiKeyHashes: ["x"]) { __typename } } }'],
    ['as entities', '{ _entities(representations: [{ __typename: "Firm", id: "x" }]) { ... on Firm { name } } }'],
    ['as a service', '{ _service { sdl } }'],
    ['as a subscription', 'subscription { askersOf(sessionIds: ["x"], apiKeyHashes: []) { firmId } }'],
  ])('does not exist for a client, %s', async (_, query) => {
    for (const client of [acme, house.nobody]) expect(new Set(codesOf(await client.ask(query)))).toEqual(new Set(['BAD_USER_INPUT']));
  });

  test.each(['Asker', '_Any', '_Entity', '_Service', 'join__Graph'])('has no type %s for a client', async (name) => {
    expect(await acme.get('query ($name: String!) { __type(name: $name) { name } }', { name })).toEqual({ __type: null });
  });
});

/** What the server answers to these bytes; nothing when it closes without a word. */
async function sayRaw(text: string): Promise<string> {
  const { hostname, port } = new URL(house.url);
  const socket = connect(Number(port), hostname);
  let heard = '';
  socket.setEncoding('utf8').on('data', (chunk: string) => (heard += chunk));
  socket.end(text);
  await once(socket, 'close');
  return heard;
}

test.each(['a b', '[', ':::', 'x@y', '', '%', 'a:99999999', '/', '#', 'a, b'])('a request for the host %j is refused with a code, and the house lives on', async (host) => {
  const body = '{"query":"{ viewer { role } }"}';
  const answers = await Promise.all([
    sayRaw(`POST /graphql HTTP/1.1\r\nhost: ${host}\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`),
    sayRaw(`PUT /uploads/x HTTP/1.1\r\nhost: ${host}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`),
    sayRaw(`GET //${host}/graphql HTTP/1.1\r\nhost: ${host}\r\nconnection: close\r\n\r\n`),
  ]);
  for (const answer of answers) expect(answer).toMatch(/^HTTP\/1\.1 400 [^]*(\r\n\r\n$|"code":"BAD_USER_INPUT")/);
  expect(answers.join()).not.toMatch(/node_modules/);
  expect(await house.nobody.get('{ viewer { role } }')).toEqual({ viewer: null });
});

/** A raw socket that has been let in. */
async function open(payload: Record<string, unknown> = {}, headers: Record<string, string> = {}): Promise<WebSocket> {
  const socket = new WebSocket(`${house.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws', { headers });
  await once(socket, 'open');
  socket.send(JSON.stringify({ type: 'connection_init', payload }));
  await once(socket, 'message');
  return socket;
}

test.each([['a line feed', 'Bearer a\nb'], ['what no header can hold', 'Bearer é€😀'], ['a NUL', '\u0000'], ['a long text', 'x'.repeat(50_000)]])('a token with %s over a WebSocket is refused with a code', async (_, authorization) => {
  const socket = await open({ authorization });
  socket.send(JSON.stringify({ type: 'subscribe', id: '1', payload: { query: '{ viewer { role } }' } }));
  const heard = await Promise.race([once(socket, 'message').then(([data]) => String(data)), once(socket, 'close').then(([code, reason]) => `closed ${String(code)} ${String(reason)}`)]);
  socket.terminate();
  expect(heard).toContain('"code":"UNAUTHENTICATED"');
});

/** What a raw socket hears about an operation: its first message of that id. */
async function hear(socket: WebSocket, id: string): Promise<{ type: string; payload?: unknown }> {
  for await (const [data] of on(socket, 'message', { signal: AbortSignal.timeout(10_000) })) {
    const message = JSON.parse(String(data)) as { id: string; type: string; payload?: unknown };
    if (message.id === id) return message;
  }
  throw new Error('the socket closed');
}

test('one WebSocket has a hundred operations at once, and another when one of them ends', async () => {
  const socket = await open({ authorization: `Bearer ${acme.token}` });
  const ask = (id: string, query: string): void => socket.send(JSON.stringify({ type: 'subscribe', id, payload: { query } }));
  for (let id = 0; id < 100; id += 1) ask(`s${id}`, 'subscription { inboxChanged { id } }');
  ask('late', '{ viewer { role } }');
  expect(await hear(socket, 'late')).toMatchObject({ type: 'error', payload: [{ extensions: { code: 'RATE_LIMITED', requestId: expect.any(String) } }] });
  socket.send(JSON.stringify({ type: 'complete', id: 's7' }));
  ask('later', '{ viewer { role } }');
  expect(await hear(socket, 'later')).toMatchObject({ type: 'next', payload: { data: { viewer: { role: 'OWNER' } } } });
  socket.terminate();
}, 15_000);

test('a client that asks over a WebSocket and reads nothing is cut off before it fills the memory', async () => {
  const socket = await open();
  const closed = once(socket, 'close');
  socket.on('error', () => undefined);
  // The schema in words: some hundred kilobytes an answer.
  const query = '{ __schema { types { name description fields { name description args { name description } } } } }';
  let answers = 0;
  socket.on('message', (data: Buffer) => {
    answers += data.includes('"type":"next"') ? 1 : 0;
  });
  socket.pause();
  for (let id = 0; id < 2000; id += 1) socket.send(JSON.stringify({ type: 'subscribe', id: String(id), payload: { query } }));
  // Until the server has cut it off: what is written then fails.
  while (await new Promise((resolve) => socket.ping('', true, (error) => setTimeout(resolve, 20, error == null)))) continue;
  socket.resume();
  await closed;
  expect(answers).toBeLessThanOrEqual(101);
}, 30_000);

const NOBODYS = ['', 'x', '\u0000', '\ud800', '00000000-0000-0000-0000-000000000000', 'AAAAAAAAAAAAAAAAAAAAAA', '../../etc/passwd', 'é'.repeat(3000)];

/** A rule of the firm, and an alert that it raised. */
async function alertOf(firm: FirmVisitor, customerId: string): Promise<{ readonly rule: string; readonly alert: string }> {
  const db = house.running.rooms.scoring.room.db.forFirm(firm.firmId);
  const measure = (OVERDUE: string): Promise<void> => db.transaction((em) => raiseAlerts(em, firm.firmId, [{ customerId, values: { OVERDUE } }], Temporal.Now.instant()));
  await measure('10.00 EUR');
  const { alertRuleCreate } = await firm.get<{ alertRuleCreate: { rule: { id: string } } }>('mutation { alertRuleCreate(input: { metric: OVERDUE, threshold: 100 }) { rule { id } } }');
  await measure('100.00 EUR');
  const { alerts } = await firm.get<{ alerts: { nodes: readonly { id: string }[] } }>('{ alerts { nodes { id } } }');
  return { rule: alertRuleCreate.rule.id, alert: alerts.nodes[0]!.id };
}

describe("another firm's ids", () => {
  let rival: FirmVisitor;
  /** Ids of acme that its rival gets hold of. */
  let stolen: Readonly<Record<'customer' | 'invoice' | 'job' | 'peer' | 'conversation' | 'message' | 'attachment' | 'epoch' | 'key' | 'rule' | 'alert' | 'endpoint' | 'delivery' | 'cursor' | 'limitRequest' | 'statement' | 'notice' | 'event', string>>;

  beforeAll(async () => {
    rival = await house.firm('Rival');
    const third = await house.firm('Third');
    const customer = async (firm: FirmVisitor): Promise<string> =>
      (await firm.get<{ customerUpsert: { customer: { id: string } } }>('mutation { customerUpsert(input: { reference: "R-1", name: "Garage" }) { customer { id } } }')).customerUpsert.customer.id;
    const [mine, theirs] = [await customer(acme), await customer(third)];
    await house.running.rooms.community.room.db.asSystem().transaction(async (em) => {
      const db = em.getKysely<unknown>();
      for (const firm of [acme, rival, third]) await sql`insert into community.membership (firm_id, verified, joined_at, metrics) values (${firm.firmId}, true, now(), '{DSO}')`.execute(db);
      for (const [firm, id] of [[acme, mine], [third, theirs]] as const) {
        await sql`insert into community.customer_key (firm_id, customer_id, subject, seekable_until, revision) values (${firm.firmId}, ${id}, ${'ab'.repeat(32)}, '2999-12', 1)`.execute(db);
      }
    });
    const seek = 'mutation ($id: ID!) { peerSeek(input: { customerId: $id }) { customer { peers { id } } } }';
    await third.get(seek, { id: theirs });
    const peer = (await acme.get<{ peerSeek: { customer: { peers: { id: string }[] } } }>(seek, { id: mine })).peerSeek.customer.peers[0]!.id;
    const conversation = (await acme.get<{ conversationStart: { conversation: { id: string } } }>('mutation ($id: ID!) { conversationStart(input: { peerId: $id }) { conversation { id } } }', { id: peer })).conversationStart.conversation.id;
    const message = (await acme.get<{ messageSend: { message: { id: string } } }>('mutation ($id: ID!) { messageSend(input: { conversationId: $id, clientId: "1", body: "Bonjour" }) { message { id } } }', { id: conversation })).messageSend.message.id;
    const attachment = (await acme.get<{ attachmentCreate: { attachment: { id: string } } }>('mutation ($id: ID!) { attachmentCreate(input: { conversationId: $id, fileName: "a.csv" }) { attachment { id } } }', { id: conversation })).attachmentCreate.attachment.id;
    const rest = await acme.get<{ invoiceUpsert: { invoice: { id: string } }; importCreate: { job: { id: string } }; apiKeyCreate: { apiKey: { id: string } }; creditLimitRequest: { request: { id: string } } }>(
      `mutation ($id: ID!) {
        invoiceUpsert(input: { customerId: $id, number: "F1", issueDate: "2026-01-01", amount: { amount: "10.00", currency: "EUR" } }) { invoice { id } }
        importCreate(input: { format: CSV }) { job { id } }
        apiKeyCreate(input: { name: "Nightly", scopes: ["chat"] }) { apiKey { id } }
        creditLimitRequest(input: { customerId: $id, limit: { amount: "10", currency: "EUR" }, reason: "x" }) { request { id } }
      }`,
      { id: mine },
    );
    const entered = await acme.get<{ financialStatementUpsert: { statement: { id: string } }; insolvencyNoticeRecord: { notice: { id: string } }; contextEventCreate: { event: { id: string } } }>(
      `mutation ($id: ID!) {
        financialStatementUpsert(input: { customerId: $id, periodEnd: "2025-12-31", currency: "EUR", totalAssets: "10", currentAssets: "5", totalLiabilities: "6", currentLiabilities: "3", equity: "4", retainedEarnings: "1", sales: "20", ebit: "1", netIncome: "1" }) { statement { id } }
        insolvencyNoticeRecord(input: { customerId: $id, kind: SAFEGUARD, openedOn: "2026-01-02", source: "BODACC" }) { notice { id } }
        contextEventCreate(input: { name: "Storm", kind: DISASTER, from: "2026-01-02", shift: -20 }) { event { id } }
      }`,
      { id: mine },
    );
    const { customers } = await acme.get<{ customers: { pageInfo: { endCursor: string } } }>('{ customers(first: 1) { pageInfo { endCursor } } }');
    const endpoint = (await acme.get<{ webhookEndpointCreate: { endpoint: { id: string } } }>('mutation { webhookEndpointCreate(input: { url: "https://hooks.example.test/", events: [ALERT_RAISED] }) { endpoint { id } } }')).webhookEndpointCreate.endpoint.id;
    const delivery = (await acme.get<{ webhookTest: { delivery: { id: string } } }>('mutation ($id: ID!) { webhookTest(input: { id: $id }) { delivery { id } } }', { id: endpoint })).webhookTest.delivery.id;
    const epoch = house.running.rooms.community.room.keys.ids.encode(acme.firmId, 'BenchmarkEpoch', randomUUID());
    const { rule, alert } = await alertOf(acme, mine);
    stolen = { rule, alert, customer: mine, invoice: rest.invoiceUpsert.invoice.id, job: rest.importCreate.job.id, key: rest.apiKeyCreate.apiKey.id, limitRequest: rest.creditLimitRequest.request.id, endpoint, delivery, peer, conversation, message, attachment, epoch, cursor: customers.pageInfo.endCursor, statement: entered.financialStatementUpsert.statement.id, notice: entered.insolvencyNoticeRecord.notice.id, event: entered.contextEventCreate.event.id };
  });

  /** Every place of the API that takes an id: the operation, and whose id of acme fits it. */
  const places: readonly (readonly [keyof typeof stolen, string])[] = [
    ['customer', 'query ($id: ID!) { customer(id: $id) { id } }'],
    ['customer', 'query ($id: ID!) { customer(id: $id) { benchmark(metric: DSO) { __typename } benchmarkHistory(metric: DSO) { epoch { id } } peers { id } paymentBehaviour { index } lateness { chance } creditLimitRecommendation { binding } } }'],
    ['customer', 'query ($id: ID!) { customerBy(ref: { id: $id }) { id } }'],
    ['customer', 'query ($id: ID!) { invoices(where: { customerId: $id }) { totalCount nodes { id } } }'],
    ['customer', 'mutation ($id: ID!) { creditLimitSet(input: { customerId: $id, limit: null }) { customer { id } userErrors { code message path } } }'],
    ['customer', 'mutation ($id: ID!) { invoiceUpsert(input: { customerId: $id, number: "F1", issueDate: "2026-01-01", amount: { amount: "1", currency: "EUR" } }) { invoice { id } userErrors { code message path } } }'],
    ['customer', 'mutation ($id: ID!) { paymentRecord(input: { customerId: $id, reference: "P1", receivedOn: "2026-01-01", amount: { amount: "1", currency: "EUR" }, invoiceNumbers: ["F1"] }) { invoices { id } userErrors { code message path } } }'],
    ['customer', 'mutation ($id: ID!) { customerSharingSet(input: { customerId: $id, shared: false }) { customer { id } userErrors { code message path } } }'],
    ['customer', 'mutation ($id: ID!) { peerSeek(input: { customerId: $id }) { customer { id } userErrors { code message path } } }'],
    ['customer', 'mutation ($id: ID!) { peerUnseek(input: { customerId: $id }) { customer { id } userErrors { code message path } } }'],
    ['invoice', 'query ($id: ID!) { invoice(id: $id) { id number customer { id } } }'],
    ['customer', 'query ($id: ID!) { creditCheck(customerId: $id, amount: { amount: "1", currency: "EUR" }) { decision } }'],
    ['customer', 'query ($id: ID!) { receipts(where: { customerId: $id }) { totalCount nodes { id } } }'],
    ['customer', 'mutation ($id: ID!) { paymentTermsSet(input: { customerId: $id, terms: { days: 30 } }) { customer { id } userErrors { code message path } } }'],
    ['customer', 'mutation ($id: ID!) { orderExposureSet(input: { customerId: $id, orderReference: "O1", amount: { amount: "1", currency: "EUR" } }) { customer { id } userErrors { code message path } } }'],
    ['customer', 'mutation ($id: ID!) { orderExposureRelease(input: { customerId: $id, orderReference: "O1" }) { customer { id } userErrors { code message path } } }'],
    ['customer', 'query ($id: ID!) { creditLimitRequests(customerId: $id) { totalCount nodes { id } } }'],
    ['customer', 'mutation ($id: ID!) { creditLimitRequest(input: { customerId: $id, limit: { amount: "1", currency: "EUR" }, reason: "x" }) { request { id } userErrors { code message path } } }'],
    ['limitRequest', 'query ($id: ID!) { creditLimitRequest(id: $id) { id customer { id } history { state } } }'],
    ['limitRequest', 'mutation ($id: ID!) { creditLimitApprove(input: { id: $id }) { request { id } userErrors { code message path } } }'],
    ['limitRequest', 'mutation ($id: ID!) { creditLimitReject(input: { id: $id }) { request { id } userErrors { code message path } } }'],
    ['limitRequest', 'mutation ($id: ID!) { creditLimitWithdraw(input: { id: $id }) { request { id } userErrors { code message path } } }'],
    ['invoice', 'mutation ($id: ID!) { disputeOpen(input: { invoiceId: $id, reason: PRICE, responsible: "Sales" }) { userErrors { code message path } } }'],
    ['invoice', 'mutation ($id: ID!) { promiseRecord(input: { invoiceIds: [$id], promisedOn: "2026-12-01" }) { userErrors { code message path } } }'],
    ['customer', 'mutation ($id: ID!) { alertRuleCreate(input: { metric: DSO, delta: 5, customerId: $id }) { rule { id } userErrors { code message path } } }'],
    ['rule', 'mutation ($id: ID!) { alertRuleDelete(input: { id: $id }) { rule { id deletedAt } userErrors { code message path } } }'],
    ['alert', 'mutation ($id: ID!) { alertAcknowledge(input: { id: $id }) { alert { id customer { id } } userErrors { code message path } } }'],
    ['customer', 'query ($id: ID!) { customer(id: $id) { financialStatements { id } insolvencyNotices { id } } }'],
    ['customer', 'mutation ($id: ID!) { financialStatementUpsert(input: { customerId: $id, periodEnd: "2025-12-31", currency: "EUR", totalAssets: "10", currentAssets: "5", totalLiabilities: "6", currentLiabilities: "3", equity: "4", retainedEarnings: "1", sales: "20", ebit: "1", netIncome: "1" }) { statement { id } userErrors { code message path } } }'],
    ['statement', 'mutation ($id: ID!) { financialStatementWithdraw(input: { id: $id }) { statement { id } userErrors { code message path } } }'],
    ['customer', 'mutation ($id: ID!) { insolvencyNoticeRecord(input: { customerId: $id, kind: LIQUIDATION, openedOn: "2026-01-02", source: "BODACC" }) { notice { id } userErrors { code message path } } }'],
    ['notice', 'mutation ($id: ID!) { insolvencyNoticeWithdraw(input: { id: $id, reason: "Closed" }) { notice { id } userErrors { code message path } } }'],
    ['event', 'mutation ($id: ID!) { contextEventEnd(input: { id: $id }) { event { id } userErrors { code message path } } }'],
    ['job', 'query ($id: ID!) { importJob(id: $id) { id uploadUrl rejections { totalCount } } }'],
    ['key', 'mutation ($id: ID!) { apiKeyRevoke(input: { id: $id }) { userErrors { code message path } } }'],
    ['endpoint', 'query ($id: ID!) { webhookDeliveries(endpointId: $id) { nodes { id body } } }'],
    ['endpoint', 'mutation ($id: ID!) { webhookEndpointEnable(input: { id: $id }) { endpoint { id url } userErrors { code message path } } }'],
    ['endpoint', 'mutation ($id: ID!) { webhookEndpointDisable(input: { id: $id }) { endpoint { id url } userErrors { code message path } } }'],
    ['endpoint', 'mutation ($id: ID!) { webhookEndpointDelete(input: { id: $id }) { userErrors { code message path } } }'],
    ['endpoint', 'mutation ($id: ID!) { webhookSecretRotate(input: { id: $id }) { secret endpoint { id url } userErrors { code message path } } }'],
    ['endpoint', 'mutation ($id: ID!) { webhookTest(input: { id: $id }) { delivery { id body } userErrors { code message path } } }'],
    ['endpoint', 'mutation ($id: ID!) { webhookReplay(input: { endpointId: $id, since: "2020-01-01T00:00:00Z" }) { count userErrors { code message path } } }'],
    ['delivery', 'mutation ($id: ID!) { webhookReplay(input: { deliveryId: $id }) { count userErrors { code message path } } }'],
    ['peer', 'mutation ($id: ID!) { conversationStart(input: { peerId: $id }) { conversation { id } userErrors { code message path } } }'],
    ['peer', 'mutation ($id: ID!) { pairCompare(input: { peerId: $id, metrics: [DSO] }) { comparison { metric yours } userErrors { code message path } } }'],
    ['conversation', 'query ($id: ID!) { conversation(id: $id) { id messages { nodes { id } } } }'],
    ['conversation', 'mutation ($id: ID!) { messageSend(input: { conversationId: $id, clientId: "1", body: "Bonjour" }) { message { id } userErrors { code message path } } }'],
    ['conversation', 'query ($id: ID!) { conversation(id: $id) { search(text: "Bonjour") { nodes { id versions { body } attachments { id } } } } }'],
    ['conversation', 'mutation ($id: ID!) { messageEdit(input: { conversationId: $id, seq: 1, version: 1, body: "Bonsoir" }) { message { id } userErrors { code message path } } }'],
    ['conversation', 'mutation ($id: ID!) { attachmentCreate(input: { conversationId: $id, fileName: "a.pdf" }) { attachment { id } userErrors { code message path } } }'],
    ['conversation', 'mutation ($id: ID!) { messageSend(input: { conversationId: $id, clientId: "1", body: "Bonjour", attachmentIds: ["x"] }) { message { id } userErrors { code message path } } }'],
    ['conversation', 'mutation ($id: ID!) { messagesRead(input: { conversationId: $id, upTo: 1 }) { conversation { id } userErrors { code message path } } }'],
    ['conversation', 'mutation ($id: ID!) { identityReveal(input: { conversationId: $id }) { conversation { id } userErrors { code message path } } }'],
    ['conversation', 'mutation ($id: ID!) { conversationClose(input: { conversationId: $id }) { conversation { id } userErrors { code message path } } }'],
    ['conversation', 'mutation ($id: ID!) { conversationReport(input: { conversationId: $id, reason: "x" }) { conversation { id } userErrors { code message path } } }'],
    ['peer', 'mutation ($id: ID!) { peerBlock(input: { peerId: $id }) { conversation { id } userErrors { code message path } } }'],
    ['conversation', 'mutation ($id: ID!) { typingSet(input: { conversationId: $id, typing: true }) { userErrors { code message path } } }'],
    ['customer', 'mutation ($id: ID!) { peerSignalDecide(input: { id: $id, decision: IGNORED, note: "x" }) { signal { id } userErrors { code message path } } }'],
    ['conversation', 'mutation ($id: ID!) { peerBlock(input: { conversationId: $id }) { conversation { id } userErrors { code message path } } }'],
  ];

  test.each(places)('of a %s are those of nobody: %s', async (kind, document) => {
    const ids = [...Object.values(stolen), ...NOBODYS];
    const answers = [];
    for (const id of ids) answers.push(JSON.stringify(await rival.ask(document, { id })).replace(/"requestId":"[^"]+"/g, ''));
    expect(stolen[kind]).toBeTruthy();
    expect(new Set(answers).size).toBe(1);
    expect(answers[0]).not.toContain('"errors"');
  });

  test.each([
    ['conversation', 'subscription ($id: ID!) { messageReceived(conversationId: $id, after: 0) { id body } }'],
    ['conversation', 'subscription ($id: ID!) { messageEdited(conversationId: $id, after: 0) { number body } }'],
    ['conversation', 'subscription ($id: ID!) { peerTyping(conversationId: $id) { typing } }'],
    ['job', 'subscription ($id: ID!) { importProgress(id: $id) { id status } }'],
    ['alert', 'subscription ($id: ID!) { alertRaised(after: $id) { id after } }'],
  ] as const)('of a %s open no subscription: %s', async (_, query) => {
    const answers = [];
    for (const id of [...Object.values(stolen), ...NOBODYS.map((text) => text.slice(0, 1000))]) {
      const client = rival.socket();
      answers.push(await client.iterate({ query, variables: { id } }).next().then((step) => JSON.stringify(step), (error: unknown) => JSON.stringify(error)));
      await client.dispose();
    }
    expect(new Set(answers.map((answer) => answer.replace(/"requestId":"[^"]+"/g, ''))).size).toBe(1);
    expect(answers[0]).toContain('NOT_FOUND');
  }, 30_000);

  test('of an import take no file', async () => {
    const answers = [];
    for (const id of [stolen.job, stolen.customer, ...NOBODYS.slice(1, 6).filter((id) => id.isWellFormed())]) {
      const response = await fetch(`${house.url}/uploads/${encodeURIComponent(id)}`, { method: 'PUT', headers: { authorization: `Bearer ${rival.token}` }, body: 'invoice_number\n1\n' });
      answers.push(`${response.status} ${await response.text()}`);
    }
    expect(new Set(answers).size).toBe(1);
    expect(answers[0]).toMatch(/^404 .*NOT_FOUND/);
    expect(await acme.get('query ($id: ID!) { importJob(id: $id) { status } }', { id: stolen.job })).toEqual({ importJob: { status: 'AWAITING_UPLOAD' } });
  });

  test.each(['GET', 'PUT'])('of a file are those of nobody: %s', async (method) => {
    const answers = [];
    for (const id of [...Object.values(stolen), ...NOBODYS.slice(1, 6).filter((id) => id.isWellFormed())]) {
      const response = await fetch(`${house.url}/attachments/${encodeURIComponent(id)}`, { method, headers: { authorization: `Bearer ${rival.token}` }, ...(method === 'PUT' && { body: 'a,b\n1,2\n' }) });
      answers.push(`${response.status} ${await response.text()}`);
    }
    expect(new Set(answers).size).toBe(1);
    expect(answers[0]).toMatch(/^404 .*NOT_FOUND/);
    const mine = await fetch(`${house.url}/attachments/${stolen.attachment}`, { headers: { authorization: `Bearer ${acme.token}` } });
    expect(mine.status).toBe(404);
  });

  test('in a cursor or an epoch show nothing of theirs', async () => {
    const page = await rival.get('query ($after: String) { customers(after: $after) { totalCount nodes { id } } }', { after: stolen.cursor });
    expect(page).toEqual({ customers: { totalCount: 0, nodes: [] } });
    const { conversations } = await acme.get<{ conversations: { pageInfo: { endCursor: string } } }>('{ conversations(first: 1) { pageInfo { endCursor } } }');
    expect(await rival.get('query ($after: String) { conversations(after: $after) { totalCount nodes { id } } }', { after: conversations.pageInfo.endCursor })).toEqual({ conversations: { totalCount: 0, nodes: [] } });
    expect(Buffer.from(conversations.pageInfo.endCursor, 'base64url').toString()).not.toMatch(/[0-9a-f]{8}-[0-9a-f]{4}/);
  });

  test('and what was tried with them changed nothing', async () => {
    const { conversation, invoice } = await acme.get<Record<string, object>>(
      'query ($id: ID!, $invoice: ID!) { conversation(id: $id) { state lastSeq lastEdit peerReadUpTo readUpTo peer { firm { id } } } invoice(id: $invoice) { amount { amount } openAmount { amount } } }',
      { id: stolen.conversation, invoice: stolen.invoice },
    );
    expect({ conversation, invoice }).toEqual({
      conversation: { state: 'OPEN', lastSeq: 1, lastEdit: 0, peerReadUpTo: 0, readUpTo: 0, peer: { firm: null } },
      invoice: { amount: { amount: '10.00' }, openAmount: { amount: '10.00' } },
    });
  });
});

describe('ten times at once', () => {
  const tenTimes = async <Data>(who: Visitor, document: string, variables: Record<string, unknown> = {}): Promise<readonly Data[]> =>
    Promise.all(Array.from({ length: 10 }, () => who.get<Data>(document, variables)));

  test('a firm joins, keeps out a customer, and leaves: one effect, one answer', async () => {
    const firm = await house.firm();
    const joined = await tenTimes(firm, 'mutation { communityJoin(input: { metrics: [DSO, LATE_SHARE], acceptCharter: true }) { standing { member sharing joinedAt } userErrors { code } } }');
    expect(new Set(joined.map((answer) => JSON.stringify(answer))).size).toBe(1);
    const left = await tenTimes(firm, 'mutation { communityLeave { standing { member sharing joinedAt } userErrors { code } } }');
    expect(new Set(left.map((answer) => JSON.stringify(answer)))).toEqual(new Set([JSON.stringify({ communityLeave: { standing: { member: false, sharing: [], joinedAt: null }, userErrors: [] } })]));
    const told = await house.running.rooms.community.room.db.forFirm(firm.firmId).transaction((em) => sql<{ revision: string }>`select revision from community.membership`.execute(em.getKysely<unknown>()));
    // A row begins with one; joining and leaving are a change each.
    expect(Number(told.rows[0]!.revision)).toBe(3);
  });

  test('a firm joins and leaves in any order and stands in one of the two', async () => {
    const firm = await house.firm();
    const join = 'mutation { communityJoin(input: { metrics: [DSO], acceptCharter: true }) { userErrors { code } } }';
    const leave = 'mutation { communityLeave { userErrors { code } } }';
    await Promise.all(Array.from({ length: 20 }, (_, index) => firm.get(index % 2 === 0 ? join : leave)));
    const { community } = await firm.get<{ community: { member: boolean; sharing: string[] } }>('{ community { member sharing } }');
    expect(community.sharing).toEqual(community.member ? ['DSO'] : []);
  });

  test('an invitation makes one member', async () => {
    const email = `${randomUUID()}@example.test`;
    const { memberInvite } = await acme.get<{ memberInvite: { invitationToken: string } }>('mutation ($email: String!) { memberInvite(input: { email: $email, role: READER }) { invitationToken } }', { email });
    const answers = await tenTimes<{ invitationAccept: { session: object | null; userErrors: { code: string }[] } }>(
      house.nobody,
      'mutation ($token: String!, $password: String!) { invitationAccept(input: { invitationToken: $token, userName: "Lou", password: $password }) { session { accessToken } userErrors { code } } }',
      { token: memberInvite.invitationToken, password: PASSWORD },
    );
    expect(answers.filter(({ invitationAccept }) => invitationAccept.session).length).toBe(1);
    expect(new Set(answers.flatMap(({ invitationAccept }) => invitationAccept.userErrors.map(({ code }) => code)))).toEqual(new Set(['EXPIRED']));
  });

  test('a session that is refreshed lives on, with tokens that work', async () => {
    const firm = await house.firm();
    const answers = await tenTimes<{ sessionRefresh: { session: { accessToken: string; refreshToken: string } | null; userErrors: { code: string }[] } }>(
      house.nobody,
      'mutation ($token: String!) { sessionRefresh(input: { refreshToken: $token }) { session { accessToken refreshToken } userErrors { code } } }',
      { token: firm.refreshToken },
    );
    const sessions = answers.flatMap(({ sessionRefresh }) => sessionRefresh.session ?? []);
    // One effect and one answer: the same next token for all ten.
    expect(sessions).toHaveLength(10);
    expect(new Set(sessions.map(({ refreshToken }) => refreshToken)).size).toBe(1);
    for (const { accessToken } of sessions) expect(await new Visitor(house, accessToken).get('{ viewer { role } }')).toEqual({ viewer: { role: 'OWNER' } });
  });

  test('a file is sent, and lands once', async () => {
    const firm = await house.firm();
    const { importCreate } = await firm.get<{ importCreate: { job: { id: string; uploadUrl: string } } }>('mutation { importCreate(input: { format: CSV }) { job { id uploadUrl } } }');
    const body = `customer_reference,invoice_number,issue_date,amount\n${Array.from({ length: 500 }, (_, index) => `C${index % 7},F${index},2026-01-01,10.00`).join('\n')}\n`;
    const statuses = await Promise.all(Array.from({ length: 10 }, async () => (await fetch(importCreate.job.uploadUrl, { method: 'PUT', headers: { authorization: `Bearer ${firm.token}` }, body })).status));
    expect(statuses.toSorted()).toEqual([202, ...Array<number>(9).fill(409)]);
    const client = firm.socket();
    let last: unknown;
    for await (const step of client.iterate({ query: 'subscription ($id: ID!) { importProgress(id: $id) { status rowsAccepted rowsRejected } }', variables: { id: importCreate.job.id } })) last = step.data;
    await client.dispose();
    expect(last).toEqual({ importProgress: { status: 'COMPLETED', rowsAccepted: 500, rowsRejected: 0 } });
    expect(await firm.get('{ invoices { totalCount } customers { totalCount } portfolio { indicators { outstanding { amount } } } }')).toEqual({ invoices: { totalCount: 500 }, customers: { totalCount: 7 }, portfolio: { indicators: { outstanding: { amount: '5000.00' } } } });
  });
});

const deep = (levels: number): string => `${'['.repeat(levels)}${']'.repeat(levels)}`;

test.each([
  ['variables that are no JSON', 'GET', '/graphql?query=%7Bviewer%7Brole%7D%7D&variables=%5B', undefined],
  ['extensions that are no JSON', 'GET', '/graphql?query=%7Bviewer%7Brole%7D%7D&extensions=x', undefined],
  ['a query twice', 'GET', '/graphql?query=%7Bviewer%7Brole%7D%7D&query=x', undefined],
  ['a malformed escape', 'GET', '/graphql?query=%E0%A4%A', undefined],
  ['no query at all', 'GET', '/graphql', undefined],
  ['a method of its own', 'DELETE', '/graphql', undefined],
  ['PUT', 'PUT', '/graphql', '{"query":"{ viewer { role } }"}'],
  ['variables 50,000 lists deep', 'POST', '/graphql', `{"query":"query ($ref: CustomerRef!) { customerBy(ref: $ref) { id } }","variables":{"ref":${deep(50_000)}}}`],
  ['variables that nobody asks for, 50,000 lists deep', 'POST', '/graphql', `{"query":"{ viewer { role } }","variables":{"x":${deep(50_000)}}}`],
  ['extensions 50,000 lists deep', 'POST', '/graphql', `{"query":"{ viewer { role } }","extensions":${deep(50_000)}}`],
  ['an operation name that is a number', 'POST', '/graphql', '{"query":"{ viewer { role } }","operationName":5}'],
  ['extensions that are a text', 'POST', '/graphql', '{"query":"{ viewer { role } }","extensions":"x"}'],
  ['a persisted query', 'POST', '/graphql', '{"extensions":{"persistedQuery":{"version":1,"sha256Hash":"x"}}}'],
  ['a variable named __proto__', 'POST', '/graphql', '{"query":"query ($__proto__: ID) { viewer { role } }","variables":{"__proto__":{"x":1}}}'],
  ['a field named __proto__', 'POST', '/graphql', '{"query":"{ __proto__: viewer { role } constructor: viewer { role } }"}'],
  ['fields named as those of a promise', 'POST', '/graphql', '{"query":"{ then: viewer { then: role } }"}'],
  ['a literal 1,900 lists deep', 'POST', '/graphql', JSON.stringify({ query: `{ customerBy(ref: { id: ${deep(1900)} }) { id } }` })],
  ...[100, 500, 1000, 1500].flatMap((levels) => [
    [`a literal ${levels} lists deep`, 'POST', '/graphql', JSON.stringify({ query: `{ customerBy(ref: { id: ${deep(levels)} }) { id } }` })],
    [`a directive ${levels} lists deep`, 'POST', '/graphql', JSON.stringify({ query: `{ viewer { role @include(if: ${deep(levels)}) } }` })],
    [`a default ${levels} lists deep`, 'POST', '/graphql', JSON.stringify({ query: `query ($a: ID = ${deep(levels)}) { customer(id: $a) { id } }` })],
    [`an object ${levels} levels deep`, 'POST', '/graphql', JSON.stringify({ query: `{ customerBy(ref: ${'{ id: '.repeat(levels)}1${'}'.repeat(levels)}) { id } }` })],
    [`an inline fragment ${levels} levels deep`, 'POST', '/graphql', JSON.stringify({ query: `{ ${'... { '.repeat(levels)}viewer { role }${'}'.repeat(levels)} }` })],
    [`variables ${levels} levels deep`, 'POST', '/graphql', `{"query":"query ($ref: CustomerRef!) { customerBy(ref: $ref) { id } }","variables":{"ref":${'{"registration":'.repeat(levels)}1${'}'.repeat(levels)}}}`],
  ] as [string, string, string, string][]),
  ['a selection 1,900 fields deep', 'POST', '/graphql', JSON.stringify({ query: `${'{ a '.repeat(1900)}${'}'.repeat(1900)}` })],
  ['a type 3,900 lists deep', 'POST', '/graphql', JSON.stringify({ query: `query ($a: ${'['.repeat(1900)}ID${']'.repeat(1900)}) { viewer { role } }` })],
  ['a defer', 'POST', '/graphql', '{"query":"{ ... @defer { viewer { role } } }"}'],
  ['a subscription without a stream', 'POST', '/graphql', '{"query":"subscription { benchmarksPublished { id } }"}'],
] as [string, string, string, string | undefined][])('a request with %s gets a result or a coded refusal', async (_, method, path, body) => {
  for (const accept of ['application/json', 'application/graphql-response+json', 'text/event-stream', '*/*']) {
    const response = await fetch(`${house.url}${path}`, { method, headers: { accept, ...(body !== undefined && { 'content-type': 'application/json' }) }, ...(body !== undefined && { body }), signal: AbortSignal.timeout(5000) });
    const text = await response.text();
    expect({ accept, status: response.status < 500, text }).toEqual({ accept, status: true, text: expect.not.stringMatching(/INTERNAL|UNAVAILABLE|node_modules|call stack/) });
    if (response.status >= 400) expect(text).toContain('"code":"');
  }
});

test('more than 64 bits of debt add up, and are told like any other', async () => {
  const firm = await house.firm();
  // The largest amount there is, so often that the sum is beyond a bigint.
  const [amount, rows] = ['9999999999999.99', 10_000];
  const { importCreate } = await firm.get<{ importCreate: { job: { id: string; uploadUrl: string } } }>('mutation { importCreate(input: { format: CSV }) { job { id uploadUrl } } }');
  const body = `customer_reference,invoice_number,issue_date,amount,settled_on\n${Array.from({ length: rows }, (_, index) => `C,F${index},2026-01-01,${amount},\nC,S${index},2026-01-01,${amount},2026-02-20`).join('\n')}\n`;
  expect((await fetch(importCreate.job.uploadUrl, { method: 'PUT', headers: { authorization: `Bearer ${firm.token}` }, body })).status).toBe(202);
  const client = firm.socket();
  let last: unknown;
  for await (const step of client.iterate({ query: 'subscription ($id: ID!) { importProgress(id: $id) { status rowsAccepted } }', variables: { id: importCreate.job.id } })) last = step.data;
  await client.dispose();
  expect(last).toEqual({ importProgress: { status: 'COMPLETED', rowsAccepted: 2 * rows } });
  const indicators = '{ outstanding { amount } overdue { amount } unapplied { amount } agedBalance { amount { amount } } dso countback: dso(method: COUNTBACK) bestPossibleDso averageDaysDelinquent collectionEffectiveness(from: "2026-01-01") averageDaysBeyondTerms lateShare }';
  const answer = await firm.get<{ portfolio: { indicators: { outstanding: { amount: string } } } }>(`{
    portfolio(asOf: "2026-03-15") { indicators ${indicators} }
    customerBy(ref: { reference: "C" }) { indicators(asOf: "2026-03-15") ${indicators} paymentBehaviour { index } }
    byDebt: customers(orderBy: OUTSTANDING_DESC) { totalCount pageInfo { endCursor } } byDelay: customers(orderBy: OVERDUE_DESC, where: { overdue: true }) { totalCount pageInfo { endCursor } }
  }`);
  expect(answer.portfolio.indicators.outstanding.amount.replace('.', '')).toBe(String(BigInt(amount.replace('.', '')) * BigInt(rows)));
  for (const orderBy of ['OUTSTANDING_DESC', 'OVERDUE_DESC']) {
    const page = 'query ($orderBy: CustomerOrder!, $after: String) { customers(orderBy: $orderBy, after: $after) { nodes { reference } pageInfo { endCursor } } }';
    const { customers } = await firm.get<{ customers: { pageInfo: { endCursor: string } } }>(page, { orderBy });
    expect(await firm.get(page, { orderBy, after: customers.pageInfo.endCursor })).toEqual({ customers: { nodes: [], pageInfo: { endCursor: null } } });
  }
  await firm.get('mutation { communityJoin(input: { metrics: [DSO, DAYS_BEYOND_TERMS, LATE_SHARE, PAYMENT_TERMS], acceptCharter: true }) { userErrors { code } } }');
  await firm.get('mutation { sandboxClockSet(at: "2026-08-15T12:00:00Z") }');
  await firm.get('mutation { sandboxEpochsClose { id } }');
}, 60_000);
