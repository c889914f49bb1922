import { Arg, Ctx, Field, FieldResolver, ID, InputType, Mutation, ObjectType, Resolver, Root } from 'type-graphql';
import { answer, type UserError } from '../../../src/errors.js';
import { UserErrorObject } from '../../../src/graph/user-error.graph.js';
import { Request } from '../../../src/server/request.js';
import { isUuid } from '../../../src/values/opaque-id.js';
import { Customer } from '../customer.graph.js';
import { withLedgerKnown } from './ask-ledger.js';
import { readKeptOut } from './read-kept-out.js';
import { setSharing } from './set-sharing.js';

@InputType({ description: 'Whether one customer is shared.' })
class CustomerSharingInput {
  @Field(() => ID, { description: 'The customer.' })
  customerId!: string;

  @Field(() => Boolean, { description: 'False keeps it out: your figures for it count for nobody, and you read none. True takes it back in.' })
  shared!: boolean;
}

@ObjectType({ description: 'The outcome of keeping a customer out, or taking it back in.' })
class CustomerSharingPayload {
  @Field(() => Customer, { nullable: true, description: 'The customer; null when refused.' })
  customer!: Customer | null;

  @Field(() => [UserErrorObject], { description: 'Why it was refused; empty when it was done.' })
  userErrors!: readonly UserError[];
}

@Resolver(() => Customer)
export class SharingResolver {
  @FieldResolver(() => Boolean, { description: 'Whether your firm lets it be shared. False: it keeps it out by customerSharingSet, under this account or another one of the same legal unit. True is no promise that it is: that takes a member, a registration and three invoices in a quarter. Needs the scope community:read.' })
  async shared(@Root() { id }: Customer, @Ctx() request: Request): Promise<boolean> {
    request.demand('community:read');
    return !(isUuid(id) && (await request.batch(readKeptOut, id)));
  }

  @Mutation(() => CustomerSharingPayload, { description: 'Keeps one customer out of what your firm shares and reads, or takes it back in. Reading stops at once; published benchmarks stay. Needs the scope community:write. Again it changes nothing.' })
  customerSharingSet(@Arg('input', () => CustomerSharingInput, { description: 'Which customer, and whether it is shared.' }) input: CustomerSharingInput, @Ctx() request: Request): Promise<CustomerSharingPayload> {
    const { firmId } = request.demand('community:write');
    return answer<Omit<CustomerSharingPayload, 'userErrors'>>({ customer: null }, async () => {
      await withLedgerKnown(request.room, firmId, input.customerId, () => setSharing(request.room, firmId, input.customerId, input.shared));
      request.forget();
      return { customer: { id: input.customerId } };
    });
  }
}
