import { setTimeout as wait } from 'node:timers/promises';
import { PASSWORD, type FirmVisitor } from '../test/house.js';
import { askDoor, type Doors } from './ask-door.js';
import { jittered } from './patience.js';

interface Session {
  readonly accessToken: string;
  readonly refreshToken: string;
}

const SESSION = '{ session { accessToken refreshToken } userErrors { code } }';
const REFRESH = `mutation ($refreshToken: String!) { answer: sessionRefresh(input: { refreshToken: $refreshToken }) ${SESSION} }`;
const SIGN_IN = `mutation ($email: String!, $password: String!) { answer: sessionCreate(input: { email: $email, password: $password }) ${SESSION} }`;
/** How long it waits after a failure; a third of a token's life is left by then. */
const AGAIN_MILLISECONDS = 1000;

/** Keeps the owner of a firm signed in until `signal` says that it is enough: there is a new token before the one it has ends. */
export async function staySignedIn(firm: FirmVisitor, doors: Doors, signal: AbortSignal): Promise<void> {
  while (await isLater((2 / 3) * lifeOf(firm.token!), signal)) {
    while (!signal.aborted) {
      try {
        // An answer may have been lost and the trade be too old to be made again: then by password.
        const { accessToken, refreshToken } = (await ask(doors.url, REFRESH, { refreshToken: firm.refreshToken })) ?? (await ask(doors.url, SIGN_IN, { email: firm.email, password: PASSWORD }))!;
        firm.token = accessToken;
        firm.refreshToken = refreshToken;
        break;
      } catch {
        doors.turn();
        await isLater(jittered(AGAIN_MILLISECONDS), signal);
      }
    }
  }
}

async function ask(url: string, document: string, variables: Record<string, unknown>): Promise<Session | null> {
  return (await askDoor<{ answer: { session: Session | null } }>(url, undefined, document, variables)).answer.session;
}

/** Waits; whether it is to go on. */
function isLater(milliseconds: number, signal: AbortSignal): Promise<boolean> {
  return wait(milliseconds, true, { signal, ref: false }).catch(() => false);
}

/** How long a token holds from its beginning, in milliseconds. */
function lifeOf(token: string): number {
  const { iat, exp } = JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString()) as { readonly iat: number; readonly exp: number };
  return 1000 * (exp - iat);
}
