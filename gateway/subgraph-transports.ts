import type { GatewayConfig } from '@graphql-hive/gateway-runtime';
import { OperationTypeNode, type DocumentNode, type ExecutionResult } from 'graphql';
import type { RoomName } from '../src/rooms.js';
import { executeInRoom, subscribeInRoom } from '../src/server/execute.js';
import type { Asking } from '../src/server/request.js';
import { invariant } from '../src/errors.js';
import { mutateOverHttp, queryOverHttp, subscribeOverHttp, unavailable } from './ask-over-http.js';
import type { Reach, Reaches } from './ask-room.js';

/** What the gateway's plugins put into the context of every operation. */
export interface GatewayAsking {
  readonly asking: Asking;
}

type Transports = NonNullable<GatewayConfig['transports']>;

/** A query unless it says otherwise. */
export interface RoomOperation {
  readonly document: DocumentNode;
  readonly variables?: Record<string, unknown> | undefined;
  readonly operationName?: string | undefined;
  readonly operationType?: OperationTypeNode;
}

interface SubgraphRequest extends RoomOperation {
  readonly context?: GatewayAsking;
}

/** A room that does not answer costs its client this much and no more, in milliseconds: within five seconds something is said. */
const QUERY_LIMIT = 4500;
/** Mutations may do what time made due (a sandbox) before they answer. */
const MUTATION_LIMIT = 60_000;

/**
 * How the gateway's planner reaches the rooms: those of this process are called as functions, without HTTP in between;
 * the others over HTTP, their subscriptions over SSE. An executor of our own, so that every request carries an assertion
 * of its own and nothing is ever shared between two askers.
 */
export function subgraphTransports(reaches: Reaches): Transports {
  return {
    http: {
      async getSubgraphExecutor(options) {
        const room = options.subgraphName.toLowerCase() as RoomName;
        const reach = reaches[room];
        invariant(reach, `the supergraph has a room ${room}`);
        return ((request: SubgraphRequest) => {
          invariant(request.context?.asking, 'every operation says who asks');
          return runInRoom(room, reach, request, request.context.asking);
        }) as never;
      },
    },
  } as Transports;
}

/** Runs one operation in a room, wherever it is, and waits for no longer than its client may have to. */
export async function runInRoom(room: RoomName, reach: Reach, request: RoomOperation, asking: Asking): Promise<ExecutionResult | AsyncIterable<ExecutionResult>> {
  const operation = { document: request.document, variables: request.variables, operationName: request.operationName };
  const type = request.operationType ?? OperationTypeNode.QUERY;
  if (reach.kind === 'there') {
    if (type === OperationTypeNode.SUBSCRIPTION) return subscribeOverHttp(room, reach, operation, asking, QUERY_LIMIT);
    return type === OperationTypeNode.MUTATION ? mutateOverHttp(room, reach, operation, asking, MUTATION_LIMIT) : queryOverHttp(room, reach, operation, asking, QUERY_LIMIT);
  }
  if (type === OperationTypeNode.SUBSCRIPTION) return subscribeInRoom(reach.running, operation, asking);
  return within(type === OperationTypeNode.MUTATION ? MUTATION_LIMIT : QUERY_LIMIT, executeInRoom(reach.running, operation, asking));
}

function within(limit: number, answer: Promise<ExecutionResult>): Promise<ExecutionResult> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => resolve({ errors: [unavailable()] }), limit);
    answer.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
