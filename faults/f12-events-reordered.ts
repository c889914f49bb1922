import { quantile, type Experiment } from './experiment.js';
import { endedAsClosed, keptOf, notesOf, toldOtherwise } from './kept.js';
import { setStageHere } from './stage.js';
import { ToldFacts } from './told-facts.js';

const SPREAD_MILLISECONDS = 2000;

/** Each delivery of an event is due at a moment of its own, and it is kept which one. */
const SHAKEN = `
  create table events.shaken (firm_id uuid, revision int, due_at timestamptz);
  grant insert on events.shaken to public;
  create function events.shake() returns trigger language plpgsql as $$ begin
    new.due_at := clock_timestamp() + random() * interval '${SPREAD_MILLISECONDS} milliseconds';
    insert into events.shaken values (new.firm_id, (new.data ->> 'revision')::int, new.due_at);
    return new;
  end $$;
  create trigger shake before insert on events.delivery for each row execute function events.shake();
`;
const OVERTAKEN = `
  select count(*)::int as count from events.shaken late
  where exists (select from events.shaken early where early.firm_id = late.firm_id and early.revision > late.revision and early.due_at < late.due_at)
`;

/** F12. Events, and hints that there is something new, come in any order, up to two seconds late. */
export const eventsReordered: Experiment = {
  id: 'F12',
  fault: 'events reordered within 2 s',
  run: async (conditions) => {
    const rounds = conditions.scale === 'FULL' ? 300 : 15;
    const { house, load, memory } = await setStageHere(conditions, { pairs: 3 });
    const owner = await house.asOwner();
    await owner.query(SHAKEN);
    const { hints } = house.running.rooms.community.room;
    const publish = hints.publish.bind(hints);
    const late = new Set<NodeJS.Timeout>();
    conditions.after(async () => {
      for (const timer of late) clearTimeout(timer);
    });
    hints.publish = (topic) => {
      const timer = setTimeout(() => {
        late.delete(timer);
        publish(topic);
      }, SPREAD_MILLISECONDS * Math.random());
      late.add(timer);
    };
    const facts = new ToldFacts(house, owner);
    for (let round = 0; round < rounds; round += 1) await facts.tell();
    const settled = await facts.settle();
    await load.goesOn(20);
    const found = await load.finish();
    const { rows: [overtaken] } = await owner.query<{ count: number }>(OVERTAKEN);
    return {
      done: `${facts.told.toLocaleString('en')} events due after up to 2 s each, and every hint as late, during the chat of ${load.pairs.length} pairs`, times: facts.told, kept: await keptOf(found, memory),
      figures: [
        { what: 'events that a later one of the same firm overtook', measured: overtaken!.count, limit: { atLeast: facts.told / 4 } },
        { what: 'firms of which something else is known than what was told last', measured: await facts.unlike(), limit: { atMost: 0 } },
        { what: 'events that came to no end', measured: settled ? 0 : 1, limit: { atMost: 0 } },
        { what: 'from the acknowledgement of a message until each reader had it, p99, ms', measured: Math.round(quantile(found.lags, 0.99)), isTime: true, limit: { atMost: SPREAD_MILLISECONDS + 500 } },
        endedAsClosed(found), toldOtherwise(found),
      ],
      notes: notesOf(found),
    };
  },
};
