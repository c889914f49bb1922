import { missesOf, type Experiment, type Outcome, type Scale } from './experiment.js';
import type { Houses } from './houses.js';

/** How an experiment ended. */
export interface Ended {
  /** Nothing when it came to no end. */
  readonly outcome: Outcome | undefined;
  /** Why it came to no end. */
  readonly broke?: string;
  readonly scale: Scale;
  readonly held: boolean;
  readonly seconds: number;
}

/** One line of the report. */
export interface Line extends Ended {
  readonly experiment: Experiment;
}

/** Runs one experiment and clears up behind it. One that comes to no end did not hold. */
export async function runExperiment(experiment: Experiment, scale: Scale, houses: Houses): Promise<Ended> {
  const cleanUps: (() => Promise<void>)[] = [];
  const began = performance.now();
  const line = (outcome: Outcome | undefined, broke?: string): Ended => ({
    outcome, ...(broke !== undefined && { broke }), scale, held: outcome !== undefined && missesOf(outcome, scale).length === 0, seconds: (performance.now() - began) / 1000,
  });
  try {
    return line(await experiment.run({ scale, after: (cleanUp) => cleanUps.push(cleanUp), houses }));
  } catch (error) {
    return line(undefined, error instanceof Error ? (error.stack ?? error.message) : String(error));
  } finally {
    for (const cleanUp of cleanUps.toReversed()) await cleanUp().catch((error: unknown) => console.error(`${experiment.id} could not clear up:`, error));
  }
}
