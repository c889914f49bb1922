import { expect, test } from '@jest/globals';
import { latePenalty } from './late-penalty.js';
import { penaltyRate } from './penalty-rate.js';

const day = (text: string): Temporal.PlainDate => Temporal.PlainDate.from(text);

interface Case {
  readonly amount: bigint;
  readonly due: string;
  readonly paid?: readonly (readonly [string, bigint])[];
  readonly asOf: string;
  readonly agreed?: bigint;
}

const cases: readonly [string, Case, bigint | null | undefined, readonly string[]][] = [
  // INDICATORS.md: 10,000 at 14.25 % for 30 days.
  ['thirty days at 14.25 %', { amount: 1_000_000n, due: '2024-08-31', asOf: '2024-09-30' }, 11712n, ['2024-09-01..2024-09-30 30 1000000 1425 11712']],
  ['the due date itself is not late', { amount: 1_000_000n, due: '2024-08-31', asOf: '2024-08-31' }, undefined, []],
  ['one day', { amount: 36_500n, due: '2024-08-31', asOf: '2024-09-01' }, 14n, ['2024-09-01..2024-09-01 1 36500 1425 14']],
  [
    'a half-year begins: another rate from its first day',
    { amount: 1_000_000n, due: '2024-06-20', asOf: '2024-07-20' }, 11_781n,
    ['2024-06-21..2024-06-30 10 1000000 1450 3973', '2024-07-01..2024-07-20 20 1000000 1425 7808'],
  ],
  [
    'a part is paid: the day of the payment still counts in full',
    { amount: 1_000_000n, due: '2024-08-31', paid: [['2024-09-10', 400_000n]], asOf: '2024-09-30' }, 8589n,
    ['2024-09-01..2024-09-10 10 1000000 1425 3904', '2024-09-11..2024-09-30 20 600000 1425 4685'],
  ],
  ['settled: no day after it counts', { amount: 1_000_000n, due: '2024-08-31', paid: [['2024-09-30', 1_000_000n]], asOf: '2025-12-31' }, 11712n, ['2024-09-01..2024-09-30 30 1000000 1425 11712']],
  ['settled on the due date', { amount: 1_000_000n, due: '2024-08-31', paid: [['2024-08-31', 1_000_000n]], asOf: '2024-12-31' }, undefined, []],
  ['two payments on one day are one cut', { amount: 1_000_000n, due: '2024-08-31', paid: [['2024-09-10', 1n], ['2024-09-10', 999_999n]], asOf: '2024-12-31' }, 3904n, ['2024-09-01..2024-09-10 10 1000000 1425 3904']],
  ['an agreed rate', { amount: 1_000_000n, due: '2024-08-31', asOf: '2024-09-30', agreed: 1800n }, 14795n, ['2024-09-01..2024-09-30 30 1000000 1800 14795']],
  // Three times the legal rate of 4.92 %.
  ['an agreed rate below the floor', { amount: 1_000_000n, due: '2024-08-31', asOf: '2024-09-30', agreed: 1000n }, 12132n, ['2024-09-01..2024-09-30 30 1000000 1476 12132']],
  // Nobody knows yet: no sum, but what is known is told.
  ['a half-year without a known rate', { amount: 1_000_000n, due: '2026-06-29', asOf: '2026-07-02' }, null, ['2026-06-30..2026-06-30 1 1000000 1215 333', '2026-07-01..2026-07-02 2 1000000 null null']],
];

test.each(cases)('%s', (_, { amount, due, paid = [], asOf, agreed }, sum, lines) => {
  const settlements = paid.map(([on, minor]) => ({ on: day(on), minor }));
  const penalty = latePenalty({ amountMinor: amount, dueDate: day(due), settlements, asOf: day(asOf), agreedHundredths: agreed ?? null });
  expect(penalty?.penaltyMinor).toBe(sum);
  expect((penalty?.lines ?? []).map(({ from, to, days, openMinor, rate, penaltyMinor }) => `${from}..${to} ${days} ${openMinor} ${rate?.hundredths ?? null} ${penaltyMinor}`)).toEqual(lines);
});

test.each<[string, bigint | null, bigint | null, string | null]>([
  ['2024-06-30', null, 1450n, 'ECB_PLUS_10'],
  ['2024-07-01', null, 1425n, 'ECB_PLUS_10'],
  ['2024-12-31', 1476n, 1476n, 'AGREED'],
  ['2024-12-31', 1475n, 1476n, 'LEGAL_FLOOR'],
  ['2025-01-01', null, 1315n, 'ECB_PLUS_10'],
  ['2026-06-30', null, 1215n, 'ECB_PLUS_10'],
  ['2026-07-01', null, null, null],
  ['2026-07-01', 2000n, null, null],
  ['2009-12-31', null, null, null],
])('on %s with %p agreed the rate is %p (%p)', (on, agreed, hundredths, basis) => {
  const rate = penaltyRate(day(on), agreed);
  expect([rate?.hundredths ?? null, rate?.basis ?? null]).toEqual([hundredths, basis]);
});
