import type { DoorWorld } from './world.js';
import { publicDoor, type Door } from './door.js';

/** What somebody would answer who had not thought about it. */
export interface NakedBenchmark {
  readonly __typename: 'BenchmarkFigure';
  readonly others: number;
  readonly value: number;
}

/**
 * The door of a build that publishes exact means from one contributor up, computed when asked, to whoever has the
 * customer: every `benchmark` in an answer is what the contributions say at that moment. An object whose benchmark is asked
 * for must be asked for its id too.
 */
export function nakedBenchmarks(world: DoorWorld): Door {
  return async (who, query, variables = {}) => {
    const text = await publicDoor(who, query, variables);
    const metric = typeof variables['metric'] === 'string' ? variables['metric'] : (/benchmark\(metric: (\w+)/.exec(query)?.[1] ?? 'DSO');
    const answer = JSON.parse(text) as unknown;
    const asked: Record<string, unknown>[] = [];
    walk(answer, (object) => {
      if (typeof object['id'] === 'string' && 'benchmark' in object) asked.push(object);
    });
    if (asked.length === 0) return text;
    const { rows } = await world.network.owner.query<{ customer_id: string; others: number; value: number }>(
      `select key.customer_id, count(distinct told.firm_id) filter (where told.firm_id <> key.firm_id)::int as others, avg(told.figure) as value
       from community.customer_key as key
       join (select subject, firm_id, month, (to_jsonb(contribution) ->> lower($2))::float8 as figure from community.contribution) as told on told.subject = key.subject and told.figure is not null
       where key.customer_id::text = any($1) and told.month = (select max(month) from community.contribution as latest where latest.subject = key.subject)
       group by key.customer_id having count(distinct told.firm_id) filter (where told.firm_id <> key.firm_id) > 0`,
      [asked.map(({ id }) => id), metric],
    );
    const naked = new Map(rows.map(({ customer_id: id, others, value }) => [id, { __typename: 'BenchmarkFigure', others, value } satisfies NakedBenchmark]));
    for (const object of asked) object['benchmark'] = naked.get(object['id'] as string) ?? object['benchmark'];
    return JSON.stringify(answer);
  };
}

/** A door that changes the public one's answers as somebody careless would have written them. */
export function careless(change: (answer: string, asked: { readonly who: string; readonly query: string; readonly variables: Readonly<Record<string, unknown>> }) => string | Promise<string>): Door {
  return async (who, query, variables = {}) => change(await publicDoor(who, query, variables), { who: 'firmId' in who ? String(who.firmId) : '', query, variables });
}

/** How many other members have the customer of this id. */
export async function countOthers(world: DoorWorld, customerId: unknown): Promise<number> {
  const { rows } = await world.network.owner.query<{ others: number }>(
    `select count(*)::int as others from community.customer_key as mine join community.customer_key as theirs on theirs.subject = mine.subject and theirs.firm_id <> mine.firm_id where mine.customer_id::text = $1`,
    [customerId],
  );
  return rows[0]?.others ?? 0;
}

/** Shows every object of a JSON document. */
export function walk(value: unknown, show: (object: Record<string, unknown>) => void): void {
  if (Array.isArray(value)) for (const each of value) walk(each, show);
  else if (typeof value === 'object' && value !== null) {
    show(value as Record<string, unknown>);
    for (const each of Object.values(value)) walk(each, show);
  }
}
