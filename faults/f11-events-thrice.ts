import type { Experiment } from './experiment.js';
import { endedAsClosed, keptOf, notesOf, toldOtherwise } from './kept.js';
import { setStageHere } from './stage.js';
import { ToldFacts } from './told-facts.js';

/** Each delivery of an event is there three times, and it is counted how many ended. */
const THRICE = `
  create sequence events.ended;
  grant usage on sequence events.ended to public;
  create function events.tell_thrice() returns trigger language plpgsql as $$ begin
    if pg_trigger_depth() = 1 then
      insert into events.delivery (event_id, name, version, producer, consumer, firm_id, data)
      select new.event_id, new.name, new.version, new.producer, new.consumer, new.firm_id, new.data from generate_series(1, 2);
    end if;
    return null;
  end $$;
  create function events.count_ended() returns trigger language plpgsql as $$ begin
    perform nextval('events.ended');
    return null;
  end $$;
  create trigger thrice after insert on events.delivery for each row execute function events.tell_thrice();
  create trigger ended after delete on events.delivery for each row execute function events.count_ended();
`;

/** F11. Everything that one part of the house tells another one comes three times: events, and hints that there is something new. */
export const eventsThrice: Experiment = {
  id: 'F11',
  fault: 'every event three times',
  run: async (conditions) => {
    const rounds = conditions.scale === 'FULL' ? 500 : 15;
    const { house, load, memory } = await setStageHere(conditions, { pairs: 3 });
    const owner = await house.asOwner();
    await owner.query(THRICE);
    const { hints } = house.running.rooms.community.room;
    const publish = hints.publish.bind(hints);
    let hinted = 0;
    hints.publish = (topic) => {
      hinted += 1;
      for (let time = 0; time < 3; time += 1) publish(topic);
    };
    const facts = new ToldFacts(house, owner);
    for (let round = 0; round < rounds; round += 1) await facts.tell();
    const settled = await facts.settle();
    await load.goesOn(20);
    const found = await load.finish();
    const { rows: [count] } = await owner.query<{ ended: number }>('select last_value::int as ended from events.ended');
    return {
      done: `${facts.told.toLocaleString('en')} events tripled in the outbox, and ${hinted.toLocaleString('en')} hints on their way to the room's readers, during the chat of ${load.pairs.length} pairs`, times: facts.told + hinted, kept: await keptOf(found, memory),
      figures: [
        { what: 'deliveries that ended, for each event', measured: count!.ended / facts.told, limit: { atLeast: 3 } },
        { what: 'firms of which something else is known than what was told last', measured: await facts.unlike(), limit: { atMost: 0 } },
        { what: 'events that came to no end', measured: settled ? 0 : 1, limit: { atMost: 0 } },
        endedAsClosed(found), toldOtherwise(found),
      ],
      notes: notesOf(found),
    };
  },
};
