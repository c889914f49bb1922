import { expect, test } from '@jest/globals';
import type { Metric } from '../../../src/values/metric.js';
import { cellAt, type Cell } from './cell.js';
import type { Release } from './decide-cell.js';
import { releasableCell } from './disclosure-gate.js';
import { leavesRoomAlone } from './lone-release.js';
import { leavesRoomThroughout } from './history-room.js';
import { POLICY_V1 as policy } from './policy.js';

const month = (at: number): string => `${2026 + Math.floor(at / 12)}-${String((at % 12) + 1).padStart(2, '0')}`;

/** Releases a panel epoch after epoch, each with the history of those before. */
function release(metric: Metric, epochs: readonly (readonly number[])[]): (Cell | undefined)[] {
  return releaseAll(metric, epochs).map((each) => each?.cell);
}

function releaseAll(metric: Metric, epochs: readonly (readonly number[])[]): (Release | undefined)[] {
  const published: Release[] = [];
  return epochs.map((inputs, at) => {
    const panel = inputs.map((now, member) => ({ firmId: String(member), now, before: epochs[at - 3]?.[member] }));
    const shown = releasableCell('subject', metric, panel, month(at), published, policy);
    if (!shown) return undefined;
    published.push({ month: month(at), ...shown, inputs: inputs.map((input, member) => ({ firmId: String(member), input })) });
    return published.at(-1);
  });
}

const tierOf = (metric: Metric, inputs: readonly number[]): string => {
  const [shown] = releaseAll(metric, [inputs]);
  return shown ? shown.cell.tier + (shown.shiftedBy > 0 ? ' shifted' : '') : 'none';
};
const many = (count: number, value: number): number[] => Array.from({ length: count }, () => value);

test.each<readonly [string, Metric, readonly number[], string]>([
  // A01: a usual group is shown at its own tier.
  ['four of 20 to 50', 'DSO', [20, 30, 40, 50], 'T1'],
  ['six of 20 to 70', 'DSO', [20, 30, 40, 50, 60, 70], 'T2'],
  ['eleven of 20 to 120', 'DSO', [20, 30, 40, 50, 60, 70, 80, 90, 100, 110, 120], 'T3'],
  // A29: alike and known to be anywhere, for all that two of them know.
  ['four at 40', 'DSO', many(4, 40), 'T1'],
  ['six at 40', 'DSO', many(6, 40), 'T2'],
  ['eleven at 40', 'DSO', many(11, 40), 'T1'], // with quartiles they would be known to be
  ['eleven of which three are elsewhere', 'DSO', [...many(8, 40), 50, 50, 50], 'T3'],
  ['eleven of which two are elsewhere', 'DSO', [...many(9, 40), 90, 90], 'T1'],
  // A31: all others at a bound.
  ['six at 0', 'DSO', many(6, 0), 'T1'],
  ['six at 150', 'DSO', many(6, 150), 'T1'],
  ['five at 0 and one at 50', 'DSO', [...many(5, 0), 50], 'T1'],
  ['nine at 0 and one at 90', 'DSO', [...many(9, 0), 90], 'T1'],
  ['six of ten to fifteen days, as most customers are', 'DSO', [10, 11, 12, 13, 14, 15], 'T2'],
  ['six of five to nine', 'DSO', [5, 6, 7, 8, 9, 9], 'T2'],
  ['ten at 0 and one at 70', 'DSO', [...many(10, 0), 70], 'T1'],
  ['two hundred at 0', 'DSO', many(200, 0), 'T1'],
  ['two hundred at 150', 'DSO', many(200, 150), 'none'], // above thirty, nothing so near the upper bound
  ['thirty-one around 125', 'DSO', [...many(11, 115), ...many(10, 125), ...many(10, 135)], 'T3'], // 31 × 127.5 ÷ 29 is 136
  ['thirty-one around 130', 'DSO', [...many(10, 115), ...many(11, 130), ...many(10, 145)], 'none'],
  // A band says that the mean is below 30: of four, that leaves up to 115 days to any of them.
  ['four at 0', 'DSO', many(4, 0), 'T1'],
  ['four of which two have nearly all', 'DSO', [55, 30, 0, 0], 'T1'], // 85 of at most 115: 30 are left
  ['four of which two have too much', 'DSO', [55, 35, 0, 0], 'T1 shifted'],
  ['four of which one has too much', 'DSO', [60, 0, 0, 0], 'T1 shifted'], // 55 is the most
  ['four near the upper bound', 'DSO', [95, 120, 150, 150], 'T1'],
  ['four of which two are far below the upper bound', 'DSO', [95, 110, 150, 150], 'T1 shifted'], // 55 and 40 below it, of at most 120
  // A mean of six takes 30 days without the two largest, 50 without the largest.
  ['six with 30 beyond two', 'DSO', [60, 40, 20, 10, 0, 0], 'T2'],
  ['six with 20 beyond two', 'DSO', [60, 40, 20, 0, 0, 0], 'T1'],
  ['six with 50 beyond one', 'DSO', [60, 20, 20, 10, 0, 0], 'T2'],
  ['six with 40 beyond one', 'DSO', [60, 10, 10, 10, 10, 0], 'T1'],
  ['five that are late half the time, one never', 'LATE_SHARE', [0.5, 0.5, 0.5, 0.5, 0.5, 0], 'T2'],
  ['nobody late', 'LATE_SHARE', many(6, 0), 'T2'],
  ['one of six late with a third of all', 'LATE_SHARE', [0.3, 0, 0, 0, 0, 0], 'T2'], // 0.6 in all: 0.3 twice
  ['one of six late with more', 'LATE_SHARE', [0.31, 0, 0, 0, 0, 0], 'T1'],
  ['one of four always late', 'LATE_SHARE', [1, 0, 0, 0], 'none'],
  ['six of 30 days', 'PAYMENT_TERMS', many(6, 30), 'T2'],
  ['six of 60 days', 'PAYMENT_TERMS', many(6, 60), 'T2'],
  ['seven of 60 days', 'PAYMENT_TERMS', many(7, 60), 'T2'],
  ['eleven of 60 days', 'PAYMENT_TERMS', many(11, 60), 'T3'],
])('%s: %s', (_name, metric, inputs, tier) => {
  expect(tierOf(metric, inputs)).toBe(tier);
});

test('three are nothing', () => {
  expect(release('DSO', [[40, 50, 60]])).toEqual([undefined]);
});

test.each([[4, 5], [5, 10], [6, 10]])('of %d, whatever is shown leaves every two members the width of each other one, that it was shown included', (members, step) => {
  const ranges = new Map<string, [number, number]>();
  const world: number[] = [];
  const visit = (from: number): void => {
    if (world.length < members) {
      for (let value = from; value <= 150; value += step) {
        world.push(value);
        visit(value);
        world.pop();
      }
      return;
    }
    const panel = world.map((now, member) => ({ firmId: String(member), now, before: undefined }));
    const plain = releasableCell('subject', 'DSO', panel, '2026-01', [], policy);
    // Nobody knows by how much a band was shifted: what any shift would have shown looks the same.
    const cells = plain?.shiftedBy === 0 ? [plain.cell]
      : [-1, 0, 1].map((side) => cellAt('T1', 'DSO', panel, policy, side * 0.999 * policy.edgeShift.besideDays)).filter((cell) => leavesRoomAlone('DSO', { cell, shiftedBy: policy.edgeShift.besideDays }, world, policy));
    for (const text of new Set(cells.map((cell) => `${cell.tier} ${cell.tier === 'T1' ? cell.from : cell.value}`))) look(text);
  };
  const look = (shown: string): void => {
    for (let one = 0; one < members; one += 1) {
      for (let other = one + 1; other < members; other += 1) {
        const lowest = world[one > 0 ? 0 : other > 1 ? 1 : 2]!;
        const highest = world[other < members - 1 ? members - 1 : one < members - 2 ? members - 2 : members - 3]!;
        const known = `${shown} ${world[one]!} ${world[other]!}`;
        const range = ranges.get(known);
        if (!range) ranges.set(known, [lowest, highest]);
        else if (lowest < range[0] || highest > range[1]) ranges.set(known, [Math.min(lowest, range[0]), Math.max(highest, range[1])]);
      }
    }
  };
  visit(0);
  // A band in place of a mean that was refused keeps what the mean would have had to: to know of the refusal is to know nearly as much.
  const band = members > policy.fewestOthers.T2 ? policy.gate.widthDays.T2 : policy.gate.widthDays.T1;
  const narrow = [...ranges].filter(([known, [lowest, highest]]) => highest - lowest < (known.startsWith('T1') ? band : policy.gate.widthDays.T2));
  expect(narrow).toEqual([]);
  expect(ranges.size).toBeGreaterThan(100);
});

test('a group that climbs as fast as anybody may, from one bound to the other, is known at last and no longer shown', () => {
  const cells = release('DSO', Array.from({ length: 16 }, (_, at) => many(6, Math.min(150, 10 * at))));
  expect(cells.slice(4, 11).map((cell) => cell?.tier)).toEqual(many(7, 0).map(() => 'T2'));
  expect(cells.at(-1)?.tier).not.toBe('T2');
});

test('twenty-four epochs of a usual group are all shown', () => {
  const epochs = Array.from({ length: 24 }, (_, at) => Array.from({ length: 6 }, (__, member) => 25 + 8 * member + 6 * Math.sin(at + 2 * member)));
  expect(release('DSO', epochs).map((cell) => cell?.tier)).toEqual(epochs.map(() => 'T2'));
});

test('above thirty, whatever is shown without a look back leaves everybody room over all epochs', () => {
  const kinds: readonly ((member: number, at: number) => number)[] = [
    () => 0,
    (member) => member % 10,
    (member, at) => (member < 16 ? 0 : 30 - 5 * (at % 3)),
    (member, at) => Math.min(150, 10 * at + (member % 3) * 6),
    (member, at) => Math.abs(((member * 37 + at * 10) % 260) - 130),
  ];
  for (const figureOf of kinds) {
    const epochs = Array.from({ length: 14 }, (_, at) => Array.from({ length: 32 }, (__, member) => figureOf(member, at)));
    const published = releaseAll('DSO', epochs).flatMap((each) => (each ? [{ ...each, cell: { ...each.cell, direction: null } }] : []));
    expect(published.length).toBeGreaterThan(9);
    expect(leavesRoomThroughout('DSO', published, policy)).toBe(true);
  }
});

test('of usual groups nearly all is shown, and most of it at the tier of their number', () => {
  // Repeats: a linear congruence, and Box and Muller.
  let state = 1;
  const uniform = (): number => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
  const normal = (): number => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
  let [shown, finest, all] = [0, 0, 0];
  for (let customer = 0; customer < 60; customer += 1) {
    const members = [4, 5, 6, 8, 10, 12][customer % 6]!;
    const [mean, deviation] = [20 + 50 * uniform(), 10 + 5 * uniform()];
    const spread = Math.log(1 + (deviation / mean) ** 2);
    const levels = Array.from({ length: members }, () => mean * Math.exp(Math.sqrt(spread) * normal() - spread / 2));
    let drift = 0;
    let last = levels;
    const epochs = Array.from({ length: 15 }, () => {
      drift += 1.5 * normal();
      last = last.map((input, member) => Math.min(150, Math.max(0, input + Math.max(-10, Math.min(10, levels[member]! + drift + 3 * normal() - input)))));
      return last;
    });
    for (const cell of release('DSO', epochs)) {
      all += 1;
      if (cell) shown += 1;
      if (cell?.tier === (members > 10 ? 'T3' : members > 5 ? 'T2' : 'T1')) finest += 1;
    }
  }
  expect(shown / all).toBeGreaterThan(0.97);
  expect(finest / all).toBeGreaterThan(0.9);
});
