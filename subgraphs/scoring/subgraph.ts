import type { Subgraph } from '../../src/server/subgraph.js';
import { BehaviourMigration } from './001-behaviour.migration.js';
import { StandingMigration } from './002-standing.migration.js';
import { AlertsMigration } from './003-alerts.migration.js';
import { WebhooksMigration } from './004-webhooks.migration.js';
import { ContextMigration } from './005-context.migration.js';
import { LimitsMigration } from './006-limits.migration.js';
import { PeerSignalsMigration } from './007-peer-signals.migration.js';
import { OneIndexOfAFirmMigration } from './008-one-index-of-a-firm.migration.js';
import { AlertDigestResolver } from './alerts/alert-digest.resolver.js';
import { AlertRuleResolver } from './alerts/alert-rule.resolver.js';
import { AlertRuleTable } from './alerts/alert-rule.table.js';
import { AlertConnectionResolver, AlertResolver } from './alerts/alert.resolver.js';
import { AlertTable } from './alerts/alert.table.js';
import { noteCustomers } from './behaviour/note-customers.js';
import { noteInvoices } from './behaviour/note-invoices.js';
import { Customer, customerByReference, PaymentBehaviourResolver } from './behaviour/payment-behaviour.resolver.js';
import { AppliedContextEventResolver, RiskScoreContextResolver } from './context/applied-context-event.resolver.js';
import { ContextEventResolver } from './context/context-event.resolver.js';
import { ContextEventTable } from './context/context-event.table.js';
import { ScoreSimulationResolver } from './context/score-simulation.resolver.js';
import { CreditLimitPolicyTable } from './limits/credit-limit-policy.table.js';
import { CreditLimitRecommendationResolver, LimitCapResolver, TermsReasonResolver } from './limits/credit-limit-recommendation.resolver.js';
import { CreditLimitRequestStepTable } from './limits/credit-limit-request-step.table.js';
import { CreditLimitPolicyResolver, CreditLimitRequestConnectionResolver, CreditLimitRequestResolver } from './limits/credit-limit-request.resolver.js';
import { CreditLimitRequestTable } from './limits/credit-limit-request.table.js';
import { noteLimitSettled } from './limits/note-limit-settled.js';
import { CustomerLatenessResolver, LatenessModelResolver } from './score/lateness.resolver.js';
import { rescoreDue, rescoreDueJob } from './score/rescore-due.js';
import { RiskModelCharacteristicResolver, RiskModelResolver } from './score/risk-model.resolver.js';
import { CustomerRiskResolver, RiskScoreResolver, ScoreFactorResolver } from './score/risk-score.resolver.js';
import { noteBenchmarks } from './signals/note-benchmarks.js';
import { PeerSignalConnectionResolver, PeerSignalResolver } from './signals/peer-signal.resolver.js';
import { CustomerStatementsResolver, FinancialStatementResolver } from './statements/financial-statement.resolver.js';
import { CustomerInsolvencyResolver, InsolvencyNoticeResolver } from './statements/insolvency-notice.resolver.js';
import { InsolvencyNoticeTable } from './statements/insolvency-notice.table.js';
import { deliverWebhooksJob } from './webhooks/deliver-webhooks.js';
import { forgetWebhooksJob } from './webhooks/forget-webhooks.js';
import { WebhookDeliveryResolver } from './webhooks/webhook-delivery.resolver.js';
import { WebhookEndpointResolver } from './webhooks/webhook-endpoint.resolver.js';

/** How a customer pays, how likely it is to fail, and who is told when that moves. */
export const scoring: Subgraph = {
  name: 'scoring',
  tables: [
    AlertRuleTable,
    AlertTable,
    ContextEventTable,
    InsolvencyNoticeTable,
    CreditLimitRequestTable,
    CreditLimitRequestStepTable,
    CreditLimitPolicyTable,
  ],
  migrations: [
    { name: '001-behaviour', class: BehaviourMigration },
    { name: '002-standing', class: StandingMigration },
    { name: '003-alerts', class: AlertsMigration },
    { name: '004-webhooks', class: WebhooksMigration },
    { name: '005-context', class: ContextMigration },
    { name: '006-limits', class: LimitsMigration },
    { name: '007-peer-signals', class: PeerSignalsMigration },
    { name: '008-one-index-of-a-firm', class: OneIndexOfAFirmMigration },
  ],
  resolvers: [
    PaymentBehaviourResolver,
    CustomerRiskResolver,
    RiskScoreResolver,
    ScoreFactorResolver,
    RiskModelResolver,
    RiskModelCharacteristicResolver,
    CustomerLatenessResolver,
    LatenessModelResolver,
    AlertRuleResolver,
    AlertResolver,
    AlertConnectionResolver,
    AlertDigestResolver,
    WebhookEndpointResolver,
    WebhookDeliveryResolver,
    FinancialStatementResolver,
    CustomerStatementsResolver,
    InsolvencyNoticeResolver,
    CustomerInsolvencyResolver,
    ContextEventResolver,
    ScoreSimulationResolver,
    AppliedContextEventResolver,
    RiskScoreContextResolver,
    CreditLimitRecommendationResolver,
    LimitCapResolver,
    TermsReasonResolver,
    CreditLimitRequestResolver,
    CreditLimitRequestConnectionResolver,
    CreditLimitPolicyResolver,
    PeerSignalResolver,
    PeerSignalConnectionResolver,
  ],
  entities: [Customer],
  references: { Customer: customerByReference },
  reactions: {
    'invoices.changed': noteInvoices,
    'customers.changed': noteCustomers,
    'benchmarks.published': noteBenchmarks,
    'limit.settled': noteLimitSettled,
    'sandbox.clock-moved': rescoreDue,
  },
  jobs: [rescoreDueJob, deliverWebhooksJob, forgetWebhooksJob],
  routes: [],
};
