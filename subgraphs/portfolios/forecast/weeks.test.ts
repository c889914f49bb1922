import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { cutWeeks, type ExpectedOnDay } from './weeks.js';

const TODAY = Temporal.PlainDate.from('2026-03-31');
const on = (days: number | null, minor = 1n): ExpectedOnDay => ({ on: days === null ? null : TODAY.add({ days }), minor, lineCount: 1 });

test.each<[string, readonly ExpectedOnDay[], string]>([
  ['nothing', [], '0 0 | 0 0 later 0 left out 0'],
  ['today is in the first week', [on(0)], '1 1 | 0 0 later 0 left out 0'],
  ['the last day of the first week', [on(6)], '1 1 | 0 0 later 0 left out 0'],
  ['the first day of the second', [on(7)], '0 0 | 1 1 later 0 left out 0'],
  ['the last day of the last', [on(13)], '0 0 | 1 1 later 0 left out 0'],
  ['the day after it', [on(14)], '0 0 | 0 0 later 1 left out 0'],
  ['what is past falls into the first', [on(-400)], '1 1 | 0 0 later 0 left out 0'],
  ['what is not expected', [on(null, 5n), on(3, 2n)], '2 1 | 0 0 later 0 left out 5'],
])('%s', (_, days, told) => {
  const { weeks, laterMinor, leftOutMinor } = cutWeeks(days, TODAY, 2);
  expect(`${weeks.map(({ minor, lineCount }) => `${minor} ${lineCount}`).join(' | ')} later ${laterMinor} left out ${leftOutMinor}`).toBe(told);
});

test('weeks follow one another without a gap', () => {
  expect(cutWeeks([], TODAY, 3).weeks.map(({ startsOn, endsOn }) => `${startsOn}..${endsOn}`)).toEqual(['2026-03-31..2026-04-06', '2026-04-07..2026-04-13', '2026-04-14..2026-04-20']);
});

test('whatever is expected, weeks, later and left out add up to all of it', () => {
  const day = fc.record({ days: fc.option(fc.integer({ min: -1000, max: 1000 })), minor: fc.bigInt({ min: 0n, max: 10n ** 12n }) });
  fc.assert(
    fc.property(fc.array(day), fc.integer({ min: 1, max: 104 }), (days, weekCount) => {
      const { weeks, laterMinor, leftOutMinor, totalMinor } = cutWeeks(days.map(({ days, minor }) => on(days, minor)), TODAY, weekCount);
      expect(weeks.reduce((sum, { minor }) => sum + minor, laterMinor + leftOutMinor)).toBe(totalMinor);
    }),
  );
});
