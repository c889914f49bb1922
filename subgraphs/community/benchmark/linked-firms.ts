/** A firm that may count, and the group that it is linked with: a corporate group, or a cluster of shared owner, bank account, domain or invitation chain. */
export interface Linked {
  readonly firmId: string;
  readonly joinedOn: string;
  /** The same text for all that are linked. Without one the firm stands alone. */
  readonly group?: string;
}

/**
 * One firm of each group, for one cell: who is in its panel already; else who stands (has a figure, or an earlier one that may
 * stand in); else who joined first, the id deciding between equals. In the order given.
 *
 * Claim: a group counts once, whatever it brings, and which of its firms counts changes only when that one goes.
 * Why: linked firms could own every other seat. Whoever joined first cannot be brought in later; a choice by figures could be
 * steered to the firm whose figure suits best; a choice made anew each time would be a swap that nobody waits for.
 */
export function onePerGroup<Firm extends Linked>(firms: readonly Firm[], members: readonly string[], stands: (firmId: string) => boolean): readonly Firm[] {
  if (firms.every(({ group }) => group === undefined)) return firms;
  const panel = new Set(members);
  const rank = ({ firmId }: Firm): number => (panel.has(firmId) && stands(firmId) ? 0 : stands(firmId) ? 1 : 2);
  const byPrecedence = firms.toSorted((a, b) => rank(a) - rank(b) || Temporal.PlainDate.compare(a.joinedOn, b.joinedOn) || (a.firmId < b.firmId ? -1 : 1));
  const chosen = new Map<string, string>();
  for (const { group, firmId } of byPrecedence) if (group !== undefined && !chosen.has(group)) chosen.set(group, firmId);
  return firms.filter(({ group, firmId }) => group === undefined || chosen.get(group) === firmId);
}

/** By the list they are of: of most customers, the same firms come one after another. */
const known = new WeakMap<readonly Linked[], ReadonlyMap<string, string>>();

/** On which day each firm joined. */
export function joiningDays(firms: readonly Linked[]): ReadonlyMap<string, string> {
  let days = known.get(firms);
  if (!days) known.set(firms, (days = new Map(firms.map(({ firmId, joinedOn }) => [firmId, joinedOn]))));
  return days;
}
