import type { Houses } from './houses.js';

/** How much of an experiment is run: `FULL` is what README.md promises, `SHORT` the same faults fewer times, for the test suite. */
export type Scale = 'FULL' | 'SHORT';

/** What no fault may cost, whatever it is: one row for all of them. */
export interface Kept {
  /** Acknowledged messages that are not there, or that a reader was never told. */
  readonly lost: number;
  /** Messages that are there twice, or that a reader was told twice. */
  readonly doubled: number;
  /** Places where a reader was told another order, or another text, than the database has. */
  readonly disordered: number;
  /** Numbers that no message has, among those before the last. */
  readonly gaps: number;
  /** Rows that somebody was shown and that were not theirs. */
  readonly foreign: number;
  /** How much larger the largest process became than it was when the faults began, in megabytes. */
  readonly grownMegabytes: number;
  /** What somebody had to do by hand afterwards. */
  readonly humanActions: number;
}

/** One figure of an experiment against its limit. */
export interface Figure {
  /** What is measured, with its unit: `send that met a fault, until acknowledged, p99, ms`. */
  readonly what: string;
  readonly measured: number;
  /** It is a time, or a comparison of times: whatever else the machine does lengthens it. */
  readonly isTime?: boolean;
  /** Not given: told for orientation, with no limit. */
  readonly limit?: { readonly atMost: number } | { readonly atLeast: number };
}

/** What an experiment found. */
export interface Outcome {
  /** What was done, in a sentence, with its numbers. */
  readonly done: string;
  /** How often the fault was made. */
  readonly times: number;
  readonly kept: Kept;
  readonly figures: readonly Figure[];
  /** What else a reader must know: what was left out, and why. */
  readonly notes: readonly string[];
}

/** What an experiment is run with. */
export interface Conditions {
  readonly scale: Scale;
  /** Runs when the experiment is over, however it ended; the last one given runs first. */
  readonly after: (cleanUp: () => Promise<void>) => void;
  /** Where it has its house from. */
  readonly houses: Houses;
}

/** One fault of the table in README.md, made executable. */
export interface Experiment {
  /** `F01`, as in the table. */
  readonly id: string;
  readonly fault: string;
  /** Mostly waits, in its full form: it is run beside others, which measure how long things take. */
  readonly waits?: boolean;
  run(conditions: Conditions): Promise<Outcome>;
}

/** How much larger a process may become under a fault, in megabytes. */
export const MOST_GROWN_MEGABYTES = 256;

/** What holds for every experiment, as figures. */
export function figuresOf({ lost, doubled, disordered, gaps, foreign, grownMegabytes, humanActions }: Kept): readonly Figure[] {
  const none = { atMost: 0 };
  return [
    { what: 'acknowledged and lost', measured: lost, limit: none }, { what: 'visible twice', measured: doubled, limit: none }, { what: 'out of order', measured: disordered, limit: none },
    { what: 'gaps in seq', measured: gaps, limit: none }, { what: 'foreign rows', measured: foreign, limit: none },
    { what: 'memory over the baseline, MB', measured: grownMegabytes, limit: { atMost: MOST_GROWN_MEGABYTES } }, { what: 'human actions', measured: humanActions, limit: none },
  ];
}

/** The short versions run beside each other and beside other tests: a time that is this many times too long is still taken for the machine's. */
const SHORT_SLACK = 6;

/** Whether a figure keeps its limit; what could not be measured (not a number) keeps none. */
export function isKept({ measured, limit, isTime = false }: Figure, scale: Scale = 'FULL'): boolean {
  if (limit === undefined) return true;
  return 'atMost' in limit ? measured <= limit.atMost * (isTime && scale === 'SHORT' ? SHORT_SLACK : 1) : measured >= limit.atLeast;
}

/** The figures that miss their limit. */
export function missesOf(outcome: Outcome, scale: Scale): readonly Figure[] {
  return [...figuresOf(outcome.kept), ...outcome.figures].filter((figure) => !isKept(figure, scale));
}

/** The value that a share of the values is not above; not a number when there are none. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(share * sorted.length) - 1))] ?? Number.NaN;
}
