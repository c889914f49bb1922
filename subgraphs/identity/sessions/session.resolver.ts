import { Arg, Ctx, Directive, Field, ID, InputType, Mutation, ObjectType, Query, Resolver } from 'type-graphql';
import { answer, ApiError, type UserError } from '../../../src/errors.js';
import { demandRegistration, RegistrationInput } from '../../../src/graph/registration.graph.js';
import { RoleEnum } from '../../../src/graph/role.graph.js';
import { CountryCodeScalar, DateTimeScalar } from '../../../src/graph/scalars.js';
import { UserErrorObject } from '../../../src/graph/user-error.graph.js';
import { MOST_ASKERS, type Role } from '../../../src/server/asker.js';
import { Request } from '../../../src/server/request.js';
import { signUpFirm } from '../firms/sign-up-firm.js';
import { createSession } from './create-session.js';
import { findAskers } from './find-askers.js';
import { refreshSession, revokeSession } from './refresh-session.js';

@ObjectType({ description: 'A signed-in person on one device.' })
class Session {
  @Field(() => String, { description: 'Goes into `Authorization: Bearer …`; good for 15 minutes.' })
  accessToken!: string;

  @Field(() => DateTimeScalar, { description: 'When the access token ends.' })
  accessTokenExpiresAt!: Temporal.Instant;

  @Field(() => String, { description: 'Trades once for new tokens, with sessionRefresh.' })
  refreshToken!: string;

  @Field(() => DateTimeScalar, { description: 'When the session ends if it is not refreshed.' })
  refreshTokenExpiresAt!: Temporal.Instant;
}

@ObjectType({ description: 'A session, or why there is none.' })
export class SessionPayload {
  @Field(() => Session, { nullable: true, description: 'Null when refused.' })
  session!: Session | null;

  @Field(() => [UserErrorObject], { description: 'Why it was refused; empty when it was done.' })
  userErrors!: readonly UserError[];
}

@InputType({ description: 'A new firm and its first owner.' })
class FirmSignUpInput {
  @Field(() => String, { description: 'The name of the firm.' })
  firmName!: string;

  @Field(() => CountryCodeScalar, { description: 'Where the firm is registered.' })
  country!: string;

  @Field(() => RegistrationInput, { description: 'How a register names the firm; its check digits are verified.' })
  registration!: RegistrationInput;

  @Field(() => String, { description: "The owner's name." })
  userName!: string;

  @Field(() => String, { description: 'The address the owner signs in with; unused in the whole network.' })
  email!: string;

  @Field(() => String, { description: '8 to 200 characters.' })
  password!: string;
}

@InputType({ description: 'Who signs in.' })
class SessionCreateInput {
  @Field(() => String, { description: 'The e-mail address; case does not matter.' })
  email!: string;

  @Field(() => String, { description: 'The password.' })
  password!: string;
}

@InputType({ description: 'Which session to refresh.' })
class SessionRefreshInput {
  @Field(() => String, { description: "The session's present refresh token." })
  refreshToken!: string;
}

@InputType({ description: 'Which session to end.' })
class SessionRevokeInput {
  @Field(() => String, { description: "The session's present refresh token." })
  refreshToken!: string;
}

@ObjectType({ description: 'The outcome of ending a session.' })
class SessionRevokePayload {
  @Field(() => [UserErrorObject], { description: 'Why it was refused; empty when it was done.' })
  userErrors!: readonly UserError[];
}

@Directive('@inaccessible')
@ObjectType({ description: 'Who a live session or key stands for; for the gateway only.' })
class AskerObject {
  @Field(() => ID, { description: 'The firm.' })
  firmId!: string;

  @Field(() => ID, { nullable: true, description: 'The person.' })
  userId!: string | undefined;

  @Field(() => Boolean, { description: 'Whether it is an API key.' })
  byKey!: boolean;

  @Field(() => RoleEnum, { description: "The person's role today." })
  role!: Role;

  @Field(() => [String], { description: 'What it may do.' })
  scopes!: readonly string[];
}

@Resolver()
export class SessionResolver {
  @Mutation(() => SessionPayload, { description: 'Makes a firm and its first owner, and signs the owner in.' })
  firmSignUp(@Arg('input', () => FirmSignUpInput, { description: 'The firm and its owner.' }) input: FirmSignUpInput, @Ctx() request: Request): Promise<SessionPayload> {
    return answer<Pick<SessionPayload, 'session'>>({ session: null }, async () => {
      const registration = demandRegistration(input.registration, ['input', 'registration']);
      return { session: await signUpFirm(request.room, { ...input, registration }) };
    });
  }

  @Mutation(() => SessionPayload, { description: 'Signs in with e-mail and password. RATE_LIMITED after repeated failures.' })
  sessionCreate(@Arg('input', () => SessionCreateInput, { description: 'Who signs in.' }) input: SessionCreateInput, @Ctx() request: Request): Promise<SessionPayload> {
    return answer<Pick<SessionPayload, 'session'>>({ session: null }, async () => ({ session: await createSession(request.room, input.email, input.password) }));
  }

  @Mutation(() => SessionPayload, { description: 'Trades a refresh token for new tokens. A refresh token works once; used again later than ten seconds after, it ends the session (EXPIRED).' })
  sessionRefresh(@Arg('input', () => SessionRefreshInput, { description: 'Which session.' }) input: SessionRefreshInput, @Ctx() request: Request): Promise<SessionPayload> {
    return answer<Pick<SessionPayload, 'session'>>({ session: null }, async () => ({ session: await refreshSession(request.room, input.refreshToken) }));
  }

  @Mutation(() => SessionRevokePayload, { description: 'Ends a session: its access token stops working within five seconds. Again it changes nothing.' })
  sessionRevoke(@Arg('input', () => SessionRevokeInput, { description: 'Which session.' }) input: SessionRevokeInput, @Ctx() request: Request): Promise<SessionRevokePayload> {
    return answer({}, async () => {
      await revokeSession(request.room, input.refreshToken);
      return {};
    });
  }

  @Directive('@inaccessible')
  @Query(() => [AskerObject], {
    nullable: 'items',
    description: `For the gateway only: who sessions and API keys stand for now, the sessions in their order, then the keys in theirs; null for one that is revoked, expired or unknown. At most ${MOST_ASKERS} in all.`,
  })
  async askersOf(
    @Arg('sessionIds', () => [ID], { description: 'The sessions of access tokens.' }) sessionIds: string[],
    @Arg('apiKeyHashes', () => [String], { description: 'SHA-256 of API keys.' }) apiKeyHashes: string[],
    @Ctx() request: Request,
  ): Promise<(AskerObject | null)[]> {
    if (sessionIds.length + apiKeyHashes.length > MOST_ASKERS) throw new ApiError('BAD_USER_INPUT', `At most ${MOST_ASKERS} at once.`);
    return (await findAskers(request.room, sessionIds, apiKeyHashes)) as (AskerObject | null)[];
  }
}
