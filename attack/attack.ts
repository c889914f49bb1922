/** What an attack is run with. Two runs with the same options do the same. */
export interface AttackOptions {
  readonly seed: number;
  /** Fewer trials, so that all attacks together take less than a minute. Never other attacks, never other lines. */
  readonly fast: boolean;
  /** Runs once, when every attack is over: for what attacks share, as a house that was started. */
  readonly after: (cleanUp: () => Promise<void>) => void;
}

/** What one attack achieved. Points are hundredths of success: 100 is always, where 0 is no better than without the victim in the data. */
export interface AttackResult {
  readonly trials: number;
  /** Success with the victim in the data minus success without, in points; for an attack that should never get anything, how often it did. */
  readonly excess: number;
  /** Upper end of the 95 % confidence interval of `excess`, in points. */
  readonly bound: number;
  /** The excess of the same attack where the rule that stops it is not there; `null` where no such build is to be had, and `notes` say why. */
  readonly control: number | null;
  /** Whether the pass line of the attack is held. The control has no part in it. */
  readonly passed: boolean;
  /** What else a reader of the report must know: the worst place, what was found, what was left out. */
  readonly notes: readonly string[];
}

/** A whole Ardoise that several attacks share: `TOLD` heard stories of many customers, `DOOR` has members with books of their own. */
export type House = 'TOLD' | 'DOOR';

/** One row of the table in DISCLOSURE.md, "Attack suite", made executable. */
export interface Attack {
  /** `A01`, as in the table. */
  readonly id: string;
  readonly title: string;
  /** The line of the table, in words: `excess ≤ 10, bound ≤ 12`. */
  readonly passLine: string;
  /** What it needs to be there; attacks of one house run one after the other, in one process. */
  readonly house?: House;
  run(options: AttackOptions): Promise<AttackResult>;
}

/** An attack proves nothing unless it gets this much, in points, where there is no policy. */
export const LEAST_CONTROL = 30;

export type Verdict = 'held' | 'LINE MISSED' | 'CONTROL TOO WEAK';

export function verdictOf({ passed, control }: AttackResult): Verdict {
  if (!passed) return 'LINE MISSED';
  return control !== null && control < LEAST_CONTROL ? 'CONTROL TOO WEAK' : 'held';
}
