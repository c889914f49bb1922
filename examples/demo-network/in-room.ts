import { randomUUID } from 'node:crypto';
import { parse, type DocumentNode } from 'graphql';
import type { Asker } from '../../src/server/asker.js';
import { executeInRoom, type RunningSubgraph } from '../../src/server/execute.js';

const documents = new Map<string, DocumentNode>();

/** Asks a room as one firm, by the same operations that a client of that firm uses. Whatever is refused is thrown. */
export async function inRoom<Data>(subgraph: RunningSubgraph, asker: Asker, operation: string, variables: Record<string, unknown> = {}): Promise<Data> {
  let document = documents.get(operation);
  if (!document) documents.set(operation, (document = parse(operation)));
  const { data, errors } = await executeInRoom(subgraph, { document, variables, operationName: undefined }, { asker, requestId: randomUUID(), origin: '' });
  if (errors) throw new Error(`the demo network was refused: ${errors.map(({ message }) => message).join('; ')}`);
  for (const field of Object.values(data ?? {})) {
    const refusals = (field as { readonly userErrors?: readonly { readonly message: string }[] } | null)?.userErrors ?? [];
    if (refusals.length > 0) throw new Error(`the demo network was refused: ${refusals.map(({ message }) => message).join('; ')}`);
  }
  return data as Data;
}
