import { createInterface } from 'node:readline/promises';
import type { Credentials } from '../settings.js';
import { ApiFailure, askApi, demandDone, type UserErrors } from './ask-api.js';

/** An access token lives for a quarter of an hour: well before its end a new one is asked for. */
const TOKEN_MILLISECONDS = 10 * 60_000;

/** Gives the bearer token of the moment. */
export type Bearer = () => Promise<string>;

/** Signs in with what there is: a key, an address and a password, or what a person types. */
export async function signIn(url: string, credentials: Credentials, isTerminal: boolean): Promise<Bearer> {
  const { apiKey } = credentials;
  if (apiKey !== undefined) return async () => apiKey;
  const email = credentials.email ?? (await askPerson('E-mail: ', isTerminal));
  const password = credentials.password ?? (await askPerson('Password: ', isTerminal, true));
  let token = await createSession(url, email, password);
  let since = performance.now();
  return async () => {
    if (performance.now() - since > TOKEN_MILLISECONDS) {
      token = await createSession(url, email, password);
      since = performance.now();
    }
    return token;
  };
}

async function createSession(url: string, email: string, password: string): Promise<string> {
  const { sessionCreate } = await askApi<{ sessionCreate: UserErrors & { session: { accessToken: string } | null } }>(
    url, undefined, 'mutation ($input: SessionCreateInput!) { sessionCreate(input: $input) { session { accessToken } userErrors { message path } } }', { input: { email, password } },
  );
  demandDone(sessionCreate);
  if (!sessionCreate.session) throw new ApiFailure('The sign-in gave no session.');
  return sessionCreate.session.accessToken;
}

/** What a person types; a secret is not shown. */
async function askPerson(question: string, isTerminal: boolean, isSecret = false): Promise<string> {
  if (!isTerminal) throw new ApiFailure('Set ARDOISE_API_KEY, or ARDOISE_EMAIL and ARDOISE_PASSWORD: there is no terminal to ask at.');
  const lines = createInterface({ input: process.stdin, output: process.stderr, terminal: true });
  if (isSecret) {
    // Whatever the line editor would echo after the question stays out of sight.
    const write = process.stderr.write.bind(process.stderr);
    const shown = lines as unknown as { _writeToOutput?: (text: string) => void };
    shown._writeToOutput = (text) => void (text.startsWith(question) && write(question));
  }
  try {
    return await lines.question(question);
  } finally {
    lines.close();
    if (isSecret) process.stderr.write('\n');
  }
}
