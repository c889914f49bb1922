import { readFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';

/** The operations of the ready-made tabs, in order; the files are plain GraphQL for anybody to read. */
const TABS = ['sign-in', 'dashboard', 'customer', 'benchmark', 'chat'] as const;
const TABS_DIRECTORY = join(import.meta.dirname, '..', '..', 'examples', 'explorer');

let page: Promise<Buffer> | undefined;

/** Answers a browser with GraphiQL, whole from the npm package: no other host is asked for anything. */
export async function serveExplorer(_request: IncomingMessage, response: ServerResponse): Promise<void> {
  page ??= render();
  const body = await page;
  response.writeHead(200, {
    'content-type': 'text/html; charset=utf-8',
    'content-encoding': 'gzip',
    'content-length': body.length,
    'cache-control': 'no-cache',
    'x-content-type-options': 'nosniff',
    'content-security-policy': "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:; worker-src blob:; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; connect-src 'self'; frame-ancestors 'none'",
  });
  response.end(body);
}

/** Whether a request wants a page for a person rather than data. */
export function wantsExplorer(request: IncomingMessage): boolean {
  return request.method === 'GET' && (request.headers.accept ?? '').includes('text/html') && !(request.url ?? '').includes('query=');
}

async function render(): Promise<Buffer> {
  // Nine megabytes of script: loaded when the first browser asks.
  const { renderGraphiQL } = await import('@graphql-yoga/render-graphiql');
  const defaultTabs = await Promise.all(TABS.map(async (name) => ({
    query: await readFile(join(TABS_DIRECTORY, `${name}.graphql`), 'utf8'),
    headers: name === 'sign-in' ? '{}' : '{ "Authorization": "Bearer PASTE-THE-ACCESS-TOKEN-HERE" }',
  })));
  const html = renderGraphiQL({ title: 'Ardoise', defaultTabs, subscriptionsProtocol: 'GRAPHQL_SSE', shouldPersistHeaders: true } as Parameters<typeof renderGraphiQL>[0]);
  return gzipSync(html);
}
