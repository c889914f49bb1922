import { Arg, Ctx, Field, InputType, Mutation, ObjectType, Query, registerEnumType, Resolver } from 'type-graphql';
import { answer, type UserError } from '../../../src/errors.js';
import type { Metric } from '../../../src/values/metric.js';
import { enumOf } from '../../../src/graph/enum-of.js';
import { DateTimeScalar } from '../../../src/graph/scalars.js';
import { UserErrorObject } from '../../../src/graph/user-error.graph.js';
import { Request } from '../../../src/server/request.js';
import { BenchmarkEpoch, toEpoch } from '../benchmark/epoch.resolver.js';
import { BenchmarkMetricEnum } from '../../../src/graph/metric.graph.js';
import { readLatestEpoch } from '../benchmark/read-epoch.js';
import { joinCommunity, leaveCommunity } from './change-membership.js';
import { ADMISSION_STEPS, readStanding, type AdmissionStep } from './read-standing.js';

const AdmissionStepEnum = enumOf(ADMISSION_STEPS);
registerEnumType(AdmissionStepEnum, {
  name: 'AdmissionStep',
  description: 'What a firm needs before its figures count and it may read those of others.',
  valuesConfig: {
    FIRM_VERIFIED: { description: 'Its registration was checked.' },
    TENURE: { description: 'It has been a member for 90 days of business time, counted from the last time it joined.' },
    EVIDENCE: { description: 'In the latest month told, at least one of its customers has three invoices in the window and a shared figure.' },
  },
});

@ObjectType({ description: 'Where your firm stands in the community.' })
class CommunityStanding {
  @Field(() => Boolean, { description: 'Whether it has joined.' })
  member!: boolean;

  @Field(() => [BenchmarkMetricEnum], { description: 'What it shares; it reads exactly these. Empty when it is not a member.' })
  sharing!: readonly Metric[];

  @Field(() => DateTimeScalar, { nullable: true, description: 'When it joined last, in business time; null: it is not a member.' })
  joinedAt!: Date | string | null;

  @Field(() => Boolean, { description: 'Whether its figures count: it is a member and nothing is missing.' })
  admitted!: boolean;

  @Field(() => [AdmissionStepEnum], { description: 'What is still needed.' })
  missing!: readonly AdmissionStep[];

  @Field(() => BenchmarkEpoch, { nullable: true, description: 'The latest published epoch of the payment metrics; while there is none, the latest of PAYMENT_TERMS. Null: none was published yet.' })
  latestEpoch!: BenchmarkEpoch | null;
}

@InputType({ description: 'Consent to share.' })
class CommunityJoinInput {
  @Field(() => [BenchmarkMetricEnum], { description: 'What to share, at least one. Sent again it replaces the list, and tenure is kept.' })
  metrics!: Metric[];

  @Field(() => Boolean, { description: 'Must be true: the firm agrees to share facts about the past only, no prices and no intentions, and to seek nobody\'s identity.' })
  acceptCharter!: boolean;
}

@ObjectType({ description: 'The outcome of joining or leaving.' })
class CommunityPayload {
  @Field(() => CommunityStanding, { nullable: true, description: 'Where your firm stands now; null when refused.' })
  standing!: CommunityStanding | null;

  @Field(() => [UserErrorObject], { description: 'Why it was refused; empty when it was done.' })
  userErrors!: readonly UserError[];
}

@Resolver()
export class CommunityResolver {
  @Query(() => CommunityStanding, { description: 'Your firm in the community. Needs the scope community:read.' })
  community(@Ctx() request: Request): Promise<CommunityStanding> {
    request.demand('community:read');
    return standingOf(request);
  }

  @Mutation(() => CommunityPayload, { description: 'Joins the community, or changes what is shared. A firm may join before it is verified; it counts only afterwards. Needs the scope community:write. Again it changes nothing.' })
  communityJoin(@Arg('input', () => CommunityJoinInput, { description: 'What to share.' }) input: CommunityJoinInput, @Ctx() request: Request): Promise<CommunityPayload> {
    const { firmId } = request.demand('community:write');
    return answer<Omit<CommunityPayload, 'userErrors'>>({ standing: null }, async () => {
      await joinCommunity(request.room, firmId, input);
      return { standing: await standingOf(request) };
    });
  }

  @Mutation(() => CommunityPayload, { description: 'Leaves the community at once: nothing more is shared or read, and what your firm told is forgotten. Published benchmarks stay, with the record of what they were made of. Needs the scope community:write. Again it changes nothing.' })
  communityLeave(@Ctx() request: Request): Promise<CommunityPayload> {
    const asker = request.demand('community:write');
    return answer<Omit<CommunityPayload, 'userErrors'>>({ standing: null }, async () => {
      await leaveCommunity(request.room, asker.firmId, asker);
      return { standing: await standingOf(request) };
    });
  }
}

function standingOf(request: Request): Promise<CommunityStanding> {
  const today = request.room.clock.today();
  return request.read(async (em) => {
    const standing = await readStanding(em, today);
    const latest = await readLatestEpoch(em, today);
    return { ...standing, sharing: [...standing.sharing], admitted: standing.member && standing.missing.length === 0, latestEpoch: latest ? toEpoch(latest, request) : null };
  });
}
