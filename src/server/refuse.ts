import type { ServerResponse } from 'node:http';

/** A refusal outside GraphQL, in the same shape as its errors. */
export function refuse(response: ServerResponse, status: number, code: string, message: string): void {
  if (response.headersSent) return void response.destroy();
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ errors: [{ message, extensions: { code } }] }));
}
