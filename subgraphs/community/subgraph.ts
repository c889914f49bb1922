import type { Subgraph } from '../../src/server/subgraph.js';
import { MembershipMigration } from './001-membership.migration.js';
import { ChatMigration } from './003-chat.migration.js';
import { ConversationResolver } from './chat/conversation.resolver.js';
import { MessageResolver } from './chat/message.resolver.js';
import { CustomerPeersResolver, PeerResolver } from './peers/peer.resolver.js';

/** What members share: benchmark, peers and chat. */
export const community: Subgraph = {
  name: 'community',
  tables: [],
  migrations: [
    { name: '001-membership', class: MembershipMigration },
    { name: '003-chat', class: ChatMigration },
  ],
  resolvers: [CustomerPeersResolver, PeerResolver, ConversationResolver, MessageResolver],
  references: { Customer: async ({ id }) => ({ id }) },
  reactions: {},
  jobs: [],
  routes: [],
};
