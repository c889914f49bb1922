import { createRequire } from 'node:module';
import type { FirmVisitor } from '../../test/house.js';
import { Network, type Shared } from '../../test/network.js';
import { Chance } from '../chance.js';
import { achieved, never, type Achieved, type DoorAttack } from './door-attack.js';

/**
 * A42. While an epoch closes, two members leave, two withdraw a metric, two keep the customer out, and two do all at
 * once; each at a moment of its own, planted between two statements of the closing.
 * Pass: whoever was answered before the epoch was out is not in it; whoever had to wait is answered after it.
 */
export const revokeDuringClosing: DoorAttack = {
  id: 'A42',
  title: 'revoke during the closing of an epoch',
  passLine: 'never included, 1,000 interleavings',
  passes: never,
  run: async (_world, { seed, fast }) => {
    const [product, control] = fast ? [3, 3] : [125, 15];
    await using network = await Network.start(STAYING + REVOKING);
    const ring = await arm(network);
    return { product: await revoke(ring, product, Chance.from(seed, 'A42'), false), control: await revoke(ring, control, Chance.from(seed, 'A42', 'control'), true) };
  },
};

/** Enough members stay for something to be said each time. */
const STAYING = 4;
/** Two for each way to revoke. */
const REVOKING = 8;

type Revocation = (firm: FirmVisitor, customerId: string) => Promise<unknown>;
const WITHDRAW: Revocation = (firm) => firm.get('mutation { communityJoin(input: { metrics: [LATE_SHARE], acceptCharter: true }) { userErrors { code } } }');
const KEEP_OUT: Revocation = (firm, id) => firm.get('mutation ($id: ID!) { customerSharingSet(input: { customerId: $id, shared: false }) { userErrors { code } } }', { id });
const LEAVE: Revocation = (firm) => firm.get('mutation { communityLeave { userErrors { code } } }');
const REVOCATIONS: readonly Revocation[] = [LEAVE, WITHDRAW, KEEP_OUT, async (firm, id) => Promise.all([KEEP_OUT(firm, id), LEAVE(firm, id)])];

interface Ring {
  readonly network: Network;
  readonly group: Shared;
  readonly revoking: readonly FirmVisitor[];
  /** The month that is closed next. */
  month: Temporal.PlainYearMonth;
  /** How many statements a closing has. */
  statements: number;
}

async function arm(network: Network): Promise<Ring> {
  const group = await network.share(network.members);
  const ring: Ring = { network, group, revoking: network.members.slice(STAYING), month: Temporal.PlainYearMonth.from('2026-06'), statements: 0 };
  // The first one closes everything since the members joined; the next, which nobody disturbs, says how long they are.
  await closeNext(ring, () => [], false);
  ring.statements = (await closeNext(ring, () => [], false)).statements;
  return ring;
}

async function revoke(ring: Ring, closings: number, chance: Chance, unlocked: boolean): Promise<Achieved> {
  let included = 0;
  let waited = 0;
  for (let closing = 0; closing < closings; closing += 1) {
    const moments = ring.revoking.map(() => chance.below(ring.statements));
    const { answered, taken } = await closeNext(ring, (statement) => ring.revoking.filter((_, place) => moments[place] === statement), unlocked);
    included += ring.revoking.filter((firm) => answered.has(firm) && taken.has(firm.firmId)).length;
    waited += ring.revoking.filter((firm) => !answered.has(firm)).length;
  }
  const trials = closings * ring.revoking.length;
  return achieved(trials, included, `${included} of ${trials} included although answered, ${waited} had to wait, at ${ring.statements} moments of a closing`);
}

interface Closed {
  /** Who was answered before the epoch was out. */
  readonly answered: ReadonlySet<FirmVisitor>;
  /** Whose figure is in it. */
  readonly taken: ReadonlySet<string>;
  readonly statements: number;
}

async function closeNext(ring: Ring, revokingAt: (statement: number) => readonly FirmVisitor[], unlocked: boolean): Promise<Closed> {
  const { network, group } = ring;
  await restore(ring);
  const month = ring.month.toString();
  await network.tellAll(group, [month], (place) => ({ DSO: 40 + place }));
  const publishedOn = ring.month.toPlainDate({ day: ring.month.daysInMonth }).add({ days: 30 });
  await network.setClock(`${publishedOn.toString()}T12:00:00Z`);
  const answeredAt = new Map<FirmVisitor, number>();
  const under: Promise<unknown>[] = [];
  const gate = new Gate(unlocked, async (statement) => {
    const revoking = revokingAt(statement);
    if (revoking.length === 0) return;
    const fired = revoking.map(async (firm) => {
      await REVOCATIONS[ring.revoking.indexOf(firm) % REVOCATIONS.length]!(firm, group.ids.get(firm)!);
      answeredAt.set(firm, performance.now());
    });
    under.push(...fired);
    await untilWaiting(network, fired);
  });
  try {
    await network.close();
  } finally {
    gate.open();
  }
  await Promise.all(under);
  if (gate.count === 0) throw new Error('no closing was met: its statements are others now');
  const { rows } = await network.owner.query<{ firm_id: string }>(
    `select unnest(taken.firm_ids) as firm_id from community.intake taken join community.epoch on epoch.id = taken.epoch_id
     where taken.subject = $1 and taken.metric = 'DSO' and epoch.family = 'PAYMENT' and to_char(period_end, 'YYYY-MM') = $2`, [group.subject, month]);
  ring.month = ring.month.add({ months: 1 });
  // The month's own epoch is the last of those that close.
  const answered = new Set(ring.revoking.filter((firm) => (answeredAt.get(firm) ?? Infinity) < gate.committedAt));
  return { answered, taken: new Set(rows.map((row) => row.firm_id)), statements: gate.count };
}

/** Makes everybody a member of old again, who shares the customer. */
async function restore({ network, group, revoking }: Ring): Promise<void> {
  for (const firm of revoking) {
    await network.join(firm, ['DSO', 'LATE_SHARE']);
    await firm.get('mutation ($id: ID!) { customerSharingSet(input: { customerId: $id, shared: true }) { userErrors { code } } }', { id: group.ids.get(firm)! });
  }
  await network.owner.query('update community.membership set joined_at = $1 where firm_id = any($2)', [Network.JOINED, revoking.map(({ firmId }) => firmId)]);
}

/** Until each of these was answered, or waits for a lock that the closing holds. */
async function untilWaiting(network: Network, fired: readonly Promise<unknown>[]): Promise<void> {
  const open = new Set(fired);
  for (const each of fired) void each.finally(() => open.delete(each));
  for (const until = Date.now() + 5000; open.size > 0; ) {
    const { rows } = await network.owner.query<{ waiting: number }>(`select count(*)::int as waiting from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`);
    if (rows[0]!.waiting >= open.size) return;
    if (Date.now() > until) throw new Error('a revocation is neither answered nor waits');
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

type Query = (...given: readonly unknown[]) => unknown;

/**
 * Stops the closing before each of its statements. It stands where the program meets the wire: nothing in the program knows
 * of it. `unlocked`: what it lets through has lost its locks, as if nobody had thought of them.
 */
class Gate {
  count = 0;
  /** When the last commit was let through. */
  committedAt = 0;
  readonly #plain: readonly (readonly [{ query: Query }, Query])[];

  constructor(unlocked: boolean, pause: (statement: number) => Promise<void>) {
    const closing = new WeakSet<object>();
    this.#plain = CLIENTS.map((prototype) => [prototype, prototype.query] as const);
    for (const [prototype, plain] of this.#plain) {
      const stop = async (client: object, given: readonly unknown[]): Promise<unknown> => {
        this.count += 1;
        await pause(this.count - 1);
        if (/^\s*commit\b/i.test(textOf(given[0]))) this.committedAt = performance.now();
        return Reflect.apply(plain, client, unlocked ? given.map(withoutLocks) : given);
      };
      prototype.query = function query(this: object, ...given: readonly unknown[]): unknown {
        const text = textOf(given[0]);
        if (/insert into community\.epoch\b/.test(text)) closing.add(this);
        // Only what is awaited can be stopped; cursors and callbacks go on.
        if (!closing.has(this) || typeof given.at(-1) === 'function' || text === '') return Reflect.apply(plain, this, given);
        const stopped = stop(this, given);
        if (/^\s*(commit|rollback)\b/i.test(text)) closing.delete(this);
        return stopped;
      };
    }
  }

  open(): void {
    for (const [prototype, plain] of this.#plain) prototype.query = plain;
  }
}

function textOf(given: unknown): string {
  if (typeof given === 'string') return given;
  return typeof given === 'object' && given !== null && 'text' in given && !('submit' in given) ? String(given.text) : '';
}

function withoutLocks(given: unknown): unknown {
  const strip = (text: string): string => text.replaceAll(/\bfor (?:no key )?(?:update|share)(?: of \w+)?(?: skip locked)?/g, '');
  if (typeof given === 'string') return strip(given);
  return typeof given === 'object' && given !== null && 'text' in given ? { ...given, text: strip(String(given.text)) } : given;
}

/** The driver's own prototype, of which the program may have a copy of its own: every connection of this process goes through one of them. */
const CLIENTS: readonly { query: Query }[] = [import.meta.url, import.meta.resolve('@mikro-orm/postgresql')].map((from) => (createRequire(from)('pg') as { Client: { prototype: { query: Query } } }).Client.prototype);
