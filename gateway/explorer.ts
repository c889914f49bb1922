import { readFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { invariant } from '../src/errors.js';

/** The operations of the ready-made tabs, in order; the files are plain GraphQL for anybody to read. */
export const TABS = ['sign-in', 'dashboard', 'customer', 'risk', 'benchmark', 'compare', 'chat'] as const;
export const EXPLORER_DIRECTORY = join(import.meta.dirname, '..', '..', 'examples', 'explorer');

/** Where GraphiQL comes to stand in the page of the package. */
const ROOT = '<div id="root"></div>';

/** A slate with a stroke of chalk. */
const LOGO = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32" width="28" height="28"><rect x="2" y="5" width="28" height="22" rx="3" fill="#a9744f"/><rect x="5" y="8" width="22" height="16" rx="1" fill="#2f3b40"/><path d="M9 13h9M9 17h14M9 21h6" stroke="#f4f4ef" stroke-width="1.8" stroke-linecap="round"/></svg>';

/** GraphiQL leaves a shift on its tabs that it shows once one is pressed: the tab slips away from under the pointer. */
const STYLE = '.graphiql-tab { transform: none !important }';

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
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    'content-security-policy': "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:; worker-src blob:; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; connect-src 'self'; frame-ancestors 'none'",
  });
  response.end(body);
}

/** Whether a request wants a page for a person rather than data. GraphiQL notes what is edited in the page's own `?query=`. */
export function wantsExplorer(request: IncomingMessage): boolean {
  return request.method === 'GET' && (request.headers.accept ?? '').includes('text/html');
}

async function render(): Promise<Buffer> {
  // Nine megabytes of script: loaded when the first browser asks.
  const { renderGraphiQL } = await import('@graphql-yoga/render-graphiql');
  const [script, defaultTabs] = await Promise.all([
    readFile(join(EXPLORER_DIRECTORY, 'page.js'), 'utf8'),
    Promise.all(TABS.map(async (name) => ({
      query: await readFile(join(EXPLORER_DIRECTORY, `${name}.graphql`), 'utf8'),
      variables: await readFile(join(EXPLORER_DIRECTORY, `${name}.variables.json`), 'utf8').catch(() => null),
    }))),
  ]);
  // Subscriptions come over the same endpoint as server-sent events: a plain POST, so they carry the same headers.
  const html = renderGraphiQL({ title: 'Ardoise', logo: LOGO, favicon: `data:image/svg+xml,${encodeURIComponent(LOGO)}`, defaultTabs, subscriptionsProtocol: 'SSE', shouldPersistHeaders: false });
  const [before, after] = splitOnce(html, ROOT);
  return promisify(gzip)(`${before}<style>${STYLE}</style><script>${script}</script>${ROOT}${after}`);
}

/** The first occurrence only: the script that follows speaks of the same element. */
function splitOnce(text: string, mark: string): readonly [string, string] {
  const at = text.indexOf(mark);
  invariant(at >= 0, 'the page of GraphiQL has a root element');
  return [text.slice(0, at), text.slice(at + mark.length)];
}
