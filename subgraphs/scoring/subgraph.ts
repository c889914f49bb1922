import type { Subgraph } from '../../src/server/subgraph.js';
import { BehaviourMigration } from './001-behaviour.migration.js';
import { AlertsMigration } from './003-alerts.migration.js';
import { LimitsMigration } from './006-limits.migration.js';
import { AlertDigestResolver } from './alerts/alert-digest.resolver.js';
import { AlertRuleResolver } from './alerts/alert-rule.resolver.js';
import { AlertRuleTable } from './alerts/alert-rule.table.js';
import { AlertConnectionResolver, AlertResolver } from './alerts/alert.resolver.js';
import { AlertTable } from './alerts/alert.table.js';
import { noteInvoices } from './behaviour/note-invoices.js';
import { Customer, customerByReference, PaymentBehaviourResolver } from './behaviour/payment-behaviour.resolver.js';
import { CreditLimitPolicyTable } from './limits/credit-limit-policy.table.js';
import { CreditLimitRecommendationResolver, LimitCapResolver, TermsReasonResolver } from './limits/credit-limit-recommendation.resolver.js';
import { CreditLimitRequestStepTable } from './limits/credit-limit-request-step.table.js';
import { CreditLimitPolicyResolver, CreditLimitRequestConnectionResolver, CreditLimitRequestResolver } from './limits/credit-limit-request.resolver.js';
import { CreditLimitRequestTable } from './limits/credit-limit-request.table.js';
import { noteLimitSettled } from './limits/note-limit-settled.js';

/** How a customer pays, from what portfolios tells of invoices. */
export const scoring: Subgraph = {
  name: 'scoring',
  tables: [AlertRuleTable, AlertTable, CreditLimitRequestTable, CreditLimitRequestStepTable, CreditLimitPolicyTable],
  migrations: [
    { name: '001-behaviour', class: BehaviourMigration },
    { name: '003-alerts', class: AlertsMigration },
    { name: '006-limits', class: LimitsMigration },
  ],
  resolvers: [
    PaymentBehaviourResolver,
    AlertRuleResolver,
    AlertResolver,
    AlertConnectionResolver,
    AlertDigestResolver,
    CreditLimitRecommendationResolver,
    LimitCapResolver,
    TermsReasonResolver,
    CreditLimitRequestResolver,
    CreditLimitRequestConnectionResolver,
    CreditLimitPolicyResolver,
  ],
  entities: [Customer],
  references: { Customer: customerByReference },
  // Customers are told of; what is made of it comes with the score.
  reactions: { 'invoices.changed': noteInvoices, 'customers.changed': async () => undefined, 'limit.settled': noteLimitSettled },
  jobs: [],
  routes: [],
};
