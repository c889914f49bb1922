import type { GatewayConfig } from '@graphql-hive/gateway-runtime';
import httpTransport from '@graphql-mesh/transport-http';
import { OperationTypeNode, type DocumentNode } from 'graphql';
import type { RoomName } from '../src/rooms.js';
import { executeInRoom, subscribeInRoom } from '../src/server/execute.js';
import type { Asking } from '../src/server/request.js';
import { invariant } from '../src/errors.js';
import type { Reaches } from './ask-room.js';

/** What the gateway's plugins put into the context of every operation. */
export interface GatewayAsking {
  readonly asking: Asking;
}

type Transports = NonNullable<GatewayConfig['transports']>;

/**
 * How the gateway's planner reaches the rooms: those of this process are called as functions, without HTTP in between;
 * the others over HTTP, their subscriptions over SSE.
 */
export function subgraphTransports(reaches: Reaches): Transports {
  return {
    http: {
      async getSubgraphExecutor(options) {
        const reach = reaches[options.subgraphName.toLowerCase() as RoomName];
        invariant(reach, `the supergraph has a room ${options.subgraphName}`);
        if (reach.kind === 'there') return httpTransport.getSubgraphExecutor(options as never);
        return ((request: { document: DocumentNode; variables?: Record<string, unknown>; operationName?: string; operationType?: OperationTypeNode; context?: GatewayAsking }) => {
          invariant(request.context?.asking, 'every operation says who asks');
          const operation = { document: request.document, variables: request.variables, operationName: request.operationName };
          const run = request.operationType === OperationTypeNode.SUBSCRIPTION ? subscribeInRoom : executeInRoom;
          return run(reach.running, operation, request.context.asking);
        }) as never;
      },
    },
  } as Transports;
}
