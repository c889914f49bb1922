import type { DocumentNode, ExecutionResult } from 'graphql';
import { executeInRoom, type RunningSubgraph } from '../src/server/execute.js';
import type { Asking } from '../src/server/request.js';
import type { Subgraph } from '../src/server/subgraph.js';
import type { RoomName } from '../src/rooms.js';
import { queryOverHttp, type Distant } from './ask-over-http.js';

/** A room as the gateway reaches it: in this process, or at a URL. */
export type Reach =
  | { readonly kind: 'here'; readonly running: RunningSubgraph & { readonly subgraph: Subgraph } }
  | ({ readonly kind: 'there' } & Distant);

export type Reaches = Readonly<Record<RoomName, Reach>>;

/** What the gateway asks before it begins with a client's operation must leave that operation time, in milliseconds. */
const LIMIT = 3000;

/** Asks one room something that is the gateway's own business, not part of a client's operation. */
export async function askRoom(room: RoomName, reach: Reach, document: DocumentNode, variables: Record<string, unknown>, asking: Asking): Promise<ExecutionResult> {
  const operation = { document, variables, operationName: undefined };
  return reach.kind === 'here' ? executeInRoom(reach.running, operation, asking) : queryOverHttp(room, reach, operation, asking, LIMIT);
}
