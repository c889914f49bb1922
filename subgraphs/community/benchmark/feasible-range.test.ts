import { expect, test } from '@jest/globals';
import { array, assert, boolean, constant, integer, property, record, tuple } from 'fast-check';
import { feasibleRanges, type Range, type Sight } from './feasible-range.js';

const GRID = { highest: 4, movement: 1 };

/** A true story of the one and the rest, and how much wider than the truth each release was. */
interface Story {
  readonly paths: readonly (readonly number[])[];
  readonly below: readonly number[];
  readonly above: readonly number[];
  readonly gaps: readonly number[];
  readonly hasOne: readonly boolean[];
}

const EPOCHS = 4;
const path = tuple(integer({ min: 0, max: 4 }), array(integer({ min: -1, max: 1 }), { minLength: EPOCHS - 1, maxLength: EPOCHS - 1 }))
  .map(([first, steps]) => steps.reduce<number[]>((walked, step) => [...walked, Math.min(4, Math.max(0, walked.at(-1)! + step))], [first]));
const stories = (rest: number) => record<Story>({
  paths: array(path, { minLength: rest + 1, maxLength: rest + 1 }),
  below: array(integer({ min: 0, max: 2 }), { minLength: EPOCHS, maxLength: EPOCHS }),
  above: array(integer({ min: 0, max: 2 }), { minLength: EPOCHS, maxLength: EPOCHS }),
  gaps: array(integer({ min: 1, max: 2 }), { minLength: EPOCHS, maxLength: EPOCHS }),
  hasOne: tuple(constant(true), boolean(), boolean(), boolean()),
});

function sightsOf({ paths, below, above, gaps, hasOne }: Story): Sight[] {
  let epoch = 0;
  return gaps.map((gap, at) => {
    epoch += gap;
    const truth = paths.reduce((sum, walked, member) => (member === 0 && !hasOne[at] ? sum : sum + walked[at]!), 0);
    return { epoch, least: truth - below[at]!, most: truth + above[at]!, hasOne: hasOne[at]!, since: undefined };
  });
}

/** Every path there is, tried out. */
function bruteRanges(sights: readonly Sight[], rest: number): (Range | undefined)[] {
  const walks: number[][] = [];
  const walk = (walked: readonly number[]): void => {
    const at = walked.length;
    if (at === sights.length) {
      walks.push([...walked]);
      return;
    }
    const reach = at === 0 ? GRID.highest : GRID.movement * (sights[at]!.epoch - sights[at - 1]!.epoch);
    for (let value = 0; value <= GRID.highest; value += 1) if (at === 0 || Math.abs(value - walked[at - 1]!) <= reach) walk([...walked, value]);
  };
  walk([]);
  let sums: number[][] = [sights.map(() => 0)];
  for (let member = 0; member < rest; member += 1) {
    const distinct = new Map(sums.flatMap((sum) => walks.map((walked) => walked.map((value, at) => value + sum[at]!))).map((sum) => [sum.join(), sum]));
    sums = [...distinct.values()];
  }
  const ranges = sights.map(({ hasOne }) => (hasOne ? { lowest: Infinity, highest: -Infinity } : undefined));
  for (const one of walks) {
    const fits = sums.some((sum) => sights.every(({ least, most, hasOne }, at) => {
      const shown = sum[at]! + (hasOne ? one[at]! : 0);
      return shown >= least && shown <= most;
    }));
    if (fits) ranges.forEach((range, at) => range && ((range.lowest = Math.min(range.lowest, one[at]!)), (range.highest = Math.max(range.highest, one[at]!))));
  }
  return ranges;
}

test.each([0, 1, 2])('where one of a group may be is what every path of it and of the %d others says', (rest) => {
  assert(property(stories(rest), (story) => {
    // A member that is away is bound by where it was and will be, not step by step in between.
    const whole = rest === 0 ? { ...story, hasOne: [true, true, true, true] } : story;
    const sights = sightsOf(whole);
    expect(feasibleRanges(sights, rest, GRID)).toEqual(bruteRanges(sights, rest));
  }), { numRuns: rest === 2 ? 10 : 100, seed: 4 });
});

test('the truth is always among what is feasible, and who knows more never knows less', () => {
  assert(property(stories(3), integer({ min: 0, max: EPOCHS - 1 }), (story, at) => {
    const ranges = feasibleRanges(sightsOf(story), 3, GRID)!;
    const sharper = { ...story, below: story.below.with(at, 0), above: story.above.with(at, 0) };
    const narrower = feasibleRanges(sightsOf(sharper), 3, GRID)!;
    ranges.forEach((range, epoch) => {
      if (!range) return;
      const truth = story.paths[0]![epoch]!;
      expect(truth >= range.lowest && truth <= range.highest).toBe(true);
      expect(narrower[epoch]!.lowest >= range.lowest && narrower[epoch]!.highest <= range.highest).toBe(true);
    });
  }), { numRuns: 200, seed: 4 });
});

test.each<readonly [string, readonly Partial<Sight>[], number, unknown]>([
  ['nothing left of the sum is nothing for each', [{ least: 0, most: 0 }], 3, [{ lowest: 0, highest: 0 }]],
  ['all of the sum is all for each', [{ least: 16, most: 16 }], 3, [{ lowest: 4, highest: 4 }]],
  // 3 and 1 of four rise by 3 each, and to 4: 14. From 4 and 0 they come to 13.
  ['a release tells of what an older one left open', [{ epoch: 0, least: 0, most: 4 }, { epoch: 3, least: 14, most: 14 }], 3, [{ lowest: 0, highest: 3 }, { lowest: 2, highest: 4 }]],
  ['what contradicts itself is nowhere', [{ epoch: 0, least: 0, most: 0 }, { epoch: 1, least: 5, most: 16 }], 3, undefined],
  ['a direction binds the rest, and the one where it takes all of them', [{ epoch: 0, least: 0, most: 16 }, { epoch: 3, least: 0, most: 16, since: { place: 0, least: 1, most: 4, bindsOne: true } }], 3, [{ lowest: 0, highest: 3 }, { lowest: 1, highest: 4 }]],
])('%s', (_name, sights, rest, ranges) => {
  expect(feasibleRanges(sights.map((sight) => ({ epoch: 0, least: 0, most: 16, hasOne: true, since: undefined, ...sight })), rest, GRID)).toEqual(ranges);
});
