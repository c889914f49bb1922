import { Arg, Ctx, Field, ID, InputType, Mutation, ObjectType, Resolver } from 'type-graphql';
import { answer, type UserError } from '../../../src/errors.js';
import { DateTimeScalar } from '../../../src/graph/scalars.js';
import { UserErrorObject } from '../../../src/graph/user-error.graph.js';
import { Request } from '../../../src/server/request.js';
import { createApiKey, revokeApiKey } from './create-api-key.js';

@ObjectType({ description: 'A secret by which a program acts for your firm.' })
class ApiKey {
  @Field(() => ID, { description: 'Opaque.' })
  id!: string;

  @Field(() => String, { description: 'What it is for.' })
  name!: string;

  @Field(() => [String], { description: 'What it may do.' })
  scopes!: readonly string[];

  @Field(() => DateTimeScalar, { nullable: true, description: 'When it ends; null: when it is revoked.' })
  expiresAt!: Date | null;

  @Field(() => DateTimeScalar, { nullable: true, description: 'When it was last used; null: never.' })
  lastUsedAt!: Date | null;
}

@InputType({ description: 'A new API key.' })
class ApiKeyCreateInput {
  @Field(() => String, { description: 'What it is for.' })
  name!: string;

  @Field(() => [String], { description: 'What it may do: some of your own scopes, as in Viewer.scopes.' })
  scopes!: string[];

  @Field(() => DateTimeScalar, { nullable: true, description: 'When it ends; without: when it is revoked.' })
  expiresAt?: Temporal.Instant;
}

@ObjectType({ description: 'A new API key, or why there is none.' })
class ApiKeyCreatePayload {
  @Field(() => ApiKey, { nullable: true, description: 'Null when refused.' })
  apiKey!: ApiKey | null;

  @Field(() => String, { nullable: true, description: 'Goes into `Authorization: Bearer …`; shown here and never again.' })
  secret!: string | null;

  @Field(() => [UserErrorObject], { description: 'Why it was refused; empty when it was done.' })
  userErrors!: readonly UserError[];
}

@InputType({ description: 'Which key to end.' })
class ApiKeyRevokeInput {
  @Field(() => ID, { description: 'The key.' })
  id!: string;
}

@ObjectType({ description: 'The outcome of ending a key.' })
class ApiKeyRevokePayload {
  @Field(() => [UserErrorObject], { description: 'Why it was refused; empty when it was done.' })
  userErrors!: readonly UserError[];
}

@Resolver()
export class ApiKeyResolver {
  @Mutation(() => ApiKeyCreatePayload, { description: 'Makes an API key. Needs the scope members:manage.' })
  apiKeyCreate(@Arg('input', () => ApiKeyCreateInput, { description: 'The key.' }) input: ApiKeyCreateInput, @Ctx() request: Request): Promise<ApiKeyCreatePayload> {
    const asker = request.demand('members:manage');
    return answer<Omit<ApiKeyCreatePayload, 'userErrors'>>({ apiKey: null, secret: null }, async () => {
      const { apiKey, secret } = await createApiKey(request.room, asker, { ...input, expiresAt: input.expiresAt ?? undefined });
      return { apiKey: { ...apiKey, expiresAt: apiKey.expiresAt ?? null, lastUsedAt: apiKey.lastUsedAt ?? null }, secret };
    });
  }

  @Mutation(() => ApiKeyRevokePayload, { description: 'Ends an API key: at once where you ask, within five seconds everywhere. Needs the scope members:manage. Again it changes nothing.' })
  apiKeyRevoke(@Arg('input', () => ApiKeyRevokeInput, { description: 'Which key.' }) input: ApiKeyRevokeInput, @Ctx() request: Request): Promise<ApiKeyRevokePayload> {
    const asker = request.demand('members:manage');
    return answer({}, async () => {
      await revokeApiKey(request.room, asker, input.id);
      return {};
    });
  }
}
