import { sql, type RawBuilder } from 'kysely';
import { invariant } from '../../../src/errors.js';
import type { BatchRead, Request } from '../../../src/server/request.js';
import { isoOf } from '../../../src/values/day.js';
import { joinFirstDays, widenRanges } from './day-range.js';
import { CUSTOMER_FIGURES } from './read-customer-figures.js';
import { DEFAULT_CURRENCY, PORTFOLIO_FIGURES } from './read-portfolio-figures.js';

/** Whose figures, on which day, in which currency. */
export interface Scope {
  /** Null: the whole portfolio. */
  readonly customerId: string | null;
  readonly asOf: Temporal.PlainDate;
  /** Null: the customer's only one, else the default of the portfolio. The answer says which. */
  readonly currency: string | null;
}

/** One figure: of which kind, with the day or the whole numbers that its kind takes. */
export interface Ask extends Scope {
  readonly kind: FigureKind;
  /** The day before the first of a window that ends with the day of the scope. */
  readonly after?: Temporal.PlainDate;
  readonly numbers?: readonly number[];
}

/** `currency` asks for nothing but the currency, of which every answer tells. */
export type FigureKind = 'currency' | keyof typeof PORTFOLIO_FIGURES | keyof typeof CUSTOMER_FIGURES;

/** A row of an answer. What its columns hold is up to the kind of the figure; numbers are whole and exact. */
export interface FigureRow {
  readonly ask: number;
  readonly key: string | null;
  readonly label: string | null;
  readonly one: string | null;
  readonly two: string | null;
  readonly three: string | null;
  readonly four: string | null;
  readonly five: string | null;
}

export interface Answer {
  readonly currency: string;
  readonly rows: readonly FigureRow[];
}

/** What is asked of one kind in a statement: which ask it answers, of which scope, and the values that it takes. */
export interface AskList {
  readonly asks: readonly number[];
  readonly scopes: readonly number[];
  readonly days: readonly string[];
  readonly after: readonly (string | null)[];
  readonly numbers: readonly string[];
}

/** Asks for a figure. All that an operation asks for in one turn of the loop is one statement, of whatever kinds. */
export async function askFigure(request: Request, ask: Ask): Promise<Answer> {
  const { kind, after, numbers } = ask;
  const scopeName = nameOfScope(ask);
  const answer = await request.batch(readFigures, { ...ask, scopeName, keyName: `${kind} ${scopeName} ${after && isoOf(after)} ${numbers}` });
  invariant(answer, 'every figure has an answer, if only zero');
  return answer;
}

/**
 * Answers figures of any kinds, scopes and days with one statement. Its text depends only on which kinds are asked for, so
 * that PostgreSQL sees few different ones. The figures of the portfolio come from the tables that triggers keep, those of a
 * customer from its own rows.
 */
const readFigures: BatchRead<NamedAsk, Answer> = async (request, asked) => {
  const { asks, askOf } = joinRanges(asked);
  const scopes = new Map<string, { readonly place: number; readonly scope: Scope }>();
  const kinds = new Map<string, { asks: number[]; scopes: number[]; days: string[]; after: (string | null)[]; numbers: string[]; statement: (list: AskList) => RawBuilder<unknown> }>();
  const placeOf = asks.map((ask, index) => {
    const { customerId, kind } = ask;
    let scope = scopes.get(ask.scopeName);
    if (!scope) scopes.set(ask.scopeName, (scope = { place: scopes.size, scope: ask }));
    const statement = statementOf(ask);
    if (statement) {
      const kindName = `${customerId === null} ${kind}`;
      let list = kinds.get(kindName);
      if (!list) kinds.set(kindName, (list = { asks: [], scopes: [], days: [], after: [], numbers: [], statement }));
      list.asks.push(index);
      list.scopes.push(scope.place);
      list.days.push(isoOf(ask.asOf));
      list.after.push(ask.after ? isoOf(ask.after) : null);
      list.numbers.push(`{${(ask.numbers ?? []).join(',')}}`);
    }
    return scope.place;
  });
  const parts = [...kinds.keys()].toSorted().map((name) => kinds.get(name)!).flatMap((list) => (scopes.size === 1 && list.asks.length <= MOST_APART ? apart(list) : [list]).map((asked) => list.statement(asked)));
  // The tables that triggers keep are small, and read by their keys whatever is asked.
  const plan = asks.every(({ customerId }) => customerId === null) ? 'once' : 'by values';
  const { rows } = await request.read((em) => sql<FigureRow>`${scopesOf([...scopes.values()].map(({ scope }) => scope))} ${sql.join([RESOLVED, ...parts], sql` union all `)}`.execute(em.getKysely<unknown>()), plan);
  const currencies = new Map<number, string>();
  const rowsByAsk = new Map<number, FigureRow[]>();
  for (const row of rows) {
    if (row.ask < 0) currencies.set(-1 - row.ask, row.key!);
    else if (rowsByAsk.has(row.ask)) rowsByAsk.get(row.ask)!.push(row);
    else rowsByAsk.set(row.ask, [row]);
  }
  return asked.map(({ numbers: own = [] }, place) => {
    const index = askOf[place]!;
    const { numbers = [] } = asks[index]!;
    const rows = rowsByAsk.get(index) ?? [];
    return { currency: currencies.get(placeOf[index]!)!, rows: own.length < numbers.length ? widenRanges(rows, numbers, own) : rows };
  });
};

type NamedAsk = Ask & { readonly scopeName: string; readonly keyName: string };

/**
 * What is open of a scope is read once, in ranges that are narrow enough for all who ask: most who want the aged balance in
 * ranges of their own ask for what is overdue beside it. `askOf`: which ask answers each of those given.
 */
function joinRanges(given: readonly NamedAsk[]): { readonly asks: readonly NamedAsk[]; readonly askOf: readonly number[] } {
  const asks: NamedAsk[] = [];
  const open = new Map<string, number>();
  const askOf = given.map((ask) => {
    const known = ask.kind === 'open' ? open.get(ask.scopeName) : undefined;
    if (known === undefined) {
      if (ask.kind === 'open') open.set(ask.scopeName, asks.length);
      return asks.push(ask) - 1;
    }
    asks[known] = { ...asks[known]!, numbers: joinFirstDays([asks[known]!.numbers ?? [], ask.numbers ?? []]) };
    return known;
  });
  return { asks, askOf };
}

/** Of one scope so many asks of a kind are parts of their own; the text would have no end with more. */
const MOST_APART = 4;

/** A list for each ask of a list. */
function apart({ asks, scopes, days, after, numbers }: AskList): AskList[] {
  return asks.map((ask, index) => ({ asks: [ask], scopes: [scopes[index]!], days: [days[index]!], after: [after[index]!], numbers: [numbers[index]!] }));
}

function nameOfScope({ customerId, asOf, currency }: Scope): string {
  return `${customerId} ${isoOf(asOf)} ${currency}`;
}

function statementOf({ kind, customerId }: Ask): ((list: AskList) => RawBuilder<unknown>) | undefined {
  if (kind === 'currency') return undefined;
  const known: Readonly<Partial<Record<FigureKind, (list: AskList) => RawBuilder<unknown>>>> = customerId === null ? PORTFOLIO_FIGURES : CUSTOMER_FIGURES;
  const statement = known[kind];
  invariant(statement, `${kind} is a figure of ${customerId === null ? 'a portfolio' : 'a customer'}`);
  return statement;
}

/** The scopes as `scope (place, customer_id, as_of, currency)`, each with its currency. */
function scopesOf(scopes: readonly Scope[]): RawBuilder<unknown> {
  const customers = scopes.some(({ customerId }) => customerId !== null);
  const isDefault = scopes.some(({ currency }) => currency === null);
  const whole = isDefault ? sql`preferred as materialized (select ${DEFAULT_CURRENCY} as currency),` : sql``;
  const own = customers && isDefault ? sql`left join lateral (${ONLY_CURRENCY}) own on asked.currency is null and asked.customer_id is not null` : sql``;
  const [alone] = scopes;
  if (scopes.length === 1 && alone?.customerId === null) {
    const named = sql`${alone.currency}::text`;
    return sql`with ${whole} scope as not materialized (
      select 0 as place, null::uuid as customer_id, ${isoOf(alone.asOf)}::date as as_of, ${isDefault ? sql`coalesce(${named}, (select currency from preferred))` : named} as currency
    )`;
  }
  const currency = isDefault ? sql`coalesce(asked.currency, ${customers ? sql`own.currency,` : sql``} (select currency from preferred))` : sql`asked.currency`;
  return sql`
    with ${whole} scope as materialized (
      select asked.place, asked.customer_id, asked.as_of, ${currency} as currency
      from unnest(${scopes.map((_, place) => place)}::int[], ${scopes.map(({ customerId }) => customerId)}::uuid[], ${scopes.map(({ asOf }) => isoOf(asOf))}::date[],
        ${scopes.map((scope) => scope.currency)}::text[]) as asked (place, customer_id, as_of, currency) ${own}
    )`;
}

/** Each scope's currency; the number of its scope stands for the ask, below zero. */
const RESOLVED = sql`select -1 - place as ask, currency as key, null::text as label, null::numeric as one, null::numeric as two, null::numeric as three, null::numeric as four, null::numeric as five from scope`;

/** The currency of all that a customer has, null when it has several. Each end of an index, so one page of it is read. */
const ONLY_CURRENCY = sql`
  select case when least(i.lowest, r.lowest) = greatest(i.highest, r.highest) then least(i.lowest, r.lowest) end as currency
  from (select
    (select currency from portfolios.invoice where customer_id = asked.customer_id order by currency limit 1) as lowest,
    (select currency from portfolios.invoice where customer_id = asked.customer_id order by currency desc limit 1) as highest) i,
    (select
    (select currency from portfolios.receipt where customer_id = asked.customer_id order by currency limit 1) as lowest,
    (select currency from portfolios.receipt where customer_id = asked.customer_id order by currency desc limit 1) as highest) r
`;
