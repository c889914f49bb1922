import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { exportJWK, generateKeyPair, calculateJwkThumbprint, type JWK } from 'jose';
import { SettingsError, type KeyFiles } from './settings.js';

/** Which process may hold which secret: nobody has one that it does not use. */
export const KEYS_BY_PROCESS = {
  gateway: ['sessionPublicKey', 'assertionKey'],
  identity: ['sessionKey', 'assertionPublicKey', 'identifierKey'],
  portfolios: ['assertionPublicKey', 'matchingKey'],
  scoring: ['assertionPublicKey', 'webhookKey'],
  community: ['assertionPublicKey', 'identifierKey'],
} as const satisfies Record<string, readonly (keyof KeyFiles)[]>;

const FILE_NAMES: Readonly<Record<keyof KeyFiles, string>> = {
  sessionKey: 'session.private.json',
  sessionPublicKey: 'session.public.json',
  assertionKey: 'assertion.private.json',
  assertionPublicKey: 'assertion.public.json',
  matchingKey: 'matching.key',
  identifierKey: 'identifier.key',
  webhookKey: 'webhook.key',
};

/** The setting that names each file. */
export const FILE_VARIABLES: Readonly<Record<keyof KeyFiles, string>> = {
  sessionKey: 'ARDOISE_SESSION_KEY_FILE',
  sessionPublicKey: 'ARDOISE_SESSION_PUBLIC_KEY_FILE',
  assertionKey: 'ARDOISE_ASSERTION_KEY_FILE',
  assertionPublicKey: 'ARDOISE_ASSERTION_PUBLIC_KEY_FILE',
  matchingKey: 'ARDOISE_MATCHING_KEY_FILE',
  identifierKey: 'ARDOISE_IDENTIFIER_KEY_FILE',
  webhookKey: 'ARDOISE_WEBHOOK_KEY_FILE',
};

/** A set of JSON Web Keys. The first one signs; all of them verify, so a key is rotated by putting a new one first. */
export interface KeySet {
  readonly keys: readonly (JWK & { readonly kid: string })[];
}

/**
 * Makes every key that is missing in `directory` and returns where they lie. Existing keys stay: the matching key and
 * the identifier key give stored rows and ids their meaning, and receivers hold secrets made of the webhook key.
 */
export async function makeKeyFiles(directory: string): Promise<Required<KeyFiles>> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const path = (key: keyof KeyFiles): string => join(directory, FILE_NAMES[key]);
  await makeSigningPair(path('sessionKey'), path('sessionPublicKey'));
  await makeSigningPair(path('assertionKey'), path('assertionPublicKey'));
  for (const key of ['matchingKey', 'identifierKey', 'webhookKey'] as const) {
    if (!existsSync(path(key))) await writeSecret(path(key), `${randomBytes(32).toString('base64url')}\n`);
  }
  return Object.fromEntries(Object.keys(FILE_NAMES).map((key) => [key, path(key as keyof KeyFiles)])) as Required<KeyFiles>;
}

async function makeSigningPair(privatePath: string, publicPath: string): Promise<void> {
  if (existsSync(privatePath) && existsSync(publicPath)) return;
  const pair = await generateKeyPair('EdDSA', { crv: 'Ed25519', extractable: true });
  const publicJwk = await exportJWK(pair.publicKey);
  const kid = await calculateJwkThumbprint(publicJwk);
  const privateJwk = await exportJWK(pair.privateKey);
  await writeSecret(privatePath, `${JSON.stringify({ keys: [{ ...privateJwk, kid, alg: 'EdDSA' }] }, null, 2)}\n`);
  await writeFile(publicPath, `${JSON.stringify({ keys: [{ ...publicJwk, kid, alg: 'EdDSA' }] }, null, 2)}\n`);
}

async function writeSecret(path: string, text: string): Promise<void> {
  await writeFile(path, text, { mode: 0o600 });
  await chmod(path, 0o600);
}

/** Refuses to start a process of the split form that lacks a key, with a line for each, after those in `lines`. */
export function demandKeyFiles(files: KeyFiles, process: keyof typeof KEYS_BY_PROCESS, lines: readonly string[] = []): void {
  const missing = KEYS_BY_PROCESS[process].filter((key) => files[key] === undefined);
  const all = [...lines, ...missing.map((key) => `${FILE_VARIABLES[key]}: must name a key file (npm run keys -- DIRECTORY makes a set)`)];
  if (all.length > 0) throw new SettingsError(all);
}

/** Reads a file of JSON Web Keys. */
export async function readKeySet(path: string | undefined): Promise<KeySet> {
  if (path === undefined) throw new SettingsError(['a key file is missing']);
  const parsed = JSON.parse(await readText(path)) as { keys?: unknown };
  if (!Array.isArray(parsed.keys) || parsed.keys.length === 0) throw new SettingsError([`${path}: must hold { "keys": [ … ] }`]);
  return parsed as unknown as KeySet;
}

/** Reads a secret of 32 bytes, written as base64url. */
export async function readSecret(path: string | undefined): Promise<Buffer> {
  if (path === undefined) throw new SettingsError(['a key file is missing']);
  const secret = Buffer.from((await readText(path)).trim(), 'base64url');
  if (secret.length !== 32) throw new SettingsError([`${path}: must hold 32 bytes as base64url`]);
  return secret;
}

async function readText(path: string): Promise<string> {
  return readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new SettingsError([`${path}: cannot be read (${error.code})`]);
  });
}
