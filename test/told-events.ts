import type { Client } from 'pg';
import { CATALOGUE, type EventData, type EventName } from '../src/events/catalogue.js';

/** Has the database keep every event that is recorded from now on and fits `which`, a condition on a row `new` of events.delivery: readers take them away. */
export async function keepTold(owner: Client, which: string): Promise<void> {
  await owner.query(`
    create table public.told (place bigint generated always as identity, name text, firm_id uuid, data jsonb);
    create function public.note_told() returns trigger language plpgsql security definer as $$
      begin insert into public.told (name, firm_id, data) values (new.name, new.firm_id, new.data); return new; end $$;
    create trigger note_told after insert on events.delivery for each row when (${which}) execute function public.note_told();
  `);
}

/** What a firm's events of a name said that were kept, in the order in which they were recorded. Each is as the catalogue says. */
export async function toldOf<Name extends EventName>(owner: Client, firmId: string, name: Name): Promise<readonly EventData<Name>[]> {
  const { rows } = await owner.query<{ data: unknown }>('select data from public.told where firm_id = $1 and name = $2 order by place', [firmId, name]);
  return rows.map(({ data }) => CATALOGUE[name].data.parse(data) as EventData<Name>);
}
