import { ApiError } from '../errors.js';

export const ROLES = ['OWNER', 'CREDIT_MANAGER', 'COLLECTOR', 'SALES', 'READER'] as const;
export type Role = (typeof ROLES)[number];

export const SCOPES = ['ledger:read', 'ledger:write', 'credit:request', 'credit:write', 'community:read', 'community:write', 'chat', 'members:manage'] as const;
export type Scope = (typeof SCOPES)[number];

/** What each role may do. An API key has the scopes it was given, at most those of its maker. */
export const SCOPES_BY_ROLE: Readonly<Record<Role, readonly Scope[]>> = {
  OWNER: SCOPES,
  CREDIT_MANAGER: ['ledger:read', 'ledger:write', 'credit:request', 'credit:write', 'community:read', 'community:write', 'chat'],
  COLLECTOR: ['ledger:read', 'ledger:write', 'credit:request', 'community:read', 'chat'],
  SALES: ['ledger:read', 'credit:request', 'community:read'],
  READER: ['ledger:read', 'community:read'],
};

/** Who asks: established by the gateway, believed by a subgraph only from the gateway's assertion. */
export interface Asker {
  readonly firmId: string;
  /** The person; for an API key, the one who made it. */
  readonly userId: string | undefined;
  /** Whether an API key asks: what it makes must not outlive it. */
  readonly byKey?: boolean | undefined;
  readonly role: Role;
  readonly scopes: readonly Scope[];
}

/** The asker, who must be signed in and hold `scope`. */
export function demandScope(asker: Asker | undefined, scope?: Scope): Asker {
  if (!asker) throw new ApiError('UNAUTHENTICATED', 'Sign in first.');
  if (scope && !asker.scopes.includes(scope)) throw new ApiError('FORBIDDEN', `This needs the scope ${scope}.`);
  return asker;
}

/** Who issues access tokens and for whom: the gateway refuses any other. */
export const ACCESS_TOKEN_ISSUER = 'ardoise-identity';
export const ACCESS_TOKEN_AUDIENCE = 'ardoise';

/** What every API key begins with: by it the gateway tells one from an access token. */
export const API_KEY_PREFIX = 'ardoise_';

/** About how many tokens the gateway may ask identity in one question. */
export const MOST_ASKERS = 250;
