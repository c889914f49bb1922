/**
 * Anchors of the payment behaviour index (INDICATORS.md, "Payment behaviour index"): days beyond terms and the weight
 * that they have. Before the first and behind the last the weight stays.
 */
const ANCHORS: readonly (readonly [daysBeyondTerms: number, weight: number])[] = [
  [-30, 100],
  [-20, 90],
  [0, 80],
  [15, 70],
  [22, 60],
  [30, 50],
  [60, 40],
  [90, 30],
  [120, 20],
  [180, 0],
];

/** Weights are counted in these parts of a point: the slope between any two anchors is then whole, and nothing is rounded. */
export const PARTS_OF_A_POINT = 84;

/** The weight of a whole number of days beyond terms, in 84ths of a point: 0 to 8,400, linear between the anchors. */
export function paymentWeight(daysBeyondTerms: number): number {
  let [fromDays, fromWeight] = ANCHORS[0]!;
  if (daysBeyondTerms <= fromDays) return fromWeight * PARTS_OF_A_POINT;
  for (const [toDays, toWeight] of ANCHORS) {
    if (daysBeyondTerms <= toDays) {
      const slope = ((toWeight - fromWeight) * PARTS_OF_A_POINT) / (toDays - fromDays);
      return fromWeight * PARTS_OF_A_POINT + slope * (daysBeyondTerms - fromDays);
    }
    [fromDays, fromWeight] = [toDays, toWeight];
  }
  return fromWeight * PARTS_OF_A_POINT;
}
