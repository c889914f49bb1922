import { Arg, Ctx, Field, InputType, Mutation, ObjectType, Resolver } from 'type-graphql';
import { answer, type UserError } from '../../../src/errors.js';
import { RoleEnum } from '../../../src/graph/role.graph.js';
import { UserErrorObject } from '../../../src/graph/user-error.graph.js';
import type { Role } from '../../../src/server/asker.js';
import { Request } from '../../../src/server/request.js';
import { SessionPayload } from '../sessions/session.resolver.js';
import { acceptInvitation, inviteMember } from './invite-member.js';

@InputType({ description: 'Whom to invite.' })
class MemberInviteInput {
  @Field(() => String, { description: 'The address the person will sign in with.' })
  email!: string;

  @Field(() => RoleEnum, { description: 'The role the person will have.' })
  role!: Role;
}

@ObjectType({ description: 'An invitation, or why there is none.' })
class MemberInvitePayload {
  @Field(() => String, { nullable: true, description: 'To hand to the person; shown once, good for seven days. Null when refused.' })
  invitationToken!: string | null;

  @Field(() => [UserErrorObject], { description: 'Why it was refused; empty when it was done.' })
  userErrors!: readonly UserError[];
}

@InputType({ description: 'How an invited person joins.' })
class InvitationAcceptInput {
  @Field(() => String, { description: 'The token of the invitation.' })
  invitationToken!: string;

  @Field(() => String, { description: "The person's name." })
  userName!: string;

  @Field(() => String, { description: '8 to 200 characters.' })
  password!: string;
}

@Resolver()
export class MemberResolver {
  @Mutation(() => MemberInvitePayload, { description: 'Invites somebody into your firm. Needs the scope members:manage.' })
  memberInvite(@Arg('input', () => MemberInviteInput, { description: 'Whom, and as what.' }) input: MemberInviteInput, @Ctx() request: Request): Promise<MemberInvitePayload> {
    const asker = request.demand('members:manage');
    return answer({ invitationToken: null as string | null }, async () => ({ invitationToken: await inviteMember(request.room, asker, input.email, input.role) }));
  }

  @Mutation(() => SessionPayload, { description: 'Joins the firm of an invitation and signs in. An invitation works once.' })
  invitationAccept(@Arg('input', () => InvitationAcceptInput, { description: 'The invitation and who accepts it.' }) input: InvitationAcceptInput, @Ctx() request: Request): Promise<SessionPayload> {
    return answer<Pick<SessionPayload, 'session'>>({ session: null }, async () => ({ session: await acceptInvitation(request.room, input) }));
  }
}
