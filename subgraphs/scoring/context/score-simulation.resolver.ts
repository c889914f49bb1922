import { Args, ArgsType, Ctx, Field, Float, ID, InputType, Int, ObjectType, Query, Resolver } from 'type-graphql';
import { ApiError, Refusal } from '../../../src/errors.js';
import { demandPageSize, PageInfo, toPage } from '../../../src/graph/page.graph.js';
import { CountryCodeScalar } from '../../../src/graph/scalars.js';
import { Request } from '../../../src/server/request.js';
import { isUuid } from '../../../src/values/opaque-id.js';
import { Customer } from '../behaviour/payment-behaviour.resolver.js';
import { RISK_BANDS, type RiskBand, type Score } from '../score/model.js';
import { RiskBandEnum } from '../score/risk-score.resolver.js';
import { demandName, demandContextScope } from './demand-context-scope.js';
import type { Assumption } from './read-context-shifts.js';
import { customerCursor, listCustomerIds, simulateScores } from './simulate-scores.js';

/** The most customers that are named at once: a page of them. */
const MOST_CUSTOMERS = 100;
/** The most events that are assumed at once. */
const MOST_ASSUMED = 20;
/** The most events that are left out at once. */
const MOST_LEFT_OUT = 100;

@InputType({ description: 'A context event that is only assumed: it applies today.' })
class AssumedEventInput {
  @Field(() => String, { description: 'What to call it, 1 to 100 characters.' })
  name!: string;

  @Field(() => [CountryCodeScalar], { nullable: true, description: 'Only customers registered in these countries, at most 50; every country when left out or empty.' })
  countries?: string[] | null;

  @Field(() => [String], { nullable: true, description: 'Only customers of these sectors (NACE Rev. 2: `C`, `47`, `47.1` or `47.11`), at most 50; every sector when left out or empty.' })
  sectors?: string[] | null;

  @Field(() => Int, { description: 'The points by which it moves a score, from -300 to 300 and not 0; below zero: riskier.' })
  shift!: number;
}

@InputType({ description: 'What is assumed, and of whom.' })
class ScoreSimulationInput {
  @Field(() => [ID], { nullable: true, description: 'Of these customers only, at most 100; one that is not your firm’s is left out. All of them, by page, when left out.' })
  customerIds?: string[] | null;

  @Field(() => [AssumedEventInput], { nullable: true, description: 'Events that apply besides those that do, at most 20.' })
  contextEvents?: AssumedEventInput[] | null;

  @Field(() => [ID], { nullable: true, description: 'Context events of your firm that are taken away, at most 100; one that does not apply today changes nothing.' })
  without?: string[] | null;
}

@ArgsType()
class ScoreSimulationArgs {
  @Field(() => ScoreSimulationInput, { description: 'What is assumed, and of whom.' })
  input!: ScoreSimulationInput;

  @Field(() => Int, { nullable: true, defaultValue: 50, description: 'How many customers, at most 100.' })
  first!: number | null;

  @Field(() => String, { nullable: true, description: 'The endCursor of the page before.' })
  after?: string | null;
}

@ObjectType({ description: 'A risk score in a simulation.' })
class SimulatedValue {
  @Field(() => Int, { description: '0 to 1000, higher is safer.' })
  value!: number;

  @Field(() => RiskBandEnum, { description: 'The value in five classes.' })
  band!: RiskBand;

  @Field(() => Float, { description: 'Within one year, 0 to 1.' })
  probabilityOfDefault!: number;
}

@ObjectType({ description: "A customer's score as it is today, and as it would be." })
class SimulatedScore {
  @Field(() => Customer, { description: 'The customer.' })
  customer!: Customer;

  @Field(() => SimulatedValue, { description: 'As it is: the same as Customer.riskScore.' })
  before!: SimulatedValue;

  @Field(() => SimulatedValue, { description: 'As it would be.' })
  after!: SimulatedValue;
}

@ObjectType({ description: 'How many customers of a page are in one band.' })
class SimulatedBand {
  @Field(() => RiskBandEnum, { description: 'The band.' })
  band!: RiskBand;

  @Field(() => Int, { description: 'How many are in it today.' })
  before!: number;

  @Field(() => Int, { description: 'How many would be in it.' })
  after!: number;
}

@ObjectType({ description: 'The scores of a page of customers today and under an assumption. Nothing is kept of it.' })
class ScoreSimulation {
  @Field(() => [SimulatedScore], { description: 'The customers, as they were named, else by their ids; one of whom nothing is known has no score and is left out.' })
  nodes!: readonly SimulatedScore[];

  @Field(() => [SimulatedBand], { description: 'The customers of this page by band, the safest first: add up the pages for all of them.' })
  bands!: readonly SimulatedBand[];

  @Field(() => PageInfo, { description: 'Where the page begins and ends; without cursors for customers that were named.' })
  pageInfo!: PageInfo;
}

@Resolver(() => ScoreSimulation)
export class ScoreSimulationResolver {
  @Query(() => ScoreSimulation, { description: 'What context events would do to the scores of your customers, those that apply today and others: before and after. It writes nothing. Needs the scope ledger:read.' })
  async scoreSimulation(@Args(() => ScoreSimulationArgs) { input, first, after }: ScoreSimulationArgs, @Ctx() request: Request): Promise<ScoreSimulation> {
    request.demand('ledger:read');
    const size = demandPageSize(first ?? 50);
    const assumption = demandAssumption(input);
    const named = input.customerIds && [...new Set(input.customerIds.filter(isUuid))];
    if (input.customerIds && input.customerIds.length > MOST_CUSTOMERS) throw new ApiError('BAD_USER_INPUT', `customerIds may name ${MOST_CUSTOMERS} customers.`);
    // Who is named is no page: its cursors would tell an id back, and are of no use.
    const { nodes: ids, pageInfo } = named
      ? { ...toPage([], MOST_CUSTOMERS, undefined, customerCursor), nodes: named }
      : toPage(await listCustomerIds(request, size, after ?? null), size, after ?? undefined, customerCursor);
    const scores = await simulateScores(request, ids, assumption);
    const countOf = (when: 'before' | 'after', band: RiskBand): number => scores.filter((score) => score[when].band === band).length;
    return {
      nodes: scores.map(({ customerId, before, after: would }) => ({ customer: { id: customerId }, before: toValue(before), after: toValue(would) })),
      bands: RISK_BANDS.map((band) => ({ band, before: countOf('before', band), after: countOf('after', band) })),
      pageInfo,
    };
  }
}

function toValue({ value, band, probabilityOfDefault }: Score): SimulatedValue {
  return { value, band, probabilityOfDefault };
}

/** What is assumed; refused with the words that contextEventCreate has for it. */
function demandAssumption({ contextEvents, without }: ScoreSimulationInput): Assumption {
  if ((contextEvents?.length ?? 0) > MOST_ASSUMED) throw new ApiError('BAD_USER_INPUT', `contextEvents may name ${MOST_ASSUMED} events.`);
  if ((without?.length ?? 0) > MOST_LEFT_OUT) throw new ApiError('BAD_USER_INPUT', `without may name ${MOST_LEFT_OUT} events.`);
  try {
    const events = (contextEvents ?? []).map(({ name, countries, sectors, shift }) => ({
      name: demandName(name, ['name']),
      ...demandContextScope({ countries: countries ?? [], sectors: sectors ?? [], shift }, []),
    }));
    return { events, without: (without ?? []).filter(isUuid) };
  } catch (error) {
    if (error instanceof Refusal) throw new ApiError('BAD_USER_INPUT', `contextEvents: ${error.path.join('.')}: ${error.message}`);
    throw error;
  }
}
