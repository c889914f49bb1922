import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startHouse, Visitor, type FirmVisitor, type TestHouse } from './house.js';

let house: TestHouse;
beforeAll(async () => {
  house = await startHouse();
});
afterAll(() => house[Symbol.asyncDispose]());

interface Job { id: string; fileName: string | null; status: string; rejections: { totalCount: number } }
interface Page { nodes: Job[]; totalCount: number; pageInfo: { hasNextPage: boolean; endCursor: string | null } }

async function open(firm: FirmVisitor, fileName: string | null): Promise<string> {
  const { importCreate } = await firm.get<{ importCreate: { job: { id: string } } }>('mutation ($input: ImportInput!) { importCreate(input: $input) { job { id } } }', { input: { format: 'CSV', fileName } });
  return importCreate.job.id;
}

async function list(firm: Visitor, first: number, after: string | null = null): Promise<Page> {
  const { importJobs } = await firm.get<{ importJobs: Page }>(
    'query ($first: Int, $after: String) { importJobs(first: $first, after: $after) { nodes { id fileName status rejections { totalCount } } totalCount pageInfo { hasNextPage endCursor } } }', { first, after });
  return importJobs;
}

test('a firm finds every import of its own, the latest first and page by page, by the name of its file; another firm finds none of them', async () => {
  const [acme, rival] = [await house.firm(), await house.firm()];
  expect(await list(acme, 10)).toEqual({ nodes: [], totalCount: 0, pageInfo: { hasNextPage: false, endCursor: null } });
  const ids: string[] = [];
  for (const name of ['march.csv', null, 'april.csv']) ids.unshift(await open(acme, name));
  const theirs = await open(rival, 'secret.csv');

  const first = await list(acme, 2);
  expect(first).toMatchObject({ nodes: [{ id: ids[0], fileName: 'april.csv', status: 'AWAITING_UPLOAD', rejections: { totalCount: 0 } }, { id: ids[1], fileName: null }], totalCount: 3, pageInfo: { hasNextPage: true } });
  // What comes meanwhile stands before the page, and moves nothing on the next one.
  await open(acme, 'may.csv');
  expect(await list(acme, 2, first.pageInfo.endCursor)).toMatchObject({ nodes: [{ id: ids[2], fileName: 'march.csv' }], totalCount: 4, pageInfo: { hasNextPage: false } });
  expect((await list(rival, 100)).nodes.map(({ id }) => id)).toEqual([theirs]);
  // A cursor opens nothing: it is a place.
  expect((await list(rival, 100, first.pageInfo.endCursor)).nodes.map(({ id }) => id)).toEqual([]);
});

test('what ended is there with how it ended; a wrong page is refused, and who may not read the ledger reads no list', async () => {
  const acme = await house.firm();
  const id = await open(acme, 'bad.csv');
  await fetch(`${house.url}/uploads/${id}`, { method: 'PUT', headers: { authorization: `Bearer ${acme.token}` }, body: '' });
  expect((await list(acme, 1)).nodes).toEqual([{ id, fileName: 'bad.csv', status: 'FAILED', rejections: { totalCount: 0 } }]);
  for (const query of ['{ importJobs(first: 0) { totalCount } }', '{ importJobs(first: 101) { totalCount } }', '{ importJobs(after: "x") { totalCount } }', '{ importJobs(after: "WyJ4Il0") { totalCount } }']) {
    expect((await acme.ask(query)).errors?.[0]?.extensions.code).toBe('BAD_USER_INPUT');
  }
  const { apiKeyCreate } = await acme.get<{ apiKeyCreate: { secret: string } }>('mutation { apiKeyCreate(input: { name: "c", scopes: ["community:read"] }) { secret } }');
  expect((await new Visitor(house, apiKeyCreate.secret).ask('{ importJobs { totalCount } }')).errors?.[0]?.extensions.code).toBe('FORBIDDEN');
  expect((await house.nobody.ask('{ importJobs { totalCount } }')).errors?.[0]?.extensions.code).toBe('UNAUTHENTICATED');
});
