import { Ctx, Directive, Field, FieldResolver, ID, ObjectType, Query, Resolver } from 'type-graphql';
import { invariant } from '../../../src/errors.js';
import { RoleEnum } from '../../../src/graph/role.graph.js';
import type { Role } from '../../../src/server/asker.js';
import { Request } from '../../../src/server/request.js';
import { Firm, firmByReference } from '../firms/firm.resolver.js';
import { readPerson } from './read-person.js';

@Directive('@key(fields: "id", resolvable: false)')
@ObjectType({ description: 'A person who works for a member firm.' })
export class User {
  @Field(() => ID, { description: 'Opaque.' })
  id!: string;

  @Field(() => String, { description: 'As given when joining.' })
  name!: string;

  @Field(() => String, { description: 'The address the person signs in with, in lower case.' })
  email!: string;

  @Field(() => String, { description: 'Language of texts for this person, a BCP 47 tag.' })
  locale!: string;
}

@ObjectType({ description: 'Who is asking.' })
export class Viewer {
  @Field(() => User, { description: 'The person; for an API key, the one who made it.' })
  user!: User;

  @Field(() => Firm, { description: "The person's firm." })
  firm!: Firm;

  @Field(() => RoleEnum, { description: 'The role in the firm.' })
  role!: Role;

  @Field(() => [String], { description: 'What this request may do, of: ledger:read, ledger:write, credit:request, credit:write, community:read, community:write, chat, members:manage.' })
  scopes!: readonly string[];
}

@Resolver(() => Viewer)
export class ViewerResolver {
  @Query(() => Viewer, { nullable: true, description: 'Who is asking; null when nobody is signed in.' })
  viewer(@Ctx() request: Request): object | null {
    const { asker } = request.asking;
    return asker ? { role: asker.role, scopes: asker.scopes } : null;
  }

  @FieldResolver(() => User, { description: 'The person; for an API key, the one who made it.' })
  async user(@Ctx() request: Request): Promise<User> {
    const { userId } = request.demand();
    invariant(userId, 'an asker is a person');
    return readPerson(request, userId);
  }

  @FieldResolver(() => Firm, { description: "The person's firm." })
  async firm(@Ctx() request: Request): Promise<object> {
    const firm = await firmByReference({ id: request.demand().firmId }, request);
    invariant(firm, "an asker's firm exists");
    return firm;
  }
}
