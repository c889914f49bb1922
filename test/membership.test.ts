import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startHouse, type FirmVisitor, type TestHouse } from './house.js';

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
