import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startHouse, Visitor, type FirmVisitor, type TestHouse } from './house.js';

let house: TestHouse;
beforeAll(async () => {
  house = await startHouse();
  await house.moveClock('2026-10-05');
});
afterAll(() => house[Symbol.asyncDispose]());

async function customerOf(firm: FirmVisitor): Promise<string> {
  const { customerUpsert } = await firm.get<{ customerUpsert: { customer: { id: string } } }>(
    'mutation ($input: CustomerUpsertInput!) { customerUpsert(input: $input) { customer { id } } }',
    { input: { reference: randomUUID(), name: 'Brasserie Lenoir' } },
  );
  return customerUpsert.customer.id;
}

/** The worked example of INDICATORS.md, in thousands of euros: working capital .20, retained earnings .15, EBIT .12, equity 400 to 600. */
const EXAMPLE = {
  periodEnd: '2025-12-31', months: 12, currency: 'EUR',
  totalAssets: '1000.00', currentAssets: '500', totalLiabilities: '600', currentLiabilities: '300', equity: '400', retainedEarnings: '150', sales: '2000', ebit: '120', netIncome: '80',
};

const STATEMENT = `{
  statement { id periodEnd months currency version altmanZ altmanZone figures { totalAssets { amount currency } ebit { amount } inventory { amount } } versions { version months byKey figures { ebit { amount } } } }
  userErrors { code path }
}`;

interface StatementAnswer {
  readonly statement: { readonly id: string; readonly version: number; readonly versions: readonly { readonly version: number }[] } & Record<string, unknown> | null;
  readonly userErrors: readonly { readonly code: string; readonly path: readonly string[] }[];
}

async function upsert(firm: Visitor, customerId: string, change: Record<string, unknown> = {}): Promise<StatementAnswer> {
  return (await firm.get<{ financialStatementUpsert: StatementAnswer }>(`mutation ($input: FinancialStatementUpsertInput!) { financialStatementUpsert(input: $input) ${STATEMENT} }`, { input: { customerId, ...EXAMPLE, ...change } })).financialStatementUpsert;
}

async function withdraw(firm: Visitor, id: string): Promise<StatementAnswer> {
  return (await firm.get<{ financialStatementWithdraw: StatementAnswer }>(`mutation ($id: ID!) { financialStatementWithdraw(input: { id: $id }) ${STATEMENT} }`, { id })).financialStatementWithdraw;
}

async function statements(firm: Visitor, customerId: string, first = 50): Promise<unknown> {
  const { customer } = await firm.get<{ customer: { financialStatements: unknown } | null }>('query ($id: ID!, $first: Int) { customer(id: $id) { financialStatements(first: $first) { periodEnd altmanZ altmanZone } } }', { id: customerId, first });
  return customer?.financialStatements ?? null;
}

test('the statement of the worked example gives a Z″ of 3.3074, and only its firm sees it', async () => {
  const [acme, rival] = [await house.firm(), await house.firm()];
  const customerId = await customerOf(acme);
  const { statement, userErrors } = await upsert(acme, customerId);
  expect(userErrors).toEqual([]);
  expect(statement).toEqual({
    id: expect.any(String), periodEnd: '2025-12-31', months: 12, currency: 'EUR', version: 1, altmanZ: 3.3074, altmanZone: 'SAFE',
    figures: { totalAssets: { amount: '1000.00', currency: 'EUR' }, ebit: { amount: '120.00' }, inventory: null },
    versions: [{ version: 1, months: 12, byKey: false, figures: { ebit: { amount: '120.00' } } }],
  });
  expect(await upsert(rival, customerId)).toEqual({ statement: null, userErrors: [{ code: 'NOT_FOUND', path: ['input', 'customerId'] }] });
  expect(await withdraw(rival, statement!.id)).toEqual({ statement: null, userErrors: [{ code: 'NOT_FOUND', path: ['input', 'id'] }] });
  expect(await statements(rival, customerId)).toBeNull();
  expect(await statements(acme, customerId)).toEqual([{ periodEnd: '2025-12-31', altmanZ: 3.3074, altmanZone: 'SAFE' }]);
});

test('the newest period comes first, a page is as long as it is asked for, and without liabilities there is no Z″', async () => {
  const acme = await house.firm();
  const customerId = await customerOf(acme);
  await upsert(acme, customerId, { periodEnd: '2024-12-31', ebit: '-300', retainedEarnings: '-150' });
  await upsert(acme, customerId);
  await upsert(acme, customerId, { periodEnd: '2023-12-31', totalLiabilities: '0', currentLiabilities: '0', equity: '1000' });
  const all = [{ periodEnd: '2025-12-31', altmanZ: 3.3074, altmanZone: 'SAFE' }, { periodEnd: '2024-12-31', altmanZ: -0.493, altmanZone: 'DISTRESS' }, { periodEnd: '2023-12-31', altmanZ: null, altmanZone: null }];
  expect(await statements(acme, customerId)).toEqual(all);
  expect(await statements(acme, customerId, 1)).toEqual(all.slice(0, 1));
});

test('the same statement again, or ten times at once, changes nothing; another content is a further version', async () => {
  const acme = await house.firm();
  const customerId = await customerOf(acme);
  const sent = await Promise.all(Array.from({ length: 10 }, () => upsert(acme, customerId)));
  expect(new Set(sent.map((answer) => JSON.stringify(answer))).size).toBe(1);
  expect(sent[0]!.statement).toMatchObject({ version: 1 });
  expect((await upsert(acme, customerId, { totalAssets: '1000', months: 12 })).statement).toMatchObject({ version: 1 });
  const changed = await upsert(acme, customerId, { ebit: '60', months: 6 });
  expect(changed.statement).toMatchObject({
    id: sent[0]!.statement!.id, version: 2, months: 6, altmanZ: 3.3074,
    versions: [{ version: 2, months: 6, figures: { ebit: { amount: '60.00' } } }, { version: 1, months: 12, figures: { ebit: { amount: '120.00' } } }],
  });
  // Ten contents at once: each becomes a version of its own.
  const others = await Promise.all(Array.from({ length: 10 }, (_, index) => upsert(acme, customerId, { ebit: String(index) })));
  expect(others.flatMap(({ userErrors }) => userErrors)).toEqual([]);
  expect((await upsert(acme, customerId, { ebit: '777' })).statement).toMatchObject({ version: 13 });
});

test('a statement that is withdrawn counts no more, keeps its versions, and comes back when it is sent again', async () => {
  const acme = await house.firm();
  const customerId = await customerOf(acme);
  const { statement } = await upsert(acme, customerId);
  expect((await withdraw(acme, statement!.id)).statement).toMatchObject({ figures: null, altmanZ: null, altmanZone: null, version: 2, versions: [{ version: 2, figures: null }, { version: 1 }] });
  expect((await withdraw(acme, statement!.id)).statement).toMatchObject({ version: 2 });
  expect(await statements(acme, customerId)).toEqual([]);
  // Withdrawn, it may come back in another currency.
  expect((await upsert(acme, customerId, { currency: 'USD' })).statement).toMatchObject({ id: statement!.id, version: 3, currency: 'USD', altmanZ: 3.3074 });
  expect(await statements(acme, customerId)).toHaveLength(1);
});

test.each<[string, Record<string, unknown>, string, string]>([
  ['does not balance', { equity: '402' }, 'INVALID', 'totalAssets'],
  ['has sales below zero', { sales: '-0.01' }, 'INVALID', 'sales'],
  ['has assets below zero', { totalAssets: '-1000' }, 'INVALID', 'totalAssets'],
  ['has a part that is more than its whole', { currentAssets: '1000.01' }, 'INVALID', 'currentAssets'],
  ['has more stock than current assets', { inventory: '500.01' }, 'INVALID', 'inventory'],
  ['has stock and receivables beyond its current assets', { inventory: '300', receivables: '202' }, 'INVALID', 'currentAssets'],
  ['has more digits than its currency', { ebit: '120.001' }, 'INVALID', 'ebit'],
  ['has more digits than a yen', { currency: 'JPY', ebit: '120.5' }, 'INVALID', 'ebit'],
  ['is beyond any firm', { totalAssets: '100000000000000000' }, 'INVALID', 'totalAssets'],
  ['ends tomorrow', { periodEnd: '2026-10-06' }, 'INVALID', 'periodEnd'],
  ['is older than twenty years', { periodEnd: '2006-10-04' }, 'INVALID', 'periodEnd'],
  ['has no months', { months: 0 }, 'INVALID', 'months'],
  ['has 25 months', { months: 25 }, 'INVALID', 'months'],
])('a statement that %s is refused, and nothing is kept', async (_, change, code, field) => {
  const acme = await house.firm();
  const customerId = await customerOf(acme);
  expect(await upsert(acme, customerId, change)).toEqual({ statement: null, userErrors: [{ code, path: ['input', field] }] });
  expect(await statements(acme, customerId)).toEqual([]);
});

test('at the edges a statement is taken: off by 0.1 %, of today, of twenty years ago', async () => {
  const acme = await house.firm();
  const customerId = await customerOf(acme);
  for (const change of [{ equity: '401' }, { periodEnd: '2026-10-05', months: 24 }, { periodEnd: '2006-10-05', months: 1 }]) expect((await upsert(acme, customerId, change)).userErrors).toEqual([]);
});

test('another currency for the same period is a conflict, and a malformed amount, day or currency is bad input', async () => {
  const acme = await house.firm();
  const customerId = await customerOf(acme);
  await upsert(acme, customerId);
  expect(await upsert(acme, customerId, { currency: 'USD' })).toEqual({ statement: null, userErrors: [{ code: 'CONFLICT', path: ['input', 'currency'] }] });
  for (const change of [{ ebit: '1e3' }, { periodEnd: '2025-02-30' }, { currency: 'EURO' }, { sales: null }]) {
    const { errors } = await acme.ask('mutation ($input: FinancialStatementUpsertInput!) { financialStatementUpsert(input: $input) { statement { id } } }', { input: { customerId, ...EXAMPLE, ...change } });
    expect(errors?.[0]?.extensions.code).toBe('BAD_USER_INPUT');
  }
  expect(await statements(acme, customerId)).toHaveLength(1);
});

const NOTICE = '{ notice { id kind openedOn source counts withdrawnOn withdrawalReason } userErrors { code path } }';

interface NoticeAnswer {
  readonly notice: { readonly id: string } & Record<string, unknown> | null;
  readonly userErrors: readonly unknown[];
}

async function note(firm: Visitor, customerId: string, change: Record<string, unknown> = {}): Promise<NoticeAnswer> {
  const input = { customerId, kind: 'REORGANISATION', openedOn: '2026-09-15', source: 'BODACC A 2026-180, annonce 12', ...change };
  return (await firm.get<{ insolvencyNoticeRecord: NoticeAnswer }>(`mutation ($input: InsolvencyNoticeRecordInput!) { insolvencyNoticeRecord(input: $input) ${NOTICE} }`, { input })).insolvencyNoticeRecord;
}

async function takeBack(firm: Visitor, id: string, reason = 'Another firm of that name'): Promise<NoticeAnswer> {
  return (await firm.get<{ insolvencyNoticeWithdraw: NoticeAnswer }>(`mutation ($input: InsolvencyNoticeWithdrawInput!) { insolvencyNoticeWithdraw(input: $input) ${NOTICE} }`, { input: { id, reason } })).insolvencyNoticeWithdraw;
}

async function notices(firm: Visitor, customerId: string): Promise<unknown> {
  const { customer } = await firm.get<{ customer: { insolvencyNotices: unknown } | null }>('query ($id: ID!) { customer(id: $id) { insolvencyNotices { kind openedOn counts withdrawalReason } } }', { id: customerId });
  return customer?.insolvencyNotices ?? null;
}

test('a notice is recorded once, ten times at once too, withdrawn with a reason, and only its firm sees it', async () => {
  const [acme, rival] = [await house.firm(), await house.firm()];
  const customerId = await customerOf(acme);
  const recorded = await Promise.all(Array.from({ length: 10 }, () => note(acme, customerId)));
  expect(new Set(recorded.map((answer) => JSON.stringify(answer))).size).toBe(1);
  const { id } = recorded[0]!.notice!;
  expect(recorded[0]).toEqual({ notice: { id, kind: 'REORGANISATION', openedOn: '2026-09-15', source: 'BODACC A 2026-180, annonce 12', counts: true, withdrawnOn: null, withdrawalReason: null }, userErrors: [] });
  expect(await note(acme, customerId, { source: 'A newspaper' })).toEqual({ notice: null, userErrors: [{ code: 'CONFLICT', path: ['input', 'source'] }] });
  const unknown = { notice: null, userErrors: [{ code: 'NOT_FOUND', path: ['input', 'id'] }] };
  expect(await takeBack(rival, id)).toEqual(unknown);
  expect(await takeBack(acme, 'x')).toEqual(unknown);
  expect(await notices(rival, customerId)).toBeNull();
  expect((await takeBack(acme, id)).notice).toMatchObject({ counts: false, withdrawnOn: '2026-10-05', withdrawalReason: 'Another firm of that name' });
  expect((await takeBack(acme, id)).userErrors).toEqual([]);
  expect((await takeBack(acme, id, 'Closed')).userErrors).toEqual([{ code: 'CONFLICT', path: ['input', 'reason'] }]);
  // Recorded again it is another notice; the first is kept.
  expect((await note(acme, customerId)).notice!.id).not.toBe(id);
  await note(acme, customerId, { kind: 'LIQUIDATION', openedOn: '2026-10-01' });
  expect(await notices(acme, customerId)).toEqual([
    { kind: 'LIQUIDATION', openedOn: '2026-10-01', counts: true, withdrawalReason: null },
    { kind: 'REORGANISATION', openedOn: '2026-09-15', counts: true, withdrawalReason: null },
    { kind: 'REORGANISATION', openedOn: '2026-09-15', counts: false, withdrawalReason: 'Another firm of that name' },
  ]);
});

test.each<[string, Record<string, unknown>, string]>([
  ['of tomorrow', { openedOn: '2026-10-06' }, 'openedOn'],
  ['of ten years ago', { openedOn: '2016-10-05' }, 'openedOn'],
  ['without a source', { source: ' ' }, 'source'],
  ['with a NUL in its source', { source: 'a\u0000b' }, 'source'],
  ['with a long source', { source: 'x'.repeat(501) }, 'source'],
])('a notice %s is refused', async (_, change, field) => {
  const acme = await house.firm();
  const customerId = await customerOf(acme);
  expect(await note(acme, customerId, change)).toEqual({ notice: null, userErrors: [{ code: 'INVALID', path: ['input', field] }] });
  expect(await notices(acme, customerId)).toEqual([]);
});

test('entering needs the scope credit:write, reading ledger:read', async () => {
  const acme = await house.firm();
  const customerId = await customerOf(acme);
  const keyOf = async (scopes: readonly string[]): Promise<Visitor> => {
    const { apiKeyCreate } = await acme.get<{ apiKeyCreate: { secret: string } }>('mutation ($input: ApiKeyCreateInput!) { apiKeyCreate(input: $input) { secret } }', { input: { name: randomUUID(), scopes } });
    return new Visitor(house, apiKeyCreate.secret);
  };
  const [reader, decider] = [await keyOf(['ledger:read']), await keyOf(['credit:write'])];
  const id = randomUUID();
  for (const document of [
    'mutation ($input: FinancialStatementUpsertInput!) { financialStatementUpsert(input: $input) { userErrors { code } } }',
    `mutation { financialStatementWithdraw(input: { id: "${id}" }) { userErrors { code } } }`,
    `mutation { insolvencyNoticeRecord(input: { customerId: "${customerId}", kind: OTHER, openedOn: "2026-01-01", source: "x" }) { userErrors { code } } }`,
    `mutation { insolvencyNoticeWithdraw(input: { id: "${id}", reason: "x" }) { userErrors { code } } }`,
    'mutation { contextEventCreate(input: { name: "x", kind: OTHER, from: "2026-01-01", shift: 1 }) { userErrors { code } } }',
    `mutation { contextEventEnd(input: { id: "${id}" }) { userErrors { code } } }`,
  ]) {
    const { errors } = await reader.ask(document, { input: { customerId, ...EXAMPLE } });
    expect(errors?.map(({ extensions }) => extensions.code)).toEqual(['FORBIDDEN']);
  }
  const { errors } = await decider.ask('{ contextEvents { nodes { id } } }');
  expect(errors?.map(({ extensions }) => extensions.code)).toEqual(['FORBIDDEN']);
  // Through an API key: that it was one is kept.
  expect((await upsert(decider, customerId)).statement).toMatchObject({ versions: [{ byKey: true }] });
});
