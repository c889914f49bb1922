import 'reflect-metadata';
import { randomBytes, randomUUID } from 'node:crypto';
import { Client } from 'pg';
import { Clock } from '../src/clock.js';
import { migrate } from '../src/database/migrate.js';
import { RoomDatabase } from '../src/database/room-database.js';
import { MemoryHints } from '../src/events/hints.js';
import { openLog } from '../src/log.js';
import { RoomKeys, type Room } from '../src/server/room.js';
import { METRICS, type Metric } from '../src/values/metric.js';
import { community } from '../subgraphs/community/subgraph.js';
import { administer } from './house.js';

/** Community alone on a database of its own, without a door: for what no client can ask for, such as closing one epoch at will. */
export class CommunityRoom implements AsyncDisposable {
  #frozen = false;

  private constructor(
    readonly room: Room,
    readonly databaseUrl: string,
    /** As the room's own login. */
    readonly loginUrl: string,
    /** As the owner of the database. */
    readonly owner: Client,
  ) {}

  /** On a clone of the migrated database, or of another room's, which nobody may use meanwhile. */
  static async open(template = 'ardoise'): Promise<CommunityRoom> {
    const name = `community_${randomBytes(6).toString('hex')}`;
    const url = new URL(process.env['ARDOISE_TEST_DATABASE_URL']!);
    await administer(url.href, `create database ${name} template ${template}`);
    url.pathname = `/${name}`;
    const owner = new Client({ connectionString: url.href });
    await owner.connect();
    const hints = new MemoryHints();
    const loginUrl = await migrate(url.href, 'community', community.migrations);
    const db = await RoomDatabase.open('community', loginUrl, community.tables, hints);
    return new CommunityRoom({ name: 'community', db, clock: new Clock(), hints, nats: undefined, keys: new RoomKeys({}), log: openLog('fatal'), sandbox: true, uploadSilenceSeconds: 30 }, url.href, loginUrl, owner);
  }

  /** Lets go of the database, which stays to be copied: that needs it to itself. */
  async freeze(): Promise<void> {
    if (this.#frozen) return;
    this.#frozen = true;
    await this.room.db.close();
    await this.owner.end();
  }

  /** Another one that begins with what was here when it was frozen. */
  copy(): Promise<CommunityRoom> {
    return CommunityRoom.open(new URL(this.databaseUrl).pathname.slice(1));
  }

  /** Verified members since the start of 2025, each with every customer. */
  async fill(firms: readonly string[], subjects: readonly string[], metrics: readonly Metric[] = ['DSO', 'DAYS_BEYOND_TERMS', 'LATE_SHARE']): Promise<void> {
    await this.owner.query(`insert into community.membership (firm_id, verified, joined_at, metrics) select unnest($1::uuid[]), true, '2025-01-01', $2`, [firms, metrics]);
    await this.owner.query('insert into community.customer_key (firm_id, customer_id, subject, revision) select firm, gen_random_uuid(), subject, 1 from unnest($1::uuid[]) firm cross join unnest($2::text[]) subject', [firms, subjects]);
  }

  /** Every member's figures of a month for each of its customers, from their place: the same each time. */
  async tellMonth(month: string): Promise<void> {
    await this.owner.query(
      `insert into community.contribution (subject, firm_id, month, ${METRICS.map((metric) => metric.toLowerCase()).join()}, evidenced, revision)
       select key.subject, key.firm_id, $1, ${METRICS.map((metric) => `case when '${metric}' = any(metrics) then abs(hashtext(key.subject || key.firm_id || '${metric}' || $1) % 6000) / ${metric === 'LATE_SHARE' ? 6000 : 100}::float8 end`).join()}, true, 1
       from community.customer_key as key join community.membership using (firm_id)
       on conflict do nothing`, [month]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.freeze();
    await administer(process.env['ARDOISE_TEST_DATABASE_URL']!, `drop database ${new URL(this.databaseUrl).pathname.slice(1)} with (force)`);
  }
}

/** Ids in their order, so that places mean the same every time. */
export function someIds(count: number): string[] {
  return Array.from({ length: count }, () => randomUUID()).toSorted();
}
