import 'reflect-metadata';
import { expect, test } from '@jest/globals';
import { graphql } from 'graphql';
import { Arg, Args, ArgsType, buildSchema, Ctx, Field, FieldResolver, InputType, Int, ObjectType, Query, Resolver, Root, UseMiddleware } from 'type-graphql';
import { plainResolvers } from './plain-resolvers.js';
import type { Request } from './request.js';

@ObjectType()
class Shelf {
  @Field(() => Int)
  places!: number;
}

@InputType()
class Wish {
  @Field(() => Int)
  places!: number;
}

@ArgsType()
class Wishes {
  @Field(() => Int)
  places!: number;
}

@Resolver(() => Shelf)
class ShelfResolver {
  readonly #word = 'shelf';

  @Query(() => Shelf)
  shelf(@Arg('places', () => Int, { defaultValue: 3 }) places: number): Shelf {
    return { places };
  }

  @Query(() => Shelf)
  wished(@Arg('wish', () => Wish) { places }: Wish): Shelf {
    return { places };
  }

  @Query(() => Shelf)
  wishedAtOnce(@Args(() => Wishes) { places }: Wishes): Shelf {
    return { places };
  }

  @Query(() => Shelf)
  @UseMiddleware(async (_, next) => next() as Promise<unknown>)
  guarded(): Shelf {
    return { places: 1 };
  }

  // The order of the parameters is the method's own.
  @FieldResolver(() => [String])
  names(@Arg('of', () => [String], { nullable: true }) of: string[] | null, @Ctx() request: Request, @Root() { places }: Shelf): string[] {
    return [this.#word, String(places), request.asking.requestId, ...(of ?? ['nothing'])];
  }

  @FieldResolver(() => Int)
  half(@Root('places') places: number): number {
    return places / 2;
  }
}

test('what needs no more than the parent, the request and plain arguments is resolved plainly, and nothing else', async () => {
  expect(() => plainResolvers([ShelfResolver])).toThrow();
  await buildSchema({ resolvers: [ShelfResolver], validate: false });
  const found = plainResolvers([ShelfResolver]);
  expect([...found].map(([type, fields]) => [type, Object.keys(fields)])).toEqual([['Query', ['shelf']], ['Shelf', ['names']]]);
  expect([...plainResolvers([])]).toEqual([]);
});

test('a plain resolver answers what the one in its place does', async () => {
  const schema = await buildSchema({ resolvers: [ShelfResolver], validate: false });
  const ask = (): Promise<unknown> => graphql({ schema, source: '{ shelf { names(of: ["a", "b"]) } wished: shelf(places: 8) { places none: names empty: names(of: null) } }', contextValue: { asking: { requestId: 'r1' } } });
  const expected = await ask();
  expect(expected).toEqual({ data: { shelf: { names: ['shelf', '3', 'r1', 'a', 'b'] }, wished: { places: 8, none: ['shelf', '8', 'r1', 'nothing'], empty: ['shelf', '8', 'r1', 'nothing'] } } });
  for (const [type, fields] of plainResolvers([ShelfResolver])) {
    const known = schema.getType(type);
    if (!known || !('getFields' in known)) throw new Error(`there is no type ${type}`);
    for (const [field, resolve] of Object.entries(fields)) Object.assign(known.getFields()[field]!, { resolve });
  }
  expect(await ask()).toEqual(expected);
});
