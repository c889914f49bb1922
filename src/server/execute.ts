import { createSourceEventStream, execute, type DocumentNode, type ExecutionResult, type GraphQLSchema } from 'graphql';
import { compileQuery, isCompiledQuery, type CompiledQuery } from 'graphql-jit';
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
  return mapStream(events, (event) => showEvent(subgraph, operation, asking, event));
}

/**
 * Executes a subscription's document for one event: compiled, for the same document shows thousands of them, at a
 * twentieth of what graphql-js takes for a small one.
 */
function showEvent(subgraph: RunningSubgraph, operation: Operation, asking: Asking, event: unknown): ExecutionResult | Promise<ExecutionResult> {
  const compiled = compile(subgraph.schema, operation);
  if (!compiled) return executeInRoom(subgraph, operation, asking, event);
  const shown = compiled.query(event, new Request(subgraph.room, asking), operation.variables);
  return 'then' in shown ? shown.then((result) => mask(result, asking, subgraph.room)) : mask(shown, asking, subgraph.room);
}

/** How often a document shows an event before it is compiled, which takes as long as some hundred events. */
const EVENTS_UNCOMPILED = 5;

interface Shown {
  events: number;
  compiled: CompiledQuery | 'not possible' | undefined;
}

const shownDocuments = new WeakMap<GraphQLSchema, WeakMap<DocumentNode, Map<string | undefined, Shown>>>();

function compile(schema: GraphQLSchema, { document, operationName }: Operation): CompiledQuery | undefined {
  const documents = shownDocuments.getOrInsertComputed(schema, () => new WeakMap());
  const operations = documents.getOrInsertComputed(document, () => new Map());
  const shown = operations.getOrInsertComputed(operationName, () => ({ events: 0, compiled: undefined }));
  shown.events += 1;
  if (shown.events > EVENTS_UNCOMPILED && !shown.compiled) {
    const compiled = compileQuery(schema, document, operationName);
    shown.compiled = isCompiledQuery(compiled) ? compiled : 'not possible';
  }
  return shown.compiled === 'not possible' ? undefined : shown.compiled;
}

function mask(result: ExecutionResult, asking: Asking, room: Room): ExecutionResult {
  if (!result.errors) return result;
  return { ...result, errors: result.errors.map((error) => maskError(error, asking.requestId, room.log)) };
}
