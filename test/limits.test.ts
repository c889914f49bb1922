import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { customerOf, invoice, limit, pay, type UserError } from './bookkeeper.js';
import { PASSWORD, startHouse, Visitor, type FirmVisitor, type TestHouse } from './house.js';

/** The day of everything here, unless a test moves it. */
const TODAY = '2026-03-31';

let house: TestHouse;
beforeAll(async () => {
  house = await startHouse();
  await house.moveClock(TODAY);
});
afterAll(() => house[Symbol.asyncDispose]());

const NOWHERE = ['nonsense', '00000000-0000-4000-8000-000000000000'];

/** Moves the clock to where it is: it answers once no event is on its way any more. */
async function settled(): Promise<void> {
  await house.moveClock(house.running.rooms.scoring.room.clock.today().toString());
}

/** Another person of a firm, in a role. */
async function member(firm: FirmVisitor, role: string): Promise<Visitor & { userId: string }> {
  const { memberInvite } = await firm.get<{ memberInvite: { invitationToken: string } }>('mutation ($input: MemberInviteInput!) { memberInvite(input: $input) { invitationToken } }', { input: { email: `${randomUUID()}@example.test`, role } });
  const { invitationAccept } = await house.nobody.get<{ invitationAccept: { session: { accessToken: string } } }>(
    'mutation ($input: InvitationAcceptInput!) { invitationAccept(input: $input) { session { accessToken } } }', { input: { invitationToken: memberInvite.invitationToken, userName: role, password: PASSWORD } },
  );
  const visitor = new Visitor(house, invitationAccept.session.accessToken);
  return Object.assign(visitor, { userId: await userOf(visitor) });
}

async function userOf(visitor: Visitor): Promise<string> {
  return (await visitor.get<{ viewer: { user: { id: string } } }>('{ viewer { user { id } } }')).viewer.user.id;
}

/** A program of the firm, made by its owner. */
async function keyOf(firm: FirmVisitor, scopes: readonly string[]): Promise<Visitor> {
  const { apiKeyCreate } = await firm.get<{ apiKeyCreate: { secret: string } }>('mutation ($input: ApiKeyCreateInput!) { apiKeyCreate(input: $input) { secret } }', { input: { name: 'CRM', scopes } });
  return new Visitor(house, apiKeyCreate.secret);
}

interface RequestAnswer {
  readonly request: { readonly id: string; readonly state: string } | null;
  readonly userErrors: readonly UserError[];
}
const ANSWER = '{ request { id state } userErrors { code path } }';

async function mutate(who: Visitor, field: string, type: string, input: Record<string, unknown>): Promise<RequestAnswer> {
  return (await who.get<Record<string, RequestAnswer>>(`mutation ($input: ${type}!) { ${field}(input: $input) ${ANSWER} }`, { input }))[field]!;
}

const ask = (who: Visitor, customerId: string, amount: string, more: Record<string, unknown> = {}): Promise<RequestAnswer> =>
  mutate(who, 'creditLimitRequest', 'CreditLimitRequestInput', { customerId, limit: { amount, currency: 'EUR' }, reason: 'A new contract', ...more });
const approve = (who: Visitor, id: string, note?: string): Promise<RequestAnswer> => mutate(who, 'creditLimitApprove', 'CreditLimitDecisionInput', { id, note });
const reject = (who: Visitor, id: string, note?: string): Promise<RequestAnswer> => mutate(who, 'creditLimitReject', 'CreditLimitDecisionInput', { id, note });
const withdraw = (who: Visitor, id: string): Promise<RequestAnswer> => mutate(who, 'creditLimitWithdraw', 'CreditLimitWithdrawInput', { id });

/** What became of a request: its state, or the code and path of the refusal. */
function outcome({ request, userErrors }: RequestAnswer): string {
  return userErrors.length > 0 ? userErrors.map(({ code, path }) => `${code} ${path.join('.')}`).join() : request!.state;
}

/** A request that was made; its id. */
async function asked(who: Visitor, customerId: string, amount: string, more: Record<string, unknown> = {}): Promise<string> {
  const answer = await ask(who, customerId, amount, more);
  expect(outcome(answer)).toBe('REQUESTED');
  return answer.request!.id;
}

const stateOf = async (who: Visitor, id: string): Promise<string | undefined> =>
  (await who.get<{ creditLimitRequest: { state: string } | null }>('query ($id: ID!) { creditLimitRequest(id: $id) { state } }', { id })).creditLimitRequest?.state;

interface Limit {
  readonly creditLimit: { readonly amount: string; readonly currency: string } | null;
  readonly creditLimitHistory: readonly { readonly changedBy: string; readonly byKey: boolean; readonly requestId: string | null; readonly to: { readonly amount: string } | null }[];
}

async function limitOf(who: Visitor, id: string): Promise<Limit> {
  return (await who.get<{ customer: Limit }>('query ($id: ID!) { customer(id: $id) { creditLimit { amount currency } creditLimitHistory { changedBy byKey requestId to { amount } } } }', { id })).customer;
}

test('one person asks, another approves, the ledger sets it with the approver as author, and all of it is kept', async () => {
  const acme = await house.firm();
  const [sam, mia] = [await member(acme, 'SALES'), await member(acme, 'CREDIT_MANAGER')];
  const customerId = await customerOf(acme);
  await limit(acme, customerId, '1000');
  const id = await asked(sam, customerId, '20000');
  expect(outcome(await approve(mia, id, ' Good payer '))).toBe('APPROVED');
  await settled();
  const at = expect.stringMatching(/^2026-03-31T12:/);
  const query = `query ($id: ID!) { creditLimitRequest(id: $id) {
    customer { id reference } limit { amount currency } reason state requestedBy requestedByKey requestedAt expiresOn decidedBy decidedByKey decidedAt note history { state at takenBy byKey note }
  } }`;
  const whole = {
    creditLimitRequest: {
      customer: { id: customerId, reference: 'C1' }, limit: { amount: '20000.00', currency: 'EUR' }, reason: 'A new contract', state: 'APPLIED',
      requestedBy: sam.userId, requestedByKey: false, requestedAt: at, expiresOn: '2026-04-30', decidedBy: mia.userId, decidedByKey: false, decidedAt: at, note: 'Good payer',
      history: [
        { state: 'REQUESTED', at, takenBy: sam.userId, byKey: false, note: 'A new contract' },
        { state: 'APPROVED', at, takenBy: mia.userId, byKey: false, note: 'Good payer' },
        { state: 'APPLIED', at, takenBy: null, byKey: false, note: null },
      ],
    },
  };
  expect(await sam.get(query, { id })).toEqual(whole);
  expect(await limitOf(sam, customerId)).toEqual({
    creditLimit: { amount: '20000.00', currency: 'EUR' },
    creditLimitHistory: [
      { changedBy: mia.userId, byKey: false, requestId: id, to: { amount: '20000.00' } },
      { changedBy: await userOf(acme), byKey: false, requestId: null, to: { amount: '1000.00' } },
    ],
  });
  // The same again has the same answer and no other effect.
  expect(outcome(await approve(mia, id, 'Twice'))).toBe('APPLIED');
  await settled();
  expect(await sam.get(query, { id })).toEqual(whole);
  expect((await limitOf(sam, customerId)).creditLimitHistory).toHaveLength(2);
});

test('who asked never decides, by no session and no key of theirs; a key asks and decides in the name of who made it', async () => {
  const acme = await house.firm();
  const mia = await member(acme, 'CREDIT_MANAGER');
  const [key, other] = [await keyOf(acme, ['ledger:read', 'credit:request', 'credit:write']), await keyOf(acme, ['ledger:read', 'credit:write'])];
  const [first, second] = [await customerOf(acme), await customerOf(acme, 'C2')];
  const byKey = await asked(key, first, '100');
  const bySession = await asked(acme, second, '100');
  for (const who of [acme, key, other]) {
    for (const id of [byKey, bySession]) {
      expect(outcome(await approve(who, id))).toBe('NOT_ALLOWED input.id');
      expect(outcome(await reject(who, id))).toBe('NOT_ALLOWED input.id');
    }
  }
  await settled();
  expect([await stateOf(acme, byKey), await stateOf(acme, bySession), (await limitOf(acme, first)).creditLimit, (await limitOf(acme, second)).creditLimit]).toEqual(['REQUESTED', 'REQUESTED', null, null]);
  expect(outcome(await withdraw(mia, byKey))).toBe('NOT_ALLOWED input.id');
  expect(outcome(await approve(mia, byKey))).toBe('APPROVED');
  const hers = await asked(mia, await customerOf(acme, 'C3'), '100');
  expect(outcome(await approve(key, hers))).toBe('APPROVED');
  await settled();
  expect(await acme.get('query ($id: ID!) { creditLimitRequest(id: $id) { state decidedBy decidedByKey } }', { id: hers })).toEqual({ creditLimitRequest: { state: 'APPLIED', decidedBy: await userOf(acme), decidedByKey: true } });
});

test('a role asks or decides only with its scope', async () => {
  const acme = await house.firm();
  const [sam, rea, col] = [await member(acme, 'SALES'), await member(acme, 'READER'), await member(acme, 'COLLECTOR')];
  const customerId = await customerOf(acme);
  const id = await asked(col, customerId, '100');
  const codeOf = async (who: Visitor, document: string): Promise<unknown> => (await who.ask(document, { id })).errors?.[0]?.extensions.code;
  for (const field of ['creditLimitApprove', 'creditLimitReject']) {
    for (const who of [sam, rea, col]) expect(await codeOf(who, `mutation ($id: ID!) { ${field}(input: { id: $id }) ${ANSWER} }`)).toBe('FORBIDDEN');
  }
  expect(await codeOf(rea, `mutation ($id: ID!) { creditLimitRequest(input: { customerId: $id, limit: { amount: "1", currency: "EUR" }, reason: "x" }) ${ANSWER} }`)).toBe('FORBIDDEN');
  expect(await codeOf(rea, `mutation ($id: ID!) { creditLimitWithdraw(input: { id: $id }) ${ANSWER} }`)).toBe('FORBIDDEN');
  expect(await codeOf(await keyOf(acme, ['community:read']), '{ creditLimitRequests { totalCount } creditLimitPolicies { role } }')).toBe('FORBIDDEN');
  for (const who of [sam, rea, await member(acme, 'CREDIT_MANAGER')]) expect(await codeOf(who, 'mutation { creditLimitPolicySet(input: { role: OWNER, upTo: null }) { userErrors { code } } }')).toBe('FORBIDDEN');
  expect(await stateOf(rea, id)).toBe('REQUESTED');
});

interface PolicyAnswer {
  readonly creditLimitPolicySet: { readonly policy: { readonly role: string; readonly upTo: { readonly amount: string; readonly currency: string } | null } | null; readonly userErrors: readonly UserError[] };
}

async function setPolicy(firm: FirmVisitor, input: Record<string, unknown>): Promise<unknown> {
  const { creditLimitPolicySet: { policy, userErrors } } = await firm.get<PolicyAnswer>('mutation ($input: CreditLimitPolicySetInput!) { creditLimitPolicySet(input: $input) { policy { role upTo { amount currency } } userErrors { code path } } }', { input });
  return userErrors.length > 0 ? userErrors.map(({ code, path }) => `${code} ${path.join('.')}`).join() : policy;
}

test('a role approves up to its amount and no cent beyond; the owner says how much', async () => {
  const acme = await house.firm();
  const [sam, mia] = [await member(acme, 'SALES'), await member(acme, 'CREDIT_MANAGER')];
  const policies = async (): Promise<unknown> => (await mia.get<{ creditLimitPolicies: unknown }>('{ creditLimitPolicies { role upTo { amount currency } setBy } }')).creditLimitPolicies;
  expect(await policies()).toEqual([{ role: 'OWNER', upTo: null, setBy: null }, { role: 'CREDIT_MANAGER', upTo: { amount: '50000.00', currency: 'EUR' }, setBy: null }]);
  let customers = 0;
  const decided = async (amount: string, currency = 'EUR'): Promise<readonly string[]> => {
    const id = await asked(sam, await customerOf(acme, `P${(customers += 1)}`), amount, { limit: { amount, currency } });
    const by = outcome(await approve(mia, id));
    return by === 'APPROVED' ? [by] : [by, await stateOf(sam, id) ?? '', outcome(await approve(acme, id))];
  };
  const refused = ['NOT_ALLOWED input.id', 'REQUESTED', 'APPROVED'];
  expect(await decided('50000')).toEqual(['APPROVED']);
  expect(await decided('50000.01')).toEqual(refused);
  expect(await decided('1', 'USD')).toEqual(refused);
  expect(await setPolicy(acme, { role: 'CREDIT_MANAGER', upTo: { amount: '10', currency: 'USD' } })).toEqual({ role: 'CREDIT_MANAGER', upTo: { amount: '10.00', currency: 'USD' } });
  expect(await decided('10', 'USD')).toEqual(['APPROVED']);
  expect(await decided('10.01', 'USD')).toEqual(refused);
  expect(await decided('1', 'EUR')).toEqual(refused);
  expect(await setPolicy(acme, { role: 'CREDIT_MANAGER', upTo: null })).toEqual({ role: 'CREDIT_MANAGER', upTo: null });
  expect(await decided('9000000000')).toEqual(['APPROVED']);
  expect(await policies()).toMatchObject([{ role: 'OWNER' }, { role: 'CREDIT_MANAGER', upTo: null, setBy: await userOf(acme) }]);
  // A policy of another firm is nobody else's.
  const rival = await house.firm();
  expect(await rival.get('{ creditLimitPolicies { upTo { amount } } }')).toEqual({ creditLimitPolicies: [{ upTo: null }, { upTo: { amount: '50000.00' } }] });
  expect(await setPolicy(acme, { role: 'CREDIT_MANAGER' })).toBe('REQUIRED input.upTo');
  expect(await setPolicy(acme, { role: 'SALES', upTo: null })).toBe('NOT_ALLOWED input.role');
  expect(await setPolicy(acme, { role: 'CREDIT_MANAGER', upTo: { amount: '-1', currency: 'EUR' } })).toBe('INVALID input.upTo.amount');
  expect(await setPolicy(acme, { role: 'CREDIT_MANAGER', upTo: { amount: '1.001', currency: 'EUR' } })).toBe('INVALID input.upTo.amount');
});

test('of many who decide at once exactly one does, and the limit is what that one said', async () => {
  const acme = await house.firm();
  const sam = await member(acme, 'SALES');
  const [mia, zoe] = [await member(acme, 'CREDIT_MANAGER'), await member(acme, 'CREDIT_MANAGER')];
  for (let round = 0; round < 4; round += 1) {
    const customerId = await customerOf(acme, `R${round}`);
    const id = await asked(sam, customerId, '500');
    const acts = [() => approve(mia, id), () => reject(zoe, id), () => approve(acme, id), () => withdraw(sam, id)];
    const outcomes = await Promise.all(Array.from({ length: 12 }, (_, index) => acts[index % acts.length]!().then(outcome)));
    const done = new Set(outcomes.filter((state) => state !== 'CONFLICT input.id'));
    // The one who decided has the same answer each time: at most a later state of the same decision.
    const family = [...done].map((state) => (state === 'APPLIED' ? 'APPROVED' : state));
    expect(new Set(family).size).toBe(1);
    expect(outcomes.filter((state) => state !== 'CONFLICT input.id')).toHaveLength(3);
    await settled();
    const { creditLimit, creditLimitHistory } = await limitOf(sam, customerId);
    const { creditLimitRequest } = await sam.get<{ creditLimitRequest: { state: string; decidedBy: string | null; history: readonly unknown[] } }>('query ($id: ID!) { creditLimitRequest(id: $id) { state decidedBy history { state } } }', { id });
    const approved = family[0] === 'APPROVED';
    expect([creditLimit?.amount, creditLimitHistory.map(({ changedBy }) => changedBy)]).toEqual(approved ? ['500.00', [creditLimitRequest.decidedBy]] : [undefined, []]);
    expect([creditLimitRequest.state, creditLimitRequest.history.length]).toEqual(approved ? ['APPLIED', 3] : [family[0], 2]);
  }
});

test('one request of a customer is open at a time; the same again is the same one', async () => {
  const acme = await house.firm();
  const [sam, col, mia] = [await member(acme, 'SALES'), await member(acme, 'COLLECTOR'), await member(acme, 'CREDIT_MANAGER')];
  const customerId = await customerOf(acme);
  const answers = await Promise.all(Array.from({ length: 10 }, () => ask(sam, customerId, '500')));
  expect(new Set(answers.map(({ request }) => request?.id)).size).toBe(1);
  const id = answers[0]!.request!.id;
  expect(outcome(await ask(sam, customerId, '501'))).toBe('CONFLICT input.customerId');
  expect(outcome(await ask(sam, customerId, '500', { reason: 'Another' }))).toBe('CONFLICT input.customerId');
  expect(outcome(await ask(col, customerId, '500'))).toBe('CONFLICT input.customerId');
  for (const _ of [1, 2]) expect(outcome(await withdraw(sam, id))).toBe('WITHDRAWN');
  expect(outcome(await approve(mia, id))).toBe('CONFLICT input.id');
  // Ten people's wishes at once: one is open, the others are told so.
  const wishes = await Promise.all(Array.from({ length: 10 }, (_, index) => ask(index % 2 === 0 ? sam : col, customerId, String(600 + index))));
  expect(wishes.map(outcome).toSorted()).toEqual([...Array<string>(9).fill('CONFLICT input.customerId'), 'REQUESTED']);
  const next = wishes.find(({ request }) => request)!.request!.id;
  for (const _ of [1, 2]) expect(outcome(await reject(mia, next, 'Too much'))).toBe('REJECTED');
  expect(outcome(await approve(mia, next))).toBe('CONFLICT input.id');
  expect(outcome(await reject(acme, next))).toBe('CONFLICT input.id');
  expect(await sam.get('query ($id: ID!) { creditLimitRequest(id: $id) { note history { state note } } }', { id: next })).toEqual({
    creditLimitRequest: { note: 'Too much', history: [{ state: 'REQUESTED', note: 'A new contract' }, { state: 'REJECTED', note: 'Too much' }] },
  });
  await settled();
  expect(await limitOf(acme, customerId)).toEqual({ creditLimit: null, creditLimitHistory: [] });
  expect(outcome(await ask(sam, customerId, '700'))).toBe('REQUESTED');
});

test('a limit that was changed after the request stands, and the request says so', async () => {
  const acme = await house.firm();
  const [sam, mia] = [await member(acme, 'SALES'), await member(acme, 'CREDIT_MANAGER')];
  const customerId = await customerOf(acme);
  await limit(acme, customerId, '1000');
  const stale = await asked(sam, customerId, '2000');
  await limit(acme, customerId, '0');
  expect(outcome(await approve(mia, stale))).toBe('APPROVED');
  await settled();
  expect([await stateOf(sam, stale), (await limitOf(sam, customerId)).creditLimit?.amount]).toEqual(['OVERTAKEN', '0.00']);
  expect(outcome(await approve(mia, stale))).toBe('OVERTAKEN');
  // Asked anew with the limit as it is, it is set.
  const anew = await asked(sam, customerId, '2000');
  await approve(mia, anew);
  await settled();
  expect([await stateOf(sam, anew), (await limitOf(sam, customerId)).creditLimit?.amount]).toEqual(['APPLIED', '2000.00']);
  // What is approved as it already is, is in the history too; the direct way stays open to who has the scope.
  const same = await asked(sam, customerId, '2000');
  await approve(mia, same);
  await settled();
  await limit(mia, customerId, '99');
  expect((await limitOf(sam, customerId)).creditLimitHistory.map(({ requestId, to }) => [requestId, to?.amount])).toEqual([[null, '99.00'], [same, '2000.00'], [anew, '2000.00'], [null, '0.00'], [null, '1000.00']]);
});

test('an approval that is told twice, or late, is set once and undoes nothing', async () => {
  const acme = await house.firm();
  const [sam, mia] = [await member(acme, 'SALES'), await member(acme, 'CREDIT_MANAGER')];
  const customerId = await customerOf(acme);
  const id = await asked(sam, customerId, '500');
  await approve(mia, id);
  await settled();
  await limit(acme, customerId, '7');
  const { portfolios, scoring } = house.running.rooms;
  const data = { requestId: id, customerId, limitMinor: '50000', currency: 'EUR', approvedBy: mia.userId, byKey: false };
  for (const _ of [1, 2]) await portfolios.subgraph.reactions['limit.approved']!(portfolios.room, { firmId: acme.firmId, data });
  for (const outcomeTold of ['APPLIED', 'OVERTAKEN'] as const) await scoring.subgraph.reactions['limit.settled']!(scoring.room, { firmId: acme.firmId, data: { requestId: id, outcome: outcomeTold } });
  await settled();
  expect([await stateOf(sam, id), (await limitOf(sam, customerId)).creditLimit?.amount, (await limitOf(sam, customerId)).creditLimitHistory.length]).toEqual(['APPLIED', '7.00', 2]);
  expect(await sam.get('query ($id: ID!) { creditLimitRequest(id: $id) { history { state } } }', { id })).toEqual({ creditLimitRequest: { history: [{ state: 'REQUESTED' }, { state: 'APPROVED' }, { state: 'APPLIED' }] } });
  // Where the answer was not heard, the approval told again has the same one, whatever the limit is by now.
  await (await house.asOwner()).query(`update scoring.credit_limit_request set state = 'APPROVED' where id = $1`, [id]);
  await portfolios.subgraph.reactions['limit.approved']!(portfolios.room, { firmId: acme.firmId, data });
  await settled();
  expect([await stateOf(sam, id), (await limitOf(sam, customerId)).creditLimit?.amount]).toEqual(['APPLIED', '7.00']);
  // Told to the wrong firm it changes nothing of anybody's.
  const rival = await house.firm();
  const theirs = await customerOf(rival);
  await portfolios.subgraph.reactions['limit.approved']!(portfolios.room, { firmId: rival.firmId, data: { ...data, requestId: randomUUID() } });
  await scoring.subgraph.reactions['limit.settled']!(scoring.room, { firmId: rival.firmId, data: { requestId: id, outcome: 'OVERTAKEN' } });
  await settled();
  expect([await stateOf(sam, id), (await limitOf(sam, customerId)).creditLimit?.amount, (await limitOf(rival, theirs)).creditLimit]).toEqual(['APPLIED', '7.00', null]);
});

test('a request may be decided for 30 days, then it is over and stands in nobody\'s way', async () => {
  const acme = await house.firm();
  const [sam, mia] = [await member(acme, 'SALES'), await member(acme, 'CREDIT_MANAGER')];
  const [first, second] = [await customerOf(acme), await customerOf(acme, 'C2')];
  const [inTime, late] = [await asked(sam, first, '500'), await asked(sam, second, '500')];
  await house.moveClock('2026-04-30');
  expect([await stateOf(sam, late), outcome(await approve(mia, inTime))]).toEqual(['REQUESTED', 'APPROVED']);
  await house.moveClock('2026-05-01');
  expect(await stateOf(sam, late)).toBe('EXPIRED');
  for (const act of [approve, reject]) expect(outcome(await act(mia, late))).toBe('EXPIRED input.id');
  expect(outcome(await withdraw(sam, late))).toBe('EXPIRED input.id');
  const list = 'query ($state: CreditLimitRequestState) { creditLimitRequests(state: $state) { nodes { id } totalCount } }';
  expect(await sam.get(list, { state: 'EXPIRED' })).toEqual({ creditLimitRequests: { nodes: [{ id: late }], totalCount: 1 } });
  expect(await sam.get(list, { state: 'REQUESTED' })).toEqual({ creditLimitRequests: { nodes: [], totalCount: 0 } });
  expect(outcome(await ask(sam, second, '600'))).toBe('REQUESTED');
  expect(await stateOf(sam, late)).toBe('EXPIRED');
  await house.moveClock(TODAY);
  expect(await stateOf(sam, late)).toBe('EXPIRED');
});

test("another firm's customers and requests are nobody's", async () => {
  const [acme, rival] = [await house.firm(), await house.firm()];
  const [mia, max] = [await member(acme, 'CREDIT_MANAGER'), await member(rival, 'CREDIT_MANAGER')];
  const customerId = await customerOf(acme);
  const id = await asked(mia, customerId, '500');
  for (const wrong of [customerId, ...NOWHERE]) expect(outcome(await ask(max, wrong, '500'))).toBe('NOT_FOUND input.customerId');
  for (const wrong of [id, ...NOWHERE]) {
    for (const act of [approve, reject, withdraw]) expect(outcome(await act(max, wrong))).toBe('NOT_FOUND input.id');
    expect(await stateOf(max, wrong)).toBeUndefined();
  }
  for (const wrong of [customerId, ...NOWHERE]) {
    expect(await max.get('query ($id: ID) { creditLimitRequests(customerId: $id) { nodes { id } totalCount pageInfo { hasNextPage } } }', { id: wrong })).toEqual({ creditLimitRequests: { nodes: [], totalCount: 0, pageInfo: { hasNextPage: false } } });
  }
  expect(await max.get('{ creditLimitRequests { totalCount } }')).toEqual({ creditLimitRequests: { totalCount: 0 } });
  await settled();
  expect([await stateOf(mia, id), (await limitOf(mia, customerId)).creditLimit]).toEqual(['REQUESTED', null]);
});

test('a wrong field is refused with its code and leaves no request', async () => {
  const acme = await house.firm();
  const sam = await member(acme, 'SALES');
  const customerId = await customerOf(acme);
  await invoice(acme, customerId, 'F-1', '300');
  await settled();
  const cases: readonly [Record<string, unknown>, string][] = [
    [{ limit: { amount: '-1', currency: 'EUR' } }, 'INVALID input.limit.amount'],
    [{ limit: { amount: '1.005', currency: 'EUR' } }, 'INVALID input.limit.amount'],
    [{ limit: { amount: '10000000000.01', currency: 'EUR' } }, 'INVALID input.limit.amount'],
    [{ limit: { amount: '999999999999999999', currency: 'EUR' } }, 'INVALID input.limit.amount'],
    [{ limit: { amount: '500', currency: 'USD' } }, 'INVALID input.limit.currency'],
    [{ reason: '  ' }, 'REQUIRED input.reason'],
    [{ reason: 'x'.repeat(2001) }, 'INVALID input.reason'],
    [{ reason: 'a\u0000b' }, 'INVALID input.reason'],
    [{ customerId: '\u0000' }, 'NOT_FOUND input.customerId'],
  ];
  for (const [more, expected] of cases) expect([more, outcome(await ask(sam, customerId, '500', more))]).toEqual([more, expected]);
  for (const currency of ['XXQ', 'eur', '']) expect((await sam.ask(`mutation ($input: CreditLimitRequestInput!) { creditLimitRequest(input: $input) ${ANSWER} }`, { input: { customerId, limit: { amount: '1', currency }, reason: 'x' } })).errors?.[0]?.extensions.code).toBe('BAD_USER_INPUT');
  expect(await sam.get('{ creditLimitRequests { totalCount } }')).toEqual({ creditLimitRequests: { totalCount: 0 } });
  const id = await asked(sam, customerId, '0');
  expect(outcome(await approve(acme, id, 'x'.repeat(2001)))).toBe('INVALID input.note');
  expect(await stateOf(sam, id)).toBe('REQUESTED');
});

test('requests are listed page by page, the newest first, by state and by customer', async () => {
  const acme = await house.firm();
  const [sam, mia] = [await member(acme, 'SALES'), await member(acme, 'CREDIT_MANAGER')];
  const customers: string[] = [];
  for (const reference of ['C1', 'C2', 'C3', 'C4']) customers.push(await customerOf(acme, reference));
  const ids: string[] = [];
  for (const customerId of customers) ids.push(await asked(sam, customerId, '500'));
  await reject(mia, ids[1]!);
  const list = `query ($first: Int, $after: String, $state: CreditLimitRequestState, $customerId: ID) {
    creditLimitRequests(first: $first, after: $after, state: $state, customerId: $customerId) { nodes { id } totalCount pageInfo { hasNextPage hasPreviousPage endCursor } }
  }`;
  type Page = { creditLimitRequests: { nodes: readonly { id: string }[]; totalCount: number; pageInfo: { endCursor: string } } };
  const first = await sam.get<Page>(list, { first: 3 });
  expect(first.creditLimitRequests).toMatchObject({ nodes: [ids[3], ids[2], ids[1]].map((id) => ({ id })), totalCount: 4, pageInfo: { hasNextPage: true, hasPreviousPage: false } });
  expect((await sam.get<Page>(list, { first: 3, after: first.creditLimitRequests.pageInfo.endCursor })).creditLimitRequests).toMatchObject({ nodes: [{ id: ids[0] }], totalCount: 4, pageInfo: { hasNextPage: false, hasPreviousPage: true } });
  expect((await sam.get<Page>(list, { state: 'REJECTED' })).creditLimitRequests).toMatchObject({ nodes: [{ id: ids[1] }], totalCount: 1 });
  expect((await sam.get<Page>(list, { state: 'REQUESTED', customerId: customers[2] })).creditLimitRequests).toMatchObject({ nodes: [{ id: ids[2] }], totalCount: 1 });
  for (const wrong of [{ first: 0 }, { first: 101 }, { after: 'nonsense' }]) expect((await sam.ask(list, wrong)).errors?.[0]?.extensions.code).toBe('BAD_USER_INPUT');
});

const RECOMMENDATION = `query ($id: ID!) { customer(id: $id) { creditLimitRecommendation {
  amount { amount currency } need { amount } caps { rule amount { amount } } binding forecastSales { amount } termsDays delayDays observedDays invoiceCount termsAdvice { days reasons { code } }
} } }`;

/** What is recommended for a customer; null when nothing is. */
async function recommended(firm: Visitor, id: string): Promise<Record<string, unknown> | null> {
  return (await firm.get<{ customer: { creditLimitRecommendation: Record<string, unknown> | null } }>(RECOMMENDATION, { id })).customer.creditLimitRecommendation;
}

test('a recommendation is the least of the need and the caps, and says what it was made of', async () => {
  const [acme, rival] = [await house.firm(), await house.firm()];
  const customerId = await customerOf(acme);
  expect(await recommended(acme, customerId)).toBeNull();
  // More than a year of relation; 36,000 in the last 12 months, at 30 days, paid 6 days late.
  await invoice(acme, customerId, 'F-0', '500', { issueDate: '2025-03-01', dueDate: '2025-03-31' });
  for (const month of ['04', '07', '10']) await invoice(acme, customerId, `F-${month}`, '12000', { issueDate: `2025-${month}-01`, dueDate: Temporal.PlainDate.from(`2025-${month}-01`).add({ days: 30 }).toString() });
  for (const month of ['04', '07', '10']) await pay(acme, customerId, `P-${month}`, Temporal.PlainDate.from(`2025-${month}-01`).add({ days: 36 }).toString(), '12000', [`F-${month}`]);
  await pay(acme, customerId, 'P-0', '2025-04-06', '500', ['F-0']);
  await settled();
  const found = await recommended(acme, customerId);
  // 36,000 × (30 + 6) ÷ 360; until 6 April 12,500 were owed at once, and paid.
  expect(found).toMatchObject({
    amount: { amount: '3600.00', currency: 'EUR' }, need: { amount: '3600.00' }, binding: 'need', forecastSales: { amount: '36000.00' },
    termsDays: 30, delayDays: 6, observedDays: 396, invoiceCount: 3, termsAdvice: { days: 30, reasons: [{ code: 'KEEP' }] },
  });
  expect(found!['caps']).toContainEqual({ rule: 'paidBefore', amount: { amount: '25000.00' } });
  expect(await rival.get(RECOMMENDATION, { id: customerId })).toEqual({ customer: null });
  // What was issued a year ago to the day is no longer of the last 12 months.
  await house.moveClock('2026-04-01');
  expect(await recommended(acme, customerId)).toMatchObject({ need: { amount: '2400.00' }, invoiceCount: 2 });
  await house.moveClock('2026-10-01');
  expect(await recommended(acme, customerId)).toBeNull();
  await house.moveClock(TODAY);
});

test('the newest financial statement of the same currency caps it by the risk band, one of another currency or of long ago does not', async () => {
  const acme = await house.firm();
  const customerId = await customerOf(acme);
  for (const month of ['01', '02', '03']) await invoice(acme, customerId, `F-${month}`, '10000', { issueDate: `2026-${month}-01`, dueDate: `2026-${month}-31`.replace('02-31', '02-28') });
  const statement = async (periodEnd: string, equity: string, currency = 'EUR'): Promise<void> => {
    const input = { customerId, periodEnd, currency, totalAssets: '9000', currentAssets: '5000', totalLiabilities: String(9000 - Number(equity)), currentLiabilities: '0', equity, retainedEarnings: '0', sales: '90000', ebit: '1', netIncome: '1' };
    const { financialStatementUpsert } = await acme.get<{ financialStatementUpsert: { userErrors: readonly UserError[] } }>('mutation ($input: FinancialStatementUpsertInput!) { financialStatementUpsert(input: $input) { userErrors { code path } } }', { input });
    expect(financialStatementUpsert.userErrors).toEqual([]);
  };
  const capsOf = async (): Promise<Record<string, string>> => {
    const caps = (await recommended(acme, customerId))!['caps'] as readonly { rule: string; amount: { amount: string } }[];
    return Object.fromEntries(caps.map(({ rule, amount }) => [rule, amount.amount]));
  };
  await settled();
  expect(Object.keys(await capsOf())).not.toContain('turnover');
  await statement('2023-12-31', '4000');
  expect(Object.keys(await capsOf())).not.toContain('turnover');
  await statement('2024-12-31', '1000');
  await settled();
  const { customer } = await acme.get<{ customer: { riskScore: { band: 'A' | 'B' | 'C' | 'D' | 'E' } } }>('query ($id: ID!) { customer(id: $id) { riskScore { band } } }', { id: customerId });
  const [ofEquity, ofSales] = { A: ['350.00', '4500.00'], B: ['250.00', '3150.00'], C: ['150.00', '1800.00'], D: ['50.00', '900.00'], E: ['0.00', '0.00'] }[customer.riskScore.band] as [string, string];
  expect(await recommended(acme, customerId)).toMatchObject({ binding: 'tangibleNetWorth', amount: { amount: ofEquity } });
  expect(await capsOf()).toMatchObject({ tangibleNetWorth: ofEquity, turnover: ofSales });
  // The newest counts, and says nothing in another currency: the one before is not taken in its place.
  await statement('2025-12-31', '2000', 'USD');
  expect(Object.keys(await capsOf())).not.toContain('tangibleNetWorth');
});

test('labels are French for a French reader, and one firm of many customers is told how much of it one may be', async () => {
  const acme = await house.firm();
  const ids: string[] = [];
  for (let index = 0; index < 10; index += 1) {
    ids.push(await customerOf(acme, `C${index}`));
    await invoice(acme, ids[index]!, 'F-1', '900', { issueDate: '2026-03-01', dueDate: '2026-05-20' });
  }
  await invoice(acme, ids[0]!, 'F-2', '3000', { issueDate: '2026-03-01', dueDate: '2026-05-20' });
  await settled();
  // 3,900 in 31 days count as in 90: × 365 ÷ 90 × 80 ÷ 360; a tenth of 12,000.
  const found = await recommended(acme, ids[0]!);
  expect(found).toMatchObject({ need: { amount: '3514.81' }, amount: { amount: '1200.00' }, binding: 'concentration', observedDays: 31, delayDays: null });
  const { customer } = await acme.get<{ customer: { creditLimitRecommendation: { caps: readonly { rule: string; en: string; fr: string }[]; termsAdvice: { reasons: readonly unknown[] } } } }>(
    'query ($id: ID!) { customer(id: $id) { creditLimitRecommendation { caps { rule en: label fr: label(locale: "fr-FR") } termsAdvice { reasons { code en: label(locale: "en") fr: label(locale: "fr") } } } } }', { id: ids[0] },
  );
  expect(customer.creditLimitRecommendation.caps.find(({ rule }) => rule === 'concentration')).toEqual({ rule: 'concentration', en: "A tenth of your firm's own yearly sales", fr: 'Un dixième de vos propres ventes annuelles' });
  expect(customer.creditLimitRecommendation.termsAdvice.reasons).toContainEqual({
    code: 'LEGAL_MAXIMUM', en: 'More than 60 days from the invoice is against the law (C. com. L441-10)', fr: 'Plus de 60 jours date de facture est contraire à la loi (C. com. L441-10)',
  });
});
