import { expect, test } from '@jest/globals';
import { array, assert, integer, property, tuple } from 'fast-check';
import { cellAt, type Cell } from './cell.js';
import { leavesRoomThroughout, type Release } from './history-room.js';
import { POLICY_V1, type DisclosurePolicy } from './policy.js';

/** A small world, in which every story there is can be told: figures of 0, 10, 20, 30 and 40 days, bands of 20. */
const SMALL: DisclosurePolicy = {
  ...POLICY_V1,
  clipDays: { lowest: 0, highest: 40 },
  bucketDays: { T1: 10, T2: 10, T3: 10 },
  shownDays: { T1: 20, T2: 10, T3: 5 },
  gate: { ...POLICY_V1.gate, widthDays: { T1: 20, T2: 20, T3: 10 } },
};

/** Which members were in the panel of each epoch. */
type Panels = readonly (readonly number[])[];
type Paths = readonly (readonly number[])[];

function releasesOf(paths: Paths, panels: Panels, tier: 'T1' | 'T2'): Release[] {
  return panels.map((members, at) => ({
    month: `2026-0${at + 1}`,
    cell: cellAt(tier, 'DSO', members.map((member) => ({ now: paths[member]![at]!, before: panels[at - 3]?.includes(member) ? paths[member]![at - 3] : undefined })), SMALL),
    shiftedBy: 0,
    inputs: members.map((member) => ({ firmId: String(member), input: paths[member]![at]! })),
  }));
}

/** The least that two members leave open of any other, over every world that looks the same to them; `directions`: those that were told too. */
function narrowest(paths: Paths, panels: Panels, tier: 'T1' | 'T2', directions: boolean): number {
  const shown = releasesOf(paths, panels, tier).map(({ cell }) => cell);
  const walks = panels[0]!.length > 0 ? allWalks(panels.length) : [];
  let least = Infinity;
  const members = paths.map((_, member) => member);
  for (const one of members) {
    for (const other of members.slice(one + 1)) {
      const left = members.filter((member) => member !== one && member !== other && panels.some((panel) => panel.includes(member)));
      const ranges = new Map<string, [number, number]>();
      const world = [...paths];
      const tell = (place: number): void => {
        if (place < left.length) {
          for (const walk of walks) {
            world[left[place]!] = walk;
            tell(place + 1);
          }
          return;
        }
        const cells = releasesOf(world, panels, tier).map(({ cell }) => cell);
        if (!cells.every((cell, at) => looksAlike(cell, shown[at]!, directions))) return;
        for (const [at, panel] of panels.entries()) {
          for (const member of panel.filter((each) => left.includes(each))) {
            const value = world[member]![at]!;
            const [from, to] = ranges.get(`${member} ${at}`) ?? [value, value];
            ranges.set(`${member} ${at}`, [Math.min(from, value), Math.max(to, value)]);
          }
        }
      };
      tell(0);
      least = Math.min(least, ...[...ranges.values()].map(([from, to]) => to - from));
    }
  }
  return least;
}

function looksAlike(cell: Cell, shown: Cell, directions: boolean): boolean {
  const same = cell.tier === 'T1' && shown.tier === 'T1' ? cell.from === shown.from : cell.tier !== 'T1' && shown.tier !== 'T1' && cell.value === shown.value;
  return same && (!directions || shown.direction === null || cell.direction === shown.direction);
}

function allWalks(epochs: number): number[][] {
  let walks = [0, 10, 20, 30, 40].map((value) => [value]);
  for (let at = 1; at < epochs; at += 1) walks = walks.flatMap((walk) => [-10, 0, 10].map((step) => [...walk, walk.at(-1)! + step]).filter((each) => each.at(-1)! >= 0 && each.at(-1)! <= 40));
  return walks;
}

const walk = (epochs: number) => tuple(integer({ min: 0, max: 4 }), array(integer({ min: -1, max: 1 }), { minLength: epochs - 1, maxLength: epochs - 1 }))
  .map(([first, steps]) => steps.reduce<number[]>((walked, step) => [...walked, Math.min(40, Math.max(0, walked.at(-1)! + 10 * step))], [10 * first]));
/** Groups that keep low, high, or climb together, as well as any other. */
const paths = (members: number, epochs: number) => tuple(array(walk(epochs), { minLength: members, maxLength: members }), integer({ min: 0, max: 4 }), integer({ min: 0, max: 2 }))
  .map(([walks, level, kind]) => (kind === 0 ? walks : walks.map((each, member) => (member < 2 ? each : each.map((value, at) => (kind === 1 ? Math.min(value, 10 * level) : Math.min(40, 10 * at + (value === 40 ? 10 : 0)))))) ));

const unchanged = (members: number, epochs: number): Panels => Array.from({ length: epochs }, () => Array.from({ length: members }, (_, member) => member));

test.each([['T1', 4, 2, 25], ['T2', 4, 3, 8]] as const)('without a direction, %s of %d in %d epochs: yes exactly when every world leaves the width', (tier, members, epochs, numRuns) => {
  let [yes, no] = [0, 0];
  assert(property(paths(members, epochs), (story) => {
    const panels = unchanged(members, epochs);
    const releases = releasesOf(story, panels, tier).map((release) => ({ ...release, cell: { ...release.cell, direction: null } }));
    const wide = narrowest(story, panels, tier, false) >= SMALL.gate.widthDays[tier];
    expect(leavesRoomThroughout('DSO', releases, SMALL)).toBe(wide);
    if (wide) yes += 1;
    else no += 1;
  }), { numRuns, seed: 4 });
  expect([yes > 0, no > 0]).toEqual([true, true]);
});

test.each([[3, 60], [4, 2]])('with directions, a yes of %d members leaves the width in worlds that moved as was told', (members, numRuns) => {
  let yes = 0;
  assert(property(paths(members, 4), (story) => {
    const panels = unchanged(members, 4);
    if (!leavesRoomThroughout('DSO', releasesOf(story, panels, 'T1'), SMALL)) return;
    expect(narrowest(story, panels, 'T1', true)).toBeGreaterThanOrEqual(SMALL.gate.widthDays.T1);
    yes += 1;
  }), { numRuns, seed: 4 });
  expect(yes).toBeGreaterThan(0);
});

test.each<readonly [string, Panels]>([
  ['two come', [[0, 1, 2], [0, 1, 2, 3, 4]]],
  ['two go and two come', [[0, 1, 2], [0, 3, 4]]],
  ['one goes and one comes', [[0, 1, 2, 3], [0, 1, 2, 4]]],
])('where %s, a yes leaves the width to everybody who ever was in a panel', (_name, panels) => {
  let [yes, no] = [0, 0];
  assert(property(paths(new Set(panels.flat()).size, 2), (story) => {
    const releases = releasesOf(story, panels, 'T1');
    if (!leavesRoomThroughout('DSO', releases, SMALL)) {
      no += 1;
      return;
    }
    yes += 1;
    expect(narrowest(story, panels, 'T1', true)).toBeGreaterThanOrEqual(SMALL.gate.widthDays.T1);
  }), { numRuns: 15, seed: 4 });
  expect([yes > 0, no > 0]).toEqual([true, true]);
});
