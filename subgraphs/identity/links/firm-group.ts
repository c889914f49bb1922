/** By what two firms may be found to be linked. OWNER and INVITED are mailboxes: of an owner, and of somebody invited. */
export const LINK_KINDS = ['REGISTRATION', 'OWNER', 'DOMAIN', 'INVITED', 'ACCOUNT'] as const;
export type LinkKind = (typeof LINK_KINDS)[number];

export interface LinkMark {
  readonly firmId: string;
  readonly kind: LinkKind;
  readonly mark: string;
  /** An instant; of an owner when the account was made, of an invitation when it was sent. */
  readonly since: string;
}

/** An operator's word on two firms. */
export interface OperatorLink {
  readonly firmId: string;
  readonly otherFirmId: string;
  readonly linked: boolean;
}

/** What links two firms directly. */
export interface Tie {
  readonly firmId: string;
  readonly otherFirmId: string;
  readonly by: LinkKind | 'OPERATOR';
  readonly mark: string;
}

/**
 * What links these firms directly: one legal unit, one owner, one domain, one bank account; an invitation by one of
 * somebody who afterwards owns another; the word of an operator, who may also part two. Whoever owned a firm before
 * being invited links nothing: an invitation is free, and would tie strangers together. `marks` are those of the firms in
 * question alone. Of three with one mark the first is tied to each other one, unless an operator parted some of them: then
 * each is tied to each.
 */
export function tiesOf(marks: readonly LinkMark[], said: readonly OperatorLink[]): readonly Tie[] {
  const parted = new Set(said.filter(({ linked }) => !linked).map(({ firmId, otherFirmId }) => pair(firmId, otherFirmId)));
  const ties: Tie[] = said.filter(({ linked }) => linked).map(({ firmId, otherFirmId }) => ({ firmId, otherFirmId, by: 'OPERATOR', mark: '' }));
  const tie = (firmId: string, otherFirmId: string, by: LinkKind, mark: string): void => {
    if (firmId !== otherFirmId && !parted.has(pair(firmId, otherFirmId))) ties.push({ firmId, otherFirmId, by, mark });
  };
  for (const [mark, shared] of Map.groupBy(marks, (each) => each.mark)) {
    const invited = shared.filter(({ kind }) => kind === 'INVITED');
    const having = shared.filter(({ kind }) => kind !== 'INVITED').toSorted((a, b) => (a.firmId < b.firmId ? -1 : 1));
    const isParted = having.some((one) => having.some((other) => parted.has(pair(one.firmId, other.firmId))));
    for (const [place, one] of (isParted ? having : having.slice(0, 1)).entries()) {
      for (const other of having.slice(place + 1)) tie(one.firmId, other.firmId, one.kind, mark);
    }
    for (const one of invited) {
      for (const owner of having) if (Temporal.Instant.compare(one.since, owner.since) <= 0) tie(one.firmId, owner.firmId, 'INVITED', mark);
    }
  }
  return ties;
}

/** The group of each firm, named by the lowest id in it; a firm without a tie is a group of its own. The order of the ties does not matter. */
export function groupFirms(firmIds: readonly string[], ties: readonly Tie[]): ReadonlyMap<string, string> {
  const above = new Map(firmIds.map((firmId) => [firmId, firmId]));
  const find = (firmId: string): string => {
    let root = firmId;
    while (above.get(root) !== root) root = above.get(root)!;
    // What was walked through is tied to the root directly: the next walk is short.
    for (let at = firmId; at !== root; ) {
      const next = above.get(at)!;
      above.set(at, root);
      at = next;
    }
    return root;
  };
  for (const { firmId, otherFirmId } of ties) {
    if (!above.has(firmId) || !above.has(otherFirmId)) continue;
    const [first, second] = [find(firmId), find(otherFirmId)].toSorted();
    above.set(second!, first!);
  }
  return new Map(firmIds.map((firmId) => [firmId, find(firmId)]));
}

function pair(firmId: string, otherFirmId: string): string {
  return firmId < otherFirmId ? `${firmId} ${otherFirmId}` : `${otherFirmId} ${firmId}`;
}
