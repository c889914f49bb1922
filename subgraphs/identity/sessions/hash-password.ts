import { argon2id, hash, verify } from 'argon2';
import { Refusal } from '../../../src/errors.js';

/** OWASP's floor for argon2id: 19 MiB, two passes, one lane; about 35 ms of one core. */
const COST = { type: argon2id, memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;

/** Above this the time is spent on hashing what nobody types. */
const LONGEST_PASSWORD = 200;
const SHORTEST_PASSWORD = 8;

/** Two hashes at a time: a flood of sign-ins queues here rather than take every core and 19 MiB each. */
const LANES = 2;
let busy = 0;
const waiting: (() => void)[] = [];

async function inLane<T>(work: () => Promise<T>): Promise<T> {
  if (busy >= LANES) await new Promise<void>((resolve) => waiting.push(resolve));
  else busy += 1;
  try {
    return await work();
  } finally {
    const next = waiting.shift();
    if (next) next();
    else busy -= 1;
  }
}

/** Refuses a password that is too short to protect anything. */
export function demandPassword(password: string, path: readonly string[]): void {
  if (password.length < SHORTEST_PASSWORD) throw new Refusal('INVALID', `A password has at least ${SHORTEST_PASSWORD} characters.`, path);
  if (password.length > LONGEST_PASSWORD) throw new Refusal('INVALID', `A password has at most ${LONGEST_PASSWORD} characters.`, path);
}

export async function hashPassword(password: string): Promise<string> {
  return inLane(() => hash(password, COST));
}

let nobody: Promise<string> | undefined;

/** Whether the password is right. For an unknown account it takes the same time and says no. */
export async function verifyPassword(passwordHash: string | undefined, password: string): Promise<boolean> {
  if (password.length > LONGEST_PASSWORD) return false;
  nobody ??= hashPassword('an account that nobody has');
  const against = passwordHash ?? (await nobody);
  const matches = await inLane(() => verify(against, password));
  return matches && passwordHash !== undefined;
}
