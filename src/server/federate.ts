import { buildSubgraphSchema, printSubgraphSchema } from '@apollo/subgraph';
import { GraphQLDirective, parse, specifiedDirectives, type GraphQLFieldResolver, type GraphQLSchema } from 'graphql';
import { buildSchema, createResolversMap, getMetadataStorage } from 'type-graphql';
import { invariant } from '../errors.js';
import { plainResolvers } from './plain-resolvers.js';
import { Request } from './request.js';
import type { Subgraph } from './subgraph.js';

/** The federation directives that the rooms use. */
const LINK = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@shareable", "@inaccessible", "@external"])\n\n`;

export interface FederatedSchema {
  readonly schema: GraphQLSchema;
  readonly sdl: string;
}

/** What type-graphql has no place for; the same in every room, so that composing has nothing to choose. */
const ROOTS = {
  Query: 'What can be asked. Everything is what your own firm may see.',
  Mutation: 'What can be done. What is refused for a reason of yours comes back as userErrors.',
  Subscription: 'What can be followed, over WebSocket or server-sent events.',
} as const;

function describeRoots(sdl: string): string {
  return Object.entries(ROOTS).reduce((text, [root, description]) => text.replace(new RegExp(`^type ${root}\\b`, 'm'), `"""${description}"""\ntype ${root}`), sdl);
}

/** type-graphql demands one; every subscription here brings its own source, and hints say when to look. */
const noPubSub = {
  publish: () => invariant(false, 'nothing is published through type-graphql'),
  subscribe: () => invariant(false, 'a subscription brings its own source') as never,
};

/** Builds a room's part of the supergraph from its type-graphql resolvers. */
export async function federate(subgraph: Subgraph): Promise<FederatedSchema> {
  // A field without a method is a property of its parent: graphql-js reads it by itself.
  for (const type of getMetadataStorage().objectTypes) type.simpleResolvers = true;
  const plain = await buildSchema({
    resolvers: subgraph.resolvers as unknown as [() => void, ...(() => void)[]],
    validate: false,
    // A room may have no query of its own, only fields of entities; `buildSubgraphSchema` below adds those and checks all.
    skipCheck: true,
    directives: specifiedDirectives as GraphQLDirective[],
    orphanedTypes: [...(subgraph.entities ?? [])],
    pubSub: noPubSub,
  });
  const sdl = LINK + describeRoots(printSubgraphSchema(plain));
  const resolvers = createResolversMap(plain) as Record<string, Record<string, unknown>>;
  for (const [type, fields] of plainResolvers(subgraph.resolvers)) resolvers[type] = { ...resolvers[type], ...fields };
  for (const [type, resolve] of Object.entries(subgraph.references)) {
    resolvers[type] = {
      ...resolvers[type],
      __resolveReference: async (reference: Record<string, unknown>, request: Request) => {
        const found = await resolve(reference, request);
        return found && { __typename: type, ...found };
      },
    };
  }
  const schema = buildSubgraphSchema([{ typeDefs: parse(sdl), resolvers: resolvers as Record<string, Record<string, GraphQLFieldResolver<unknown, Request>>> }]);
  return { schema, sdl };
}
