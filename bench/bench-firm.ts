import { invariant } from '../src/errors.js';

/** A member firm that was signed up for a bench, or is in the demo network, and a session of it. */
export interface BenchFirm {
  readonly url: string;
  readonly token: string;
  readonly firmId: string;
  /** Asks the public door; throws what it refuses. */
  ask<Data>(query: string, variables?: Record<string, unknown>): Promise<Data>;
}

const SIGN_UP = `mutation ($input: FirmSignUpInput!) {
  firmSignUp(input: $input) { session { accessToken } userErrors { code message path } }
}`;

/** Signs a firm up at the public door. `siren`: nine digits with a valid check digit, another one for each firm. */
export async function signUpBenchFirm(url: string, siren: string): Promise<BenchFirm> {
  const input = { firmName: `Bench ${siren}`, country: 'FR', registration: { scheme: 'SIREN', value: siren }, userName: 'Camille', email: `owner-${siren}@example.test`, password: 'un mot de passe long' };
  const { firmSignUp } = await ask<{ firmSignUp: { session: { accessToken: string } | null; userErrors: readonly unknown[] } }>(url, undefined, SIGN_UP, { input });
  invariant(firmSignUp.session, `the firm is signed up: ${JSON.stringify(firmSignUp.userErrors)}`);
  return firmOf(url, firmSignUp.session.accessToken);
}

const SIGN_IN = `mutation ($input: SessionCreateInput!) { sessionCreate(input: $input) { session { accessToken } userErrors { code message } } }`;

/** Signs in somebody of a firm that is there. */
export async function signInBenchFirm(url: string, email: string, password: string): Promise<BenchFirm> {
  const { sessionCreate } = await ask<{ sessionCreate: { session: { accessToken: string } | null; userErrors: readonly unknown[] } }>(url, undefined, SIGN_IN, { input: { email, password } });
  invariant(sessionCreate.session, `the person is signed in: ${JSON.stringify(sessionCreate.userErrors)}`);
  return firmOf(url, sessionCreate.session.accessToken);
}

async function firmOf(url: string, token: string): Promise<BenchFirm> {
  const { viewer } = await ask<{ viewer: { firm: { id: string } } }>(url, token, '{ viewer { firm { id } } }', {});
  return { url, token, firmId: viewer.firm.id, ask: (query, variables = {}) => ask(url, token, query, variables) };
}

async function ask<Data>(url: string, token: string | undefined, query: string, variables: Record<string, unknown>): Promise<Data> {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(token !== undefined && { authorization: `Bearer ${token}` }) },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = (await response.json()) as { data: Data; errors?: readonly unknown[] };
  if (errors) throw new Error(JSON.stringify(errors));
  return data;
}
