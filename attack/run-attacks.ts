import { verdictOf, type Attack, type AttackResult, type Verdict } from './attack.js';

/** One line of the report. */
export interface Line {
  readonly attack: Attack;
  readonly result: AttackResult;
  readonly verdict: Verdict;
  readonly seconds: number;
}

export const SEED = 2026;

/** An attack that came to no end did not hold. */
function broken(error: unknown): AttackResult {
  return { trials: 0, excess: 100, bound: 100, control: null, passed: false, notes: [`broke off: ${error instanceof Error ? error.message : String(error)}`] };
}

/** Runs attacks one after the other, and what they wanted done afterwards. */
export async function runAttacks(attacks: readonly Attack[], { seed = SEED, fast = false, onLine = (_line: Line): void => {} } = {}): Promise<readonly Line[]> {
  const cleanUps: (() => Promise<void>)[] = [];
  const lines: Line[] = [];
  try {
    for (const attack of attacks) {
      const began = performance.now();
      const result = await attack.run({ seed, fast, after: (cleanUp) => cleanUps.push(cleanUp) }).catch(broken);
      const line = { attack, result, verdict: verdictOf(result), seconds: (performance.now() - began) / 1000 };
      lines.push(line);
      onLine(line);
    }
  } finally {
    for (const cleanUp of cleanUps.toReversed()) await cleanUp();
  }
  return lines;
}
