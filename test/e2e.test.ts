import { createReadStream, existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { randomSiren, startHouse, type FirmVisitor, type TestHouse } from './house.js';
import { startSplitHouse } from './split-house.js';

/** Receivables that nobody of this project wrote; they lie beside the project, not in it. */
const REAL_LEDGER = join(import.meta.dirname, '..', '..', '..', 'shared', 'data', 'ledgers', 'ibm-late-payments.csv');
const hasRealLedger = existsSync(REAL_LEDGER);
if (!hasRealLedger) console.warn('The real ledger is not beside the project: its test is skipped.');

const forms: readonly [string, () => Promise<TestHouse>][] = [
  ['in one process', () => startHouse()],
  ['in five processes', () => startSplitHouse()],
  ['in three processes', () => startSplitHouse({}, { together: true })],
];

describe.each(forms)('Ardoise %s', (_form, start) => {
  let house: TestHouse;
  beforeAll(async () => {
    house = await start();
  });
  afterAll(() => house[Symbol.asyncDispose]());

  (hasRealLedger ? test : test.skip)('takes the main job from sign-up to chat', async () => {
    // Business time begins before the real ledger does, so that its members have been members for long enough.
    await moveClock(house, '2011-12-01');
    const members = [await house.firm('Acier du Nord'), await house.firm('Bois de Loire'), await house.firm('Chaux du Midi')] as const;
    const [first, second, third] = members;
    for (const member of members) await becomeMember(member);

    // The ledger goes in whole, and the figures are those of its owner's books.
    const job = await importRealLedger(first);
    expect(job).toEqual({ status: 'COMPLETED', rowsRead: 2466, rowsAccepted: 2466, rowsRejected: 0, failure: null });
    await moveClock(house, '2012-12-31');
    const { portfolio } = await first.get<{ portfolio: unknown }>(`{ portfolio(asOf: "2012-12-31") { openInvoiceCount indicators { outstanding { amount } dso(days: 90) } } }`);
    expect(portfolio).toEqual({ openInvoiceCount: 99, indicators: { outstanding: { amount: '5725.06' }, dso: 26.840678 } });

    // One of its customers is a customer of the two others as well.
    const siren = randomSiren();
    await first.get(`mutation ($input: CustomerUpsertInput!) { customerUpsert(input: $input) { userErrors { code } } }`, {
      input: { reference: '0379-NEVHP', name: 'Nevhp', country: 'FR', registration: { scheme: 'SIREN', value: siren } },
    });
    for (const member of [second, third]) await invoiceSharedCustomer(member, siren, '2012');
    await moveClock(house, '2013-02-15');
    await first.get('mutation { sandboxEpochsClose { id } }');

    // Every subgraph answers in one operation; two others are too few for a benchmark.
    const page = `query ($ref: CustomerRef!) { customerBy(ref: $ref) {
      id name indicators { outstanding { currency } } paymentBehaviour { index invoiceCount } benchmark(metric: DAYS_BEYOND_TERMS) { __typename }
    } portfolio { customerCount } viewer { firm { name } } }`;
    const before = await first.get<Page>(page, { ref: { registration: { scheme: 'SIREN', value: siren } } });
    expect(before.viewer.firm.name).toBe('Acier du Nord');
    expect(before.portfolio.customerCount).toBe(100);
    expect(before.customerBy.paymentBehaviour.invoiceCount).toBeGreaterThanOrEqual(3);
    expect(before.customerBy.benchmark).toEqual({ __typename: 'BenchmarkUnavailable' });

    // Ten messages between two who agreed to be found, across a connection that breaks in the middle.
    const shared = await sharedCustomerOf(second, siren);
    const sharedByThird = await sharedCustomerOf(third, siren);
    const conversationOfSecond = await startConversation(second, shared, third, sharedByThird);
    const conversationOfThird = await conversationAbout(third, sharedByThird);
    expect(conversationOfThird).not.toBe(conversationOfSecond);
    const received: { seq: number; body: string; conversation: { customer: { name: string } } }[] = [];
    await receive(third, conversationOfThird, received, 5, async (count) => {
      for (let index = 0; index < count; index += 1) await send(second, conversationOfSecond, `message ${index + 1}`);
    });
    for (let index = 5; index < 8; index += 1) await send(second, conversationOfSecond, `message ${index + 1}`);
    await receive(third, conversationOfThird, received, 10, async () => {
      for (let index = 8; index < 10; index += 1) await send(second, conversationOfSecond, `message ${index + 1}`);
    });
    expect(received.map(({ seq, body }) => [seq, body])).toEqual(Array.from({ length: 10 }, (_, index) => [index + 1, `message ${index + 1}`]));
    expect(received[9]?.conversation.customer.name).toBe('Nevhp SAS');
  }, 120_000);

  test('publishes a benchmark once enough members contribute, the same for each of them', async () => {
    await moveClock(house, '2020-01-10');
    const siren = randomSiren();
    const members: FirmVisitor[] = [];
    for (let index = 0; index < 6; index += 1) members.push(await house.firm(`Membre ${index}`));
    for (const member of members) await becomeMember(member);
    for (const [index, member] of members.entries()) await invoiceSharedCustomer(member, siren, '2020', 10 + index);
    await moveClock(house, '2021-02-05');
    await members[0]!.get('mutation { sandboxEpochsClose { id } }');
    const figures = [];
    for (const member of members) {
      const customer = await sharedCustomerOf(member, siren);
      const { customer: found } = await member.get<{ customer: { benchmark: { __typename: string; value: number; roundedTo: number; contributors: string; own: number } } }>(
        `query ($id: ID!) { customer(id: $id) { benchmark(metric: DAYS_BEYOND_TERMS) { __typename ... on BenchmarkFigure { value roundedTo contributors own } } } }`,
        { id: customer },
      );
      figures.push(found.benchmark);
    }
    expect(figures.map(({ own: _own, ...shown }) => shown)).toEqual(members.map(() => ({ __typename: 'BenchmarkFigure', value: 10, roundedTo: 10, contributors: 'FIVE_TO_NINE' })));
    expect(figures.map(({ own }) => own)).toEqual([10, 11, 12, 13, 14, 15]);
  }, 120_000);
});

interface Page {
  readonly viewer: { readonly firm: { readonly name: string } };
  readonly portfolio: { readonly customerCount: number };
  readonly customerBy: { readonly id: string; readonly paymentBehaviour: { readonly invoiceCount: number }; readonly benchmark: object };
}

async function moveClock(house: TestHouse, day: string): Promise<void> {
  await house.nobody.get('mutation ($at: DateTime!) { sandboxClockSet(at: $at) }', { at: `${day}T12:00:00Z` });
}

async function becomeMember(member: FirmVisitor): Promise<void> {
  await member.get('mutation ($id: ID!) { sandboxFirmVerify(firmId: $id) { verified } }', { id: member.firmId });
  const { communityJoin } = await member.get<{ communityJoin: { userErrors: unknown[] } }>(
    'mutation { communityJoin(input: { metrics: [DSO, DAYS_BEYOND_TERMS, LATE_SHARE], acceptCharter: true }) { userErrors { code message } } }',
  );
  expect(communityJoin.userErrors).toEqual([]);
}

async function importRealLedger(member: FirmVisitor): Promise<unknown> {
  const columns = { customerID: 'CUSTOMER_REFERENCE', invoiceNumber: 'INVOICE_NUMBER', InvoiceDate: 'ISSUE_DATE', DueDate: 'DUE_DATE', InvoiceAmount: 'AMOUNT', SettledDate: 'SETTLED_ON' };
  const { importCreate } = await member.get<{ importCreate: { job: { id: string; uploadUrl: string } | null; userErrors: unknown[] } }>(
    'mutation ($input: ImportInput!) { importCreate(input: $input) { job { id uploadUrl } userErrors { code message path } } }',
    { input: { format: 'CSV', currency: 'EUR', dateFormat: 'M/d/yyyy', mapping: Object.entries(columns).map(([column, field]) => ({ column, field })) } },
  );
  expect(importCreate.userErrors).toEqual([]);
  const { id, uploadUrl } = importCreate.job!;
  const size = (await readFile(REAL_LEDGER)).length;
  const response = await fetch(uploadUrl, {
    method: 'PUT',
    headers: { authorization: `Bearer ${member.token}`, 'content-length': String(size) },
    body: createReadStream(REAL_LEDGER) as unknown as ReadableStream,
    duplex: 'half',
  } as RequestInit);
  expect(response.status).toBeLessThan(300);
  const fields = 'status rowsRead rowsAccepted rowsRejected failure { code message }';
  return until(async () => {
    const { importJob } = await member.get<{ importJob: { status: string } }>(`query ($id: ID!) { importJob(id: $id) { ${fields} } }`, { id });
    return ['COMPLETED', 'FAILED'].includes(importJob.status) ? importJob : undefined;
  });
}

/** Twelve invoices over a year to one shared customer, each settled `lateDays` after its due date. */
async function invoiceSharedCustomer(member: FirmVisitor, siren: string, year: string, lateDays = 8): Promise<void> {
  const { customerUpsert } = await member.get<{ customerUpsert: { customer: { id: string } } }>(
    'mutation ($input: CustomerUpsertInput!) { customerUpsert(input: $input) { customer { id } userErrors { code message } } }',
    { input: { reference: 'C-1', name: 'Nevhp SAS', country: 'FR', registration: { scheme: 'SIREN', value: siren } } },
  );
  const customerId = customerUpsert.customer.id;
  for (let month = 1; month <= 12; month += 1) {
    const issueDate = `${year}-${String(month).padStart(2, '0')}-05`;
    const dueDate = Temporal.PlainDate.from(issueDate).add({ days: 15 });
    const amount = { amount: `${100 * month}.00`, currency: 'EUR' };
    await member.get(
      `mutation ($invoice: InvoiceUpsertInput!, $payment: PaymentRecordInput!) {
        invoiceUpsert(input: $invoice) { userErrors { code message } } paymentRecord(input: $payment) { userErrors { code message } }
      }`,
      {
        invoice: { customerId, number: `F-${month}`, issueDate, dueDate: dueDate.toString(), amount },
        payment: { customerId, reference: `P-${month}`, receivedOn: dueDate.add({ days: lateDays }).toString(), amount, invoiceNumbers: [`F-${month}`] },
      },
    );
  }
}

async function sharedCustomerOf(member: FirmVisitor, siren: string): Promise<string> {
  const { customerBy } = await member.get<{ customerBy: { id: string } }>('query ($ref: CustomerRef!) { customerBy(ref: $ref) { id } }', { ref: { registration: { scheme: 'SIREN', value: siren } } });
  return customerBy.id;
}

async function startConversation(one: FirmVisitor, customerOfOne: string, other: FirmVisitor, customerOfOther: string): Promise<string> {
  const seek = 'mutation ($id: ID!) { peerSeek(input: { customerId: $id }) { userErrors { code message } } }';
  expect(await one.get(seek, { id: customerOfOne })).toEqual({ peerSeek: { userErrors: [] } });
  expect(await other.get(seek, { id: customerOfOther })).toEqual({ peerSeek: { userErrors: [] } });
  const { customer } = await one.get<{ customer: { peers: { id: string; firm: null }[] } }>('query ($id: ID!) { customer(id: $id) { peers { id firm { name } } } }', { id: customerOfOne });
  expect(customer.peers).toHaveLength(1);
  expect(customer.peers[0]!.firm).toBeNull();
  const { conversationStart } = await one.get<{ conversationStart: { conversation: { id: string } } }>(
    'mutation ($id: ID!) { conversationStart(input: { peerId: $id }) { conversation { id } userErrors { code message } } }', { id: customer.peers[0]!.id },
  );
  return conversationStart.conversation.id;
}

async function conversationAbout(member: FirmVisitor, customerId: string): Promise<string> {
  const { conversations } = await member.get<{ conversations: { nodes: { id: string; customer: { id: string } }[] } }>('{ conversations { nodes { id customer { id } } } }');
  return conversations.nodes.find((conversation) => conversation.customer.id === customerId)!.id;
}

async function send(member: FirmVisitor, conversationId: string, body: string): Promise<void> {
  const { messageSend } = await member.get<{ messageSend: { userErrors: unknown[] } }>(
    'mutation ($input: MessageSendInput!) { messageSend(input: $input) { userErrors { code message } } }', { input: { conversationId, clientId: body, body } },
  );
  expect(messageSend.userErrors).toEqual([]);
}

/** Subscribes after what was received, has `act` run, and cuts the connection hard once `total` are there. */
async function receive<Received extends { seq: number }>(member: FirmVisitor, conversationId: string, received: Received[], total: number, act: (count: number) => Promise<void>): Promise<void> {
  const client = member.socket();
  const subscription = client.iterate<{ messageReceived: Received }>({
    query: 'subscription ($id: ID!, $after: Int) { messageReceived(conversationId: $id, after: $after) { seq body conversation { customer { name } } } }',
    variables: { id: conversationId, after: received.at(-1)?.seq ?? 0 },
  });
  // A failure of the other side must not leave this one waiting.
  const acted = act(total - received.length).catch(async (error: unknown) => {
    await client.dispose();
    throw error;
  });
  for await (const { data, errors } of subscription) {
    if (errors) throw new Error(JSON.stringify(errors));
    received.push(data!.messageReceived);
    if (received.length >= total) break;
  }
  client.terminate();
  await acted;
}

async function until<T>(find: () => Promise<T | undefined>): Promise<T> {
  for (const deadline = Date.now() + 30_000; Date.now() < deadline; ) {
    const found = await find();
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('it did not happen within 30 seconds');
}
