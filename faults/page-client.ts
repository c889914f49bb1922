import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const ROOT = join(import.meta.dirname, '..', '..');

export interface PageDoor {
  /** The API, `http://…/graphql`. */
  readonly url: string;
  /** Gives an access token which still holds. */
  readonly token: () => string | Promise<string>;
  /** Ends everything. */
  readonly signal?: AbortSignal;
}

export interface PageMessage {
  readonly id: string;
  readonly seq: number;
  readonly mine: boolean;
  readonly body: string;
  readonly sentAt: string;
}

export interface PageAnswer {
  readonly message: { readonly id: string; readonly seq: number } | null;
  readonly userErrors: readonly { readonly code: string; readonly message: string }[];
}

/** The client of docs/CHAT.md, as the page describes it. */
export interface PageClient {
  /** `undefined` once its signal has ended it. */
  readonly send: (door: PageDoor, conversationId: string, body: string, clientId?: string) => Promise<PageAnswer | undefined>;
  readonly follow: (door: PageDoor, conversationId: string, after?: number) => AsyncGenerator<PageMessage, void, void>;
}

/** The client that docs/CHAT.md shows, as it stands there. */
export async function readPageClient(): Promise<string> {
  const page = await readFile(join(ROOT, 'docs', 'CHAT.md'), 'utf8');
  const [block, ...others] = [...page.matchAll(/^```js\n([^]*?)^```$/gm)];
  if (!block || others.length > 0) throw new Error('docs/CHAT.md must show one client.');
  return block[1]!;
}

/** Loads that client as anybody would who has copied it: from a file of its own, beside the package that it imports. */
export async function loadPageClient(): Promise<PageClient> {
  const directory = await mkdtemp(join(tmpdir(), 'ardoise-page-client-'));
  try {
    await symlink(join(ROOT, 'node_modules'), join(directory, 'node_modules'));
    const file = join(directory, 'client.mjs');
    await writeFile(file, await readPageClient());
    return (await import(pathToFileURL(file).href)) as PageClient;
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
