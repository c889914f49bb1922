import type { Subgraph } from '../../src/server/subgraph.js';
import { IdentityMigration } from './001-identity.migration.js';
import { LinksMigration } from './002-links.migration.js';
import { ApiKeyResolver } from './api-keys/api-key.resolver.js';
import { ApiKeyTable } from './api-keys/api-key.table.js';
import { firmByReference } from './firms/firm.resolver.js';
import { FirmTable } from './firms/firm.table.js';
import { noteAccount } from './links/note-account.js';
import { regroupFirmsJob } from './links/regroup-firms.js';
import { InvitationTable } from './members/invitation.table.js';
import { MemberResolver } from './members/member.resolver.js';
import { PersonTable } from './members/person.table.js';
import { ViewerResolver } from './members/viewer.resolver.js';
import { SandboxResolver } from './sandbox/sandbox.resolver.js';
import { SessionResolver } from './sessions/session.resolver.js';
import { SessionTable } from './sessions/session.table.js';

/** Who is asking: firms, people, roles, sessions, API keys. */
export const identity: Subgraph = {
  name: 'identity',
  tables: [FirmTable, PersonTable, SessionTable, InvitationTable, ApiKeyTable],
  migrations: [
    { name: '001-identity', class: IdentityMigration },
    { name: '002-links', class: LinksMigration },
  ],
  resolvers: [SessionResolver, MemberResolver, ViewerResolver, ApiKeyResolver, SandboxResolver],
  references: { Firm: firmByReference },
  reactions: { 'account.marked': noteAccount },
  jobs: [regroupFirmsJob],
  routes: [],
};
