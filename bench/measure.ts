import { readdir, readFile } from 'node:fs/promises';

/** What one run of one contender cost. */
export interface Sample {
  /** How long it took, or how long one of its requests took in the median: what the bench compares, in milliseconds. */
  readonly milliseconds: number;
  /** Requests, or whatever else was counted, a second. */
  readonly perSecond?: number | undefined;
  /** What the contender's own process spent, in milliseconds of CPU: for the whole run, or for one of its requests. */
  readonly cpuMilliseconds?: number | undefined;
}

/** One way to do the work. */
export interface Contender {
  readonly name: string;
  /** Does the work once more. `round` counts from 0, and −1 is the warm-up: what is asked must differ from one to the next. */
  run(round: number): Promise<Sample>;
}

/** The middle of several rounds, with the extremes beside it. */
export interface Spread {
  readonly median: number;
  readonly least: number;
  readonly most: number;
}

export const ROUNDS = 5;

/**
 * Runs all contenders in turn, `rounds` times, after one warm-up each: whatever else the machine does meets all of them.
 * Who begins changes from round to round.
 */
export async function runInRounds(contenders: readonly Contender[], rounds = ROUNDS, note: (line: string) => void = console.error): Promise<ReadonlyMap<string, readonly Sample[]>> {
  const samples = new Map<string, Sample[]>(contenders.map(({ name }) => [name, []]));
  for (let round = -1; round < rounds; round += 1) {
    for (let turn = 0; turn < contenders.length; turn += 1) {
      const contender = contenders[(turn + round + 1) % contenders.length]!;
      const sample = await contender.run(round);
      if (round >= 0) samples.get(contender.name)!.push(sample);
      note(`${round < 0 ? 'warm-up' : `round ${round + 1}`}  ${contender.name}: ${shortNumber(sample.milliseconds)} ms${sample.perSecond === undefined ? '' : `, ${shortNumber(sample.perSecond)} a second`}${sample.cpuMilliseconds === undefined ? '' : `, ${shortNumber(sample.cpuMilliseconds)} ms CPU`}`);
    }
  }
  return samples;
}

export function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((one, other) => one - other);
  const middle = (sorted[(sorted.length - 1) >> 1]! + sorted[sorted.length >> 1]!) / 2;
  return { median: middle, least: sorted[0]!, most: sorted.at(-1)! };
}

/** One over the other, round by round: what the machine did in that round is in both. */
export function ratiosOf(over: readonly Sample[], under: readonly Sample[], of: (sample: Sample) => number): Spread {
  return spreadOf(over.map((sample, round) => of(sample) / of(under[round]!)));
}

/** The slope of a straight line through the logarithms of points: 0 for a cost that does not grow, 1 for one that grows in proportion. */
export function logSlope(points: readonly (readonly [size: number, cost: number])[]): number {
  const logs = points.map(([size, cost]) => [Math.log(size), Math.log(cost)] as const);
  const mean = (index: 0 | 1): number => logs.reduce((sum, point) => sum + point[index], 0) / logs.length;
  const [meanSize, meanCost] = [mean(0), mean(1)];
  const covariance = logs.reduce((sum, [size, cost]) => sum + (size - meanSize) * (cost - meanCost), 0);
  return covariance / logs.reduce((sum, [size]) => sum + (size - meanSize) ** 2, 0);
}

/** Milliseconds of CPU that a process has spent so far, all its threads together (Linux counts in steps of ten). */
export async function cpuOf(pid: number): Promise<number> {
  const { own } = await readStat(pid);
  return own;
}

/** The same of all processes that a process began, and of all that those began, also of those that have ended. */
export async function cpuOfChildren(pid: number): Promise<number> {
  const pids = (await readdir('/proc')).map(Number).filter(Number.isInteger);
  const all = (await Promise.all(pids.map((each) => readStat(each).catch(() => undefined)))).filter((stat) => stat !== undefined);
  const below = (parent: number): number => all.filter((stat) => stat.parent === parent).reduce((sum, stat) => sum + stat.own + stat.ended + below(stat.pid), 0);
  return below(pid);
}

async function readStat(pid: number): Promise<{ readonly pid: number; readonly parent: number; readonly own: number; readonly ended: number }> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  // The name, in parentheses, may hold spaces.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ').map(Number);
  const [user, system, endedUser, endedSystem] = fields.slice(11, 15) as [number, number, number, number];
  return { pid, parent: fields[1]!, own: (user + system) * 10, ended: (endedUser + endedSystem) * 10 };
}

/** Memory of a process that is in RAM, in megabytes: now and at its highest. */
export async function memoryOf(pid: number): Promise<{ readonly now: number; readonly highest: number }> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const kilobytes = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1]);
  return { now: kilobytes('VmRSS') / 1024, highest: kilobytes('VmHWM') / 1024 };
}

/** Three significant digits. */
export function shortNumber(value: number): string {
  return Number(value.toPrecision(3)).toLocaleString('en-US', { maximumFractionDigits: 3 });
}
