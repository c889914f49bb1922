import type { Metric } from '../../../src/values/metric.js';
import type { Trend } from '../../../src/values/trend.js';
import type { Cell } from './cell.js';
import { feasibleRanges, type Range, type Sight } from './feasible-range.js';
import { familyOf, type DisclosurePolicy } from './policy.js';
import { bucketOf, sumOfDays, type Shown, type SumBounds } from './shown-sum.js';

/** What an epoch published of a cell, and what its panel counted with. */
export interface Release extends Shown {
  /** Of the epoch it was published in, `2026-07`. */
  readonly month: string;
  /** Every member of the panel that it was made of, and nobody else: who counted but waited to be taken in is not here. */
  readonly inputs: readonly { readonly firmId: string; readonly input: number }[];
}

/** Shifts are of whole tens: they move every bucket alike, and no vote on a direction. */
const SHIFT_DAYS = 10;

/** A release that tells of a sum of days, as numbers. Members are known by their place among all that were ever in a panel. */
interface Seen {
  readonly epoch: number;
  /** The epoch that its direction looks back to. */
  readonly before: number;
  readonly cell: Cell;
  readonly least: number;
  readonly most: number;
  readonly sum: number;
  readonly contributors: number;
  readonly width: number;
  /** By place; NaN who was not in the panel. */
  readonly inputs: Float64Array;
  readonly buckets: Float64Array;
}

/** Members who were in the very same panels are alike to an attacker. */
interface Alike {
  readonly members: readonly number[];
  /** Places of the releases they were in. */
  readonly seen: readonly number[];
  /** The widest of the widths asked for in them. */
  readonly width: number;
}

/**
 * Whether all that was published of a cell, the last of it included, leaves every member room in every epoch against every two others.
 *
 * Claim: sound. Each yes rests on worlds that agree with everything published and with all that two members know, and in which the
 * same third member lies at least the width apart. Gone through pair by pair, with one unchanged panel, one bucket and no
 * direction, it is exact as well.
 * Why: inputs move at most ten days an epoch, so what one release leaves open the next may close. Argument: disclosure.proof.md,
 * "History".
 */
export function leavesRoomThroughout(metric: Metric, releases: readonly Release[], policy: DisclosurePolicy): boolean {
  const firms = [...new Set(releases.flatMap(({ inputs }) => inputs.map(({ firmId }) => firmId)))];
  const seen = seeReleases(metric, releases, new Map(firms.map((firmId, place) => [firmId, place])), policy);
  const alike = groupAlike(seen, firms.length);
  const narrow = alike.filter((group) => !hasRoomByShifts(group, seen, policy) && !hasRoomAgainstExtremes(group, seen, policy));
  if (narrow.length === 0) return true;
  for (let one = 0; one < firms.length; one += 1) {
    for (let other = one + 1; other < firms.length; other += 1) {
      if (!narrow.every((group) => hasRoomAgainst([one, other], group, alike, seen, policy))) return false;
    }
  }
  return true;
}

function seeReleases(metric: Metric, releases: readonly Release[], places: ReadonlyMap<string, number>, policy: DisclosurePolicy): Seen[] {
  return releases.flatMap(({ month, cell, shiftedBy, inputs }) => {
    const values = new Float64Array(places.size).fill(NaN);
    for (const { firmId, input } of inputs) values[places.get(firmId)!] = input;
    const buckets = values.map((input) => bucketOf(input, cell.tier, policy));
    const sum = buckets.reduce((total, bucket) => (Number.isNaN(bucket) ? total : total + bucket), 0);
    const bounds = sumOfDays(metric, { cell, shiftedBy }, inputs.length, policy);
    if (!bounds) return [];
    const epoch = epochNumber(metric, month);
    return [{ epoch, before: epoch - policy.direction.months / monthsOfEpoch(metric), cell, ...bounds, sum, contributors: inputs.length, width: policy.gate.widthDays[cell.tier], inputs: values, buckets }];
  });
}

/** Months from one epoch to the next: those of terms follow one another by quarter. */
function monthsOfEpoch(metric: Metric): number {
  return familyOf(metric) === 'TERMS' ? 3 : 1;
}

function epochNumber(metric: Metric, month: string): number {
  const [year, number] = month.split('-').map(Number) as [number, number];
  return Math.ceil((year * 12 + number) / monthsOfEpoch(metric));
}

function groupAlike(seen: readonly Seen[], firms: number): Alike[] {
  const groups = new Map<string, { members: number[]; seen: number[] }>();
  for (let member = 0; member < firms; member += 1) {
    const places = seen.flatMap(({ inputs }, place) => (Number.isNaN(inputs[member]!) ? [] : [place]));
    if (places.length === 0) continue;
    const key = places.join(' ');
    const group = groups.get(key);
    if (group) group.members.push(member);
    else groups.set(key, { members: [member], seen: places });
  }
  return [...groups.values()].map((group) => ({ ...group, width: Math.max(...group.seen.map((place) => seen[place]!.width)) }));
}

/**
 * A quick yes, in time of the members: at least three of a group could each have been higher or lower by whole tens in all epochs alike,
 * by the width together, the others of it making up for that but for the two that could most, or the rounding leaving it room. Of
 * three, two members leave one; and whoever else is left may change places with it, being alike.
 */
function hasRoomByShifts({ members, seen: places, width }: Alike, seen: readonly Seen[], policy: DisclosurePolicy): boolean {
  const { highest } = policy.clipDays;
  const up = members.map((member) => tens(Math.min(...places.map((place) => highest - seen[place]!.inputs[member]!))));
  const down = members.map((member) => tens(Math.min(...places.map((place) => seen[place]!.inputs[member]!))));
  const slackUp = tens(Math.min(...places.map((place) => seen[place]!.most - seen[place]!.sum)));
  const slackDown = tens(Math.min(...places.map((place) => seen[place]!.sum - seen[place]!.least)));
  const upOfOthers = withoutSelfAndTwo(up);
  const downOfOthers = withoutSelfAndTwo(down);
  const wide = members.filter((_, at) => Math.min(up[at]!, downOfOthers(at) + slackUp) + Math.min(down[at]!, upOfOthers(at) + slackDown) >= width);
  return wide.length >= 3;
}

function tens(days: number): number {
  return Math.floor(days / SHIFT_DAYS) * SHIFT_DAYS;
}

/** The sum of all values but one's own and the two largest of the others. */
function withoutSelfAndTwo(values: readonly number[]): (place: number) => number {
  const total = values.reduce((sum, value) => sum + value, 0);
  const largest = values.map((_, place) => place).toSorted((a, b) => values[b]! - values[a]!).slice(0, 3);
  return (place) => total - values[place]! - largest.filter((each) => each !== place).slice(0, 2).reduce((sum, each) => sum + values[each]!, 0);
}

/**
 * One answer for all pairs: of a group alike, two are taken to have had, in every epoch at once, as much as the two largest had when
 * it is asked what most the others could have, and as little as the two smallest when it is asked what least. What is possible
 * under both is possible whoever the two are.
 */
function hasRoomAgainstExtremes(group: Alike, seen: readonly Seen[], policy: DisclosurePolicy): boolean {
  const rest = group.members.length - 3;
  if (rest < 0) return false;
  const places = group.seen;
  const ranges = rangesOfOne(group, places, rest, seen, policy, ({ buckets }) => {
    const sorted = group.members.map((member) => buckets[member]!).toSorted((a, b) => a - b);
    const alike = sorted.reduce((sum, bucket) => sum + bucket, 0);
    const total = buckets.reduce((sum, bucket) => (Number.isNaN(bucket) ? sum : sum + bucket), 0);
    return { least: total - alike + sorted[0]! + sorted[1]!, most: total - alike + sorted.at(-1)! + sorted.at(-2)! };
  });
  return areWide(ranges, places, seen);
}

/** The answer for one pair: where each of a group can have been, the rest of it making up for that, or the largest group that was there all the while. */
function hasRoomAgainst(pair: readonly [number, number], group: Alike, alike: readonly Alike[], seen: readonly Seen[], policy: DisclosurePolicy): boolean {
  const left = (each: Alike): readonly number[] => each.members.filter((member) => !pair.includes(member));
  const ones = left(group);
  if (ones.length === 0) return true;
  const partners = alike
    .filter((each) => each !== group && group.seen.every((place) => each.seen.includes(place)))
    .map((each) => ({ rest: left(each), places: each.seen }))
    .toSorted((a, b) => b.rest.length - a.rest.length)
    .slice(0, 1);
  return [{ rest: ones.slice(1), places: group.seen }, ...partners].some(({ rest, places }) => {
    const varying = new Set([ones[0]!, ...rest]);
    const ranges = rangesOfOne(group, places, rest.length, seen, policy, ({ buckets }) => {
      // Whoever does not vary stays where it was: the two, because they know, and others, to be on the safe side.
      const known = buckets.reduce((total, bucket, member) => (Number.isNaN(bucket) || varying.has(member) ? total : total + bucket), 0);
      return { least: known, most: known };
    });
    return areWide(ranges, places, seen);
  });
}

function areWide(ranges: readonly (Range | undefined)[] | undefined, places: readonly number[], seen: readonly Seen[]): boolean {
  return ranges !== undefined && ranges.every((range, at) => range === undefined || range.highest - range.lowest >= seen[places[at]!]!.width);
}

/** In days. `known` says what the members that do not vary had together in an epoch, at least and at most. */
function rangesOfOne(
  group: Alike,
  places: readonly number[],
  rest: number,
  seen: readonly Seen[],
  policy: DisclosurePolicy,
  known: (release: Seen) => SumBounds,
): readonly (Range | undefined)[] | undefined {
  const sights = places.map((place) => seen[place]!);
  // One grid for all epochs: what lies on the coarsest bucket lies on all of them.
  const step = Math.max(...sights.map(({ cell }) => policy.bucketDays[cell.tier]));
  const { parts, of } = policy.direction.agreement;
  const ranges = feasibleRanges(sights.map((release, at): Sight => {
    const theirs = known(release);
    const since = sights.findIndex(({ epoch }) => epoch === release.before);
    return {
      epoch: release.epoch,
      least: Math.ceil((release.least - theirs.least) / step),
      most: Math.floor((release.most - theirs.most) / step),
      hasOne: group.seen.includes(places[at]!),
      since: since === -1 || release.cell.direction === null ? undefined : { place: since, ...moves(release.cell.direction, step, policy), bindsOne: rest * of < release.contributors * parts },
    };
  }), rest, { highest: policy.clipDays.highest / step, movement: policy.movementDays / step });
  return ranges?.map((range) => range && { lowest: range.lowest * step, highest: range.highest * step });
}

/** How each of those who vary moves in the worlds looked at, in steps: as the direction says, all of them, which makes it so whatever it was in truth. */
function moves(direction: Trend, step: number, policy: DisclosurePolicy): { readonly least: number; readonly most: number } {
  const { deadZoneDays } = policy.direction;
  const anything = policy.clipDays.highest / step;
  if (direction === 'STABLE') return { least: -Math.floor(deadZoneDays / step), most: Math.floor(deadZoneDays / step) };
  const enough = Math.ceil((2 * deadZoneDays) / step);
  return direction === 'WORSENING' ? { least: enough, most: anything } : { least: -anything, most: -enough };
}
