import { Agent, request } from 'node:http';
import type { Visitor } from '../../test/house.js';

/**
 * The public door as an attacker meets it: one operation goes in, the bytes of its answer come out. Request ids, which are
 * drawn anew for each request, read `…`.
 */
export type Door = (who: Visitor, query: string, variables?: Readonly<Record<string, unknown>>) => Promise<string>;

/** Connections that stay open: an attacker who measures time does not pay for a new one each time. */
const agent = new Agent({ keepAlive: true, maxSockets: 32 });

export const publicDoor: Door = async (who, query, variables = {}) => {
  const { text } = await post(who, JSON.stringify({ query, variables }));
  return withoutRequestIds(text);
};

/** A text with every uuid in it taken out: what is left does not depend on which rows it is about. */
export function withoutUuids(text: string): string {
  return text.replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, 'UUID');
}

export function withoutRequestIds(text: string): string {
  return text.replaceAll(/"requestId":"[^"]+"/g, '"requestId":"…"');
}

export interface Posted {
  readonly status: number;
  readonly text: string;
}

/** Posts these bytes to the public door. */
export function post(who: Visitor, body: string, headers: Readonly<Record<string, string>> = {}): Promise<Posted> {
  const { promise, resolve, reject } = Promise.withResolvers<Posted>();
  const outgoing = request(`${who.house.url}/graphql`, {
    method: 'POST',
    agent,
    headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body), ...(who.token !== undefined && { authorization: `Bearer ${who.token}` }), ...headers },
  });
  // A kept connection may be closed by the other end just when it is used again; then nothing was done.
  outgoing.once('error', (error: NodeJS.ErrnoException) => (outgoing.reusedSocket && error.code === 'ECONNRESET' ? resolve(post(who, body, headers)) : reject(error))).once('response', (incoming) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk)).once('error', reject);
    incoming.once('end', () => resolve({ status: incoming.statusCode ?? 0, text: Buffer.concat(chunks).toString() }));
  });
  outgoing.end(body);
  return promise;
}

/** One operation whose answer must hold no errors; returns its data. */
export async function dataOf<Data>(answer: Promise<string>): Promise<Data> {
  const { data, errors } = JSON.parse(await answer) as { data: Data; errors?: unknown };
  if (errors !== undefined) throw new Error(JSON.stringify(errors));
  return data;
}
