import { Arg, Args, ArgsType, Ctx, Field, FieldResolver, ID, InputType, Int, Mutation, ObjectType, Query, registerEnumType, Resolver, Root } from 'type-graphql';
import { answer, type UserError } from '../../../src/errors.js';
import { enumOf } from '../../../src/graph/enum-of.js';
import { demandPageSize, PageInfo, toPage } from '../../../src/graph/page.graph.js';
import { CountryCodeScalar, DateScalar, DateTimeScalar } from '../../../src/graph/scalars.js';
import { UserErrorObject } from '../../../src/graph/user-error.graph.js';
import { Request } from '../../../src/server/request.js';
import { isoOf } from '../../../src/values/day.js';
import { appliesOn, CONTEXT_KINDS, type ContextKind } from './context-event.js';
import { createContextEvent } from './create-context-event.js';
import { endContextEvent } from './end-context-event.js';
import { contextEventCursor, countConcerned, listContextEvents, readContextEvents, type ContextEventRecord } from './read-context-events.js';

export const ContextKindEnum = enumOf(CONTEXT_KINDS);
registerEnumType(ContextKindEnum, {
  name: 'ContextEventKind',
  description: 'What sort of thing happens. It is a label: what an event does is its shift.',
  valuesConfig: {
    PANDEMIC: { description: 'An illness, and what is closed because of it.' },
    SECTOR_SHOCK: { description: 'A sector loses its market, or a large part of it.' },
    DISASTER: { description: 'A flood, a storm, an earthquake, a fire.' },
    CONFLICT: { description: 'War, unrest, sanctions.' },
    SUPPLY: { description: 'What a sector needs is short or dear: energy, parts, transport.' },
    LAW: { description: 'A law or a tax that makes a sector poorer or richer.' },
    ECONOMY: { description: 'A recession or a recovery, interest, a currency.' },
    OTHER: { description: 'Something else.' },
  },
});

@ObjectType({ description: "Something outside your firm's ledger that makes the customers of some countries and sectors riskier or safer for a time. It is your firm's own, and moves the scores of nobody else's customers." })
export class ContextEvent {
  @Field(() => ID, { description: 'Opaque.' })
  id!: string;

  @Field(() => String, { description: 'What your firm calls it.' })
  name!: string;

  @Field(() => ContextKindEnum, { description: 'What sort of thing happens.' })
  kind!: ContextKind;

  @Field(() => [CountryCodeScalar], { description: 'Customers registered in these countries; every country when empty.' })
  countries!: readonly string[];

  @Field(() => [String], { description: 'Customers of these sectors (NACE Rev. 2): `47` is all of 47, 47.1 and 47.11, and a section all of its divisions. Every sector when empty.' })
  sectors!: readonly string[];

  @Field(() => DateScalar, { description: 'The first day on which it applies.' })
  from!: string;

  @Field(() => DateScalar, { nullable: true, description: 'The last day on which it applies, as it was made; null: until it is ended.' })
  to!: string | null;

  @Field(() => Int, { description: 'The points by which it moves a score; below zero: riskier. A score stays from 0 to 1000.' })
  shift!: number;

  @Field(() => Boolean, { description: 'Whether it applies today.' })
  active!: boolean;

  @Field(() => DateTimeScalar, { description: 'When it was made, in business time.' })
  createdAt!: string | Date;

  @Field(() => ID, { nullable: true, description: 'Who made it: the id of a User of your firm; for an API key, the one who made it. Null when nobody is known.' })
  createdBy!: string | null;

  @Field(() => Boolean, { description: 'Whether it was made through an API key.' })
  byKey!: boolean;

  @Field(() => DateScalar, { nullable: true, description: 'The first day on which it no longer applies because somebody ended it; null when nobody did.' })
  endedOn!: string | null;

  @Field(() => ID, { nullable: true, description: 'Who ended it: the id of a User of your firm; null when nobody did.' })
  endedBy!: string | null;
}

export function toContextEvent({ startsOn, lastOn, ...record }: ContextEventRecord, today: Temporal.PlainDate): ContextEvent {
  return { ...record, from: startsOn, to: lastOn, active: appliesOn({ startsOn, lastOn, endedOn: record.endedOn }, isoOf(today)) };
}

@InputType({ description: 'A context event.' })
class ContextEventCreateInput {
  @Field(() => String, { description: 'What your firm calls it, 1 to 100 characters.' })
  name!: string;

  @Field(() => ContextKindEnum, { description: 'What sort of thing happens.' })
  kind!: ContextKind;

  @Field(() => [CountryCodeScalar], { nullable: true, description: 'Only customers registered in these countries, at most 50; every country when left out or empty. A customer whose country is not known is in none.' })
  countries?: string[] | null;

  @Field(() => [String], { nullable: true, description: 'Only customers of these sectors (NACE Rev. 2: `C`, `47`, `47.1` or `47.11`), at most 50; every sector when left out or empty. A customer whose sector is not known is in none.' })
  sectors?: string[] | null;

  @Field(() => DateScalar, { description: 'The first day on which it applies; it may be past, but only scores from today on are moved.' })
  from!: Temporal.PlainDate;

  @Field(() => DateScalar, { nullable: true, description: 'The last day on which it applies, not before the first, and not past; left out: until it is ended.' })
  to?: Temporal.PlainDate | null;

  @Field(() => Int, { description: 'The points by which it moves a score, from -300 to 300 and not 0; below zero: riskier.' })
  shift!: number;
}

@InputType({ description: 'The end of a context event.' })
class ContextEventEndInput {
  @Field(() => ID, { description: 'The event.' })
  id!: string;

  @Field(() => DateScalar, { nullable: true, description: 'The first day on which it no longer applies, not past; today when left out.' })
  on?: Temporal.PlainDate | null;
}

@ObjectType({ description: 'The context event after the change, or why there was none.' })
class ContextEventPayload {
  @Field(() => ContextEvent, { nullable: true, description: 'The event; null when refused.' })
  event!: ContextEvent | null;

  @Field(() => [UserErrorObject], { description: 'Why it was refused; empty when it was done.' })
  userErrors!: readonly UserError[];
}

const NO_EVENT: { readonly event: ContextEvent | null } = { event: null };

@ArgsType()
class ContextEventsArgs {
  @Field(() => Int, { nullable: true, defaultValue: 50, description: 'How many, at most 100.' })
  first!: number | null;

  @Field(() => String, { nullable: true, description: 'The endCursor of the page before.' })
  after?: string | null;

  @Field(() => DateScalar, { nullable: true, description: 'Only those that apply on this day; all of them when left out.' })
  activeOn?: Temporal.PlainDate | null;
}

@ObjectType({ description: 'A page of context events.' })
class ContextEventConnection {
  @Field(() => [ContextEvent], { description: 'The events.' })
  nodes!: readonly ContextEvent[];

  @Field(() => PageInfo, { description: 'Where the page begins and ends.' })
  pageInfo!: PageInfo;
}

@Resolver(() => ContextEvent)
export class ContextEventResolver {
  @Query(() => ContextEventConnection, { description: "Your firm's context events, those that begin last come first; ended ones too. Needs the scope ledger:read." })
  async contextEvents(@Args(() => ContextEventsArgs) { first, after, activeOn }: ContextEventsArgs, @Ctx() request: Request): Promise<ContextEventConnection> {
    request.demand('ledger:read');
    const size = demandPageSize(first ?? 50);
    const { nodes, pageInfo } = toPage(await listContextEvents(request, activeOn ?? null, size, after ?? null), size, after ?? undefined, contextEventCursor);
    const today = request.room.clock.today();
    return { nodes: nodes.map((record) => toContextEvent(record, today)), pageInfo };
  }

  @Mutation(() => ContextEventPayload, { description: 'Makes a context event: from its first day on it moves the scores of the customers whom it concerns, until its last day or its end. An event that was not ended is known by its name and first day: the same again changes nothing, with another content it is TAKEN. Needs the scope credit:write.' })
  contextEventCreate(@Arg('input', () => ContextEventCreateInput, { description: 'The event.' }) input: ContextEventCreateInput, @Ctx() request: Request): Promise<ContextEventPayload> {
    const asker = request.demand('credit:write');
    return answer(NO_EVENT, async () => {
      const { name, kind, countries, sectors, from, to, shift } = input;
      return changed(request, await createContextEvent(request.room, asker, { name, kind, countries: countries ?? [], sectors: sectors ?? [], from, to: to ?? null, shift }));
    });
  }

  @Mutation(() => ContextEventPayload, { description: 'Ends a context event: from that day on it moves no score, and what it moved is as before. The same again changes nothing; an end that is still to come may be moved to an earlier day, a later one is a CONFLICT. Needs the scope credit:write.' })
  contextEventEnd(@Arg('input', () => ContextEventEndInput, { description: 'The end.' }) input: ContextEventEndInput, @Ctx() request: Request): Promise<ContextEventPayload> {
    const asker = request.demand('credit:write');
    return answer(NO_EVENT, async () => {
      await endContextEvent(request.room, asker, input.id, input.on ?? null);
      return changed(request, input.id);
    });
  }

  @FieldResolver(() => Int, { description: 'How many of your customers are of its countries and sectors, whatever the day.' })
  async customerCount(@Root() { id }: ContextEvent, @Ctx() request: Request): Promise<number> {
    return (await request.batch(countConcerned, id)) ?? 0;
  }
}

async function changed(request: Request, id: string): Promise<{ readonly event: ContextEvent | null }> {
  request.forget();
  const record = await request.batch(readContextEvents, id);
  return { event: record && toContextEvent(record, request.room.clock.today()) };
}
