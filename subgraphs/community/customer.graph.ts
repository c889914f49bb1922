import { Directive, Field, ID, ObjectType } from 'type-graphql';

/** Portfolios owns the customer; community adds fields to it and knows no more of it than its id. */
@Directive('@key(fields: "id")')
@ObjectType('Customer', { description: 'A customer of your firm.' })
export class Customer {
  @Field(() => ID, { description: 'Opaque.' })
  id!: string;
}
