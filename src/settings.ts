import { resolve } from 'node:path';
import { z } from 'zod';
import { ROOMS, type RoomName } from './rooms.js';

// GraphQL's own packages check themselves at every step unless they are told, before they are loaded, that nobody is
// looking for a fault in them: this file is the first that a process imports.
process.env['NODE_ENV'] ??= 'production';

/** Where each process of the split form listens unless `PORT` says otherwise. */
export const DEFAULT_PORTS: Readonly<Record<'gateway' | RoomName, number>> = {
  gateway: 4000,
  identity: 4001,
  portfolios: 4002,
  scoring: 4003,
  community: 4004,
};

const flag = z.enum(['0', '1'], 'must be 0 or 1').transform((text) => text === '1');
const port = z.coerce.number('must be a whole number from 0 to 65535').int().min(0).max(65_535);
const url = (...protocols: string[]): z.ZodString =>
  z.string().refine((text) => protocols.includes(URL.parse(text)?.protocol ?? ''), {
    message: `must be a URL that starts with ${protocols.map((protocol) => `${protocol}//`).join(' or ')}`,
  });

const schema = z.object({
  PORT: port.optional(),
  HOST: z.string().min(1).default('localhost'),
  DATABASE_URL: url('postgres:', 'postgresql:').optional(),
  ARDOISE_DATABASE_CONNECTIONS: z.coerce.number('must be a whole number from 5 to 100').int().min(5).max(100).default(16),
  NATS_URL: url('nats:', 'tls:').optional(),
  ARDOISE_DATA_DIR: z.string().min(1).default('.ardoise'),
  ARDOISE_PUBLIC_URL: url('http:', 'https:').optional(),
  ARDOISE_ALLOWED_ORIGINS: z.string().default(''),
  ARDOISE_SANDBOX: flag.default(false),
  ARDOISE_DEMO: flag.default(true),
  ARDOISE_UPLOAD_SILENCE_SECONDS: z.coerce.number('must be a number from 0.1 to 3600').min(0.1).max(3600).default(30),
  ARDOISE_MATCHING_KEY_BY_HAND: flag.default(false),
  ARDOISE_WEBHOOK_PRIVATE_TARGETS: flag.default(false),
  ARDOISE_LOG_LEVEL: z
    .enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'], 'must be fatal, error, warn, info, debug, trace or silent')
    .default('warn'),
  ARDOISE_IDENTITY_URL: url('http:', 'https:').default(`http://localhost:${DEFAULT_PORTS.identity}`),
  ARDOISE_PORTFOLIOS_URL: url('http:', 'https:').default(`http://localhost:${DEFAULT_PORTS.portfolios}`),
  ARDOISE_SCORING_URL: url('http:', 'https:').default(`http://localhost:${DEFAULT_PORTS.scoring}`),
  ARDOISE_COMMUNITY_URL: url('http:', 'https:').default(`http://localhost:${DEFAULT_PORTS.community}`),
  ARDOISE_SESSION_KEY_FILE: z.string().min(1).optional(),
  ARDOISE_SESSION_PUBLIC_KEY_FILE: z.string().min(1).optional(),
  ARDOISE_ASSERTION_KEY_FILE: z.string().min(1).optional(),
  ARDOISE_ASSERTION_PUBLIC_KEY_FILE: z.string().min(1).optional(),
  ARDOISE_MATCHING_KEY_FILE: z.string().min(1).optional(),
  ARDOISE_IDENTIFIER_KEY_FILE: z.string().min(1).optional(),
  ARDOISE_WEBHOOK_KEY_FILE: z.string().min(1).optional(),
});

/** The files that hold the program's secrets; which process needs which is said in `keys.ts`. */
export interface KeyFiles {
  readonly sessionKey?: string | undefined;
  readonly sessionPublicKey?: string | undefined;
  readonly assertionKey?: string | undefined;
  readonly assertionPublicKey?: string | undefined;
  readonly matchingKey?: string | undefined;
  readonly identifierKey?: string | undefined;
  readonly webhookKey?: string | undefined;
}

export interface Settings {
  readonly port: number | undefined;
  readonly host: string;
  readonly databaseUrl: string | undefined;
  /** How many connections each room has at most. */
  readonly databaseConnections: number;
  readonly natsUrl: string | undefined;
  /** Absolute. */
  readonly dataDir: string;
  /** Where clients reach the gateway, when that is not where it listens. */
  readonly publicUrl: string | undefined;
  /** Origins of other sites whose pages may call the API from a browser. */
  readonly allowedOrigins: readonly string[];
  readonly sandbox: boolean;
  readonly demo: boolean;
  /** After so long without a byte an upload is cut. */
  readonly uploadSilenceSeconds: number;
  /** The operator exchanges the matching key; otherwise Ardoise does once it is a year old. */
  readonly matchingKeyByHand: boolean;
  /** Webhooks may go to networks that are not public. */
  readonly webhookPrivateTargets: boolean;
  readonly logLevel: string;
  readonly roomUrls: Readonly<Record<RoomName, string>>;
  readonly keyFiles: KeyFiles;
}

/** What is wrong with the settings, a line for each wrong value. */
export class SettingsError extends Error {
  constructor(readonly lines: readonly string[]) {
    super(lines.join('\n'));
  }
}

/** Reads all settings from the environment. An empty value counts as none. Throws a `SettingsError`. */
export function readSettings(environment: Readonly<Record<string, string | undefined>> = process.env): Settings {
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== undefined && value !== ''));
  const result = schema.safeParse(given);
  if (!result.success) {
    throw new SettingsError(
      result.error.issues.map((issue) => {
        const name = String(issue.path[0]);
        return `${name}: ${JSON.stringify(given[name])} ${issue.message}`;
      }),
    );
  }
  const value = result.data;
  return {
    port: value.PORT,
    host: value.HOST,
    databaseUrl: value.DATABASE_URL,
    databaseConnections: value.ARDOISE_DATABASE_CONNECTIONS,
    natsUrl: value.NATS_URL,
    dataDir: resolve(value.ARDOISE_DATA_DIR),
    publicUrl: value.ARDOISE_PUBLIC_URL?.replace(/\/+$/, ''),
    allowedOrigins: value.ARDOISE_ALLOWED_ORIGINS.split(',').map((origin) => origin.trim()).filter(Boolean),
    sandbox: value.ARDOISE_SANDBOX,
    demo: value.ARDOISE_DEMO,
    uploadSilenceSeconds: value.ARDOISE_UPLOAD_SILENCE_SECONDS,
    matchingKeyByHand: value.ARDOISE_MATCHING_KEY_BY_HAND,
    webhookPrivateTargets: value.ARDOISE_WEBHOOK_PRIVATE_TARGETS,
    logLevel: value.ARDOISE_LOG_LEVEL,
    roomUrls: Object.fromEntries(
      ROOMS.map((room) => [room, value[`ARDOISE_${room.toUpperCase() as Uppercase<RoomName>}_URL`].replace(/\/+$/, '')]),
    ) as Record<RoomName, string>,
    keyFiles: {
      sessionKey: value.ARDOISE_SESSION_KEY_FILE,
      sessionPublicKey: value.ARDOISE_SESSION_PUBLIC_KEY_FILE,
      assertionKey: value.ARDOISE_ASSERTION_KEY_FILE,
      assertionPublicKey: value.ARDOISE_ASSERTION_PUBLIC_KEY_FILE,
      matchingKey: value.ARDOISE_MATCHING_KEY_FILE,
      identifierKey: value.ARDOISE_IDENTIFIER_KEY_FILE,
      webhookKey: value.ARDOISE_WEBHOOK_KEY_FILE,
    },
  };
}

/** Who the command line acts for; what is missing it asks for. */
export interface Credentials {
  readonly apiKey: string | undefined;
  readonly email: string | undefined;
  readonly password: string | undefined;
}

/** Reads the credentials of the command line. An empty value counts as none. */
export function readCredentials(environment: Readonly<Record<string, string | undefined>> = process.env): Credentials {
  const given = (name: string): string | undefined => environment[name] || undefined;
  return { apiKey: given('ARDOISE_API_KEY'), email: given('ARDOISE_EMAIL'), password: given('ARDOISE_PASSWORD') };
}
