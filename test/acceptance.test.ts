import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { buildClientSchema, getIntrospectionQuery, isObjectType, type IntrospectionQuery } from 'graphql';
import { randomSiren, startHouse, Visitor, type FirmVisitor, type TestHouse } from './house.js';
import { BENCHMARK } from './network.js';

// What somebody tries who has read the contract and nothing else: the next step right after the one before it.
let house: TestHouse;
beforeAll(async () => {
  house = await startHouse();
});
afterAll(() => house[Symbol.asyncDispose]());

interface Refusable {
  readonly userErrors: readonly { readonly code: string }[];
}

async function customerOf(firm: FirmVisitor, siren?: string): Promise<string> {
  const { customerUpsert } = await firm.get<{ customerUpsert: { customer: { id: string } } }>('mutation ($input: CustomerUpsertInput!) { customerUpsert(input: $input) { customer { id } } }', {
    input: { reference: randomUUID(), name: 'Garage Dupont', ...(siren && { registration: { scheme: 'SIREN', value: siren } }) },
  });
  return customerUpsert.customer.id;
}

async function invoice(firm: FirmVisitor, customerId: string, number: string, issueDate: string, dueDate: string, amount: string): Promise<void> {
  const { invoiceUpsert } = await firm.get<{ invoiceUpsert: Refusable }>('mutation ($input: InvoiceUpsertInput!) { invoiceUpsert(input: $input) { userErrors { code } } }', {
    input: { customerId, number, issueDate, dueDate, amount: { amount, currency: 'EUR' } },
  });
  expect(invoiceUpsert.userErrors).toEqual([]);
}

async function pay(firm: FirmVisitor, customerId: string, receivedOn: string, amount: string, number: string): Promise<void> {
  const { paymentRecord } = await firm.get<{ paymentRecord: Refusable }>('mutation ($input: PaymentRecordInput!) { paymentRecord(input: $input) { userErrors { code } } }', {
    input: { customerId, reference: randomUUID(), receivedOn, amount: { amount, currency: 'EUR' }, invoiceNumbers: [number] },
  });
  expect(paymentRecord.userErrors).toEqual([]);
}

async function join(firm: FirmVisitor): Promise<void> {
  await house.nobody.get('mutation ($id: ID!) { sandboxFirmVerify(firmId: $id) { verified } }', { id: firm.firmId });
  const { communityJoin } = await firm.get<{ communityJoin: Refusable }>('mutation { communityJoin(input: { metrics: [DSO, DAYS_BEYOND_TERMS], acceptCharter: true }) { userErrors { code } } }');
  expect(communityJoin.userErrors).toEqual([]);
}

async function setClock(at: string): Promise<void> {
  await house.nobody.get('mutation ($at: DateTime!) { sandboxClockSet(at: $at) }', { at });
}

async function figuresOf(firm: FirmVisitor, customerId: string, asOf: string, selection: string): Promise<unknown> {
  const { customer } = await firm.get<{ customer: { indicators: unknown } }>(`query ($id: ID!, $asOf: Date) { customer(id: $id) { indicators(asOf: $asOf) { ${selection} } } }`, { id: customerId, asOf });
  return customer.indicators;
}

test('every type of the API, the roots too, and everything in it is described', async () => {
  const schema = buildClientSchema(await house.nobody.get<IntrospectionQuery>(getIntrospectionQuery({ inputValueDeprecation: true })));
  const types = Object.values(schema.getTypeMap()).filter(({ name }) => !name.startsWith('__'));
  expect(types.filter(({ description }) => !description).map(({ name }) => name)).toEqual([]);
  const fields = types.filter(isObjectType).flatMap((type) => Object.values(type.getFields()).flatMap((field) => [field, ...field.args]));
  expect(fields.filter(({ description }) => !description)).toEqual([]);
});

test('the worked examples of the indicators come out of real invoices and payments', async () => {
  const firm = await house.firm();
  const countback = await customerOf(firm);
  for (const [number, day, amount] of [['E1', '2025-06-10', '100000'], ['E2', '2025-05-10', '80000'], ['E3', '2025-04-10', '70000']] as const) await invoice(firm, countback, number, day, '2025-07-10', amount);
  await pay(firm, countback, '2025-05-10', '38000', 'E3');
  // 30 days of June, 31 of May, and 32 of April's 70 thousand.
  expect(await figuresOf(firm, countback, '2025-06-30', 'outstanding { amount } dso(method: COUNTBACK)')).toEqual({ outstanding: { amount: '212000.00' }, dso: 74.714286 });

  const collected = await customerOf(firm);
  await invoice(firm, collected, 'F1', '2025-08-01', '2025-09-01', '6200');
  await invoice(firm, collected, 'F2', '2025-10-15', '2025-11-15', '7300');
  await invoice(firm, collected, 'F3', '2025-12-15', '2026-01-15', '3590');
  await pay(firm, collected, '2025-12-01', '6200', 'F1');
  await pay(firm, collected, '2025-12-01', '4550', 'F2');
  expect(await figuresOf(firm, collected, '2025-12-31', 'collectionEffectiveness(from: "2025-09-30")')).toEqual({ collectionEffectiveness: 79.62963 });

  const late = await customerOf(firm);
  await invoice(firm, late, 'G1', '2025-08-01', '2025-09-01', '10');
  await invoice(firm, late, 'G2', '2025-08-01', '2025-09-01', '100');
  await pay(firm, late, '2025-09-06', '10', 'G1');
  await pay(firm, late, '2025-09-11', '100', 'G2');
  expect(await figuresOf(firm, late, '2025-12-31', 'averageDaysBeyondTerms lateShare')).toEqual({ averageDaysBeyondTerms: 9.545455, lateShare: 1 });
});

test('a revoked key and a revoked session are refused by the next request', async () => {
  const firm = await house.firm();
  const { apiKeyCreate } = await firm.get<{ apiKeyCreate: { apiKey: { id: string }; secret: string } }>('mutation { apiKeyCreate(input: { name: "erp", scopes: ["ledger:read"] }) { apiKey { id } secret } }');
  const program = new Visitor(house, apiKeyCreate.secret);
  expect(await program.get('{ customers { totalCount } }')).toEqual({ customers: { totalCount: 0 } });
  await firm.get('mutation ($id: ID!) { apiKeyRevoke(input: { id: $id }) { userErrors { code } } }', { id: apiKeyCreate.apiKey.id });
  expect((await program.ask('{ customers { totalCount } }')).errors?.[0]?.extensions.code).toBe('UNAUTHENTICATED');
  // The name of the field hides in a fragment.
  await house.nobody.get('mutation ($token: String!) { ...Leave } fragment Leave on Mutation { sessionRevoke(input: { refreshToken: $token }) { userErrors { code } } }', { token: firm.refreshToken });
  expect((await firm.ask('{ customers { totalCount } }')).errors?.[0]?.extensions.code).toBe('UNAUTHENTICATED');
});

test('a member seeks peers about a customer, or keeps it out, right after adding it, and an inbox hears of the conversation at once', async () => {
  const siren = randomSiren();
  const [acme, rival] = await Promise.all([house.firm(), house.firm()]);
  const today = Temporal.Now.plainDateISO('UTC');
  const seek = 'mutation ($id: ID!) { peerSeek(input: { customerId: $id }) { customer { peers { id } } userErrors { code } } }';
  interface Sought { readonly peerSeek: { readonly customer: { readonly peers: readonly { readonly id: string }[] } | null; readonly userErrors: readonly unknown[] } }
  const marked = async (firm: FirmVisitor): Promise<Sought['peerSeek']> => {
    await join(firm);
    const customerId = await customerOf(firm, siren);
    for (const months of [1, 2, 3]) await invoice(firm, customerId, `I${months}`, String(today.subtract({ months })), String(today.subtract({ months }).add({ days: 30 })), '10');
    return (await firm.get<Sought>(seek, { id: customerId })).peerSeek;
  };
  expect(await marked(acme)).toEqual({ customer: { peers: [] }, userErrors: [] });
  const socket = acme.socket();
  const inbox = socket.iterate<{ inboxChanged: { lastSeq: number } }>({ query: 'subscription { inboxChanged { lastSeq } }' });
  const first = inbox.next();
  const { customer } = await marked(rival);
  expect(customer!.peers).toHaveLength(1);
  const began = performance.now();
  await rival.get('mutation ($peerId: ID!) { conversationStart(input: { peerId: $peerId }) { conversation { id } } }', { peerId: customer!.peers[0]!.id });
  expect((await first).value).toEqual({ data: { inboxChanged: { lastSeq: 0 } } });
  // Below the two seconds after which everything is looked at in any case.
  expect(performance.now() - began).toBeLessThan(1000);
  await inbox.return?.();
  await socket.dispose();

  const plain = await customerOf(acme);
  const { customerSharingSet } = await acme.get<{ customerSharingSet: Refusable }>('mutation ($id: ID!) { customerSharingSet(input: { customerId: $id, shared: false }) { customer { id } userErrors { code } } }', { id: plain });
  expect(customerSharingSet).toEqual({ customer: { id: plain }, userErrors: [] });
});

test('four firms that join today and fill three months half a year later see the mean of what those months say', async () => {
  const siren = randomSiren();
  const firms = await Promise.all(Array.from({ length: 4 }, () => house.firm()));
  await setClock('2030-01-10T12:00:00Z');
  const ids = new Map<FirmVisitor, string>();
  for (const firm of firms) {
    await join(firm);
    ids.set(firm, await customerOf(firm, siren));
  }
  // Everything is paid 40 days after its issue. So the first window has all of it open, 89 days; the last one 800 of 1,800.
  for (const [firm, id] of ids) {
    for (const month of ['04', '05', '06']) {
      for (const [number, day] of [['a', '04'], ['b', '09'], ['c', '28']] as const) {
        await invoice(firm, id, `${month}${number}`, `2030-${month}-${day}`, `2030-${month}-${day}`, '200');
        if (`${month}${number}` !== '06c') await pay(firm, id, String(Temporal.PlainDate.from(`2030-${month}-${day}`).add({ days: 40 })), '200', `${month}${number}`);
      }
    }
  }
  await setClock('2030-08-01T12:00:00Z');
  await firms[0]!.get('mutation { sandboxEpochsClose { id } }');
  const { customer } = await firms[0]!.get<{ customer: { benchmark: unknown } }>(`query ($id: ID!) { customer(id: $id) { benchmark(metric: DSO) { ${BENCHMARK} } } }`, { id: ids.get(firms[0]!) });
  // 40 days, whatever the windows before it were: they were held, so nothing was said that this one must stay near.
  expect(customer.benchmark).toMatchObject({ __typename: 'BenchmarkBand', from: 30, to: 60, own: expect.closeTo(800 / 1800 * 91, 6), position: 'SIMILAR', epoch: { periodEnd: '2030-06-30', publishedOn: '2030-07-30' } });
}, 30_000);
