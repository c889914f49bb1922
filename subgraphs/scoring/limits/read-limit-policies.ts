import { sql } from 'kysely';
import type { Reader } from '../../../src/database/firm-reads.js';
import { ROLES, SCOPES_BY_ROLE, type Role } from '../../../src/server/asker.js';
import type { Bound } from './amount-policy.js';

/** Who may approve at all: the roles that hold the scope. */
export const APPROVING_ROLES = ROLES.filter((role) => SCOPES_BY_ROLE[role].includes('credit:write'));

/** What holds while the owner has set nothing. A role that is not named may approve nothing. */
const DEFAULT_BOUNDS: Readonly<Partial<Record<Role, Bound>>> = {
  OWNER: null,
  CREDIT_MANAGER: { minor: 5_000_000n, currency: 'EUR' },
};

/** Up to which amount a role may approve. */
export interface Policy {
  readonly role: Role;
  readonly upTo: Bound;
  /** Null: nobody, it is the default. */
  readonly setBy: string | null;
  readonly byKey: boolean;
  readonly setAt: string | Date | null;
}

interface Row {
  readonly role: Role;
  readonly upToMinor: string | null;
  readonly currency: string | null;
  readonly setBy: string;
  readonly byKey: boolean;
  readonly setAt: string | Date;
}

/** What holds for each role that may approve, in the order of the roles. */
export async function readPolicies(em: Reader): Promise<readonly Policy[]> {
  const { rows } = await sql<Row>`
    select distinct on (role) role, up_to_minor::text as "upToMinor", currency, set_by as "setBy", by_key as "byKey", set_at as "setAt"
    from scoring.credit_limit_policy order by role, id desc
  `.execute(em.getKysely<unknown>());
  const byRole = new Map(rows.map((row) => [row.role, row]));
  return APPROVING_ROLES.map((role) => {
    const row = byRole.get(role);
    if (!row) return { role, upTo: defaultBound(role), setBy: null, byKey: false, setAt: null };
    const { upToMinor, currency, setBy, byKey, setAt } = row;
    return { role, upTo: upToMinor !== null && currency !== null ? { minor: BigInt(upToMinor), currency } : null, setBy, byKey, setAt };
  });
}

function defaultBound(role: Role): Bound {
  const bound = DEFAULT_BOUNDS[role];
  return bound === undefined ? { minor: 0n, currency: 'EUR' } : bound;
}
