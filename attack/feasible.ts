import type { Cell } from '../subgraphs/community/benchmark/cell.js';
import { roundTo } from '../subgraphs/community/benchmark/input.js';
import type { DisclosurePolicy } from '../subgraphs/community/benchmark/policy.js';

/**
 * How wide the interval is in which a member's input must lie, for two others of the panel who know their own and this one
 * cell; the narrowest over all pairs and members. Written from the policy alone, without a look at the gate: sums of buckets.
 *
 * The bucketed inputs of the unknown members are multiples of the bucket from 0 to 150; the cell says that their mean with the
 * known ones lies in [from, to). One of them can be anything from what is left when the others are highest, to what is left
 * when they are lowest. A bucket of width w stands for inputs w / 2 on either side, within the bounds. Quartiles are left out,
 * so this is an upper bound: what is too narrow here is too narrow. `shiftedBy`: by how many days at most the policy shifted this mean,
 * which the two do not know; of a mean that was not shifted it is not taken into account that it could have been.
 */
export function narrowest(inputs: readonly number[], cell: Cell, policy: DisclosurePolicy, shiftedBy = 0): number {
  const exact = cell.tier !== 'T1' && cell.roundedTo === 0;
  const step = exact ? 0 : policy.bucketDays[cell.tier];
  const told = inputs.map((input) => (step === 0 ? input : roundTo(input, step)));
  const { highest } = policy.clipDays;
  const [from, to] = cell.tier === 'T1' ? [cell.from, cell.to === highest ? Infinity : cell.to] : [cell.value - cell.roundedTo / 2, cell.value + cell.roundedTo / 2];
  // A mean that was shifted lies anywhere it may have been shifted from.
  const [lowestMean, highestMean] = [from <= 0 ? from : from - shiftedBy, to + shiftedBy];
  let least = Infinity;
  for (let one = 0; one < told.length; one += 1) {
    for (let other = one; other < told.length; other += 1) {
      const seats = new Set([one, other]);
      const unknown = told.length - seats.size;
      if (unknown === 0) continue;
      const known = [...seats].reduce((sum, place) => sum + told[place]!, 0);
      const lowestSum = lowestMean * told.length - known;
      const highestSum = highestMean * told.length - known;
      // In whole buckets; the upper end of a rounding interval does not belong to it.
      const up = (value: number): number => (step === 0 ? value : Math.ceil(value / step - 1e-9) * step);
      const below = (value: number): number => (step === 0 ? value : Math.ceil(value / step - 1e-9) * step - step);
      const low = Math.max(0, up(lowestSum) - (unknown - 1) * highest);
      const high = Math.min(highest, below(highestSum));
      least = Math.min(least, Math.min(high + step / 2, highest) - Math.max(low - step / 2, 0));
    }
  }
  return least;
}
