import { createSourceEventStream, execute, type DocumentNode, type ExecutionResult, type GraphQLSchema } from 'graphql';
import { mapStream } from './map-stream.js';
import { maskError } from './mask-errors.js';
import { Request, type Asking } from './request.js';
import type { Room } from './room.js';

export interface Operation {
  readonly document: DocumentNode;
  readonly variables: Record<string, unknown> | undefined;
  readonly operationName: string | undefined;
}

/** A subgraph that runs in this process. */
export interface RunningSubgraph {
  readonly room: Room;
  readonly schema: GraphQLSchema;
}

/** Runs a query or a mutation in a subgraph of this process. */
export async function executeInRoom(subgraph: RunningSubgraph, operation: Operation, asking: Asking, rootValue?: unknown): Promise<ExecutionResult> {
  const result = await execute({ schema: subgraph.schema, document: operation.document, variableValues: operation.variables, operationName: operation.operationName, contextValue: new Request(subgraph.room, asking), rootValue });
  return mask(result, asking, subgraph.room);
}

/**
 * Opens a subscription in a subgraph of this process. Each of its events is an operation of its own, with fresh reads:
 * a subscription lives for hours, what it shows must not.
 */
export async function subscribeInRoom(subgraph: RunningSubgraph, operation: Operation, asking: Asking): Promise<ExecutionResult | AsyncIterableIterator<ExecutionResult>> {
  const events = await createSourceEventStream({ schema: subgraph.schema, document: operation.document, variableValues: operation.variables, operationName: operation.operationName, contextValue: new Request(subgraph.room, asking) });
  if (!(Symbol.asyncIterator in events)) return mask(events, asking, subgraph.room);
  return mapStream(events, (event) => executeInRoom(subgraph, operation, asking, event));
}

function mask(result: ExecutionResult, asking: Asking, room: Room): ExecutionResult {
  if (!result.errors) return result;
  return { ...result, errors: result.errors.map((error) => maskError(error, asking.requestId, room.log)) };
}
