import type { Attack, AttackOptions } from '../attack.js';
import { rate, type Estimate } from '../confidence.js';
import { needDatabase } from '../../test/need-database.js';
import { DoorWorld } from './world.js';

/** What an attack achieved against one door. */
export interface Achieved extends Estimate {
  readonly trials: number;
  /** The same in words. */
  readonly said: string;
}

/** The same attack, the same code, against two doors. */
export interface Played {
  readonly product: Achieved;
  /** Against a door that is naive on purpose. */
  readonly control: Achieved;
}

/** One attack through the public door, in a world that it shares with the others. */
export interface DoorAttack {
  readonly id: string;
  readonly title: string;
  readonly passLine: string;
  readonly passes: (product: Achieved, fast: boolean) => boolean;
  readonly run: (world: DoorWorld, options: Pick<AttackOptions, 'seed' | 'fast'>) => Promise<Played>;
}

/** For attacks that must never succeed. */
export function never({ excess }: Achieved): boolean {
  return excess === 0;
}

/** An attack that succeeded `happened` times. */
export function achieved(trials: number, happened: number, said: string): Achieved {
  return { trials, ...rate(Math.min(happened, trials), trials), said };
}

/** The attack as one of all. The first that runs opens the world; it is closed after the last. */
export function throughTheDoor({ id, title, passLine, passes, run }: DoorAttack): Attack {
  return {
    id,
    title,
    passLine,
    house: 'DOOR',
    run: async ({ seed, fast, after }) => {
      const { product, control } = await run(await openWorld(after), { seed, fast });
      return { trials: product.trials, excess: product.excess, bound: product.bound, control: control.excess, passed: passes(product, fast), notes: [product.said, `Control: ${control.said}`] };
    },
  };
}

let opened: Promise<DoorWorld> | undefined;

function openWorld(after: AttackOptions['after']): Promise<DoorWorld> {
  return (opened ??= (async () => {
    await needDatabase(after);
    const world = await DoorWorld.open();
    after(async () => {
      opened = undefined;
      await world[Symbol.asyncDispose]();
    });
    return world;
  })());
}
