import { randomUUID } from 'node:crypto';
import type { Client } from 'pg';
import { record } from '../src/events/record.js';
import type { TestHouse } from '../test/house.js';
import { comesTrue } from './patience.js';

const FIRMS = 12;

/**
 * Events of identity about firms, told to community by the outbox: of each firm one after the other whether it is verified, with
 * a revision that grows. Whatever happens to them on their way, community must know the last one.
 */
export class ToldFacts {
  told = 0;
  readonly #last = new Map(Array.from({ length: FIRMS }, () => [randomUUID() as string, 0]));

  constructor(
    private readonly house: TestHouse,
    private readonly owner: Client,
  ) {}

  /** Tells one fact about each firm; all at once, each in a transaction of its own. */
  async tell(): Promise<void> {
    await Promise.all([...this.#last].map(async ([firmId, last]) => {
      await this.house.running.rooms.identity.room.db.asSystem().transaction((em) => record(em, firmId, 'firm.verified', factOf(last + 1)));
      this.#last.set(firmId, last + 1);
      this.told += 1;
    }));
  }

  /** Waits until no event is on its way; says whether it came to that in time. */
  settle(milliseconds = 30_000): Promise<boolean> {
    return comesTrue(async () => (await this.owner.query('select from events.delivery where not set_aside limit 1')).rowCount === 0, milliseconds);
  }

  /** Of how many firms community knows something else than what was told last. */
  async unlike(): Promise<number> {
    const { rows } = await this.owner.query<{ firm_id: string; verified: boolean; revision: number }>('select firm_id, verified, verified_revision::int as revision from community.membership where firm_id = any($1)', [[...this.#last.keys()]]);
    const known = new Map(rows.map((row) => [row.firm_id, row]));
    return [...this.#last].filter(([firmId, last]) => {
      const found = known.get(firmId);
      return found?.revision !== last || found.verified !== factOf(last).verified;
    }).length;
  }
}

function factOf(revision: number): { readonly verified: boolean; readonly revision: number } {
  return { verified: revision % 2 === 1, revision };
}
