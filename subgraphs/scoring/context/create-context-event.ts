import type { EntityManager } from '@mikro-orm/postgresql';
import { sql } from 'kysely';
import { Refusal } from '../../../src/errors.js';
import type { Asker } from '../../../src/server/asker.js';
import type { Room } from '../../../src/server/room.js';
import { isoOf } from '../../../src/values/day.js';
import { appliesOn, MOST_STANDING, type ContextKind, type ContextScope } from './context-event.js';
import { ContextEventTable, type ContextEventRow } from './context-event.table.js';
import { demandName, demandContextScope } from './demand-context-scope.js';
import { markConcerned } from './mark-concerned.js';
import { prefixesOf } from './sector-prefixes.js';

/** An event as it is sent. */
export interface SentEvent extends ContextScope {
  readonly name: string;
  readonly kind: ContextKind;
  readonly from: Temporal.PlainDate;
  /** The last day; null: until it is ended. */
  readonly to: Temporal.PlainDate | null;
}

/**
 * Makes a context event and returns its id. An event that was not ended is known by its name and first day: the same again changes
 * nothing, another content is refused. Customers whom it concerns today are scored again.
 */
export async function createContextEvent(room: Room, asker: Asker, sent: SentEvent): Promise<string> {
  const name = demandName(sent.name, ['input', 'name']);
  const scope = demandContextScope(sent, ['input']);
  const today = isoOf(room.clock.today());
  const startsOn = isoOf(sent.from);
  const lastOn = sent.to && isoOf(sent.to);
  if (lastOn !== null && lastOn < startsOn) throw new Refusal('INVALID', 'An event does not end before it begins.', ['input', 'to']);
  if (lastOn !== null && lastOn < today) throw new Refusal('INVALID', 'This event would be over already.', ['input', 'to']);
  return room.db.forFirm(asker.firmId).transaction(async (em) => {
    // One at a time of a firm: two of the same name at once become one, and none is made beyond the most there may be.
    await sql`select pg_advisory_xact_lock(hashtextextended(${`context events ${asker.firmId}`}, 0))`.execute(em.getKysely<unknown>());
    const known = await em.findOne(ContextEventTable, { name, startsOn, endedOn: null });
    if (known) return demandSame(known, sent.kind, scope, lastOn);
    await demandRoom(em, today);
    const event = em.create(ContextEventTable, {
      name, kind: sent.kind, countries: [...scope.countries], sectors: [...scope.sectors], sectorPrefixes: scope.sectors.flatMap(prefixesOf), startsOn, lastOn, shift: scope.shift,
      createdAt: new Date(room.clock.now().epochMilliseconds), createdBy: asker.userId ?? null, byKey: asker.byKey ?? false,
    });
    await em.flush();
    if (appliesOn({ startsOn, lastOn, endedOn: null }, today)) await markConcerned(em, event.id);
    return event.id;
  });
}

function demandSame(known: ContextEventRow, kind: ContextKind, scope: ContextScope, lastOn: string | null): string {
  const differs = known.kind !== kind || known.shift !== scope.shift || (known.lastOn ?? null) !== lastOn
    || known.countries.join() !== scope.countries.join() || known.sectors.join() !== scope.sectors.join();
  if (differs) throw new Refusal('TAKEN', 'Another event of this name begins on that day.', ['input', 'name']);
  return known.id;
}

async function demandRoom(em: EntityManager, today: string): Promise<void> {
  const { rows } = await sql<{ count: number }>`
    select count(*)::int as count from scoring.context_event where (last_on is null or last_on >= ${today}::date) and (ended_on is null or ended_on > ${today}::date)
  `.execute(em.getKysely<unknown>());
  if (rows[0]!.count >= MOST_STANDING) throw new Refusal('LIMIT_REACHED', `At most ${MOST_STANDING} events are in force or to come at once; end one of them.`, ['input']);
}
