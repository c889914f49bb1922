import { Refusal } from '../../../src/errors.js';
import type { Asker, Role } from '../../../src/server/asker.js';
import type { Room } from '../../../src/server/room.js';
import type { Bound } from './amount-policy.js';
import { CreditLimitPolicyTable } from './credit-limit-policy.table.js';
import { demandPerson } from './demand-person.js';
import { APPROVING_ROLES } from './read-limit-policies.js';

/** Says up to which amount a role may approve, from now on. What it was before is kept. */
export async function setLimitPolicy(room: Room, asker: Asker, role: Role, upTo: Bound): Promise<void> {
  const setBy = demandPerson(asker);
  if (!APPROVING_ROLES.includes(role)) throw new Refusal('NOT_ALLOWED', `A ${role} does not have the scope credit:write, and approves nothing.`, ['input', 'role']);
  await room.db.forFirm(asker.firmId).transaction(async (em) => {
    em.create(CreditLimitPolicyTable, {
      role, upToMinor: upTo?.minor ?? null, currency: upTo?.currency ?? null, setBy, byKey: asker.byKey ?? false, setAt: new Date(room.clock.now().epochMilliseconds),
    });
    await em.flush();
  });
}
