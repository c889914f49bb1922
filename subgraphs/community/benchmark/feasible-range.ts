/** One release as a coalition sees it, after it has subtracted what it knows. */
export interface Sight {
  /** Number of the epoch, counted in epochs. */
  readonly epoch: number;
  /** The least and the most that the one and the rest together may be, in steps. */
  readonly least: number;
  readonly most: number;
  /** Whether the one was in this panel. The rest were in all of them. */
  readonly hasOne: boolean;
  /** How each of the rest moved since an earlier sight, by its place: at least and at most, in steps; and whether the one did too. */
  readonly since: { readonly place: number; readonly least: number; readonly most: number; readonly bindsOne: boolean } | undefined;
}

export interface Range {
  readonly lowest: number;
  readonly highest: number;
}

/** What inputs may be and how they may move, in steps. */
export interface Grid {
  readonly highest: number;
  readonly movement: number;
}

/**
 * Where one of `rest + 1` exchangeable members may have been at each sight, given all of them; `undefined` where it was not there,
 * and nothing at all when the sights contradict one another.
 *
 * Claim: exact on the grid. With x the one and R the sum of the rest, what is known is 0 ≤ x ≤ h, 0 ≤ R ≤ h·rest, x + R within
 * what was shown, |Δx| ≤ d and |ΔR| ≤ d·rest an epoch. With R′ = −R every one of these is a difference constraint, so the
 * shortest path from zero to x is its highest value and the shortest path back its lowest, whole steps included (the matrix of
 * a system of differences is totally unimodular). No path of R is lost: the members of the rest at ⌊(R + j) ÷ rest⌋ add up to
 * R, stay within bounds and move as little as R allows.
 */
export function feasibleRanges(sights: readonly Sight[], rest: number, { highest, movement }: Grid): readonly (Range | undefined)[] | undefined {
  // Node 0 is zero, 2t + 1 is x at sight t, 2t + 2 is −R there.
  const edges: Edges = { froms: [], tos: [], weights: [] };
  const atMost = (to: number, from: number, weight: number): void => {
    edges.froms.push(from);
    edges.tos.push(to);
    edges.weights.push(weight);
  };
  let lastOne = -1;
  for (const [place, { epoch, least, most, hasOne, since }] of sights.entries()) {
    const [one, others] = [2 * place + 1, 2 * place + 2];
    const seen = hasOne ? one : 0;
    atMost(others, 0, 0);
    atMost(0, others, highest * rest);
    atMost(seen, others, most);
    atMost(others, seen, -least);
    if (place > 0) {
      const reach = movement * rest * (epoch - sights[place - 1]!.epoch);
      atMost(others, others - 2, reach);
      atMost(others - 2, others, reach);
    }
    if (since) {
      // −R falls by what R rises.
      atMost(others, 2 * since.place + 2, -since.least * rest);
      atMost(2 * since.place + 2, others, since.most * rest);
    }
    if (!hasOne) continue;
    atMost(one, 0, highest);
    atMost(0, one, 0);
    if (lastOne >= 0) {
      const reach = movement * (epoch - sights[lastOne]!.epoch);
      atMost(one, 2 * lastOne + 1, reach);
      atMost(2 * lastOne + 1, one, reach);
    }
    lastOne = place;
    if (since?.bindsOne && sights[since.place]!.hasOne) {
      atMost(one, 2 * since.place + 1, since.most);
      atMost(2 * since.place + 1, one, -since.least);
    }
  }
  const nodes = 2 * sights.length + 1;
  const up = shortestPaths(nodes, edges);
  const down = up && shortestPaths(nodes, { ...edges, froms: edges.tos, tos: edges.froms });
  if (!down) return undefined;
  return sights.map(({ hasOne }, place) => (hasOne ? { lowest: 0 - down[2 * place + 1]!, highest: up[2 * place + 1]! } : undefined));
}

interface Edges {
  readonly froms: number[];
  readonly tos: number[];
  readonly weights: number[];
}

/** Bellman and Ford, sweeping there and back (Yen): a chain in time settles in few sweeps. `undefined` where a circle is negative. */
function shortestPaths(nodes: number, { froms, tos, weights }: Edges): Float64Array | undefined {
  const paths = new Float64Array(nodes).fill(Infinity);
  paths[0] = 0;
  for (let sweep = 0; sweep <= nodes; sweep += 1) {
    let changed = false;
    for (let step = 0; step < froms.length; step += 1) {
      const edge = sweep % 2 === 0 ? step : froms.length - 1 - step;
      const path = paths[froms[edge]!]! + weights[edge]!;
      if (path < paths[tos[edge]!]!) {
        paths[tos[edge]!] = path;
        changed = true;
      }
    }
    if (!changed) return paths;
    if (paths[0] < 0) return undefined;
  }
  return undefined;
}
