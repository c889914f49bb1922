import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { GraphQLInt, GraphQLObjectType, GraphQLSchema } from 'graphql';
import { useServer } from 'graphql-ws/use/ws';
import { WebSocketServer } from 'ws';

/** graphql-ws as its page shows it, on ws and graphql-js: one subscription, which says one thing and waits. */
const schema = new GraphQLSchema({
  query: new GraphQLObjectType({ name: 'Query', fields: { nothing: { type: GraphQLInt } } }),
  subscription: new GraphQLObjectType({
    name: 'Subscription',
    fields: { waiting: { type: GraphQLInt, subscribe: wait } },
  }),
});

async function* wait(): AsyncGenerator<{ readonly waiting: number }> {
  yield { waiting: 1 };
  await new Promise(() => undefined);
}

const server = createServer();
useServer({ schema }, new WebSocketServer({ server, path: '/graphql' }));
server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 }, () => console.log(`listening at http://127.0.0.1:${(server.address() as AddressInfo).port}`));
