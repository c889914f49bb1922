import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import { randomSiren, startHouse, Visitor, type FirmVisitor, type TestHouse } from './house.js';

let house: TestHouse;
beforeAll(async () => {
  house = await startHouse();
});
afterAll(() => house[Symbol.asyncDispose]());

const STANDING = 'member sharing joinedAt admitted missing latestEpoch { id }';
interface Standing { member: boolean; sharing: string[]; joinedAt: string | null; admitted: boolean; missing: string[]; latestEpoch: { id: string } | null }
interface Payload { standing: Standing | null; userErrors: { code: string; path: string[] }[] }

async function join(firm: FirmVisitor, metrics: readonly string[], acceptCharter = true): Promise<Payload> {
  const { communityJoin } = await firm.get<{ communityJoin: Payload }>(
    `mutation ($input: CommunityJoinInput!) { communityJoin(input: $input) { standing { ${STANDING} } userErrors { code path } } }`,
    { input: { metrics, acceptCharter } },
  );
  return communityJoin;
}
const standing = async (firm: FirmVisitor): Promise<Standing> => (await firm.get<{ community: Standing }>(`{ community { ${STANDING} } }`)).community;

test('a firm joins with a consent per metric, changes it without losing tenure, and leaves; each again changes nothing', async () => {
  const [acme, rival] = [await house.firm(), await house.firm()];
  const missing = ['FIRM_VERIFIED', 'TENURE', 'EVIDENCE'];
  expect(await standing(acme)).toEqual({ member: false, sharing: [], joinedAt: null, admitted: false, missing, latestEpoch: null });

  const joined = await join(acme, ['PAYMENT_TERMS', 'DSO', 'DSO']);
  expect(joined).toEqual({ standing: { member: true, sharing: ['DSO', 'PAYMENT_TERMS'], joinedAt: expect.any(String), admitted: false, missing, latestEpoch: null }, userErrors: [] });
  const again = await Promise.all([join(acme, ['DSO']), join(acme, ['DSO']), join(acme, ['DSO'])]);
  for (const { standing: same } of again) expect(same).toEqual({ ...joined.standing, sharing: ['DSO'] });
  expect((await standing(rival)).member).toBe(false);

  const leave = `mutation { communityLeave { standing { ${STANDING} } userErrors { code } } }`;
  const left = await acme.get(leave);
  expect(left).toEqual({ communityLeave: { standing: { member: false, sharing: [], joinedAt: null, admitted: false, missing, latestEpoch: null }, userErrors: [] } });
  expect(await acme.get(leave)).toEqual(left);
});

test('joining is refused without a metric and without the charter, and nothing has happened then', async () => {
  const acme = await house.firm();
  expect(await join(acme, [])).toEqual({ standing: null, userErrors: [{ code: 'REQUIRED', path: ['input', 'metrics'] }] });
  expect(await join(acme, ['DSO'], false)).toEqual({ standing: null, userErrors: [{ code: 'REQUIRED', path: ['input', 'acceptCharter'] }] });
  expect((await standing(acme)).member).toBe(false);
  const { errors } = await house.nobody.ask(`{ community { member } }`);
  expect(errors?.[0]?.extensions.code).toBe('UNAUTHENTICATED');
});

interface Sharing { customer: { id: string } | null; userErrors: { code: string; path: string[] }[] }

async function setSharing(firm: FirmVisitor, customerId: string, shared = false): Promise<Sharing> {
  const { customerSharingSet } = await firm.get<{ customerSharingSet: Sharing }>(
    'mutation ($input: CustomerSharingInput!) { customerSharingSet(input: $input) { customer { id } userErrors { code path } } }', { input: { customerId, shared } });
  return customerSharingSet;
}
async function addCustomer(firm: FirmVisitor, reference: string = randomUUID(), siren = randomSiren()): Promise<string> {
  const { customerUpsert } = await firm.get<{ customerUpsert: { customer: { id: string } } }>(
    'mutation ($input: CustomerUpsertInput!) { customerUpsert(input: $input) { customer { id } } }',
    { input: { reference, name: `Garage ${reference}`, registration: { scheme: 'SIREN', value: siren } } });
  return customerUpsert.customer.id;
}
const excluded = (firm: FirmVisitor): Promise<string[]> =>
  house.running.rooms.community.room.db.forFirm(firm.firmId).transaction(async (em) => {
    const { rows } = await sql<{ customer_id: string }>`select customer_id from community.sharing_exclusion`.execute(em.getKysely<unknown>());
    return rows.map((row) => row.customer_id);
  });

test('a customer is kept out the moment it is there, by a member and by a firm that has yet to join; again it changes nothing', async () => {
  for (const member of [true, false]) {
    const acme = await house.firm();
    if (member) await join(acme, ['DSO']);
    const id = await addCustomer(acme);
    const answers = await Promise.all([setSharing(acme, id), setSharing(acme, id), setSharing(acme, id)]);
    for (const answer of [...answers, await setSharing(acme, id)]) expect(answer).toEqual({ customer: { id }, userErrors: [] });
    expect(await excluded(acme)).toEqual([id]);
    if (!member) await join(acme, ['DSO']);
    expect(await excluded(acme)).toEqual([id]);
    expect(await setSharing(acme, id, true)).toEqual({ customer: { id }, userErrors: [] });
    expect(await excluded(acme)).toEqual([]);
  }
});

test('a customer says whether it is kept out, under every account of its legal unit, and to its own firm alone', async () => {
  const [acme, rival] = [await house.firm(), await house.firm()];
  const siren = randomSiren();
  const shares = async (firm: FirmVisitor): Promise<Record<string, boolean>> => {
    const { customers } = await firm.get<{ customers: { nodes: { reference: string; shared: boolean }[] } }>('{ customers { nodes { reference shared } } }');
    return Object.fromEntries(customers.nodes.map(({ reference, shared }) => [reference, shared]));
  };
  for (const firm of [acme, rival]) {
    await join(firm, ['DSO']);
    for (const reference of ['A', 'B', 'other']) await addCustomer(firm, reference, reference === 'other' ? randomSiren() : siren);
  }
  expect(await shares(acme)).toEqual({ A: true, B: true, other: true });
  const { customers: { nodes: [first, second] } } = await acme.get<{ customers: { nodes: { id: string }[] } }>('{ customers(where: { search: "Garage" }) { nodes { id } } }');
  // Known to community from here on, as an account of the same legal unit.
  await setSharing(acme, second!.id, true);
  const document = 'mutation ($input: CustomerSharingInput!) { customerSharingSet(input: $input) { customer { reference shared } } }';
  expect(await acme.get(document, { input: { customerId: first!.id, shared: false } })).toEqual({ customerSharingSet: { customer: { reference: 'A', shared: false } } });
  expect(await shares(acme)).toEqual({ A: false, B: false, other: true });
  expect(await shares(rival)).toEqual({ A: true, B: true, other: true });
  expect(await acme.get(document, { input: { customerId: first!.id, shared: true } })).toEqual({ customerSharingSet: { customer: { reference: 'A', shared: true } } });
  expect(await shares(acme)).toEqual({ A: true, B: true, other: true });
  const { apiKeyCreate } = await acme.get<{ apiKeyCreate: { secret: string } }>('mutation { apiKeyCreate(input: { name: "ledger", scopes: ["ledger:read"] }) { secret } }');
  const { errors } = await new Visitor(house, apiKeyCreate.secret).ask('{ customers { nodes { shared } } }');
  expect(errors?.[0]?.extensions.code).toBe('FORBIDDEN');
});

test("an id that is nobody's, another firm's or malformed is asked of the firm's own ledger and refused at once, all alike; nothing is kept of it", async () => {
  const [acme, rival] = [await house.firm(), await house.firm()];
  await join(rival, ['DSO']);
  const theirs = await addCustomer(rival);
  expect((await setSharing(rival, theirs, true)).userErrors).toEqual([]);
  for (const member of [false, true]) {
    if (member) await join(acme, ['DSO']);
    for (const id of [theirs, randomUUID(), '00000000-0000-0000-0000-000000000000', 'x', '']) {
      expect(await setSharing(acme, id)).toEqual({ customer: null, userErrors: [{ code: 'NOT_FOUND', path: ['input', 'customerId'] }] });
    }
  }
  expect(await excluded(acme)).toEqual([]);
  const left = await house.running.rooms.community.room.db.forFirm(acme.firmId).transaction(async (em) =>
    (await sql`select from community.customer_question union all select from community.customer_key`.execute(em.getKysely<unknown>())).rows.length);
  expect(left).toBe(0);
});

test('what a ledger does not answer is no refusal: the firm is asked to try again', async () => {
  await using other = await startHouse();
  const acme = await other.firm();
  await other.running.rooms.portfolios.stop();
  const { errors } = await acme.ask('mutation { customerSharingSet(input: { customerId: "x", shared: false }) { customer { id } } }');
  expect(errors?.[0]?.extensions.code).toBe('UNAVAILABLE');
}, 20_000);
