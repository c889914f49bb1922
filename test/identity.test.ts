import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startHouse, type TestHouse } from './house.js';

let house: TestHouse;
beforeAll(async () => {
  house = await startHouse();
});
afterAll(() => house[Symbol.asyncDispose]());

test('a firm that signs up is the viewer of its own token, and nobody is without one', async () => {
  const acme = await house.firm('Acme');
  expect(await acme.get('{ viewer { firm { name verified registration { scheme } } role user { email } } }')).toEqual({
    viewer: { firm: { name: 'Acme', verified: false, registration: { scheme: 'SIREN' } }, role: 'OWNER', user: { email: acme.email } },
  });
  expect(await house.nobody.get('{ viewer { role } }')).toEqual({ viewer: null });
});
