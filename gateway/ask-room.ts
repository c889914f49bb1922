import type { DocumentNode, ExecutionResult } from 'graphql';
import { print } from 'graphql';
import { ASSERTION_HEADER, type AssertionSigner } from '../src/server/assertion.js';
import { executeInRoom, type RunningSubgraph } from '../src/server/execute.js';
import type { Asking } from '../src/server/request.js';
import type { Subgraph } from '../src/server/subgraph.js';
import type { RoomName } from '../src/rooms.js';

/** A room as the gateway reaches it: in this process, or at a URL. */
export type Reach =
  | { readonly kind: 'here'; readonly running: RunningSubgraph & { readonly subgraph: Subgraph } }
  | { readonly kind: 'there'; readonly url: string; readonly signer: AssertionSigner };

export type Reaches = Readonly<Record<RoomName, Reach>>;

/** Asks one room something that is the gateway's own business, not part of a client's operation. */
export async function askRoom(room: RoomName, reach: Reach, document: DocumentNode, variables: Record<string, unknown>, asking: Asking): Promise<ExecutionResult> {
  if (reach.kind === 'here') return executeInRoom(reach.running, { document, variables, operationName: undefined }, asking);
  const response = await fetch(`${reach.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', [ASSERTION_HEADER]: await reach.signer.sign(room, asking) },
    body: JSON.stringify({ query: print(document), variables }),
    signal: AbortSignal.timeout(5000),
  });
  return (await response.json()) as ExecutionResult;
}
