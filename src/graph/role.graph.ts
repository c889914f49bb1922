import { registerEnumType } from 'type-graphql';
import { ROLES } from '../server/asker.js';
import { enumOf } from './enum-of.js';

export const RoleEnum = enumOf(ROLES);
registerEnumType(RoleEnum, {
  name: 'Role',
  description: 'What a member does in the firm; it decides the scopes.',
  valuesConfig: {
    OWNER: { description: 'Everything, members and keys included.' },
    CREDIT_MANAGER: { description: 'Ledger, limits, community and chat.' },
    COLLECTOR: { description: 'Ledger, benchmark (read only) and chat; asks for limits.' },
    SALES: { description: 'Reads the ledger and the benchmark, and asks for limits; somebody who sells.' },
    READER: { description: 'Reads the ledger and the benchmark; somebody who only looks, an auditor for example.' },
  },
});
