import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startHouse, type FirmVisitor, type TestHouse } from './house.js';

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
