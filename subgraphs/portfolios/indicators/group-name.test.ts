import { expect, test } from '@jest/globals';
import { groupName, parseTermsKey, type BreakdownBy } from './group-name.js';

test.each<[BreakdownBy, string | null, string | null, string]>([
  ['COUNTRY', 'FR', 'FR', 'France'],
  ['COUNTRY', null, null, 'Unknown'],
  ['CURRENCY', 'JPY', 'JPY', 'Japanese Yen'],
  ['CUSTOMER', 'an-id', 'Boulangerie Morel', 'Boulangerie Morel'],
  ['TERMS', '30 NONE', null, '30 days'],
  ['TERMS', '1 NONE', null, '1 day'],
  ['TERMS', '45 END_OF_MONTH_THEN_DAYS', null, 'end of month, then 45 days'],
  ['TERMS', '45 DAYS_THEN_END_OF_MONTH 10', null, '45 days, then end of month, on day 10'],
  ['TERMS', null, null, 'No terms agreed'],
])('by %s, %p is called %p → %s', (by, key, label, name) => {
  expect(groupName(by, { key, label })).toBe(name);
});

test('terms come back from their key', () => {
  expect(parseTermsKey('45 DAYS_THEN_END_OF_MONTH 10')).toEqual({ days: 45, endOfMonth: 'DAYS_THEN_END_OF_MONTH', fixedDay: 10 });
  expect(parseTermsKey('30 NONE')).toEqual({ days: 30, endOfMonth: 'NONE', fixedDay: null });
});
