import fc from 'fast-check';
import { Pool } from 'pg';
import { sql } from 'kysely';
import { migrate } from '../src/database/migrate.js';
import { RoomDatabase } from '../src/database/room-database.js';
import { Dispatcher } from '../src/events/dispatch.js';
import { record } from '../src/events/record.js';
import { CommunityRoom } from '../test/community-room.js';
import { hearFirmVerified } from '../subgraphs/community/membership/hear-portfolio.js';
import { identity } from '../subgraphs/identity/subgraph.js';
import { history } from './chat-history.js';
import type { Conditions, Experiment } from './experiment.js';
import { comesTrue } from './patience.js';
import { DEADLY, HistoryPlay, type Tell } from './play-history.js';

/** Played side by side: they share the transactions, the trips and the connections of one process. */
const AT_ONCE = 48;
/** After so many histories their events are waited for and looked at. */
const WAVE = 1000;

/** F31. Random histories of chat and of events, each held against what its rules alone say. */
export const randomHistories: Experiment = {
  id: 'F31',
  fault: 'random histories of chat and events',
  waits: true,
  run: async (conditions) => {
    const count = conditions.scale === 'FULL' ? 100_000 : 120;
    const stage = await setRoom(conditions);
    const broken: string[] = [];
    const before = process.memoryUsage.rss();
    let grown = 0;
    for (let first = 1; first <= count && broken.length < 5; first += WAVE) {
      broken.push(...(await stage.playWave(Array.from({ length: Math.min(WAVE, count + 1 - first) }, (_, place) => first + place))));
      grown = Math.max(grown, process.memoryUsage.rss() - before);
    }
    return {
      done: `up to 16 steps each, ${AT_ONCE} side by side, on community's use cases and PostgreSQL`, times: count,
      // What of these a break is, the break says itself.
      kept: { lost: 0, doubled: 0, disordered: 0, gaps: 0, foreign: 0, grownMegabytes: Math.round(grown / 2 ** 20), humanActions: 0 },
      figures: [
        { what: 'histories that went otherwise than their rules say', measured: broken.length, limit: { atMost: 0 } },
        { what: 'events that a reaction heard', measured: stage.heard(), limit: { atLeast: count / 4 } },
      ],
      notes: ['A history is made from its number: the same every time. It was played through the use cases of community, not through the gateway; the events through the table, the dispatcher and the reaction that community has for `firm.verified`.', ...broken],
    };
  },
};

interface HistoryStage {
  /** Plays the histories of these numbers; returns what broke, made as small as it could be. */
  playWave(numbers: readonly number[]): Promise<readonly string[]>;
  heard(): number;
}

async function setRoom({ after }: Conditions): Promise<HistoryStage> {
  const community = await CommunityRoom.open();
  after(() => community[Symbol.asyncDispose]());
  const { room } = community;
  const owner = new Pool({ connectionString: community.databaseUrl, max: 8 });
  after(() => owner.end());
  // As if the server died at a message: once for each text, and only for those of this experiment.
  await owner.query(`
    create function community.die() returns trigger language plpgsql as $$ begin
      if new.body like '%${DEADLY}' then raise exception 'planted' using errcode = '57P01'; end if;
      return new;
    end $$;
    create trigger die before insert on community.message for each row execute function community.die();
  `);
  const teller = await RoomDatabase.open('identity', await migrate(community.databaseUrl, 'identity', identity.migrations), [], room.hints);
  after(() => teller.close());
  const plans = new Map<string, { fails: number; readonly after: boolean }>();
  let heard = 0;
  // Two processes that take the same events.
  for (let place = 0; place < 2; place += 1) {
    const dispatcher = new Dispatcher({ ...room }, {
      'firm.verified': async (its, event) => {
        heard += 1;
        const plan = plans.get(`${event.firmId} ${event.data.revision}`);
        const dies = plan !== undefined && plan.fails > 0;
        if (dies) plan.fails -= 1;
        if (dies && !plan.after) throw new Error('planted before its effect');
        await hearFirmVerified(its, event);
        if (dies) throw new Error('planted after its effect');
      },
    });
    dispatcher.start();
    after(() => dispatcher.stop());
  }
  const tell: Tell = async (firmId, { revision, commits, fails, after: isAfter }) => {
    plans.set(`${firmId} ${revision}`, { fails, after: isAfter });
    await teller.asSystem().transaction(async (em) => {
      await record(em, firmId, 'firm.verified', { verified: isVerified(revision), revision });
      await sql`select 1`.execute(em.getKysely<unknown>());
      if (!commits) throw new TakenBack();
    }).catch((error: unknown) => {
      if (!(error instanceof TakenBack)) throw error;
    });
  };

  const playOne = async (number: number, plays: Map<number, HistoryPlay>): Promise<string | undefined> => {
    const details = await fc.check(fc.asyncProperty(history, async (actions) => {
      const play = new HistoryPlay(room, owner, tell);
      plays.set(number, play);
      await play.play(actions);
    }), { seed: number, numRuns: 1 });
    if (!details.failed) return undefined;
    const { counterexample, errorInstance } = details;
    return `history ${number}: ${errorInstance instanceof Error ? errorInstance.message : String(errorInstance)}; at its smallest: ${JSON.stringify(counterexample?.[0])}`;
  };

  return {
    heard: () => heard,
    async playWave(numbers) {
      const plays = new Map<number, HistoryPlay>();
      const waiting = [...numbers];
      const broken: string[] = [];
      await Promise.all(Array.from({ length: AT_ONCE }, async () => {
        for (let number = waiting.shift(); number !== undefined; number = waiting.shift()) {
          const what = await playOne(number, plays);
          if (what !== undefined) broken.push(what);
          if (broken.length >= 5) return;
        }
      }));
      const settled = await comesTrue(async () => (await owner.query('select from events.delivery where consumer = \'community\' limit 1')).rowCount === 0, 30_000);
      if (!settled) broken.push(`events of the histories ${numbers[0]} to ${numbers.at(-1)} did not come to an end`);
      const firms = [...plays.values()].map((play) => play.firms[0]);
      const { rows } = await owner.query<{ firm_id: string; verified: boolean; verified_revision: string }>('select firm_id, verified, verified_revision from community.membership where firm_id = any($1)', [firms]);
      const known = new Map(rows.map((row) => [row.firm_id, row]));
      for (const [number, { firms: [firm], model }] of plays) {
        const found = known.get(firm);
        const revision = model.revision ?? 0;
        if (found && (Number(found.verified_revision) !== revision || found.verified !== (revision === 0 || isVerified(revision)))) broken.push(`history ${number}: told of revision ${revision}, known is ${JSON.stringify(found)}`);
      }
      plans.clear();
      return broken;
    },
  };
}

class TakenBack extends Error {}

function isVerified(revision: number): boolean {
  return revision % 2 === 1;
}
