import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { habitsOf, latenessHabits, type LedgerInvoice, type SettledAlike } from './lateness-habits.js';

const TODAY = 1000;
const paid = (daysLate: number, settled: number, rest: Partial<LedgerInvoice> = {}): LedgerInvoice => ({ currency: 'EUR', amount: 100, issued: settled - daysLate - 30, due: settled - daysLate, settled, ...rest });

test('of a customer without a past nothing is known', () => {
  const { invoiceCount, ...rest } = latenessHabits([], TODAY);
  expect(invoiceCount).toBe(0);
  expect(new Set(Object.values(rest))).toEqual(new Set([null]));
});

test('the figures of a small past, by hand', () => {
  const past = [paid(0, 900), paid(30, 920, { amount: 300 }), paid(10, 990), { currency: 'EUR', amount: 100, issued: 950, due: 980, settled: null }];
  expect(latenessHabits(past, TODAY)).toEqual({
    // 100 × 0 + 300 × 30 + 100 × 10 + 100 × 20 of 600; the open one counts as settled today, 20 days late.
    invoiceCount: 4, averageDaysBeyondTerms: 20,
    // 100 × 80 + 300 × 50 + 100 × (80 − 20/3) + 100 × (70 − 50/7) of 600.
    index: expect.closeTo((8000 + 15_000 + 7333.333333 + 6285.714286) / 600, 6),
    // Three of four late, drawn to a tenth of four more. Due within 98 days: the last two. Within 37: the same.
    lateShare: 3.4 / 8, recentLateShare: 2.4 / 6, monthLateShare: 2.4 / 6, recentDays: 15, usualDays: 20, slowDays: 30,
  });
});

test('two currencies are weighed by their numbers of invoices', () => {
  const past = [paid(0, 900), paid(0, 910), paid(0, 920), paid(40, 930, { currency: 'JPY', amount: 1_000_000 })];
  expect(latenessHabits(past, TODAY).averageDaysBeyondTerms).toBe(10);
});

test.each<[string, LedgerInvoice, LedgerInvoice]>([
  ['a settlement on the day itself, however it went', paid(4, TODAY), { ...paid(4, TODAY), settled: TODAY + 400 }],
  ['a settlement to come', { ...paid(0, 970), settled: TODAY + 1 }, { ...paid(0, 970), settled: null }],
  ['an invoice of the same day', paid(50, TODAY + 80, { issued: TODAY }), paid(-5, TODAY + 80, { issued: TODAY })],
])('what was not known on the day changes nothing: %s', (_, one, other) => {
  const past = [paid(3, 900), paid(9, 950)];
  expect(latenessHabits([...past, one], TODAY)).toEqual(latenessHabits([...past, other], TODAY));
});

test('an invoice that was due a few days ago is neither late nor in time, whether it is open or not', () => {
  const due = (daysAgo: number, settled: number | null): LedgerInvoice => ({ currency: 'EUR', amount: 100, issued: 900, due: TODAY - daysAgo, settled });
  const past = [paid(0, 900)];
  for (const settled of [null, 993]) expect(latenessHabits([...past, due(7, settled)], TODAY).lateShare).toBe(latenessHabits(past, TODAY).lateShare);
  expect(latenessHabits([...past, due(8, null)], TODAY).lateShare).toBe(1.4 / 6);
  expect(latenessHabits([...past, due(8, 993)], TODAY).lateShare).toBe(0.4 / 6);
});

const few = fc.integer({ min: 0, max: 3 });
const settled = fc.record({
  currency: fc.constantFrom('EUR', 'JPY', 'USD'), daysBeyondTerms: fc.integer({ min: -60, max: 300 }), paid: fc.option(fc.record({ amount: fc.integer({ min: 1, max: 1_000_000_000 }), count: fc.integer({ min: 1, max: 3 }) })),
  decidedInMonth: few, decidedBefore: few, decidedLongAgo: few,
}).map(({ currency, daysBeyondTerms, paid, decidedInMonth, decidedBefore, decidedLongAgo }): SettledAlike => ({
  currency, daysBeyondTerms, paidAmount: paid?.amount ?? 0, paidCount: paid?.count ?? 0, decidedInMonth, decidedInQuarter: decidedInMonth + decidedBefore, decided: decidedInMonth + decidedBefore + decidedLongAgo,
}));

test('what was settled alike may be put together', () => {
  fc.assert(fc.property(fc.array(settled), (apart) => {
    const together = [...Map.groupBy(apart, ({ currency, daysBeyondTerms }) => `${currency} ${daysBeyondTerms}`).values()].map((alike) => {
      const sumOf = (name: Exclude<keyof SettledAlike, 'currency'>): number => alike.reduce((sum, each) => sum + each[name], 0);
      return { ...alike[0]!, paidAmount: sumOf('paidAmount'), paidCount: sumOf('paidCount'), decided: sumOf('decided'), decidedInQuarter: sumOf('decidedInQuarter'), decidedInMonth: sumOf('decidedInMonth') };
    });
    const habits = habitsOf(apart);
    const near = (value: number | null): unknown => (value === null ? null : expect.closeTo(value, 8));
    expect(habitsOf(together)).toEqual({ ...habits, index: near(habits.index), averageDaysBeyondTerms: near(habits.averageDaysBeyondTerms) });
  }));
});
