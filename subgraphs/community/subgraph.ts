import type { Subgraph } from '../../src/server/subgraph.js';
import { MembershipMigration } from './001-membership.migration.js';
import { BenchmarkMigration } from './002-benchmark.migration.js';
import { ChatMigration } from './003-chat.migration.js';
import { ReleasesMigration } from './004-releases.migration.js';
import { ToldFiguresMigration } from './005-told-figures.migration.js';
import { PairsMigration } from './006-pairs.migration.js';
import { ClustersMigration } from './007-clusters.migration.js';
import { SubjectsMigration } from './008-subjects.migration.js';
import { ReadingMigration } from './009-reading.migration.js';
import { QuestionsMigration } from './010-questions.migration.js';
import { OwnCellsMigration } from './011-own-cells.migration.js';
import { WideContributionsMigration } from './012-wide-contributions.migration.js';
import { ShiftedEdgesMigration } from './013-shifted-edges.migration.js';
import { ChatInBatchesMigration } from './014-chat-in-batches.migration.js';
import { WordsMigration } from './015-words.migration.js';
import { ConductMigration } from './016-conduct.migration.js';
import { ChatAtLessCostMigration } from './017-chat-at-less-cost.migration.js';
import { BatchesOfFewBytesMigration } from './018-batches-of-few-bytes.migration.js';
import { ToldBenchmarksMigration } from './019-told-benchmarks.migration.js';
import { AuditResolver } from './audit/audit.resolver.js';
import { BenchmarkResolver } from './benchmark/benchmark.resolver.js';
import { BenchmarkSummaryResolver } from './benchmark/summary.resolver.js';
import { closeEpochsJob } from './benchmark/close-due-epochs.js';
import { tellPublicationsJob } from './benchmark/tell-publications.js';
import { AttachmentResolver, MessageAttachmentsResolver } from './chat/attachment.resolver.js';
import { BlockResolver } from './chat/block.resolver.js';
import { ConversationResolver } from './chat/conversation.resolver.js';
import { forgetOldMessagesJob } from './chat/forget-old-messages.js';
import { forgetUnsentAttachmentsJob } from './chat/forget-unsent-attachments.js';
import { MessageEditResolver } from './chat/message-edit.resolver.js';
import { MessageSearchResolver } from './chat/message-search.resolver.js';
import { receiveAttachmentRoute } from './chat/receive-attachment.js';
import { sendAttachmentRoute } from './chat/send-attachment.js';
import { MessageResolver } from './chat/message.resolver.js';
import { TypingResolver } from './chat/typing.resolver.js';
import { Customer } from './customer.graph.js';
import { CommunityResolver } from './membership/community.resolver.js';
import { hearContributionClosed, hearCustomerKeyed, hearFirmGrouped, hearFirmVerified } from './membership/hear-portfolio.js';
import { hearCustomerAnswered } from './membership/hear-answer.js';
import { hearKeysPaired, hearKeysRetired } from './membership/hear-keys.js';
import { MembershipTable } from './membership/membership.table.js';
import { SharingResolver } from './membership/sharing.resolver.js';
import { PairResolver } from './pairs/pair.resolver.js';
import { watchSeatsJob } from './membership/watch-seats.js';
import { CustomerPeersResolver, PeerResolver } from './peers/peer.resolver.js';

/** What members share: membership, the benchmark made of it, and talk between those who share a customer. */
export const community: Subgraph = {
  name: 'community',
  tables: [
    MembershipTable,
  ],
  migrations: [
    { name: '001-membership', class: MembershipMigration },
    { name: '002-benchmark', class: BenchmarkMigration },
    { name: '003-chat', class: ChatMigration },
    { name: '004-releases', class: ReleasesMigration },
    { name: '005-told-figures', class: ToldFiguresMigration },
    { name: '006-pairs', class: PairsMigration },
    { name: '007-clusters', class: ClustersMigration },
    { name: '008-subjects', class: SubjectsMigration },
    { name: '009-reading', class: ReadingMigration },
    { name: '010-questions', class: QuestionsMigration },
    { name: '011-own-cells', class: OwnCellsMigration },
    { name: '012-wide-contributions', class: WideContributionsMigration },
    { name: '013-shifted-edges', class: ShiftedEdgesMigration },
    { name: '014-chat-in-batches', class: ChatInBatchesMigration },
    { name: '015-words', class: WordsMigration },
    { name: '016-conduct', class: ConductMigration },
    { name: '017-chat-at-less-cost', class: ChatAtLessCostMigration },
    { name: '018-batches-of-few-bytes', class: BatchesOfFewBytesMigration },
    { name: '019-told-benchmarks', class: ToldBenchmarksMigration },
  ],
  resolvers: [
    CommunityResolver,
    SharingResolver,
    BenchmarkResolver,
    BenchmarkSummaryResolver,
    CustomerPeersResolver,
    PeerResolver,
    PairResolver,
    ConversationResolver,
    MessageResolver,
    MessageAttachmentsResolver,
    AttachmentResolver,
    MessageEditResolver,
    MessageSearchResolver,
    BlockResolver,
    TypingResolver,
    AuditResolver,
  ],
  entities: [Customer],
  references: {
    // Whose customer it is decides what is found for it: row-level security, when a field of it is read.
    Customer: async ({ id }) => ({ id }),
  },
  reactions: {
    'firm.verified': hearFirmVerified,
    'firm.grouped': hearFirmGrouped,
    'customer.keyed': hearCustomerKeyed,
    'customer.answered': hearCustomerAnswered,
    'contribution.closed': hearContributionClosed,
    'keys.paired': hearKeysPaired,
    'keys.retired': hearKeysRetired,
    // The clock itself follows without a reaction; epochs that became due wait for `sandboxEpochsClose`.
  },
  jobs: [
    closeEpochsJob,
    tellPublicationsJob,
    forgetOldMessagesJob,
    forgetUnsentAttachmentsJob,
    watchSeatsJob,
  ],
  routes: [receiveAttachmentRoute, sendAttachmentRoute],
};
