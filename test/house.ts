import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createClient, type Client } from 'graphql-ws';
import { Client as PgClient } from 'pg';
import supertest from 'supertest';
import { WebSocket } from 'ws';
import { readSettings } from '../src/settings.js';
import { openHouse, type House as Running } from '../subgraphs/house.js';

export interface Answer<Data = Record<string, never>> {
  readonly data: Data;
  readonly errors?: readonly { readonly message: string; readonly path?: readonly (string | number)[]; readonly extensions: { readonly code: string; readonly requestId: string } }[];
}

/** Somebody at the public door: signed in or not. */
export class Visitor {
  constructor(
    readonly house: TestHouse,
    public token: string | undefined,
  ) {}

  /** One operation over HTTP. */
  async ask<Data>(query: string, variables: Record<string, unknown> = {}): Promise<Answer<Data>> {
    const request = supertest(this.house.url).post('/graphql').set('content-type', 'application/json');
    if (this.token) request.set('authorization', `Bearer ${this.token}`);
    const response = await request.send(JSON.stringify({ query, variables }));
    return response.body as Answer<Data>;
  }

  /** One operation that must succeed; returns its data. */
  async get<Data>(query: string, variables: Record<string, unknown> = {}): Promise<Data> {
    const { data, errors } = await this.ask<Data>(query, variables);
    if (errors) throw new Error(JSON.stringify(errors));
    return data;
  }

  /** A stock graphql-ws client of this visitor. The caller disposes of it. */
  socket(): Client {
    return createClient({
      url: `${this.house.url.replace('http', 'ws')}/graphql`,
      webSocketImpl: WebSocket,
      connectionParams: this.token ? { authorization: `Bearer ${this.token}` } : {},
      retryAttempts: 0,
    });
  }
}

/** A member firm's owner. */
export class FirmVisitor extends Visitor {
  constructor(
    house: TestHouse,
    token: string,
    public refreshToken: string,
    readonly firmId: string,
    readonly email: string,
  ) {
    super(house, token);
  }

  /** The same owner as a visitor of another door. */
  at(house: TestHouse): FirmVisitor {
    return new FirmVisitor(house, this.token!, this.refreshToken, this.firmId, this.email);
  }
}

/** The password of everybody in the tests. */
export const PASSWORD = 'un mot de passe long';

let firms = 0;

/** A whole Ardoise on a database of its own, reached through its public door. `await using` closes it. */
export class TestHouse implements AsyncDisposable {
  readonly #owners: PgClient[] = [];

  constructor(
    readonly running: Running,
    readonly databaseUrl: string,
    private readonly close: () => Promise<void>,
    /** Where its keys lie; empty when they lie elsewhere. */
    readonly dataDir = '',
  ) {}

  get url(): string {
    return this.running.url;
  }

  get nobody(): Visitor {
    return new Visitor(this, undefined);
  }

  /** Signs up a new firm with a registration of its own. */
  async firm(name = `Firm ${(firms += 1)}`): Promise<FirmVisitor> {
    const email = `owner-${randomUUID()}@example.test`;
    const { firmSignUp } = await this.nobody.get<{ firmSignUp: { session: { accessToken: string; refreshToken: string } | null; userErrors: readonly unknown[] } }>(
      `mutation ($input: FirmSignUpInput!) { firmSignUp(input: $input) { session { accessToken refreshToken } userErrors { code message path } } }`,
      { input: { firmName: name, country: 'FR', registration: { scheme: 'SIREN', value: randomSiren() }, userName: 'Camille', email, password: PASSWORD } },
    );
    if (!firmSignUp.session) throw new Error(JSON.stringify(firmSignUp.userErrors));
    const { accessToken, refreshToken } = firmSignUp.session;
    const { viewer } = await new Visitor(this, accessToken).get<{ viewer: { firm: { id: string } } }>('{ viewer { firm { id } } }');
    return new FirmVisitor(this, accessToken, refreshToken, viewer.firm.id, email);
  }

  /** Sets business time to noon of a day, or to another hour of it; it goes on from there. It answers once no event is on its way any more. */
  async moveClock(day: string, hour = 12): Promise<void> {
    await this.nobody.get('mutation ($at: DateTime!) { sandboxClockSet(at: $at) }', { at: `${day}T${hour}:00:00.000Z` });
  }

  /** A new connection as the owner of the database: sees what no room shows, and stands for a crash or another process. It ends with the house. */
  async asOwner(): Promise<PgClient> {
    const owner = new PgClient({ connectionString: this.databaseUrl });
    this.#owners.push(owner);
    await owner.connect();
    return owner;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#owners.map((owner) => owner.end()));
    await this.close();
  }
}

/** Starts a house on a clone of the migrated database; `environment` overrides its settings. */
export async function startHouse(environment: Record<string, string> = {}): Promise<TestHouse> {
  const template = process.env['ARDOISE_TEST_DATABASE_URL']!;
  const name = `house_${randomBytes(6).toString('hex')}`;
  await administer(template, `create database ${name} template ardoise`);
  const url = new URL(template);
  url.pathname = `/${name}`;
  const dataDir = await mkdtemp(join(process.env['ARDOISE_TEST_DIRECTORY']!, 'house-'));
  const running = await openHouse(readSettings({ PORT: '0', HOST: '127.0.0.1', DATABASE_URL: url.href, ARDOISE_DATA_DIR: dataDir, ARDOISE_DEMO: '0', ARDOISE_SANDBOX: '1', ARDOISE_LOG_LEVEL: 'fatal', ...environment }));
  return new TestHouse(running, url.href, async () => {
    await running.stop();
    await administer(template, `drop database ${name} with (force)`);
    await rm(dataDir, { recursive: true, force: true });
  }, dataDir);
}

/** From another database than the template: cloning needs it to itself. */
export async function administer(url: string, statement: string): Promise<void> {
  const other = new URL(url);
  other.pathname = '/postgres';
  const client = new PgClient({ connectionString: other.href });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

/** A SIREN with a valid Luhn check digit. */
export function randomSiren(): string {
  const digits = Array.from({ length: 8 }, (_, index) => (index === 0 ? 1 + Math.floor(Math.random() * 8) : Math.floor(Math.random() * 10)));
  // From the right, the check digit first: every second digit doubles; so of these eight, those at odd places from the left.
  const sum = digits.reduce((total, digit, index) => {
    const doubled = index % 2 === 1 ? digit * 2 : digit;
    return total + (doubled > 9 ? doubled - 9 : doubled);
  }, 0);
  return `${digits.join('')}${(10 - (sum % 10)) % 10}`;
}
