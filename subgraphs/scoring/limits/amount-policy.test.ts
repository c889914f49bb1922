import { expect, test } from '@jest/globals';
import { isWithin, type Bound } from './amount-policy.js';

const FIFTY_THOUSAND: Bound = { minor: 5_000_000n, currency: 'EUR' };

test.each<[string, Bound, bigint, string, boolean]>([
  ['exactly the bound', FIFTY_THOUSAND, 5_000_000n, 'EUR', true],
  ['a cent beyond it', FIFTY_THOUSAND, 5_000_001n, 'EUR', false],
  ['a cent of another currency', FIFTY_THOUSAND, 1n, 'USD', false],
  ['nothing of another currency', FIFTY_THOUSAND, 0n, 'USD', true],
  ['no bound', null, 10n ** 15n, 'JPY', true],
  ['a bound of zero', { minor: 0n, currency: 'EUR' }, 1n, 'EUR', false],
  ['nothing within a bound of zero', { minor: 0n, currency: 'EUR' }, 0n, 'EUR', true],
])('%s', (_, bound, minor, currency, expected) => {
  expect(isWithin(bound, { minor, currency })).toBe(expected);
});
