import { Directive, Field, ID, ObjectType } from 'type-graphql';

/** Portfolios owns the customer; community adds fields to it and knows no more of it than its id. */
@Directive('@key(fields: "id")')
@ObjectType('Customer', { description: 'Somebody your firm invoices. It is your own record; other members that invoice the same customer have theirs.' })
export class Customer {
  @Field(() => ID, { description: 'Opaque.' })
  id!: string;
}
