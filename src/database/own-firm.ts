import type { PolicyDef } from '@mikro-orm/postgresql';

/** The policy of every table whose rows belong to one firm: what the guard set for the transaction decides. */
export const ownFirm: PolicyDef = {
  name: 'own_firm',
  using: `firm_id = nullif(current_setting('app.firm_id', true), '')::uuid`,
  check: `firm_id = nullif(current_setting('app.firm_id', true), '')::uuid`,
};
