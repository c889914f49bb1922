import { ApiError } from '../errors.js';

/** PostgreSQL cannot be used just now: it is away, starts, or has no connection free in time. Nothing is wrong with what was asked. */
export class DatabaseAway extends ApiError {
  constructor(override readonly cause: unknown) {
    super('UNAVAILABLE', 'The database cannot be used just now; try again.');
  }
}

/** What PostgreSQL says when it goes, comes, or takes no more; and, below, what the network and the driver say. */
const AWAY = new Set([
  '57P01', '57P02', '57P03', '57P05', '53300', '08000', '08001', '08003', '08004', '08006',
  'ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH', 'ENOTFOUND', 'EAI_AGAIN',
]);
/** The driver gives these no code. */
const AWAY_IN_WORDS = /^(Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error)/;

/** Of two transactions in each other's way PostgreSQL has ended this one: serialization failure and deadlock. */
const ABORTED = new Set(['40001', '40P01']);

/** What an error of PostgreSQL, of the driver or of the network may say. */
interface Said {
  readonly code?: unknown;
  readonly message?: unknown;
  readonly cause?: unknown;
}

/** An error with those that it came from, from the outside inwards, each once: one may be its own cause. */
function chainOf(error: unknown): ReadonlySet<Said> {
  const chain = new Set<Said>();
  for (let each = error; typeof each === 'object' && each !== null && !chain.has(each); each = (each as Said).cause) chain.add(each);
  return chain;
}

/** The error as whoever asked may see it: a database that is away is no fault of the program. */
export function nameIfAway(error: unknown): unknown {
  if (error instanceof ApiError) return error;
  const isAway = [...chainOf(error)].some((each) => AWAY.has(String(each.code)) || AWAY_IN_WORDS.test(String(each.message)));
  return isAway ? new DatabaseAway(error) : error;
}

/** Errors that have been tried again often enough: a transaction around the one that failed does not begin anew. */
const givenUp = new WeakSet<Said>();

const MOST_RETRIES = 3;
/** How long to wait before the first retry, in milliseconds, and by chance up to twice as long: two that met must not meet again. */
const WAIT_MILLISECONDS = 5;

/**
 * Runs a transaction, and runs it again, three times at most, when PostgreSQL has ended it for another one's sake. What was
 * ended so has had no effect, so there is one effect. After the last time it is the error of a database that is away.
 */
export async function retryAborted<T>(transaction: () => Promise<T>): Promise<T> {
  for (let retries = 0; ; retries += 1) {
    try {
      return await transaction();
    } catch (error) {
      const aborted = [...chainOf(error)];
      if (aborted.some((each) => givenUp.has(each)) || !aborted.some((each) => ABORTED.has(String(each.code)))) throw error;
      if (retries === MOST_RETRIES) {
        const away = new DatabaseAway(error);
        givenUp.add(away);
        throw away;
      }
      await new Promise((resolve) => setTimeout(resolve, WAIT_MILLISECONDS * 2 ** retries * (1 + Math.random())));
    }
  }
}
