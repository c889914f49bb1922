import { expect, test } from '@jest/globals';
import { releasableCell } from './disclosure-gate.js';
import type { Release } from './history-room.js';
import { edgeShift, isSwept } from './edge-shift.js';
import { POLICY_V1 as policy } from './policy.js';

const panelOf = (inputs: readonly number[]): Release['inputs'] => inputs.map((input, member) => ({ firmId: String(member), input }));
const month = (at: number): string => `${2026 + Math.floor(at / 12)}-${String((at % 12) + 1).padStart(2, '0')}`;

/** What is published of a panel epoch after epoch. */
function release(subject: string, epochs: readonly (readonly number[])[]): Release[] {
  const published: Release[] = [];
  for (const [at, inputs] of epochs.entries()) {
    const shown = releasableCell(subject, 'DSO', inputs.map((now, member) => ({ firmId: String(member), now, before: undefined })), month(at), published, policy);
    if (shown) published.push({ month: month(at), ...shown, inputs: panelOf(inputs) });
  }
  return published;
}

test('a shift belongs to the customer, the metric and the panel, whatever the order of its members', () => {
  const panel = panelOf([10, 20, 30, 40]);
  const shift = edgeShift('one', 'DSO', 5, panel);
  expect(edgeShift('one', 'DSO', 5, panelOf([99, 98, 97, 96]).toReversed())).toBe(shift);
  const others = [edgeShift('other', 'DSO', 5, panel), edgeShift('one', 'DAYS_BEYOND_TERMS', 5, panel), edgeShift('one', 'DSO', 5, panel.slice(1))];
  expect(new Set([shift, ...others]).size).toBe(4);
  expect(edgeShift('one', 'DSO', 0, panel)).toBe(0);
});

test('shifts lie evenly from one end to the other', () => {
  const shifts = Array.from({ length: 4000 }, (_, number) => edgeShift(`customer ${number}`, 'DSO', 5, panelOf([1, 2, 3, 4])));
  for (let from = -5; from < 5; from += 1) expect(Math.abs(shifts.filter((shift) => shift >= from && shift < from + 1).length - 400)).toBeLessThan(100);
});

test.each<readonly [string, readonly (readonly number[])[], boolean]>([
  ['nobody moves', [[10, 20, 30, 40], [10, 20, 30, 40]], false],
  ['all move alike', [[10, 20, 30, 40], [50, 60, 70, 80]], false],
  ['two move by 15 days', [[10, 20, 30, 40], [25, 35, 30, 40]], true],
  ['two move by 15 days, and come back', [[10, 20, 30, 40], [25, 35, 30, 40], [10, 20, 30, 40]], true],
  ['two fall by 15 days', [[40, 50, 30, 40], [25, 35, 30, 40]], true],
  ['one moves by 29 days', [[10, 20, 30, 40], [39, 20, 30, 40]], false],
  ['one moves by 30 days', [[10, 20, 30, 40], [40, 20, 30, 40]], true],
  ['two rise by 15 while the others do', [[10, 20, 30, 40], [25, 35, 45, 55]], false],
])('%s', (_name, epochs, swept) => {
  expect(isSwept('DSO', epochs.map(panelOf), policy)).toBe(swept);
});

test('a newcomer begins where it is first counted', () => {
  expect(isSwept('DSO', [panelOf([10, 20, 30, 40]), panelOf([10, 20, 30, 40, 150])], policy)).toBe(false);
});

test('where nobody has swept, means are shown as they are; afterwards they are shifted, those of before stand', () => {
  const still = Array.from({ length: 12 }, () => [20, 30, 40, 50, 60, 70]);
  expect(release('s', still).map(({ shiftedBy }) => shiftedBy)).toEqual(still.map(() => 0));
  const swept = Array.from({ length: 8 }, (_, at) => [20 + 10 * at, 30 + 10 * at, 40, 50, 60, 70]);
  expect(release('s', swept).map(({ shiftedBy }) => shiftedBy)).toEqual([0, 0, ...Array.from({ length: 6 }, () => policy.edgeShift.days.T2)]);
});

test('two of four who sweep see the same crossings for others that have thirty days more or less', () => {
  // Without shifts the months in which the band changes tell the sum of the two others to twenty days.
  const crossingOf = (subject: string, others: number): string =>
    release(subject, Array.from({ length: 16 }, (_, at) => [10 * at, 10 * at, others / 2, others / 2])).map(({ cell }) => (cell.tier === 'T1' ? cell.from : 'figure')).join();
  const subjects = Array.from({ length: 40 }, (_, number) => `customer ${number}`);
  const of50 = new Set(subjects.map((subject) => crossingOf(subject, 50)));
  const of80 = new Set(subjects.map((subject) => crossingOf(subject, 80)));
  expect([...of50].some((crossing) => of80.has(crossing))).toBe(true);
});
